"""The stages of rules on fakes: items in, verdicts out; who is told of what, and what a broken rule owes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from search.alerts.records import Alert
from search.matching.watch import NONE, Watched
from search.ports import ServiceUnavailable, TooSlow
from search.rules.records import Rule, RuleSet
from worker.match import MATCHED_TOGETHER, MatchPorts, lookback, match, windows
from worker.stages import Group
from worker.verdicts import Again, Defer, End, Item, Leave, Retry, Verdict

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
RULES = RuleSet(rules=(Rule(id="r", name="R", owner="desk", query="kata"),))


def alert(id: str = "x", **more: Any) -> Alert:
    about: dict[str, Any] = {"rule": "r", "rule_name": "R", "rule_set": "s", "rule_type": "any", "owner": "desk"}
    told: dict[str, Any] = {"match": "exact", "dedup": "story", "dedup_key": "k", "episode": 1, "why": "first"}
    return Alert(**{**about, **told, "alert_id": id, "@timestamp": NOON, "priority": "high", "due": NOON, **more})


class FakeWatch:
    """`Watch` that raises an alert for every article but those that are `bad`."""

    def __init__(self) -> None:
        self.adopted: list[str] = []
        self.matched: list[str] = []
        self.owed: list[tuple[dict[str, str], datetime]] = []
        self.broken: dict[str, str] = {}
        self.bad: set[str] = set()
        self.away = False
        self.most = 10_000  # articles that are matched in time
        self.pages: list[Watched | None] = []
        self.alerted = frozenset[str]()
        self.dropped: list[str] = []
        self.unchanged: dict[str, str] = {}

    def adopt(self, rules: RuleSet) -> None:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        self.adopted.append(rules.id)

    def match(self, article_ids: Sequence[str], *, unchanged: Mapping[str, str] = NONE) -> Watched:
        self.unchanged |= unchanged
        if len(article_ids) > self.most:
            raise TooSlow("Elasticsearch", "the time for this batch has run out")
        if self.bad & set(article_ids):
            raise TypeError("cannot be matched")
        self.matched += article_ids
        alerts = () if self.alerted else tuple(alert(id, article_id=id) for id in article_ids)
        return Watched(alerts, dict(self.broken), 2 * len(article_ids), self.alerted)

    def look(self, rule: Rule) -> Watched:
        return Watched((alert(f"look-{rule.id}"),))

    def look_back(self, rule: Rule) -> Watched | None:
        return self.pages.pop(0)

    def drop(self, rule_id: str) -> None:
        self.dropped.append(rule_id)

    def owe(self, broken: Mapping[str, str], since: datetime) -> None:
        self.owed.append((dict(broken), since))


class Told:
    """Ports around a watch, and what went out through them."""

    def __init__(self, rules: RuleSet = RULES) -> None:
        self.watch, self.told, self.counted = FakeWatch(), list[str](), list[tuple[int, int, int]]()
        self.again = list[str]()
        self.ports = MatchPorts(self.watch, lambda: rules, self.tell, self.look_again, self.measured)

    def tell(self, alerts: Sequence[Alert]) -> None:
        self.told += [one.alert_id for one in alerts]

    def look_again(self, article_ids: Iterable[str]) -> None:
        self.again += article_ids

    def measured(self, seconds: float, *, articles: int, candidates: int, alerts: int) -> None:
        assert seconds >= 0
        self.counted.append((articles, candidates, alerts))


def item(id: str, seen: int = 1_772_625_600_000, **fields: str) -> Item:
    return Item(id, 1, {"article": f"article-{id}", "seen": str(seen), **fields})


def verdicts(groups: Iterator[Group]) -> dict[str, Verdict]:
    return {item.id: verdict for group in groups for item, verdict in group}


def test_an_article_counts_as_indexed_when_its_alerts_stand() -> None:
    here = Told()
    assert verdicts(match([item("a"), item("b")], here.ports)) == {"a": End("indexed"), "b": End("indexed")}
    assert here.told == ["article-a", "article-b"]
    assert here.watch.adopted == [RULES.id]
    (counted,) = here.counted
    assert counted == (2, 4, 2)


def test_an_article_of_an_archive_is_no_news() -> None:
    here = Told()
    assert verdicts(match([item("a", backfill="1"), item("b")], here.ports)) == dict.fromkeys("ab", End("indexed"))
    assert here.watch.matched == ["article-b"]


def test_a_look_that_found_nothing_new_is_told_with_its_time() -> None:
    here = Told()
    at = "2026-03-04T12:00:00.250000+00:00"
    unchanged, changed = (
        item(id, visit="1", fetched=at, found=found) for id, found in (("b", "unchanged"), ("c", "changed"))
    )
    verdicts(match([item("a", fetched=at), unchanged, changed], here.ports))
    assert here.watch.unchanged == {"article-b": "2026-03-04T12:00:00Z"}


def test_articles_that_alerted_are_looked_at_again_also_where_the_run_before_was_cut_off() -> None:
    here = Told()
    verdicts(match([item("a"), item("b", visit="1")], here.ports))
    assert here.again == ["article-a", "article-b"]
    cut = Told()
    cut.watch.alerted = frozenset({"article-a", "article-b"})  # found raised: nobody is told again
    verdicts(match([item("a"), item("b", visit="1")], cut.ports))
    assert (cut.told, cut.again) == ([], ["article-a"])
    back = Told()
    back.watch.pages = [Watched((alert("1", article_id="old"),)), None]
    verdicts(lookback([item("r")], back.ports))
    assert back.again == ["old"]


def test_alerts_that_stand_hold_up_no_article_where_they_cannot_be_sent_yet() -> None:
    here = Told()

    def failing(alerts: Sequence[Alert]) -> None:
        raise TypeError("no message can be made of it")

    ports = replace(here.ports, tell=failing)
    assert verdicts(match([item("a")], ports)) == {"a": End("indexed")}
    assert here.again == ["article-a"]


def test_a_batch_that_takes_too_long_is_asked_in_smaller_parts_until_all_are_matched() -> None:
    here = Told()
    here.watch.most = 20
    waiting, passes = [item(f"{n}") for n in range(500)], 0
    while waiting:
        said = verdicts(match(waiting, here.ports))
        assert all(isinstance(one, End | Defer) for one in said.values())
        waiting, passes = [one for one in waiting if isinstance(said[one.id], Defer)], passes + 1
    assert passes < 10
    assert sorted(here.watch.matched) == sorted(f"article-{n}" for n in range(500))
    here.watch.most = 10_000
    sizes = [len(group) for group in match([item(f"{n}") for n in range(1000)], here.ports)]
    assert sizes[-1] >= 100  # it is quick again, and so are the batches


def test_a_large_batch_is_told_of_in_parts() -> None:
    here = Told()
    groups = list(match([item(f"{n}") for n in range(MATCHED_TOGETHER + 7)], here.ports))
    assert [len(group) for group in groups] == [MATCHED_TOGETHER, 7]


def test_elasticsearch_is_waited_for() -> None:
    here = Told()
    here.watch.away = True
    assert isinstance(verdicts(match([item("a")], here.ports))["a"], Defer)


def test_an_article_that_cannot_be_matched_holds_up_no_other() -> None:
    here = Told()
    here.watch.bad = {"article-b"}
    found = verdicts(match([item(id) for id in "abc"], here.ports))
    assert [type(found[id]) for id in "abc"] == [End, Retry, End]
    assert here.told == ["article-a", "article-c"]


def test_a_rule_that_cannot_be_asked_owes_a_look_back_and_the_others_tell() -> None:
    here = Told()
    here.watch.broken = {"r2": "refused"}
    found = verdicts(match([item("a", seen=1_772_625_660_000), item("b")], here.ports))
    assert list(found.values()) == [End("indexed")] * 2
    assert here.watch.owed == [({"r2": "refused"}, NOON)]
    assert here.told == ["article-a", "article-b"]


def test_what_does_not_come_is_looked_at_by_rule() -> None:
    here = Told()
    assert verdicts(windows([item("r"), item("gone")], here.ports)) == {"r": Leave(), "gone": Leave()}
    assert here.told == ["look-r"]


def test_a_look_back_goes_on_until_all_is_told() -> None:
    here = Told()
    here.watch.pages = [Watched((alert("1"),)), Watched((alert("2"),)), None]
    assert verdicts(lookback([item("r")], here.ports)) == {"r": Leave()}
    assert here.told == ["1", "2"]


def test_what_a_rule_that_is_no_more_looked_back_at_is_dropped() -> None:
    here = Told()
    assert verdicts(lookback([item("gone")], here.ports)) == {"gone": Leave()}
    assert (here.watch.dropped, here.told) == (["gone"], [])


def test_a_look_back_leaves_room_for_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    here, times = Told(), iter([0.0, 1.0, 99.0])
    monkeypatch.setattr("worker.match.time.monotonic", lambda: next(times))
    here.watch.pages = [Watched(), Watched(), Watched(), None]
    assert verdicts(lookback([item("r")], here.ports)) == {"r": Again(0.0)}
    assert len(here.watch.pages) == 2


def test_a_look_back_of_a_rule_that_cannot_be_asked_waits() -> None:
    here = Told()
    here.watch.pages = [Watched(broken={"r": "refused"})]
    (verdict,) = verdicts(lookback([item("r")], here.ports)).values()
    assert isinstance(verdict, Again)
    assert verdict.after >= 30
