"""What one part of a text says of a name in another: a surname follows the full name, one name is of one type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.tagging.found import Found, Kind

SURE = 0.9  # from here on a name is what its own sentence says it is
_LIKELY = 0.7  # from here on it has a say in what others are


def voted(text: str, names: Sequence[Found]) -> tuple[Found, ...]:
    """The same names; those that are not sure take the type of their like: the person whose full name has the word,
    or else the type that the same words mostly have in this text."""
    parts = {
        part
        for name in names
        if name.type == "person" and name.score >= _LIKELY
        for part in _parts(text[name.start : name.end])
    }
    types: dict[str, dict[Kind, float]] = defaultdict(dict)
    for name in names:
        of_these = types[text[name.start : name.end]]
        of_these[name.type] = of_these.get(name.type, 0.0) + name.score
    return tuple(_settled(name, text[name.start : name.end], parts, types) for name in names)


def _parts(surface: str) -> list[str]:
    words = surface.split()
    return [word for word in words if word[0].isupper()] if len(words) > 1 else []


def _settled(name: Found, surface: str, parts: set[str], types: dict[str, dict[Kind, float]]) -> Found:
    if name.score >= SURE:
        return name
    if surface in parts:
        return name._replace(type="person")
    said = types[surface]
    return name._replace(type=max(said, key=lambda kind: said[kind]))
