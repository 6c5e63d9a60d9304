"""Operators that were written but not read as such: `near` between two words is a word, and found as one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from search.language.nodes import And, Boost, Concept, Near, Node, Not, Or, Stem, Value
from search.rules.faults import Fault
from search.rules.written import Written

WORDS = {"near": "NEAR/5", "onear": "ONEAR/5", "and": "AND", "or": "OR", "not": "NOT"}
QUOTED = re.compile(r"\bO?NEAR/?\d+\b")


def unread_operators(text: str, tree: Node, place: Written) -> Iterator[Fault]:
    """At their places in `text`, which stands at `place`. A word in quotes is meant as a word."""
    for leaf in _own_leaves(tree):
        if leaf.field not in {None, "title", "body"}:
            continue
        if leaf.quoted:
            found = QUOTED.search(text, leaf.start, leaf.end)
            if found:
                told = f"within quotes {found[0]} is a word like any other: it stands between two words or phrases"
                yield place.fault(told, offset=found.start())
            continue
        meant = WORDS.get(text[leaf.start : leaf.end].casefold())
        if meant:
            written = text[leaf.start : leaf.end]
            yield place.fault(
                f'{written} is looked for as a word here; did you mean {meant}? As a word write "{written}"',
                suggestion=meant,
                offset=leaf.start,
            )


def _own_leaves(node: Node) -> Iterator[Value]:
    """Those that stand in the text itself: a concept's do not."""
    match node:
        case Value():
            yield node
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _own_leaves(part)
        case Not(part=part) | Boost(part=part) | Stem(part=part):
            yield from _own_leaves(part)
        case Near(left=left, right=right):
            yield from _own_leaves(left)
            yield from _own_leaves(right)
        case Concept():
            return
