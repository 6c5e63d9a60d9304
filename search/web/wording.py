"""Changes to the words of a query as a reader would type them: a term put in or taken out, a range of time.

Works on the text, so that the box always shows what is searched for. Only terms that every article must meet are taken
for chosen ones: at the top of the query, in no OR. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from search.prescan import CURLY_QUOTES

BARE = re.compile(r"[^\W_][\w.@-]*")  # a value that needs no quotes
TERM = re.compile(r'(?P<not>-?)(?P<field>[A-Za-z_]+):(?P<value>"(?:[^"\\]|\\.)*"|\S.*)', re.DOTALL)
OPEN, CLOSED = "([{", ")]}"
OR = frozenset({"OR", "||"})
AND = frozenset({"AND", "&&"})
QUOTES = frozenset('"') | {chr(sign) for sign in CURLY_QUOTES}  # typed by phones and pasted: all of them quote
LAST_HOUR = timedelta(hours=1)


class Term(NamedTuple):
    """A condition on a field that stands at the top of a query: where, and what it says."""

    start: int
    end: int
    field: str
    value: str  # without its quotes; of a range with its brackets
    excluded: bool


def terms(query: str) -> list[Term]:
    """The conditions on fields that all articles found meet, in their order."""
    tokens = _tokens(query)
    words = [query[start:end] for start, end in tokens]
    if OR & {*words}:
        return []
    found = []
    for at, word in enumerate(words):
        match = TERM.fullmatch(word)
        if match and not (at and words[at - 1] in {"NOT", "!"}):
            value = match["value"]
            plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == value[-1] == '"' and len(value) > 1 else value
            found.append(Term(*tokens[at], match["field"].lower(), plain, bool(match["not"])))
    return found


def term(field: str, value: str, *, excluded: bool = False) -> str:
    """`field:value` as it is typed, quoted where it must be."""
    quoted = "".join(f"\\{sign}" if sign in QUOTES or sign == "\\" else sign for sign in value)
    written = value if BARE.fullmatch(value) else f'"{quoted}"'
    return f"{'-' if excluded else ''}{field}:{written}"


def narrowed(query: str, field: str, value: str, *, excluded: bool = False) -> str:
    """`query`, and the field has this value, or has it not where `excluded`; the contrary is taken out."""
    for one in reversed(terms(query)):
        if (one.field, one.value) == (field, value):
            query = widened(query, one)
    return _joined(query, term(field, value, excluded=excluded))


def widened(query: str, one: Term) -> str:
    """`query` without this condition of its own."""
    before, after = query[: one.start].rstrip(), query[one.end :].lstrip()
    head, tail = before.rpartition(" ")[2], after.partition(" ")[0]
    if head in AND:
        before = before[: -len(head)].rstrip()
    elif tail in AND and not before:
        after = after[len(tail) :].lstrip()
    return f"{before} {after}".strip()


def ranged(query: str, field: str, since: datetime | None, until: datetime | None, tz: str) -> str:
    """`query` within `since` (in) and `until` (out; None: open, each), in place of the ranges it had in this field.

    Whole days of `tz` are written as days, other times to the minute, by the clocks of `tz`.
    """
    for one in reversed(terms(query)):
        if one.field == field and not one.excluded:
            query = widened(query, one)
    zone = ZoneInfo(tz)
    start, end = (at.astimezone(zone) if at else None for at in (since, until))
    whole = all(f"{at:%H%M%S}" == "000000" for at in (start, end) if at)
    if whole:
        first, last = (f"{at:%Y-%m-%d}" if at else "*" for at in (start, end - LAST_HOUR if end else None))
        return _joined(query, f"{field}:[{first} TO {last}]")
    first = f"{start:%Y-%m-%dT%H:%M}" if start else "*"
    last = f"{end:%Y-%m-%dT%H:%M}}}" if end else "*]"
    return _joined(query, f"{field}:[{first} TO {last}")


def _joined(query: str, more: str) -> str:
    query = query.strip()
    words = {query[start:end] for start, end in _tokens(query)}
    return " ".join(part for part in (f"({query})" if OR & words else query, more) if part)


@lru_cache(100)  # a page asks of one query for each value that narrows it; queries may be long
def _tokens(query: str) -> Sequence[tuple[int, int]]:
    """What white space divides at the top: quotes and brackets hold together."""
    found, depth, quoted, start, at = [], 0, False, -1, 0
    while at <= len(query):
        sign = query[at : at + 1]
        if not sign or (sign.isspace() and not quoted and depth <= 0):
            if start >= 0:
                found.append((start, at))
            start = -1
        else:
            start = at if start < 0 else start
            if sign == "\\":
                at += 1
            elif sign in QUOTES:
                quoted = not quoted
            elif not quoted:
                depth += (sign in OPEN) - (sign in CLOSED)
        at += 1
    if start >= 0:  # a backslash at the very end
        found.append((start, len(query)))
    return tuple(found)
