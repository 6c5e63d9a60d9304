"""Whatever is killed, everybody is told of everything, once: each alert episode stands once and reaches every channel.

Articles that match flow in, some change, others are one story told by four papers, while at random moments those who
match, record and deliver get SIGKILL again and again, everyone else once, Valkey gets SIGKILL and Elasticsearch stops
for 20 s. One channel fails a third of the time, another hangs until the unrest is over. `make test` runs one seed,
`make test-crash` more, with more of everything.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingest.urls import article_id, canonical_url
from search.alerts.records import delivery_id
from search.client import walk
from search.schema import Names
from tests.flow import Flow
from tests.integration.test_crash import CORRECTED, unrest
from tests.newsroom import Newsroom
from tests.newsroom.articles import NewsArticle
from tests.newsroom.generated import generated_articles
from tests.receiver import Receiver, failing
from tests.services import ElasticsearchHandle, ValkeyHandle
from worker.rulesync import apply

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]
ARTICLES, CHANGED, PAPERS = 300, 30, 4
LANGUAGES = ("id", "en", "ar", "zh", "ru")  # one story in each: two of a language might become one
STORIES = len(LANGUAGES)
CHANNELS = {"webhook:fails": "/fails", "webhook:hangs": "/hangs"}
RULES = f"""
- id: each
  name: Each article
  owner: desk
  query: '"kantor penghubung khusus"'
  dedup: article
  notify: [{", ".join(CHANNELS)}]
- id: again
  name: A changed article is told again
  owner: desk
  query: 'diperbarui AND "kantor penghubung khusus"'
  dedup: article
  realert: 1s
  notify: [{", ".join(CHANNELS)}]
- id: growing
  name: A story that all papers have is told again
  owner: desk
  query: 'serentak AND "kantor penghubung khusus"'
  dedup: story
  update_after: {PAPERS - 1}
  notify: [{", ".join(CHANNELS)}]
