"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingest.dates import parse_date

PRESENT = datetime(2023, 6, 6, tzinfo=UTC)
MONDAY = datetime(2023, 6, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 05 Jun 2023 10:00:00 +0700", "Mon,05 Jun 2023 10:00:00 +0700", "Monday, 05-Jun-23 03:00:00 GMT",
        "5 June 2023 10:00 +07:00", "Mon, 5 Jun 23 10:00 GMT+7", "Senin, 5 Juni 2023 10:00 WIB",
        "Senin, 5 Juni 2023 | 10.00 WIB",
        "2023-06-05T10:00:00+07:00", "2023-06-05T03:00:00Z", "2023-06-05T03:00:00.123456Z", "2023-06-05 10:00:00 +0700",
        "20230605T100000+07", "2023/06/05 03:00", "Mon Jun  5 03:00:00 2023", "Mon Jun 5 10:00:00 WIB 2023",
        "June 5, 2023 10:00 AM WIB", "Jun 5, 2023, 3:00 a.m. UTC", "Sun, 04 Jun 2023 23:00:00 EDT", "1685934000",
        "1685934000123",
        "  Mon,  05 Jun\n2023 10:00:00   +0700 ", "Mon, 05 Jun 2023 10:00:00 +0700 (WIB)",
    ],
)  # fmt: skip
def test_each_common_form_is_read(text: str) -> None:
    assert parse_date(text, present=PRESENT) == MONDAY


@pytest.mark.parametrize(
    "text",
    [
        "", "today", "Mon", "2023", "2023-06", "31 Feb 2023", "05/06/2023", "2023-13-01", "2023-06-05T25:00:00Z",
        "Mon, 05 Jun 2023 10:00:00 QQQ", "Mon, 05 Foo 2023 10:00:00 GMT", "0", "000000000", "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 07:00:00 +0700", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "x" * 1000,
        "99999999999999",
    ],
)  # fmt: skip
def test_nonsense_gives_none(text: str) -> None:
    assert parse_date(text, present=PRESENT) is None


def test_more_than_two_days_ahead_is_no_publication() -> None:
    assert parse_date("2023-06-08T00:00:00Z", present=PRESENT) == PRESENT + timedelta(days=2)
    assert parse_date("2023-06-08T00:00:01Z", present=PRESENT) is None


def test_a_time_without_a_zone_is_in_the_zone_given() -> None:
    assert parse_date("2023-06-05 10:00:00", ZoneInfo("Asia/Jakarta"), present=PRESENT) == MONDAY
    assert parse_date("2023-06-05", ZoneInfo("Asia/Jakarta"), present=PRESENT) == datetime(2023, 6, 4, 17, tzinfo=UTC)


def test_midnight_may_be_written_as_24_and_a_leap_second_as_60() -> None:
    assert parse_date("2023-06-04T24:00:00Z", present=PRESENT) == datetime(2023, 6, 5, tzinfo=UTC)
    assert parse_date("2016-12-31T23:59:60Z", present=PRESENT) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
