"""How a language writes numbers, dates and names of countries (CLDR, by way of babel)."""

from __future__ import annotations

from functools import cache, lru_cache

from babel import Locale
from babel.numbers import format_decimal


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
