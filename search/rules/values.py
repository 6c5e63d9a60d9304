"""How the values in a file of rules are read: texts, numbers, spans, times of day, fields. Each raises WrongError."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.spans import UNITS, seconds
from search.fields import FIELDS, TOGETHER, field_name
from search.fields import nearest as nearest_field
from search.rules.written import Written

Read = Callable[[Written], Any]
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
YES, NO = {"true", "True", "yes", "on"}, {"false", "False", "no", "off"}
LONGEST_SPAN = 3650  # days
LONGEST_TEXT = 4_000  # characters
SPAN_UNITS = {"seconds": "s", "minutes": "m", "hours": "h", "days": "d", "weeks": "w"}


def text(given: Written) -> str:
    """Words."""
    found = " ".join(given.scalar().split())
    if not found:
        raise given.wrong("words are missing here")
    if len(found) > LONGEST_TEXT:
        raise given.wrong(f"this has {len(found)} characters; {LONGEST_TEXT} are the most")
    return found


def query(given: Written) -> str:
    """In the query language; whether it can be read is looked at when all concepts are known. Line breaks are kept:
    positions are those of the value."""
    found = given.scalar()
    if not found.strip():
        raise given.wrong("a query is missing here")
    return found


def identifier(given: Written) -> str:
    """A name for programs: small letters, digits, hyphens."""
    found = given.scalar()
    if not ID.fullmatch(found):
        meant = re.sub(r"[^a-z0-9]+", "-", found.casefold()).strip("-")[:80] or None
        advice = f"; did you mean {meant}?" if meant else ""
        raise given.wrong(f"{found!r} is no id: small letters, digits and hyphens{advice}", suggestion=meant)
    return found


def whole(least: int, most: int = 1_000_000) -> Read:
    """A whole number."""

    def read(given: Written) -> int:
        found = given.scalar()
        if not re.fullmatch(r"\d{1,9}", found) or not least <= int(found) <= most:
            raise given.wrong(f"{found!r} is no whole number from {least} to {most:,}")
        return int(found)

    return read


def number(above: float, most: float = 1_000_000) -> Read:
    """A number, with a point."""

    def read(given: Written) -> float:
        found = given.scalar()
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", found) or not above < float(found) <= most:
            raise given.wrong(f"{found!r} is no number above {above:g} and up to {most:,.0f}")
        return float(found)

    return read


def yes_or_no(given: Written) -> bool:
    """true or false."""
    found = given.scalar()
    if found not in YES | NO:
        raise given.wrong(f"{found!r} is neither true nor false")
    return found in YES


def one_of(*known: str) -> Read:
    """One of these words."""
    return lambda given: given.chosen(known, what="value")


def several(read: Read) -> Read:
    """A list, or one value alone."""
    return lambda given: tuple(read(each) for each in given.items())


def span(given: Written) -> int:
    """Seconds: of `24h`, or of `{hours: 24}`, as ElastAlert writes it."""
    if given.is_mapping:
        total = 0.0
        for key, value in given.pairs():
            unit = SPAN_UNITS[key.chosen(SPAN_UNITS, what="unit")]
            total += number(0)(value) * UNITS[unit]
        if not 1 <= total <= LONGEST_SPAN * UNITS["d"]:
            raise given.wrong(f"this is not between 1s and {LONGEST_SPAN}d")
        return int(total)
    try:
        return int(seconds(given.scalar(), longest=LONGEST_SPAN))
    except ValueError as error:
        meant = re.search(r"did you mean (\S+)\?", str(error))
        raise given.wrong(str(error), suggestion=meant[1] if meant else None) from error


def zone(given: Written) -> str:
    """A time zone's name."""
    found = given.scalar()
    try:
        ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise given.wrong(f"no time zone is called {found!r}; use a name like Asia/Jakarta") from error
    return found


def clock(given: Written) -> str:
    """A time of day, `06:00`."""
    found = CLOCK.fullmatch(given.scalar())
    if not found:
        raise given.wrong(f"{given.scalar()!r} is no time of day: write 06:00 or 22:30")
    return f"{int(found[1]):02}:{found[2]}"


def field(given: Written) -> str:
    """A field of the query language, by its one name."""
    found = field_name(given.scalar())
    if found is None:
        near = nearest_field(given.scalar())
        advice = f"did you mean {near}?" if near else f"there are {', '.join((*FIELDS, *TOGETHER))}"
        raise given.wrong(f"no field is called {given.scalar()!r}; {advice}", suggestion=near)
    return found


def countable(given: Written) -> str:
    """A field whose values can be told apart: not words, dates or numbers."""
    found = field(given)
    if found in {"title", "body", *TOGETHER} or FIELDS[found].kind in {"date", "number"}:
        raise given.wrong(f"{found} has no values to count by; source, country, person, topic, story … have")
    return found
