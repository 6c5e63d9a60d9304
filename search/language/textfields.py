"""Which fields of the document words are looked for in, and which parts of a query are of words. Pure."""

from __future__ import annotations

from dataclasses import replace

from search.fields import fields_of
from search.language.nodes import (
    And,
    Boost,
    Concept,
    Everything,
    Exists,
    Fuzzy,
    Node,
    Not,
    Or,
    Pattern,
    Range,
    Regex,
    Stem,
    Value,
    leaves,
)


def text_fields(name: str | None, stem: str | None) -> list[str]:
    """The document's fields behind a friendly one of words, or None, title and body; `stem`: under `stemmed.STEM`."""
    if name is None or name in {"title", "body"}:
        named = ["title", "body"] if name is None else [name]
        return [f"stemmed.{stem}.{one}" for one in named] if stem else named
    return [fields_of(name)[0].target]


def stemmed_everywhere(node: Node) -> Node:
    """The tree with every part of words in a `~stem(…)`, as few of them as there can be."""
    if _all_words(node):
        return Stem(node.start, node.end, node)
    match node:
        case And(parts=parts) | Or(parts=parts):
            words = tuple(part for part in parts if _all_words(part))
            others = tuple(stemmed_everywhere(part) for part in parts if part not in words)
            if not words:
                return replace(node, parts=others)
            inner = words[0] if len(words) == 1 else replace(node, parts=words)
            return replace(node, parts=(Stem(words[0].start, words[-1].end, inner), *others))
        case Not(part=part) | Boost(part=part) | Concept(part=part):
            return replace(node, part=stemmed_everywhere(part))
    return node


def _all_words(node: Node) -> bool:
    found = leaves(node)
    return all(isinstance(leaf, Value | Pattern | Fuzzy | Regex) and has_stems(leaf.field) for leaf in found) and any(
        isinstance(leaf, Value) for leaf in found
    )


def has_stems(field: str | None) -> bool:
    """Whether there is a stemmed form of the field."""
    return field is None or field in {"title", "body"}


def of_words(field: str | None) -> bool:
    return field is None or fields_of(field)[0].kind == "text"


def narrows(node: Node) -> bool:
    """Whether a part says only which articles, not how well they fit."""
    match node:
        case Everything() | Exists() | Range():
            return True
        case Value(field=field) | Pattern(field=field) | Fuzzy(field=field):
            return not of_words(field)
        case Or(parts=parts):
            return all(map(narrows, parts))
    return False
