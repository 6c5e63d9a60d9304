"""When a feed is asked next: by what it showed, what it asks for, how it fails."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable, NotAFeed, Permanent, Refused
from ingest.health import (
    date_problems,
    expected_a_day,
    kind_of,
    seen_a_day,
    state_of,
    went_quiet,
)
from ingest.rhythm import DAY, HOUR, Rates, Rhythm, first_seen, seen_again, usable
from ingest.schedule import WEIGHTS, Hints, Pace, after_failure, next_poll, unconditional

MONDAY = 1_767_571_200.0  # 5 January 2026, 00:00 UTC
PACE = Pace()
NONE = Hints()


def grown(came: Sequence[float], start: float, end: float, every: float = 600.0, listed: int = 20) -> Rhythm:
    """What is known at `end` of a feed whose entries came then, asked at a steady pace since `start`."""
    rhythm, at = Rhythm(until=start), start
    while at < end:
        new = [date for date in came if at < date <= at + every]
        at += every
        rhythm = seen_again(rhythm, new, listed, at)
    return rhythm


def hourly(days: float, per_hour: float = 1.0, start: float = MONDAY) -> list[float]:
    return [start + n * HOUR / per_hour for n in range(1, int(days * 24 * per_hour))]


def after(rhythm: Rhythm, now: float, hints: Hints = NONE, pace: Pace = PACE, draw: float = 0.0) -> float:
    return next_poll(rhythm, hints, now, pace, draw)


def test_a_feed_of_which_nothing_is_known_is_asked_at_the_usual_pace() -> None:
    assert after(first_seen([None] * 10, MONDAY), MONDAY) == pytest.approx(600)
    assert after(Rhythm(), MONDAY, pace=Pace(usual=1_800)) == pytest.approx(1_800)


def test_the_first_listing_already_teaches_the_rate() -> None:
    """Twenty entries in ten hours, in two days, in three weeks; and the newest two years old."""
    waits = [
        after(first_seen([MONDAY - n * gap for n in range(20)], MONDAY), MONDAY)
        for gap in (1_800, 2.4 * HOUR, 25.3 * HOUR)
    ]
    waits.append(after(first_seen([MONDAY - 730 * DAY - n * HOUR for n in range(20)], MONDAY), MONDAY))
    assert waits == sorted(waits)
    assert waits[0] < 600
    assert waits[2] > 4 * HOUR
    assert waits[3] > 12 * HOUR


def test_a_feed_is_asked_when_it_publishes_and_left_alone_when_it_does_not() -> None:
    """Ten entries between 07:00 and 08:00 each day, nothing else: after a week its hour is known."""
    came = [MONDAY + day * DAY + 7 * HOUR + n * 300 for day in range(8) for n in range(10)]
    rhythm = grown(came, MONDAY, MONDAY + 8 * DAY)
    night = MONDAY + 8 * DAY
    assert after(rhythm, night + 7 * HOUR + 60) < 600
    assert after(rhythm, night + 13 * HOUR) > 2 * HOUR
    first_morning_poll = night + 4 * HOUR + after(rhythm, night + 4 * HOUR)
    assert first_morning_poll < night + 7.5 * HOUR, "it is not slept through"


def test_weekends_count() -> None:
    """Two an hour from Monday to Friday, nothing on Saturday and Sunday, three weeks long."""
    came = [at for at in hourly(21, 2.0) if (at - MONDAY) // DAY % 7 < 5]
    rhythm = grown(came, MONDAY, MONDAY + 21 * DAY, every=1_800)
    rates = Rates(rhythm)
    wednesday, saturday = MONDAY + 23.5 * DAY, MONDAY + 26.5 * DAY
    assert rates.at(wednesday) > 3 * rates.at(saturday)


def test_no_pace_leaves_the_operators_bounds() -> None:
    draw = random.Random(1)
    busy = grown(hourly(1, 240, MONDAY - DAY), MONDAY - DAY, MONDAY, listed=100)
    dead = grown([], MONDAY - 60 * DAY, MONDAY, DAY / 4)
    for _ in range(200):
        assert 120 <= after(busy, MONDAY, draw=draw.uniform(-1, 1)) <= 132
        assert 12 * HOUR < after(dead, MONDAY, draw=draw.uniform(-1, 1)) <= DAY
    slow = Pace(shortest=900, longest=HOUR, usual=900)
    assert after(busy, MONDAY, pace=slow) == 900
    assert after(dead, MONDAY, pace=slow) == HOUR


def test_an_operators_pace_below_the_least_is_kept_for_every_feed() -> None:
    dead = grown([], MONDAY - 60 * DAY, MONDAY, DAY / 4)
    assert after(dead, MONDAY, pace=Pace(usual=2)) == 2
    assert after(dead, MONDAY, Hints(ttl=60), pace=Pace(usual=2)) == 60


def test_a_heap_of_entries_brings_the_next_poll_nearer_for_a_while() -> None:
    came = [MONDAY + day * DAY + 9 * HOUR for day in range(14)]
    quiet = grown(came, MONDAY, MONDAY + 14 * DAY)
    now = quiet.until or 0.0
    broke = seen_again(quiet, [now + 500 - 60 * n for n in range(6)], 20, now + 600)
    assert after(broke, now + 600) < 900 < after(quiet, now)


@pytest.mark.parametrize("asked", [Hints(ttl=1_800), Hints(fresh=1_800)])
def test_what_a_feed_or_its_server_asks_for_is_kept(asked: Hints) -> None:
    rhythm = first_seen([MONDAY - n * 1_200 for n in range(60)], MONDAY)
    for draw in (-1.0, 0.0, 1.0):
        assert 1_800 <= after(rhythm, MONDAY, asked, draw=draw) <= 1_980


def test_patience_that_would_lose_entries_is_not_kept() -> None:
    """Ten listed, sixty an hour: whoever comes back after an hour misses fifty."""
    rhythm = grown(hourly(1, 60), MONDAY, MONDAY + DAY - HOUR, every=300, listed=10)
    assert after(rhythm, MONDAY + DAY - HOUR, Hints(ttl=3_600)) < 320


def test_a_daily_ttl_is_kept_for_an_hour_at_most() -> None:
    rhythm = first_seen([MONDAY - n * 1_200 for n in range(60)], MONDAY)
    assert after(rhythm, MONDAY, Hints(ttl=86_400)) == pytest.approx(3_600)


def test_an_update_period_is_kept_unless_the_feeds_own_entries_show_more() -> None:
    """WordPress says "hourly" of every site: right for one with three a day, not for one with three an hour."""
    blog = grown([MONDAY + n * 8 * HOUR for n in range(42)], MONDAY, MONDAY + 14 * DAY)
    news = grown(hourly(14, 3), MONDAY, MONDAY + 14 * DAY)
    assert after(blog, MONDAY + 14 * DAY, Hints(period=3_600)) >= 3_600
    assert after(news, MONDAY + 14 * DAY, Hints(period=3_600)) < 600


def test_hours_and_days_that_a_feed_sleeps_through_are_skipped() -> None:
    rhythm = first_seen([MONDAY - n * 1_200 for n in range(60)], MONDAY)
    night = Hints(skip_hours=(0, 1, 2, 3))
    assert after(rhythm, MONDAY, night) == pytest.approx(4 * HOUR)
    assert after(rhythm, MONDAY + 5 * HOUR, night) < 600
    weekend = Hints(skip_days=(5, 6))
    saturday, sunday_noon = MONDAY + 5 * DAY + HOUR, MONDAY + 6.5 * DAY
    assert after(rhythm, saturday, weekend) == DAY, "a day at most"
    assert after(rhythm, sunday_noon, weekend) == pytest.approx(DAY / 2)
    assert after(rhythm, MONDAY, Hints(skip_hours=tuple(range(24)))) <= DAY


def test_one_poll_in_a_hundred_is_unconditional_and_not_the_same_for_all() -> None:
    for feed in ("a" * 32, "b" * 32):
        assert sum(unconditional(polls, feed) for polls in range(1_000)) == 10
    assert [n for n in range(100) if unconditional(n, "a")] != [n for n in range(100) if unconditional(n, "b")]


FAILURES = [
    (HostUnreachable("x", reason="dns"), "dns"),
    (HostUnreachable("x", reason="tls"), "tls"),
    (HostUnreachable("x", reason="timeout"), "timeout"),
    (HostUnreachable("x", reason="refused"), "connection"),
    (HostUnreachable("x", reason="http-502"), "5xx"),
    (HostUnreachable("x", reason="http-408"), "4xx"),
    (HostBusy("x answered 429", retry_after=30), "busy"),
    (Gone("x answered 404"), "4xx"),
    (Gone("x answered 410"), "gone"),
    (Forbidden("x answered 403"), "4xx"),
    (Permanent("x answered 400", reason="http-400"), "4xx"),
    (Permanent("x", reason="redirects"), "redirect"),
    (Refused("x", reason="private-address"), "refused"),
    (NotAFeed("x is HTML"), "not-a-feed"),
    (NotAFeed("x is empty", reason="empty"), "empty"),
    (ValueError("x"), "other"),
]


@pytest.mark.parametrize(("error", "kind"), FAILURES, ids=lambda value: str(value) if isinstance(value, str) else "")
def test_each_failure_has_a_kind_and_each_kind_a_weight(error: Exception, kind: str) -> None:
    assert kind_of(error) == kind
    assert kind in WEIGHTS


@pytest.mark.parametrize("kind", WEIGHTS)
def test_a_failing_feed_is_asked_ever_more_seldom_but_once_a_day_at_least(kind: str) -> None:
    waits = [after_failure(kind, n, 600) for n in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[0] >= 600
    assert waits[-1] == DAY


def test_what_may_pass_is_asked_again_sooner_than_what_a_person_has_to_mend() -> None:
    first = {kind: after_failure(kind, 1, 300) for kind in WEIGHTS}
    assert first["timeout"] == first["5xx"] == 300
    assert first["timeout"] < first["4xx"] < first["refused"] < first["gone"] == DAY


def test_a_server_that_asks_for_patience_gets_it_a_day_at_most() -> None:
    assert after_failure("busy", 1, 300, retry_after=7_200) == 7_200
    assert after_failure("busy", 1, 300, retry_after=7 * DAY) == DAY
    assert after_failure("busy", 1, 300, retry_after=5) == 300


def test_a_feed_that_fell_silent_is_told_apart_from_one_that_was_always_slow() -> None:
    """Two entries an hour, then none for a day; and one a week, then none for ten days."""
    busy = grown(hourly(7, 2), MONDAY, MONDAY + 8 * DAY)
    slow = grown([MONDAY + n * 7 * DAY for n in range(1, 13)], MONDAY, MONDAY + 94 * DAY, every=DAY / 4)
    assert went_quiet(busy, MONDAY + 8 * DAY)
    assert not went_quiet(slow, MONDAY + 94 * DAY)
    assert after(busy, MONDAY + 8 * DAY) <= DAY


def test_a_night_or_a_weekend_is_no_silence() -> None:
    came = [at for at in hourly(21, 4.0) if 6 <= (at // HOUR) % 24 < 20 and (at - MONDAY) // DAY % 7 < 5]
    rhythm = grown(came, MONDAY, MONDAY + 20.9 * DAY, every=1_800)  # Sunday evening
    assert not went_quiet(rhythm, MONDAY + 20.9 * DAY)
    assert went_quiet(grown(came, MONDAY, MONDAY + 22.9 * DAY, every=1_800), MONDAY + 22.9 * DAY), "Tuesday evening"


def test_a_feed_that_was_long_silent_when_it_was_added_went_quiet_before() -> None:
    assert went_quiet(first_seen([MONDAY - 100 * DAY - n * HOUR for n in range(20)], MONDAY), MONDAY)
    assert not went_quiet(first_seen([MONDAY - 8 * DAY - n * 7 * DAY for n in range(20)], MONDAY), MONDAY)


def test_a_weekly_feed_that_ends_is_noticed_in_time() -> None:
    came = [MONDAY + n * 7 * DAY for n in range(1, 13)]
    rhythm = grown(came, MONDAY, MONDAY + 84 * DAY + 70 * DAY, every=DAY / 2)
    assert went_quiet(rhythm, MONDAY + 154 * DAY)


def test_by_chance_few_healthy_feeds_are_called_quiet() -> None:
    """200 feeds whose entries come by chance, one to forty a day, looked at each six hours for four weeks."""
    draw, wrong, looks = random.Random(5), 0, 0
    for _ in range(200):
        per_day, at, came = draw.uniform(1, 40), MONDAY, list[float]()
        while at < MONDAY + 28 * DAY:
            at += draw.expovariate(per_day / DAY)
            came.append(at)
        rhythm, now = first_seen([date for date in came if date < MONDAY + 7 * DAY][-20:], MONDAY + 7 * DAY), 0.0
        for step in range(1, 4 * 21):
            before, now = MONDAY + 7 * DAY + (step - 1) * DAY / 4, MONDAY + 7 * DAY + step * DAY / 4
            rhythm = seen_again(rhythm, [date for date in came if before < date <= now], 20, now)
            wrong, looks = wrong + went_quiet(rhythm, now), looks + 1
    assert wrong < looks / 100


def test_the_states_of_a_feed() -> None:
    quiet, busy = grown(hourly(7, 2), MONDAY, MONDAY + 8 * DAY), first_seen(hourly(1, 2), MONDAY + DAY)

    def state(rhythm: Rhythm, answered: bool = True, failures: int = 0, kind: str = "") -> str:
        now = rhythm.until or MONDAY
        return state_of(answered=answered, failures=failures, kind=kind, rhythm=rhythm, now=now)

    assert state(Rhythm(), answered=False) == "new"
    assert state(busy) == "ok"
    assert state(quiet) == "quiet"
    assert state(quiet, failures=3, kind="dns") == "failing"
    assert state(busy, failures=1, kind="gone") == "gone"


def test_expected_and_seen_rates_are_entries_a_day() -> None:
    rhythm = grown(hourly(10, 2), MONDAY, MONDAY + 10 * DAY)
    assert expected_a_day(rhythm, MONDAY + 10 * DAY) == pytest.approx(48, rel=0.1)
    assert seen_a_day(rhythm, MONDAY + 10 * DAY) == pytest.approx(48, rel=0.1)
    silent = grown(hourly(10, 2), MONDAY, MONDAY + 14 * DAY)
    assert expected_a_day(silent, MONDAY + 14 * DAY) == pytest.approx(48, rel=0.4)
    assert seen_a_day(silent, MONDAY + 14 * DAY) < 2
    assert expected_a_day(Rhythm(), MONDAY) is None


def test_dates_that_cannot_be_are_noticed_and_teach_nothing() -> None:
    ahead = [MONDAY + 7 * HOUR - n * 600 for n in range(10)]
    same: list[float | None] = [MONDAY] * 10
    assert "10 of 10 entries are dated in the future, by up to 7.0 hours" in date_problems(ahead, MONDAY)[0]
    assert "one and the same date" in date_problems(same, MONDAY + HOUR)[0]
    assert date_problems([MONDAY - n * 600 for n in range(10)], MONDAY) == []
    assert date_problems([None] * 10, MONDAY) == []
    assert usable(same, MONDAY + HOUR) == [None] * 10
    assert usable([MONDAY + 7 * HOUR, MONDAY - 60], MONDAY) == [None, MONDAY - 60]


def test_entries_without_dates_teach_the_rate_as_they_come() -> None:
    rhythm = first_seen([None] * 20, MONDAY)
    for n in range(1, 289):
        rhythm = seen_again(rhythm, [None] if n % 2 else [], 20, MONDAY + n * 600)
    assert Rates(rhythm).at(MONDAY + 2 * DAY) == pytest.approx(3, rel=0.1)


def test_a_rhythm_stays_small_and_comes_back_whole() -> None:
    draw = random.Random(2)
    rhythm = first_seen([MONDAY - draw.uniform(0, 9 * DAY) for _ in range(200)], MONDAY)
    for n in range(1, 2_000):
        came = [MONDAY + n * 600 - draw.uniform(0, 600) for _ in range(draw.choice([0, 0, 1, 3]))]
        rhythm = seen_again(rhythm, came, 30, MONDAY + n * 600)
    written = rhythm.model_dump_json()
    assert Rhythm.model_validate_json(written) == rhythm
    assert len(written) < 1_200


@pytest.mark.parametrize("every", [1.0, 60.0])
def test_however_often_a_feed_is_asked_it_learns_the_same(every: float) -> None:
    """Four an hour, for three hours; then hours are forgotten as fast by seconds as at once."""
    came = hourly(0.125, 4)
    rhythm = grown(came, MONDAY, MONDAY + 3 * HOUR, every=every)
    assert sum(rhythm.watched) == pytest.approx(3, rel=0.01)
    assert Rates(rhythm).at(MONDAY + HOUR) == pytest.approx(4, rel=0.15)
    silent = rhythm.model_copy(update={"until": MONDAY})
    for n in range(1, int(HOUR / every) + 1):
        silent = seen_again(silent, [], 20, MONDAY + n * every)
    assert sum(silent.hours) == pytest.approx(sum(rhythm.hours) * 0.5 ** (1 / 168), rel=0.001)


def test_a_clock_that_went_back_breaks_nothing() -> None:
    rhythm = first_seen([MONDAY - n * HOUR for n in range(20)], MONDAY)
    assert seen_again(rhythm, [MONDAY], 20, MONDAY - DAY) == rhythm
    assert math.isfinite(after(rhythm, MONDAY - DAY))
