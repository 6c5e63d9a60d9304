"""When an alert goes out: digests and quiet hours by the clocks on the wall, across summer time both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.alerts.timing import clock, due, loud_from, next_time, previous_time
from search.rules.records import Digest, Priority, QuietHours, Rule

BERLIN = ZoneInfo("Europe/Berlin")
JAKARTA = ZoneInfo("Asia/Jakarta")


def rule(*, priority: Priority = "normal", digest: Digest | None = None, quiet: QuietHours | None = None) -> Rule:
    return Rule(id="r", name="R", owner="desk", priority=priority, digest=digest, quiet_hours=quiet)


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


def jakarta(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


NIGHT = QuietHours(start="22:00", end="06:00", tz="Asia/Jakarta")
MORNING = Digest(schedule="0 7 * * *", tz="Asia/Jakarta")


def test_without_digest_or_quiet_hours_it_goes_at_once() -> None:
    raised = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)
    assert due(rule(), raised) == (raised, False)


def test_a_digest_waits_for_the_schedules_next_time_in_its_own_zone() -> None:
    assert due(rule(digest=MORNING), jakarta("2026-03-01 06:59:59")) == (jakarta("2026-03-01 07:00"), True)
    assert due(rule(digest=MORNING), jakarta("2026-03-01 07:00")) == (jakarta("2026-03-02 07:00"), True)


@pytest.mark.parametrize(
    ("raised", "sent"),
    [
        ("2026-03-01 21:59:59", None),
        ("2026-03-01 22:00:00", "2026-03-02 06:00"),
        ("2026-03-02 00:30:00", "2026-03-02 06:00"),
        ("2026-03-02 05:59:59", "2026-03-02 06:00"),
        ("2026-03-02 06:00:00", None),
    ],
)
def test_quiet_hours_over_midnight_defer_to_their_end(raised: str, sent: str | None) -> None:
    moment, together = due(rule(quiet=NIGHT), jakarta(raised))
    assert (moment, together) == ((jakarta(sent), True) if sent else (jakarta(raised), False))


def test_quiet_hours_of_one_day() -> None:
    noon = NIGHT.model_copy(update={"start": "12:00", "end": "13:30"})
    assert loud_from(noon, jakarta("2026-03-01 12:00")) == jakarta("2026-03-01 13:30")
    assert loud_from(noon, jakarta("2026-03-01 11:59")) == jakarta("2026-03-01 11:59")
    assert loud_from(noon, jakarta("2026-03-01 13:30")) == jakarta("2026-03-01 13:30")


@pytest.mark.parametrize(("priority", "waits"), [("normal", True), ("high", False), ("critical", False)])
def test_from_the_priority_named_on_quiet_hours_do_not_hold_up(priority: Priority, waits: bool) -> None:
    quiet = NIGHT.model_copy(update={"bypass": "high"})
    assert due(rule(priority=priority, quiet=quiet), jakarta("2026-03-01 23:00"))[1] is waits


def test_a_digest_that_falls_into_quiet_hours_comes_at_their_end() -> None:
    early = Digest(schedule="0 5 * * *", tz="Asia/Jakarta")
    assert due(rule(digest=early, quiet=NIGHT), jakarta("2026-03-01 12:00")) == (jakarta("2026-03-02 06:00"), True)


def test_a_digest_at_a_time_that_summer_time_skips_comes_right_after() -> None:
    """On 2026-03-29 Berlin's clocks go from 02:00 to 03:00."""
    digest = Digest(schedule="30 2 * * *", tz="Europe/Berlin")
    assert next_time(digest, berlin("2026-03-28 12:00")) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert next_time(digest, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == berlin("2026-03-30 02:30")


def test_a_digest_at_a_time_that_comes_twice_comes_once() -> None:
    """On 2026-10-25 Berlin's clocks go from 03:00 back to 02:00."""
    digest = Digest(schedule="30 2 * * *", tz="Europe/Berlin")
    first = next_time(digest, berlin("2026-10-24 12:00"))
    assert first == berlin("2026-10-25 02:30")
    between = first + timedelta(minutes=10)
    assert next_time(digest, first) == next_time(digest, between) == berlin("2026-10-26 02:30")
    assert next_time(digest, berlin("2026-10-25 02:10", fold=1)) == berlin("2026-10-26 02:30")


def test_a_digest_of_the_morning_keeps_its_hour_across_the_change() -> None:
    digest = Digest(schedule="0 7 * * *", tz="Europe/Berlin")
    assert next_time(digest, berlin("2026-03-28 08:00")) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert next_time(digest, berlin("2026-03-27 08:00")) == datetime(2026, 3, 28, 6, tzinfo=UTC)


def test_quiet_hours_that_end_in_the_skipped_hour_end_with_the_change() -> None:
    quiet = QuietHours(start="22:00", end="02:30", tz="Europe/Berlin")
    assert loud_from(quiet, berlin("2026-03-29 01:59")) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_quiet_hours_that_end_in_the_doubled_hour() -> None:
    """The first 02:30 ends them; when the clock shows 02:00 again they are back until the second 02:30."""
    quiet = QuietHours(start="22:00", end="02:30", tz="Europe/Berlin")
    assert loud_from(quiet, berlin("2026-10-25 01:00")) == berlin("2026-10-25 02:30")
    assert loud_from(quiet, berlin("2026-10-25 02:45")) == berlin("2026-10-25 02:45")
    assert loud_from(quiet, berlin("2026-10-25 02:10", fold=1)) == berlin("2026-10-25 02:30", fold=1)


@given(
    moment=st.integers(0, 365 * 1440).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Jakarta", "Africa/Cairo", "America/New_York", "Australia/Lord_Howe"]),
)
def test_the_end_of_quiet_hours_is_the_first_loud_minute(
    moment: datetime, start: object, end: object, zone: str
) -> None:
    """Held against walking the clock minute by minute."""
    quiet = QuietHours(start=f"{start:%H:%M}", end=f"{end:%H:%M}", tz=zone)
    found = loud_from(quiet, moment)
    assert found >= moment
    at = moment
    while at < found:
        assert loud_from(quiet, at) == found
        at = min(found, at.replace(second=0, microsecond=0) + timedelta(minutes=7))
    local = found.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    first, last = quiet.start, quiet.end
    assert not (first <= local < last if first <= last else local >= first or local < last)


@pytest.mark.parametrize(
    ("schedule", "said"), [("0 25 * * *", "no cron"), ("hourly", "no cron"), ("0 7 30 2 *", "no cron|no time")]
)
def test_a_schedule_that_cannot_be_read_or_never_comes_is_refused(schedule: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        next_time(Digest(schedule=schedule, tz="UTC"), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", ["24:00", "7", "7:5", "07:60", "noon", ""])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        clock(text)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Asia/Jakarta"):
        next_time(Digest(schedule="0 7 * * *", tz="Asia/Jakrata"), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_digest_tells_from_the_time_before_on() -> None:
    assert previous_time(MORNING, jakarta("2026-03-02 07:00")) == jakarta("2026-03-01 07:00")
    digest = Digest(schedule="0 7 * * *", tz="Europe/Berlin")
    assert previous_time(digest, berlin("2026-03-29 07:00")) == berlin("2026-03-28 07:00")
