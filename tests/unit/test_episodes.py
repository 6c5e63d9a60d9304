"""When a match is told: the first of its key, after `realert`, when a story grew. The same one again: never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.alerts.episodes import MOST_MARKS, Circumstances, Match, Notice, decide
from search.alerts.records import Alert, alert_id
from search.rules.records import Digest, QuietHours, Rule

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def rule(**given: Any) -> Rule:
    return Rule(**{"id": "r", "name": "R", "owner": "desk", "notify": ("webhook:desk",), **given})


def match(n: int, *, owner: str | None = None, **given: Any) -> Match:
    about = {"rule": "r", "rule_set": "s", "key": "story", "marks": (f"a{n}",), "article_id": f"a{n}"}
    return Match(**{**about, "source": f"site{n}", "owner": owner or f"owner{n}", "title": f"T{n}", **given})


def told(of: Rule, *steps: tuple[float, Match], muted: dict[int, float] | None = None) -> tuple[Notice, list[Alert]]:
    """The notice and the alerts after matches so many hours after noon; `muted`: at which step until which hour."""
    notice: Notice | None = None
    alerts = []
    for at, (hours, one) in enumerate(steps):
        until = NOON + timedelta(hours=muted[at]) if muted and at in muted else None
        notice, alert = decide(notice, of, one, Circumstances(NOON + timedelta(hours=hours), "Asia/Jakarta", until))
        alerts += [alert] if alert else []
    assert notice is not None
    return notice, alerts


def whys(of: Rule, *steps: tuple[float, Match], muted: dict[int, float] | None = None) -> list[str]:
    return [one.why for one in told(of, *steps, muted=muted)[1]]


def test_the_first_match_of_a_key_is_told_with_all_that_is_known() -> None:
    notice, (alert,) = told(rule(priority="high"), (0, match(1, clause=("x",), highlight=("‹x›",), country=("JP",))))
    assert alert.alert_id == alert_id("r", "story", 1)
    assert (alert.why, alert.episode, alert.state, alert.due, alert.bundled) == ("first", 1, "open", NOON, False)
    assert (alert.clause, alert.highlight, alert.country) == (("x",), ("‹x›",), ("JP",))
    assert (alert.sources, alert.source_count, alert.article_ids) == (("site1",), 1, ("a1",))
    assert (alert.channels, alert.priority, alert.tz) == (("webhook:desk",), "high", "Asia/Jakarta")
    assert (notice.episode, notice.article_ids, notice.owners_then, notice.written) == (1, ("a1",), 1, False)
    assert notice.alert == alert


def test_the_same_match_again_changes_nothing() -> None:
    notice, _ = told(rule(realert=1), (0, match(1)), (0, match(2)))
    for again in (match(1), match(2), match(1, title="renamed")):
        assert decide(notice, rule(realert=1), again, Circumstances(NOON + timedelta(days=9))) == (notice, None)


def test_later_sources_are_told_with_the_alert_that_is_there() -> None:
    notice, alerts = told(rule(), (0, match(1)), (1, match(2)), (9, match(3, owner="owner1")))
    assert len(alerts) == 1
    assert (notice.alert.sources, notice.alert.source_count) == (("site1", "site2", "site3"), 2)
    assert notice.alert.article_ids == ("a1", "a2", "a3")
    assert (notice.alert.updated_at, notice.written) == (NOON + timedelta(hours=9), False)


def test_realert_tells_another_match_of_the_key_when_it_is_over() -> None:
    hourly = rule(realert=3600)
    assert whys(hourly, (0, match(1)), (0.9, match(2)), (1.0, match(3)), (1.5, match(4)), (2.0, match(5))) == [
        "first",
        "realert",
        "realert",
    ]
    _, alerts = told(hourly, (0, match(1)), (2, match(2)))
    assert [one.episode for one in alerts] == [1, 2]
    assert len({one.alert_id for one in alerts}) == 2
    assert alerts[1].article_id == "a2"
    assert alerts[1].sources == ("site1", "site2")


def test_a_story_that_grows_by_update_after_independent_sources_is_told_again() -> None:
    growing = rule(update_after=2)
    steps = [(0.0, match(1)), (0.1, match(2)), (0.2, match(3, owner="owner2")), (0.3, match(4)), (0.4, match(5))]
    assert whys(growing, *steps) == ["first", "update"]
    assert whys(growing, *steps, (0.5, match(6))) == ["first", "update", "update"]


def test_a_changed_text_is_another_match_of_its_article() -> None:
    assert whys(rule(realert=3600), (0, match(1)), (2, match(1, marks=("a1@2026",)))) == ["first", "realert"]
    assert whys(rule(), (0, match(1)), (2, match(1, marks=("a1@2026",)))) == ["first"]


def test_a_look_back_tells_what_nobody_told_of_and_no_more() -> None:
    often = rule(realert=1, update_after=1)
    notice, alerts = told(often, (0, match(1, backfilled=True)), (5, match(2, backfilled=True)))
    assert [(one.why, one.backfilled) for one in alerts] == [("first", True)]
    assert notice.alert.source_count == 2


def test_what_is_muted_is_kept_and_goes_nowhere_and_later_news_of_it_are_told() -> None:
    _, alerts = told(rule(), (0, match(1)), (1, match(2)), (3, match(3)), (4, match(4)), muted={0: 2, 1: 2})
    assert [(one.state, one.channels, one.why) for one in alerts] == [
        ("muted", (), "first"),
        ("open", ("webhook:desk",), "first"),
    ]
    assert alerts[0].muted_until == NOON + timedelta(hours=2)


def test_digests_and_quiet_hours_are_settled_when_the_alert_is_raised() -> None:
    morning = Digest(schedule="0 7 * * *", tz="Asia/Jakarta")
    _, (alert,) = told(rule(digest=morning), (0, match(1)))
    assert (alert.due, alert.bundled, alert.tz) == (datetime(2026, 3, 5, 0, 0, tzinfo=UTC), True, "Asia/Jakarta")
    night = QuietHours(start="18:00", end="06:00", tz="Asia/Jakarta")
    _, (alert,) = told(rule(quiet_hours=night), (0, match(1)))
    assert (alert.due, alert.bundled) == (datetime(2026, 3, 4, 23, 0, tzinfo=UTC), True)


@pytest.mark.parametrize("kind", ["frequency", "spike"])
def test_a_window_is_told_again_when_what_was_told_is_out_of_it(kind: Any) -> None:
    windowed = rule(type=kind, timeframe=3600)
    steps = [(0.0, match(1)), (0.5, match(2)), (0.5, match(1)), (1.2, match(3))]
    assert whys(windowed, *steps) == ["window", "window"]
    assert whys(windowed.model_copy(update={"realert": 6 * 3600}), *steps) == ["window"]
    dip = match(0, marks=(), article_id=None)
    assert whys(windowed, (0, dip), (0.5, dip), (1.1, dip)) == ["window", "window"]


def test_each_silence_is_told_once_or_again_by_realert() -> None:
    silent = rule(type="flatline", threshold=1, timeframe=3600)
    one, other = match(0, marks=("since 1",)), match(0, marks=("since 2",))
    assert whys(silent, (0, one), (1, one), (99, one), (100, other), (101, other)) == ["window", "window"]
    daily = silent.model_copy(update={"realert": 86_400})
    assert whys(daily, (0, one), (1, other), (23, one), (25, other), (26, other)) == ["window", "window"]


def test_a_notice_stands_in_elasticsearch_as_it_is() -> None:
    notice, _ = told(rule(), (0, match(1, published=NOON, figures={"count": 3})))
    source = notice.source
    assert source.pop("notice_id") == notice.id
    assert Notice.model_validate(source) == notice


STEPS = st.lists(st.tuples(st.floats(0, 5), st.integers(0, 12), st.integers(0, 4), st.booleans()), max_size=40)


@given(STEPS, st.none() | st.integers(1, 7200), st.none() | st.integers(1, 3))
def test_however_often_a_batch_is_done_again_the_alerts_are_the_same(
    drawn: list[tuple[float, int, int, bool]], realert: int | None, update_after: int | None
) -> None:
    """Each step may be followed by all the ones before it once more: whoever was cut off does them again."""
    some = rule(realert=realert, update_after=update_after)
    plain: Notice | None = None
    rerun: Notice | None = None
    first: list[Alert] = []
    second: list[Alert] = []
    hours = 0.0
    done: list[Match] = []
    for wait, n, owner, again in drawn:
        hours += wait
        now = Circumstances(NOON + timedelta(hours=hours))
        done.append(match(n, owner=f"owner{owner}"))
        plain, alert = decide(plain, some, done[-1], now)
        first += [alert] if alert else []
        for one in (done[-1], *(done if again else ())):
            rerun, alert = decide(rerun, some, one, now)
            second += [alert] if alert else []
    assert first == second
    assert len({one.alert_id for one in first}) == len(first)
    assert [one.episode for one in first] == list(range(1, len(first) + 1))


def test_the_marks_kept_have_an_end() -> None:
    notice, _ = told(rule(), *((0, match(n)) for n in range(MOST_MARKS + 10)))
    assert len(notice.article_ids) == MOST_MARKS
    assert notice.article_ids[-1] == f"a{MOST_MARKS + 9}"
