"""The value of one field, as an Elasticsearch clause: dates and spans of time, numbers, codes, names. Pure.

Days are days in the asker's time zone; `now` is the server's. Each raises QueryError where the value cannot stand.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from search.fields import SearchableField
from search.language.leaves import SPAN
from search.language.names import Unknown, country_codes, entity_ids, language_codes, topic_ids
from search.language.nodes import Range, Value
from search.prescan import QueryError

DAYS = {"today": "now/d", "yesterday": "now-1d/d"}
ISO_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(T([01]\d|2[0-3])(:[0-5]\d(:[0-5]\d)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
DATE_MATH = re.compile(r"now([+-]\d{1,4}[yMwdhHms]){0,3}(?P<rounded>/[yMwdhHms])?")
NUMBER = re.compile(r"-?\d{1,9}")
HOW = "write 2026, 2026-01, 2026-01-31, 2026-01-31T09:00, today, yesterday, 7d (the last 7 days) or now-2d"
CODES = {"country": country_codes, "language": language_codes, "topic": topic_ids}


def value_clause(node: Value, fields: Sequence[SearchableField], tz: str, own_names: Path | None) -> dict[str, Any]:
    """What finds the articles with this value, in a field that is not of words."""
    field = fields[0]
    value, at = node.value, node.start
    if node.slop:
        raise QueryError(f"~{node.slop} has no meaning in {node.field}", at)
    match field.kind:
        case "date":
            return _date(value, field.target, tz, at)
        case "number":
            return {"term": {field.target: _number(value, at)}}
        case "mark":
            return {"term": {field.target: _mark(node, field)}}
        case "entity":
            return _entity(value, [one.target for one in fields], own_names)
        case "country" | "language" | "topic":
            return _coded(node, field)
    return {"term": {field.target: value}}


def range_clause(node: Range, field: SearchableField, tz: str) -> dict[str, Any]:
    """What finds the articles with a value between two."""
    ends = ((node.low, node.low_at), (node.high, node.high_at))
    given: dict[str, Any] = {}
    if field.kind == "date":
        given["time_zone"] = tz
    read = _moment if field.kind == "date" else _number
    low, high = (None if one is None else read(one, at) for one, at in ends)
    if low is None and high is None:
        return {"exists": {"field": field.target}}
    if low is not None:
        given["gte" if node.include_low else "gt"] = low
    if high is not None:
        given["lte" if node.include_high else "lt"] = high
    return {"range": {field.target: given}}


def _date(value: str, target: str, tz: str, at: int) -> dict[str, Any]:
    if SPAN.fullmatch(value):
        return {"range": {target: {"gte": f"now-{value}", "time_zone": tz}}}
    math = DATE_MATH.fullmatch(value)
    if math and not math["rounded"]:
        raise QueryError(
            f"{value} is a moment: write 2d for the last two days, or >{value} for all since",
            at,
            suggestion=f">{value}",
            end=at + len(value),
        )
    moment = _moment(value, at)
    return {"range": {target: {"gte": moment, "lte": moment, "time_zone": tz}}}


def _moment(value: str, at: int) -> str:
    """A date as Elasticsearch reads it; a span is the moment so long ago."""
    value = DAYS.get(value.lower(), value)
    if SPAN.fullmatch(value):
        return f"now-{value}"
    if not DATE_MATH.fullmatch(value) and not _is_date(value):
        near = difflib.get_close_matches(value.lower(), DAYS, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        meaning = near[0] if near else None
        raise QueryError(f"{value!r} is not a date: {meant}{HOW}", at, suggestion=meaning, end=at + len(value))
    return value


def _is_date(value: str) -> bool:
    match = ISO_DATE.fullmatch(value)
    if not match:
        return False
    try:
        date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:
        return False
    return True


def _number(value: str, at: int) -> int:
    if not NUMBER.fullmatch(value) or not value.isascii():
        raise QueryError(f"{value!r} is not a number", at)
    return int(value)


def _mark(node: Value, field: SearchableField) -> str:
    value = node.value.lower()
    if value in field.marks:
        return value
    near = next(iter(difflib.get_close_matches(value, field.marks, n=1)), None)
    advice = f"did you mean {near}?" if near else f"there are {', '.join(field.marks)}"
    raise QueryError(f"{node.field}:{node.value} is unknown; {advice}", node.start, suggestion=near, end=node.end)


def _coded(node: Value, field: SearchableField) -> dict[str, Any]:
    found = CODES[field.kind](node.value)
    if isinstance(found, Unknown):
        advice = f"; did you mean {found.near}?" if found.near else f": it {found.why}" if found.why else ""
        what = f"no {field.kind} is called {node.value!r}{advice}"
        raise QueryError(what, node.start, suggestion=found.near, end=node.end)
    return {"term": {field.target: found[0]}} if len(found) == 1 else {"terms": {field.target: list(found)}}


def _entity(value: str, targets: list[str], own_names: Path | None) -> dict[str, Any]:
    """By id or name as it is indexed, in any case of letters, and by every name that the lists know it under."""
    ways: list[dict[str, Any]] = []
    for target in targets:
        ids = entity_ids(value, (target,), own_names)
        ways.append({"term": {target: {"value": value, "case_insensitive": True}}})
        ways += [{"terms": {target: list(ids)}}] if ids else []
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways, "minimum_should_match": 1}}
