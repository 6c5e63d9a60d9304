"""Whatever is killed, every article is there exactly once, the counts add up, nothing is left over.

Articles flow while, at random moments, each kind of worker and beat get SIGKILL, Valkey gets SIGKILL and comes back,
Elasticsearch stops for 20 s. `make test` runs one seed, `make test-crash` five, with more of everything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
FEEDS = 5
OUTAGE = 20.0


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
        }
        with Newsroom(window=None) as newsroom, Flow(tmp_path / "flow", environment) as flow:
            feeds = [newsroom.add_feed(f"crash-{seed}-{n}") for n in range(FEEDS)]
            names = [f"crash-{seed}-{n}" for n in range(FEEDS)]
            articles = generated_articles(ARTICLES, seed=seed)
            prepared = [(names[n % FEEDS], newsroom.prepare(names[n % FEEDS], one)) for n, one in enumerate(articles)]
            for feed in feeds:
                flow.follow(feed)
            publisher = newsroom.list_at_rate(prepared, PER_SECOND[rounds])
            unrest(random.Random(seed), rounds, flow, valkey, elasticsearch_node)
            flow.keep_running()
            assert publisher.wait(300)
            flow.wait(lambda: flow.settled(ARTICLES), 180, "every article")
            check(flow, [url for _, url in prepared])

    return run


def unrest(
    chance: random.Random, rounds: int, flow: Flow, valkey: ValkeyHandle, elasticsearch: ElasticsearchHandle
) -> None:
    """Everything is killed `rounds` times, in random order, at random moments; what died is started again.

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
    left = [key for kind in ("blob:*", "ready:*", "leased:*") for key in ledger.redis.scan_iter(ledger.key(kind))]
    assert left in ([], [ledger.key("ready", "poll").encode()]), "work is left over"
    flow.services.index.refresh()
    assert sorted(stored(flow.services.elasticsearch, flow.settings.index_prefix)) == sorted(
        article_id(canonical_url(url)) for url in urls
    )


def stored(client: Elasticsearch, prefix: str) -> list[str]:
    """The id of every document in every index of the family."""
    answer = client.search(index=f"{prefix}articles-*", query={"match_all": {}}, source=False, size=2 * ARTICLES)
    return [hit["_id"] for hit in answer["hits"]["hits"]]
