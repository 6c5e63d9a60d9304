"""`NEAR/n` as an `intervals` query: what may stand on its sides, and what that is within one field. Pure.

A side that is found twice in the same words is no match: both orders are asked for one by one, since an unordered
interval lets `perdana NEAR/3 "perdana menteri"` be satisfied by one *perdana*.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from search.language.nodes import Concept, Fuzzy, Near, Node, Or, Pattern, Value
from search.language.wildcards import ONE_WORD, WORDLESS, beginning, is_prefix, last_word
from search.prescan import QueryError

MOST_NESTED = 3  # each level doubles what is asked
FEWEST_LETTERS = 4  # before a wildcard: Elasticsearch refuses when more than 1,024 words (or more, by its heap) fit
FEWEST_SIGNS = 2  # the same in scripts whose words are short


def interval(node: Node) -> dict[str, Any]:
    """The rule that finds `node`. Raises QueryError for what cannot stand beside NEAR."""
    field = node.field if isinstance(node, Near | Pattern) else None
    return _rule(node, field, 1)


def rules(node: Node) -> int:
    """How many single rules `interval` makes of it."""
    match node:
        case Near():
            return 2 * (rules(node.left) + rules(node.right))
        case Or(parts=parts):
            return sum(map(rules, parts))
        case Concept(part=part):
            return rules(part)
    return 1


@contextmanager
def inside_concept(node: Concept) -> Iterator[None]:
    """Faults in here are told where the query names the concept."""
    try:
        yield
    except QueryError as error:
        what = f"in the concept {node.name}, character {error.position}: {error.message}"
        raise QueryError(what, node.start) from error


def searchable(value: str) -> bool:
    """Whether the analyzer leaves anything of it: a letter, a digit, or a sign that stands for a word (☢)."""
    return any(unicodedata.category(letter)[0] in "LN" or unicodedata.category(letter) == "So" for letter in value)


def _rule(node: Node, field: str | None, depth: int) -> dict[str, Any]:
    match node:
        case Near():
            if depth > MOST_NESTED:
                raise QueryError(f"NEAR joins at most {MOST_NESTED + 1} parts", node.start)
            sides = [_rule(side, field, depth + 1) for side in (node.left, node.right)]
            return _ordered(sides, node.between) if node.ordered else _either(sides, node.between)
        case Or(parts=parts):
            return {"any_of": {"intervals": [_rule(part, field, depth) for part in parts]}}
        case Concept(part=part):
            with inside_concept(node):
                return _rule(part, field, depth)
        case Value() | Pattern() | Fuzzy() if node.field != field:
            raise QueryError("beside NEAR no field can stand; one goes before the whole", node.start)
        case Value() if node.slop:
            raise QueryError(f"beside NEAR write NEAR/{node.slop} for ~{node.slop}", node.start)
        case Value():
            if not searchable(node.value):
                raise QueryError(f"{node.value} has no letters to look for", node.start)
            return _match(node.value)
        case Pattern():
            return _pattern(node)
        case Fuzzy():
            letters = "auto" if node.letters is None else str(node.letters)
            return {"fuzzy": {"term": node.value, "fuzziness": letters}}
    raise QueryError(
        "NEAR takes words, phrases, other NEARs, and these joined by OR in parentheses; ~stem(…) goes around it",
        node.start,
    )


def _ordered(sides: list[dict[str, Any]], between: int) -> dict[str, Any]:
    return {"all_of": {"intervals": sides, "ordered": True, "max_gaps": between}}


def _either(sides: list[dict[str, Any]], between: int) -> dict[str, Any]:
    return {"any_of": {"intervals": [_ordered(sides, between), _ordered(sides[::-1], between)]}}


def _pattern(node: Pattern) -> dict[str, Any]:
    """Of several words (anti-NATO*, 東京タワ*, "kantor penghub*") the last one goes on, right behind the others."""
    begin = beginning(node.pattern)
    before, last = last_word(begin)
    prefix = is_prefix(node.pattern)
    if prefix and not last:
        if not searchable(begin):
            raise QueryError(f"{node.pattern} has no letters to look for", node.start)
        return _match(begin)
    if not prefix and (before or not ONE_WORD.fullmatch(node.pattern)):
        raise QueryError(f"{node.pattern} is several words: among them only a * at the end can stand", node.start)
    fewest = FEWEST_SIGNS if WORDLESS.fullmatch(last) else FEWEST_LETTERS
    if len(last) < fewest:
        raise QueryError(f"beside other words at least {fewest} letters stand before * or ?", node.start)
    rule = {"prefix": {"prefix": last}} if prefix else {"wildcard": {"pattern": node.pattern}}
    return _ordered([_match(before), rule], 0) if searchable(before) else rule


def _match(text: str) -> dict[str, Any]:
    return {"match": {"query": text, "max_gaps": 0, "ordered": True}}
