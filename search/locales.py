"""How a language writes numbers, dates and names of countries (CLDR, by way of babel)."""

from __future__ import annotations

from functools import cache

from babel import Locale


@cache
def locale_of(language: str) -> Locale:
    """Made once a language: each new one reads all of its data anew when it is first asked.

    Raises babel.UnknownLocaleError, ValueError for what is no language.
    """
    return Locale.parse(language)