"""


def test_nobody_misses_an_alert_or_gets_it_twice_when_everything_is_killed(crash: Callable[[int, int], None]) -> None:
    crash(1, 1)


@pytest.mark.crash
@pytest.mark.parametrize("seed", [21, 22, 23, 24])
def test_nobody_misses_an_alert_or_gets_it_twice_when_everything_is_killed_again_and_again(
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
        chance, draw, trouble = random.Random(seed), failing(1 / 3, seed), {"/fails", "/hangs"}
        valkey = fresh_valkey()
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "crash.yaml").write_text(RULES, "utf-8")

        def answer(path: str) -> int | str:
            if path not in trouble:
                return 200
            return draw() if path == "/fails" else "hang"

        with Receiver(answer) as receiver, Newsroom(window=None) as newsroom:
            environment = {
                "KAWAT_REDIS_URL": valkey.url,
                "KAWAT_ELASTICSEARCH_URL": elasticsearch_node.url,
                "KAWAT_INDEX_PREFIX": index_prefix,
                "KAWAT_ALLOW_HOSTS": "127.0.0.1",
                "KAWAT_POLL_INTERVAL": "1",
                "KAWAT_LEASE": "5",
                "KAWAT_DISK_PAUSE": "0",
                "KAWAT_REVISIT_EVERY": "2",
                "KAWAT_REVISIT_SAMPLE": "0",
                "KAWAT_RULES": str(tmp_path / "rules"),
                "KAWAT_CHANNELS": ";".join(f"{name}={receiver.url(path)}?timeout=2" for name, path in CHANNELS.items()),
            }
            with Flow(tmp_path / "flow", environment) as flow:
                reading, _ = apply(flow.services, by="test")
                assert reading.errors == ()
                names = [f"alerts-{seed}-{n}" for n in range(PAPERS)]
                for n, name in enumerate(names):
                    flow.follow(newsroom.add_feed(name), owner=f"Owner {n}")
                articles = list(material(seed))
                prepared = [(names[paper], newsroom.prepare(names[paper], one)) for paper, one in articles]
                newsroom.list_prepared(prepared[:CHANGED])
                flow.wait(lambda: flow.settled(CHANGED), 120, "the first articles")
                publisher = newsroom.list_at_rate(prepared[CHANGED:], 15 / rounds)
                deeds: list[Callable[[], object]] = [
                    partial(newsroom.change, url, title=f"{one.title}: {CORRECTED}")
                    for (_, one), (_, url) in zip(articles[:CHANGED], prepared[:CHANGED], strict=True)
                ]
                deeds += [partial(flow.kill, kind) for kind in ("index", "alerts")] * 4 * rounds
                unrest(chance, rounds, flow, valkey, elasticsearch_node, changes=deeds)
                trouble.remove("/hangs")
                receiver.released.set()
                flow.keep_running()
                assert publisher.wait(300)
                flow.wait(lambda: revised(flow, index_prefix), 240, "every change")
                flow.wait(lambda: flow.settled(ARTICLES), 240, "every article")
                trouble.clear()  # or the unluckiest delivery of all would take another half hour
                flow.wait(lambda: told(flow, index_prefix), 300, "every delivery")
                check(flow, index_prefix, receiver, [url for _, url in prepared])

    return run


def material(seed: int) -> Iterator[tuple[int, NewsArticle]]:
    """(paper, article): first those that will change, then single ones, at last stories that every paper has."""
    plain = generated_articles(ARTICLES, seed=seed, languages=("id",))
    for n, one in enumerate(plain[: ARTICLES - STORIES * PAPERS]):
        said = "Kantor penghubung khusus disebut di sini."
        if n < CHANGED:
            said += " Laporan ini akan diperbarui."
        yield n % PAPERS, replace(one, body=(*one.body, said))
    for n, one in enumerate(generated_articles(STORIES, seed=seed + 1000, languages=LANGUAGES)):
        body = (*one.body, f"Kantor penghubung khusus nomor {n} diberitakan serentak.")
        for paper in range(PAPERS):
            yield paper, replace(one, slug=f"serentak-{n}-{paper}", body=body)


def revised(flow: Flow, prefix: str) -> bool:
    """Every article that changed says so."""
    client, alias = flow.services.elasticsearch, Names(prefix).articles
    client.indices.refresh(index=alias)
    changed = {"bool": {"filter": [{"match_phrase": {"title": CORRECTED}}, {"range": {"revision": {"gt": 1}}}]}}
    return bool(client.count(index=alias, query=changed)["count"] == CHANGED)


def told(flow: Flow, prefix: str) -> bool:
    """Nobody is at work on an alert any more: all stand, all their deliveries arrived."""
    client, names = flow.services.elasticsearch, Names(prefix)
    client.indices.refresh(index=f"{names.alerts},{names.notices},{names.deliveries}")
    unwritten = client.count(index=names.notices, query={"term": {"written": False}})["count"]
    arrived = client.count(index=names.deliveries, query={"term": {"state": "delivered"}})["count"]
    wanted = len(CHANNELS) * client.count(index=names.alerts)["count"]
    return bool(unwritten == 0 and arrived >= wanted)


def check(flow: Flow, prefix: str, receiver: Receiver, urls: list[str]) -> None:
    """Exactly the alerts that there should be, each once, each on every channel, and never another message for it."""
    names, ids = Names(prefix), [article_id(canonical_url(url)) for url in urls]
    alerts = everything(flow, names.alerts)
    articles = {one["article_id"]: one for one in everything(flow, names.articles)}
    assert set(articles) == set(ids)
    by_rule = Counter(one["rule"] for one in alerts)
    stories = {articles[id]["story_id"] for id in ids if "serentak" in articles[id]["body"]}
    assert len(stories) == STORIES
    assert (by_rule["each"], by_rule["growing"]) == (ARTICLES, 2 * STORIES)
    assert sorted(one["dedup_key"] for one in alerts if one["rule"] == "each") == sorted(ids)
    again = Counter((one["dedup_key"], one["episode"], one["why"]) for one in alerts if one["rule"] == "again")
    assert again == {
        (id, episode, "first" if episode == 1 else "realert"): 1
        for id in ids[:CHANGED]
        for episode in range(1, articles[id]["revision"] + 1)
    }
    # an alert keeps the story that its article stood in when it was raised; that one may have become another's since
    growing = Counter(
        (articles[one["article_id"]]["story_id"], one["why"]) for one in alerts if one["rule"] == "growing"
    )
    assert growing == dict.fromkeys(((story, why) for story in stories for why in ("first", "update")), 1)
    pairs = {(one["alert_id"], channel) for one in alerts for channel in CHANNELS}
    deliveries = everything(flow, names.deliveries)
    assert Counter((one["alert_id"][0], one["channel"]) for one in deliveries) == dict.fromkeys(pairs, 1)
    for channel, path in CHANNELS.items():
        assert set(receiver.arrived(path)) == {delivery_id(one["alert_id"], channel) for one in alerts}
    assert receiver.keys_with_two_bodies() == []
    assert flow.services.ledger.counts().missing == 0
    assert [(one.url, one.why) for one in flow.services.quarantine.listed()] == []


def everything(flow: Flow, alias: str) -> list[dict[str, Any]]:
    """Every document."""
    client = flow.services.elasticsearch
    client.indices.refresh(index=alias)
    return [hit["_source"] for page in walk(client, alias, {"match_all": {}}, ("*",)) for hit in page]
