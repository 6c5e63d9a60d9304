"""Pairs of names that an article brings together: what `new_term` rules look for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from search.fields import FIELDS

MOST_NAMES = 40  # of an article, the most salient first: 780 pairs
KINDS = {"person": "person", "org": "organisation", "place": "place", "thing": "thing", "country": "country"}


class Name(NamedTuple):
    """An entity as it stands in the document: its kind as queries say it, the value there, what people call it."""

    kind: str
    value: str
    name: str


def pairs(source: Mapping[str, Any], kinds: Sequence[str]) -> list[tuple[Name, Name]]:
    """Every two names of different kinds among `kinds`; of one kind alone, every two of it. Names no list knows count
    too: by what they are called."""
    names = list(dict.fromkeys(_names(source.get("mentions", ()), kinds)))[:MOST_NAMES]
    return [(one, other) for one, other in combinations(sorted(names), 2) if len(kinds) == 1 or one.kind != other.kind]


def field_of(name: Name) -> str:
    """The document's field that the name stands in."""
    return FIELDS[name.kind].target


def told(pair: tuple[Name, Name]) -> str:
    """The pair for people."""
    return " + ".join(one.name for one in pair)


def _names(mentions: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> Iterator[Name]:
    by_type = {KINDS[kind]: kind for kind in kinds}
    for one in sorted(mentions, key=lambda one: -one.get("salience", 0.0)):
        if one["type"] in by_type:
            linked = one.get("linked", True)
            yield Name(by_type[one["type"]], one["id"] if linked else one["name"], one["name"])
