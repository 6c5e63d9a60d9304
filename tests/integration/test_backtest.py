"""Backtests tell of history what the live rules would have told, on a real node; and to whom, in how many messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.records import Mention
from search.client import connect
from search.matching.backtest import Backtest, Backtester, messages
from search.matching.watch import RuleWatch
from search.ports import Document
from search.rules.records import Digest, QuietHours, Rule, RuleSet
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document, feed
from worker.commands.backtest import bars

pytestmark = pytest.mark.services

END = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
PREFIX = "t-backtest-module-"
PAPERS = [feed(owner=f"Owner {n}", url=f"https://site{n}.example/rss") for n in range(4)]


def named(n: int) -> tuple[Mention, ...]:
    about = {"type": "organisation", "count": 1, "spans": ()}
    return tuple(
        Mention.model_validate({"id": f"k-{name}", "name": name, "surfaces": (name,), **about})
        for name in (f"o{n % 3}", f"o{n % 5 + 3}")
    )


def history() -> Iterator[Document]:
    """Two a day, and ten on one afternoon."""
    for n in range(60):
        seen = END - timedelta(days=30) + timedelta(hours=12 * n + 1)
        title = f"Kantor penghubung nomor {n}"
        yield document(title, url=f"https://s{n % 4}.example/{n}", feed=PAPERS[n % 4], seen=seen, mentions=named(n))
    for n in range(10):
        seen = END - timedelta(days=3, minutes=3 * n)
        yield document(f"Kantor penghubung kilat {n}", url=f"https://s0.example/k{n}", feed=PAPERS[0], seen=seen)


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        _remove(client)
        ensure_schema(client, PREFIX)
        index = ElasticsearchIndex(client, PREFIX, MemoryHomes())
        assert {one.outcome for one in index.write(list(history()))} == {"written"}
        index.refresh()
        yield client
        _remove(client)


def _remove(client: Elasticsearch) -> None:
    for name in client.indices.get(index=f"{PREFIX}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    for template in client.options(ignore_status=404).indices.get_index_template(name=f"{PREFIX}*")["index_templates"]:
        client.indices.delete_index_template(name=template["name"])


def rule(**about: Any) -> Rule:
    given = {
        "id": "office",
        "name": "Office",
        "owner": "desk",
        "query": '"kantor penghubung"',
        "notify": ("mailto:desk",),
    }
    return Rule(**{**given, **about})


def replay(client: Elasticsearch, of: Rule, days: int = 30) -> Backtest:
    return Backtester(client, PREFIX, tz="Asia/Jakarta").run(of, RuleSet(rules=(of,)), END, days)


def live(client: Elasticsearch, of: Rule) -> Counter[str]:
    """Why alerts were raised when each article was matched by itself at the moment it was first seen."""
    now = [END]
    of = of.model_copy(update={"id": f"live-{of.digest_of_matching}"})
    watch = RuleWatch(client, PREFIX, MemoryHomes(), tz="Asia/Jakarta", clock=lambda: now[0])
    watch.adopt(RuleSet(rules=(of,)))
    found: Counter[str] = Counter()
    for one in sorted(history(), key=lambda one: one.first_seen):
        now[0] = one.first_seen
        found.update(alert.why for alert in watch.match([one.id]).alerts)
    return found


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"dedup": "article"},
        {"query": "kilat", "realert": 600},
        {"type": "frequency", "num_events": 4, "timeframe": 3600},
        {"type": "frequency", "num_events": 3, "timeframe": 86_400, "query_key": "source", "realert": 21_600},
        {"type": "spike", "spike_height": 3.0, "timeframe": 7200, "days": 5, "threshold_cur": 3},
        {"type": "new_term", "fields": ("org",), "lookback": 40 * 86_400, "dedup": "article"},
    ],
)
def test_a_backtest_tells_what_the_live_rule_told(client: Elasticsearch, about: dict[str, Any]) -> None:
    found = replay(client, rule(**about))
    assert found.reasons == dict(live(client, rule(**about)))
    assert found.alerts > 0


def test_days_articles_and_messages_are_counted(client: Elasticsearch) -> None:
    found = replay(client, rule(dedup="article"))
    assert (found.articles, found.alerts, found.reasons) == (70, 70, {"first": 70})
    assert sum(one.articles for one in found.days) == sum(one.messages for one in found.days) == 70
    assert len(found.days) == 31
    assert max(found.days, key=lambda one: one.articles).articles == 12
    assert messages([found]) == {"desk": {"mailto:desk": 70}}
    assert replay(client, rule(dedup="article"), days=2).articles == 4


def test_digests_gather_alerts_of_several_rules_and_come_without_any(client: Elasticsearch) -> None:
    morning = Digest(schedule="0 7 * * *", tz="Asia/Jakarta")
    one, other = rule(dedup="article", digest=morning), rule(id="other", query="kilat", dedup="article", digest=morning)
    (first,) = replay(client, one).notified
    assert (first.at_once, len(first.digests)) == (0, 31), "one for what came since the last morning"
    quiet = replay(client, rule(query="kilat", dedup="article", digest=morning.model_copy(update={"empty": False})))
    assert [len(told.digests) for told in quiet.notified] == [1]
    assert messages([replay(client, one), replay(client, other)]) == {"desk": {"mailto:desk": 31}}


def test_quiet_hours_make_one_message_of_what_came_in_them(client: Elasticsearch) -> None:
    night = QuietHours(start="18:00", end="06:00", tz="Asia/Jakarta")
    (told,) = replay(client, rule(query="kilat", dedup="article", quiet_hours=night)).notified
    assert (told.at_once, len(told.digests)) == (0, 1)


def test_each_full_window_is_told_where_realert_allows(client: Elasticsearch) -> None:
    often = rule(query="kilat", type="frequency", num_events=3, timeframe=3600, realert=1)
    assert replay(client, often).reasons == {"window": 3}


def test_what_a_query_says_of_now_is_asked_day_by_day(client: Elasticsearch) -> None:
    assert replay(client, rule(query='"kantor penghubung" seen:2d', dedup="article")).articles == 70


def test_silence_is_replayed(client: Elasticsearch) -> None:
    flat = rule(type="flatline", query="kilat", threshold=1, timeframe=86_400)
    assert replay(client, flat, days=5).reasons == {"window": 2}, "before the burst, and a day after it"
    daily = flat.model_copy(update={"realert": 86_400})
    assert replay(client, daily, days=5).alerts == 5, "each day at noon but on the burst's own"


def test_bars_are_as_long_as_days_were_full(client: Elasticsearch) -> None:
    lines = bars(replay(client, rule(dedup="article")).days)
    assert max(line.count("█") for line in lines) == 40
    assert any(line.count("█") == 7 for line in lines)
