"""What an operator is told of by himself: once when it begins, more of the same not too often."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ingest.records import Feed
from search.alerts.episodes import Circumstances, Notice, decide
from search.feeddesk import FeedHealth
from tests.alertwire import RAISED
from tests.unit.test_alert_retrying import delivery
from worker.conditions import (
    BROKEN_AFTER,
    Finding,
    broken_feeds,
    built_in,
    dead_deliveries,
    full_disks,
    match_of,
    stalled_stages,
)
from worker.counts import StageCount

HOUR = timedelta(hours=1)


def health(n: int, *, failures: int, success: datetime | None, sample: bool = False) -> FeedHealth:
    feed = Feed(id=f"{n:032x}", url=f"https://example.com/{n}", name=f"Feed {n}", sample=sample)
    return FeedHealth(
        feed=feed,
        state="failing" if failures else "ok",
        polls=9,
        entries=1,
        last_poll=None,
        last_success=success,
        last_new=None,
        next_poll=None,
        failures=failures,
        error="",
        error_kind="5xx",
        problems="",
        expected=None,
        seen=None,
        moved="",
    )


def test_only_feeds_that_failed_for_hours_count() -> None:
    fresh = health(1, failures=9, success=RAISED - BROKEN_AFTER + HOUR)
    long = health(2, failures=9, success=RAISED - BROKEN_AFTER)
    never = health(3, failures=3, success=None)
    once = health(4, failures=1, success=RAISED - 2 * BROKEN_AFTER)
    sample = health(5, failures=9, success=None, sample=True)
    (found,) = broken_feeds([fresh, long, never, once, sample, health(6, failures=0, success=RAISED)], RAISED)
    assert found.title.startswith("2 of 5 feeds")
    assert len(found.marks) == 2
    assert broken_feeds([fresh, once], RAISED) == []


def test_a_long_list_is_cut_for_people_but_not_for_the_count() -> None:
    (found,) = broken_feeds([health(n, failures=9, success=None) for n in range(50)], RAISED)
    assert len(found.lines) == 21
    assert len(found.marks) == 50


def test_deliveries_of_these_very_alerts_tell_of_nothing() -> None:
    """Where the operator's own channel is dead, nobody would ever hear the end of it."""
    own = delivery(delivery_id="a", rule=("kawat-feeds",), state="dead", last_error="x")
    other = delivery(delivery_id="b", rule=("natuna",), state="dead", last_error="HTTP 403")
    digest = delivery(delivery_id="c", rule=(), state="dead", last_error="HTTP 403")
    (found,) = dead_deliveries([own, other, digest])
    assert found.marks == ("b", "c")
    assert dead_deliveries([own]) == []


def test_disks_and_stages_that_stand_still() -> None:
    assert [one.key for one in full_disks({"disk:a": "0.1 GB free", "operator": "by hand"})] == ["disk:a"]
    stages = {
        "fetch": StageCount(9, 9, 0, 5000.0),
        "index": StageCount(9, 9, 0, 1200.0, "Elasticsearch is not available"),
        "match": StageCount(9, 9, 1, 10.0),
    }
    (found,) = stalled_stages(stages)
    assert (found.key, found.lines) == ("index", ("Elasticsearch is not available",))


def told(findings: list[tuple[timedelta, Finding]]) -> list[timedelta]:
    """When alerts are raised for what is found at these times."""
    rules, notices, raised = built_in(["webhook:ops"]), dict[str, Notice](), list[timedelta]()
    for at, finding in findings:
        match = match_of(finding, "2026-03-01T07:00:00")
        outcome = decide(notices.get(match.key), rules[match.rule], match, Circumstances(RAISED + at))
        notices[match.key] = outcome.notice
        raised += [at] if outcome.alert else []
        assert not outcome.alert or outcome.alert.channels == ("webhook:ops",)
    return raised


def test_a_state_is_told_when_it_begins_and_each_day_that_it_lasts() -> None:
    disk = Finding("disk", "disk:a", "full")
    assert told([(n * HOUR, disk) for n in range(50)]) == [0 * HOUR, 24 * HOUR, 48 * HOUR]


@pytest.mark.parametrize("rule", built_in(()).values(), ids=lambda rule: rule.id)
def test_every_built_in_rule_is_the_operators(rule: object) -> None:
    assert rule.owner == "operator"  # type: ignore[attr-defined]
    assert rule.id.startswith("kawat-")  # type: ignore[attr-defined]
