"""How a language writes numbers, dates and names of countries (CLDR, by way of babel)."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

IN_FULL = "EEEE, d MMMM y"  # a day with the day of the week


@cache
def locale_of(language: str) -> Locale:
    """Made once a language: each new one reads all of its data anew when it is first asked.

    Raises babel.UnknownLocaleError, ValueError for what is no language.
    """
    return Locale.parse(language)


@lru_cache(10_000)
def number(n: float, language: str) -> str:
    """1234.5 as 1.234,5 or 1,234.5: pages are full of the same small numbers."""
    return str(format_decimal(n, locale=locale_of(language)))


@lru_cache(10_000)
def day(at: date, pattern: str, language: str) -> str:
    """A day as CLDR's `pattern` has it, `d MMM y` say: a list tells of few days, many times."""
    return str(format_date(at, pattern, locale=locale_of(language)))


def day_and_clock(at: datetime, pattern: str, language: str) -> str:
    """The day by `pattern`, and the time of day."""
    return f"{day(at.date(), pattern, language)} {at:%H:%M}"


def zone(at: datetime, language: str) -> str:
    """What the zone of `at` is called at that time: WIB, +0200."""
    hour = at.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return _zone(hour, at.fold, at.tzinfo, language)  # moments of two zones may be equal: the zone stands beside


@lru_cache(10_000)
def _zone(hour: datetime, fold: int, tz: tzinfo | None, language: str) -> str:
    at = hour.replace(tzinfo=tz, fold=fold)
    return str(format_datetime(at, "zzz", locale=locale_of(language)))
