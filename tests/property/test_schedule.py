"""Whatever a feed shows and asks for, its next poll stands within the operator's bounds, and its record stays small."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ingest.health import date_problems, expected_a_day, seen_a_day, went_quiet
from ingest.rhythm import DAY, Rhythm, first_seen, read_rhythm, seen_again, usable
from ingest.schedule import WEIGHTS, Hints, Pace, after_failure, gap, next_poll, rate_of

NOW = 1_767_571_200.0
DATES = st.lists(st.none() | st.floats(3e7, NOW + 3 * DAY), max_size=40)
HINTS = st.builds(
    Hints,
    ttl=st.none() | st.integers(1, 10**8),
    period=st.none() | st.integers(1, 10**8),
    fresh=st.none() | st.integers(0, 10**8),
    skip_hours=st.lists(st.integers(0, 23), max_size=24, unique=True).map(tuple),
    skip_days=st.lists(st.integers(0, 6), max_size=7, unique=True).map(tuple),
)
POLLS = st.lists(st.tuples(st.floats(0.001, 40 * DAY), DATES), max_size=12)


@given(DATES, POLLS, HINTS, st.floats(-1, 1), st.sampled_from([1.0, 60.0, 600.0, DAY]))
def test_any_past_gives_a_next_poll_within_bounds(
    first: list[float | None], polls: list[tuple[float, list[float | None]]], hints: Hints, draw: float, usual: float
) -> None:
    rhythm, now = first_seen(usable(first, NOW), NOW), NOW
    for seconds, dates in polls:
        now += seconds
        rhythm = seen_again(rhythm, usable(dates, now), len(dates), now)
    pace = Pace(usual=usual)
    wait = next_poll(rhythm, hints, now, pace, draw)
    least = 0.9 * usual if pace.fixed else pace.shortest
    assert least <= wait <= max(pace.longest, 1.1 * 3_600)
    written = rhythm.model_dump_json()
    assert len(written) < 2_000
    assert read_rhythm(written) == rhythm
    went_quiet(rhythm, now)
    expected = expected_a_day(rhythm, now)
    assert expected is None or (math.isfinite(expected) and expected >= 0)
    assert math.isfinite(seen_a_day(rhythm, now))
    date_problems(first, NOW)


@given(st.sampled_from(sorted(WEIGHTS)), st.integers(1, 10**6), st.floats(1, DAY), st.none() | st.floats(0, 1e9))
def test_no_failure_waits_longer_than_a_day(kind: str, failures: int, usual: float, asked: float | None) -> None:
    assert min(usual, DAY) <= after_failure(kind, failures, usual, retry_after=asked) <= DAY


@given(st.floats(1e-4, 1e4))
def test_the_gap_shrinks_with_the_rate_and_tells_it(rate: float) -> None:
    assert gap(rate * 1.01) <= gap(rate)
    assert math.isclose(rate_of(gap(rate)), rate, rel_tol=1e-6)


@given(st.text(max_size=200))
def test_a_record_that_cannot_be_read_is_begun_anew(written: str) -> None:
    assert isinstance(read_rhythm(written), Rhythm)
