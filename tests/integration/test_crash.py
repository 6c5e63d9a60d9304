"""Whatever is killed, every article and every revision is there exactly once, the counts add up, nothing is left over.

Articles flow, some that are there already change, others are looked at again by plan, while, at random moments, each
kind of worker and beat get SIGKILL, Valkey gets SIGKILL and comes back, Elasticsearch stops for 20 s. `make test` runs
one seed, `make test-crash` five, with more of everything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.urls import article_id, canonical_url
from tests.flow import KINDS, Flow
from tests.newsroom import Newsroom
from tests.newsroom.generated import generated_articles
from tests.services import ElasticsearchHandle, ValkeyHandle

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]
ARTICLES = 500
PER_SECOND = {1: 15, 3: 8}  # by rounds of unrest: articles come in while things die, not before
CHANGED = 30  # articles that are there before the unrest and read otherwise after it
FEEDS = 5
OUTAGE = 20.0
CORRECTED = "KORREKSI 2026"
CORRECTION = "Koreksi redaksi KW2026: kantor penghubung yang disebut di sini ternyata belum dibuka sampai hari ini."


def test_nothing_is_lost_or_doubled_when_everything_is_killed_once(crash: Callable[[int, int], None]) -> None:
    crash(1, 1)


@pytest.mark.crash
@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_nothing_is_lost_or_doubled_when_everything_is_killed_again_and_again(
    crash: Callable[[int, int], None], seed: int
) -> None:
    crash(seed, 3)


@pytest.fixture
def crash(
    tmp_path: Path,
    fresh_valkey: Callable[[], ValkeyHandle],
    elasticsearch_node: ElasticsearchHandle,
    index_prefix: str,
) -> Callable[[int, int], None]:
    """Runs one crash test: (seed, how often each thing is killed)."""

    def run(seed: int, rounds: int) -> None:
        valkey = fresh_valkey()
        environment = {
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_ELASTICSEARCH_URL": elasticsearch_node.url,
            "KAWAT_INDEX_PREFIX": index_prefix,
            "KAWAT_ALLOW_HOSTS": "127.0.0.1",
            "KAWAT_POLL_INTERVAL": "1",
            "KAWAT_LEASE": "5",
            "KAWAT_DISK_PAUSE": "0",
            "KAWAT_REVISIT_EVERY": "2",
            "KAWAT_REVISIT_SAMPLE": "0.2",
            "KAWAT_REVISIT_AFTER": "5s,15s,25s",
        }
        with Newsroom(window=None) as newsroom, Flow(tmp_path / "flow", environment) as flow:
            feeds = [newsroom.add_feed(f"crash-{seed}-{n}") for n in range(FEEDS)]
            names = [f"crash-{seed}-{n}" for n in range(FEEDS)]
            articles = generated_articles(ARTICLES, seed=seed)
            prepared = [(names[n % FEEDS], newsroom.prepare(names[n % FEEDS], one)) for n, one in enumerate(articles)]
            for feed in feeds:
                flow.follow(feed)
            newsroom.list_prepared(prepared[:CHANGED])
            flow.wait(lambda: flow.settled(CHANGED), 60, "the first articles")
            publisher = newsroom.list_at_rate(prepared[CHANGED:], PER_SECOND[rounds])
            changes = [
                partial(newsroom.change, url, title=f"{one.title}: {CORRECTED}", body=(CORRECTION, *one.body[1:]))
                for one, (_, url) in zip(articles, prepared[:CHANGED], strict=False)
            ]
            unrest(random.Random(seed), rounds, flow, valkey, elasticsearch_node, changes=changes)
            flow.keep_running()
            assert publisher.wait(300)
            flow.wait(lambda: settled(flow), 180, "every article and every look at it")
            check(flow, [url for _, url in prepared])
            check_revisions(flow, {url: one.title for one, (_, url) in zip(articles, prepared[:CHANGED], strict=False)})

    return run


def settled(flow: Flow) -> bool:
    """All is there, and no look is to come."""
    return flow.settled(ARTICLES) and flow.services.revisits.counts().planned == 0 and flow.settled(ARTICLES)


def unrest(
    chance: random.Random,
    rounds: int,
    flow: Flow,
    valkey: ValkeyHandle,
    elasticsearch: ElasticsearchHandle,
    *,
    changes: Sequence[Callable[[], object]],
) -> None:
    """Everything is killed `rounds` times, in random order, at random moments; what died is started again. `changes`
    are made at random moments, too.

    All in this one thread: what a thread started is ended with it (PR_SET_PDEATHSIG).
    """

    def restart() -> None:
        valkey.kill()
        time.sleep(chance.uniform(0.1, 2))
        valkey.start()

    deeds: list[Callable[[], object]] = []
    for _ in range(rounds):
        deeds += [partial(flow.kill, kind) for kind in KINDS]
        deeds += [partial(flow.kill_child, "articles"), restart]
    chance.shuffle(deeds)
    moment = 0.0
    events: list[tuple[float, Callable[[], object]]] = []
    for deed in deeds:
        moment += chance.uniform(0.3, 4)
        events.append((moment, deed))
    away = chance.uniform(0, moment)
    events += [(away, elasticsearch.stop), (away + OUTAGE, elasticsearch.start)]
    events += [(chance.uniform(0, moment), change) for change in changes]
    began = time.monotonic()
    for due, deed in sorted(events, key=lambda event: event[0]):
        while time.monotonic() - began < due:
            flow.keep_running()
            time.sleep(0.1)
        deed()


def check(flow: Flow, urls: list[str]) -> None:
    """Exactly these articles, each once; the counts add up; nothing is left in Valkey."""
    ledger = flow.services.ledger
    counts = ledger.counts()
    held = [(one.url, one.why) for one in flow.services.quarantine.listed()]
    assert held == []
    assert (counts.seen, counts.indexed, counts.discarded, counts.missing) == (len(urls), len(urls), 0, 0), counts
    assert ledger.bytes_in_flight() == 0
    left = {key for kind in ("blob:*", "ready:*", "leased:*") for key in ledger.redis.scan_iter(ledger.key(kind))}
    polls = {ledger.key(kind, "poll").encode() for kind in ("ready", "leased")}  # they never end
    assert left - polls == set(), "work is left over"
    flow.services.index.refresh()
    assert sorted(stored(flow.services.elasticsearch, flow.settings.index_prefix)) == sorted(
        article_id(canonical_url(url)) for url in urls
    )


def check_revisions(flow: Flow, changed: Mapping[str, str]) -> None:
    """Of each changed article (its old title by URL) the new text and exactly one old one; of the others none."""
    client, prefix = flow.services.elasticsearch, flow.settings.index_prefix
    client.indices.refresh(index=f"{prefix}revisions")
    before = {article_id(canonical_url(url)): title for url, title in changed.items()}
    old = [(hit["_source"]["article_id"], hit["_source"]["title"]) for hit in every(client, f"{prefix}revisions-*")]
    assert sorted(old) == sorted(before.items())
    for hit in every(client, f"{prefix}articles-*"):
        now = hit["_source"]
        assert now["revision"] == (2 if hit["_id"] in before else 1), now["url"]
        if hit["_id"] in before:
            assert now["title"] == f"{before[hit['_id']]}: {CORRECTED}"
            assert CORRECTION in now["body"]
    made = flow.services.revisits.counts()
    assert made.made >= CHANGED
    assert made.made == made.changed + made.unchanged + made.failed + made.vanished


def stored(client: Elasticsearch, prefix: str) -> list[str]:
    """The id of every document in every index of the family."""
    return [hit["_id"] for hit in every(client, f"{prefix}articles-*")]


def every(client: Elasticsearch, index: str) -> list[Any]:
    """Every document of these indices."""
    everything: dict[str, Any] = {"match_all": {}}
    found = client.search(index=index, query=everything, source_excludes=["stemmed", "mentions"], size=2 * ARTICLES)
    hits: list[Any] = found["hits"]["hits"]
    return hits
