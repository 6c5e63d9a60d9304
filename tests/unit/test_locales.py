"""Dates and zones as babel writes them, kept for the next time: never another moment's, never another zone's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_datetime
from hypothesis import given
from hypothesis import strategies as st

from search import locales
from search.web.views import Reader

ZONES = ("Asia/Jakarta", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC")
LANGUAGES = st.sampled_from(("id", "en"))


@given(st.integers(600_000_000, 2_200_000_000), st.sampled_from(ZONES), LANGUAGES)
def test_a_time_in_full_is_what_babel_writes(second: int, tz: str, language: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    wanted = format_datetime(at.astimezone(ZoneInfo(tz)), "EEEE, d MMMM y HH:mm:ss zzz", locale=language)
    assert Reader(language, tz).full(at.isoformat()) == wanted


@given(st.dates(), st.sampled_from(("d MMM", "d MMM y", "LLLL y", "EEEE, d MMMM y")), LANGUAGES)
def test_a_day_is_what_babel_writes(at: date, pattern: str, language: str) -> None:
    assert locales.day(at, pattern, language) == format_date(at, pattern, locale=language)


@pytest.mark.parametrize(("utc", "zone"), [("2026-11-01T05:30:00Z", "EDT"), ("2026-11-01T06:30:00Z", "EST")])
def test_the_hour_that_comes_twice_has_two_names(utc: str, zone: str) -> None:
    assert Reader("en", "America/New_York").full(utc).endswith(f"01:30:00 {zone}")


def test_one_moment_has_a_name_in_each_zone() -> None:
    names = [Reader("id", tz).full("2026-07-01T00:00:00Z") for tz in ("Asia/Jakarta", "Europe/Berlin", "UTC")]
    assert [name.rpartition(" ")[2] for name in names] == ["WIB", "+0200", "UTC"]
