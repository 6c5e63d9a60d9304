"""What luqum's smallest parts mean: words, phrases, words that may differ, ranges. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from luqum import tree

from search.fields import fields_of
from search.language.islands import FILLER
from search.language.nodes import Everything, Exists, Fuzzy, Node, Pattern, Range, Value
from search.language.wildcards import composed, has_wildcards, literal, pattern_of, unescaped
from search.prescan import QueryError, restored

SPAN = re.compile(r"[0-9]{1,4}[mhdwMy]")  # of time: 30m, 12h, 7d, 2w, 3M, 1y
GOES_ON = re.compile(r"\w\*$")  # "kantor penghub*"
FUZZY_STEPS = 2  # Lucene's most
LEFT_OUT = Decimal("0.5")  # luqum's degree of a ~ without a number


def leaf(node: tree.Item, start: int, end: int, field: str | None) -> Node | None:
    """The node that stands at `text[start:end]`; None for what is no leaf. Raises QueryError."""
    match node:
        case tree.Word():
            return word(str(node.value), start, end, field)
        case tree.Phrase():
            return _phrase(_quoted(node), start, end, field)
        case tree.Proximity():
            return Value(start, end, field, _quoted(node.term), int(node.degree), quoted=True)
        case tree.Fuzzy():
            return _fuzzy(node, start, end, field)
        case tree.Range() | tree.From() | tree.To():
            return _range(node, start, end, field)
    return None


def word(value: str, start: int, end: int, field: str | None) -> Node:
    """A word as typed, with its escapes and wildcards."""
    if value == "*":
        return Exists(start, end, field) if field else Everything(start, end)
    if has_wildcards(value):
        return Pattern(start, end, field, pattern_of(restored(composed(value))))
    return Value(start, end, field, unescaped(restored(composed(value))))


def _phrase(value: str, start: int, end: int, field: str | None) -> Node:
    if GOES_ON.search(value):
        return Pattern(start, end, field, literal(value[:-1]) + "*")
    return Value(start, end, field, value, quoted=True)


def _quoted(node: tree.Phrase) -> str:
    inner = unescaped(restored(composed(str(node.value)[1:-1])))
    if not inner.strip():
        raise QueryError("nothing stands between the quotes", node.pos)
    return inner


def _fuzzy(node: tree.Fuzzy, start: int, end: int, field: str | None) -> Node:
    value = str(node.term.value)
    if FILLER in value or has_wildcards(value):
        raise QueryError("~ stands behind a word without wildcards, or a phrase", start)
    left_out = node.degree == LEFT_OUT
    if not left_out and (node.degree != int(node.degree) or not 0 <= node.degree <= FUZZY_STEPS):
        raise QueryError(f"~ takes 0 to {FUZZY_STEPS} letters that may differ, or nothing", start)
    return Fuzzy(start, end, field, unescaped(restored(composed(value))), None if left_out else int(node.degree))


def _range(node: tree.Range | tree.From | tree.To, start: int, end: int, field: str | None) -> Node:
    if field is None or fields_of(field)[0].kind not in {"date", "number"}:
        raise QueryError("a range needs a field of dates or numbers, as published:[2026-01-01 TO now]", start)
    if isinstance(node, tree.Range):
        low, high = _bound(node.low), _bound(node.high)
        return Range(start, end, field, low, high, node.include_low, node.include_high, node.low.pos, node.high.pos)
    value = _bound(node.a)
    if value and SPAN.fullmatch(value):  # "more than seven days old" to one reader, "since seven days ago" to another
        raise QueryError(
            f"{field}:{value} finds the last {value}, NOT {field}:{value} older ones; with < and > write now-{value}",
            start,
            suggestion=value,
            end=end,
        )
    if isinstance(node, tree.From):
        return Range(start, end, field, value, None, node.include, False, node.a.pos, end)
    return Range(start, end, field, None, value, False, node.include, start, node.a.pos)


def _bound(node: tree.Item) -> str | None:
    """The end of a range; None where it is open."""
    value = restored(str(node).strip())
    value = unescaped(value[1:-1] if isinstance(node, tree.Phrase) else value)
    return None if value == "*" else value
