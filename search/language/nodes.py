"""A query as a tree: what was written, before anything is looked up. Frozen.

Every node knows where it stands: `text[start:end]` of the query (for what is inside a concept: of the concept's own
text). `field` is a name of `search/fields.py`, or None for title and body.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a query."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Everything(Node):
    """`*` or nothing at all."""


@dataclass(frozen=True, slots=True)
class Value(Node):
    """A word, a phrase, a date, a code: `value` is what was meant, without quotes and escapes.

    `slop`: how many other words may stand between those of a phrase.
    """

    field: str | None
    value: str
    slop: int = 0
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """A word with wildcards: `*`, `?`; those that mean themselves, and `\\`, have a `\\` before them."""

    field: str | None
    pattern: str


@dataclass(frozen=True, slots=True)
class Fuzzy(Node):
    """A word of which `letters` (0 to 2) may differ; None: as many as suit its length."""

    field: str | None
    value: str
    letters: int | None


@dataclass(frozen=True, slots=True)
class Range(Node):
    """Between two values of a date or number field; None is open. `low_at`, `high_at`: where they stand."""

    field: str
    low: str | None
    high: str | None
    include_low: bool
    include_high: bool
    low_at: int
    high_at: int


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """A regular expression that a whole word must fit."""

    field: str | None
    pattern: str


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """The field has any value."""

    field: str


@dataclass(frozen=True, slots=True)
class And(Node):
    """All parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """At least one part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Everything but the part."""

    part: Node


@dataclass(frozen=True, slots=True)
class Boost(Node):
    """The part, counting more for relevance."""

    part: Node
    factor: float


@dataclass(frozen=True, slots=True)
class Near(Node):
    """Both within the same field, with `between` other words between them at most. `ordered`: left before right."""

    field: str | None
    left: Node
    right: Node
    between: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class Stem(Node):
    """The part, with words found in all their forms."""

    part: Node


@dataclass(frozen=True, slots=True)
class Concept(Node):
    """A list of wordings by its name; `part` is its tree, positions are those of the concept's own text."""

    name: str
    part: Node


def leaves(node: Node) -> list[Node]:
    """Every part of the tree that has none itself, in order."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Not(part=part) | Boost(part=part) | Stem(part=part) | Concept(part=part):
            return leaves(part)
        case Near(left=left, right=right):
            return [*leaves(left), *leaves(right)]
    return [node]
