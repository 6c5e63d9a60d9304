"""From the tree to one Elasticsearch query: bool, phrases, intervals, ranges, terms; nothing outside the core. Pure.

Words are searched in title and body, exactly: each becomes a phrase of what the analyzer makes of it. A word of Latin
script is one token and stays a word; 北约 is two tokens, and as a phrase they must stand together; so must the halves
of `anti-NATO`. Within `~stem(…)` the same is asked of each language's stemmed fields, of that language's articles, and
exactly of all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from search.fields import SearchableField, fields_of
from search.language.near import inside_concept, interval, rules, searchable
from search.language.nodes import (
    And,
    Boost,
    Concept,
    Everything,
    Exists,
    Fuzzy,
    Near,
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
from search.language.patterns import fuzzy_clause, pattern_clause, regex_clause
from search.language.scripts import languages_of, stemmed_fields
from search.language.textfields import has_stems, narrows, of_words, text_fields
from search.language.values import range_clause, value_clause
from search.prescan import QueryError

MAX_CLAUSES = 1_000  # Elasticsearch takes at least 1,024
MOST_SLOP = 100  # words; Lucene's cost grows with it
Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Scope:
    """How words are searched here. `stem`: the field under `stemmed`. `zero`: what a word without tokens finds."""

    stem: str | None = None
    stemming: bool = False
    zero: str = "none"


class Compiler:
    """Compiles one tree. Days are days in `tz`; `own_names` is the user's list of entities."""

    def __init__(self, *, tz: str = "UTC", own_names: Path | None = None) -> None:
        self._tz = tz
        self._own_names = own_names
        self._clauses = 0

    def compile(self, node: Node) -> Query:
        """The query. Raises QueryError."""
        found = self._node(node, _Scope())
        if found is None:
            raise QueryError("there are no letters to look for", node.start)
        return found

    def _node(  # noqa: PLR0911 - one return a kind of node
        self, node: Node, scope: _Scope
    ) -> Query | None:
        """None where nothing is looked for: the & of `Jepang & Korea`."""
        match node:
            case Everything():
                return {"match_all": {}}
            case And(parts=parts):
                return self._and(parts, scope)
            case Or(parts=parts):
                return _any(self._all(parts, replace(scope, zero="none")))
            case Not(part=part):
                found = self._node(part, replace(scope, zero="none"))
                return found and {"bool": {"must_not": [found]}}
            case Boost(part=part):
                found = self._node(part, scope)
                return found and {"bool": {"must": [found], "boost": node.factor}}
            case Concept(part=part):
                with inside_concept(node):
                    return self._node(part, replace(scope, zero="none"))
            case Stem(part=part):
                return self._node(part, scope) if scope.stemming else self._stem(part)
            case Near():
                return self._near(node, scope)
            case _:
                return self._leaf(node, scope)

    def _all(self, parts: Iterable[Node], scope: _Scope) -> list[Query]:
        return [found for part in parts if (found := self._node(part, scope)) is not None]

    def _and(self, parts: tuple[Node, ...], scope: _Scope) -> Query | None:
        """What only narrows goes where it is not scored, and may be remembered."""
        scope = replace(scope, zero="all" if scope.stem else "none")
        without = self._all((part.part for part in parts if isinstance(part, Not)), replace(scope, zero="none"))
        narrowing = self._all((part for part in parts if narrows(part)), scope)
        must = self._all((part for part in parts if not isinstance(part, Not) and not narrows(part)), scope)
        if len(must) == 1 and not without and not narrowing:
            return must[0]
        found = {"must": must, "filter": narrowing, "must_not": without}
        filled = {name: these for name, these in found.items() if these}
        return {"bool": filled} if filled else None

    def _stem(self, part: Node) -> Query | None:
        words = [leaf.value for leaf in leaves(part) if isinstance(leaf, Value) and has_stems(leaf.field)]
        branches: list[Query] = []
        stemmed: list[str] = []
        for field in stemmed_fields(words):
            languages = languages_of(field)
            stemmed += languages
            found = self._node(part, _Scope(stem=field, stemming=True))
            if found is None:
                return None
            branches.append({"bool": {"must": [found], "filter": [{"terms": {"language": languages}}]}})
        exact = self._node(part, _Scope(stemming=True))
        if exact is None or not branches:
            return exact
        branches.append({"bool": {"must": [exact], "must_not": [{"terms": {"language": stemmed}}]}})
        return _any(branches)

    def _leaf(  # noqa: PLR0911 - one return a kind of leaf
        self, node: Node, scope: _Scope
    ) -> Query | None:
        match node:
            case Value():
                fields = self._fields(node, node.field)
                if fields and fields[0].kind != "text":
                    self._count(node, len(fields))
                    return value_clause(node, fields, self._tz, self._own_names)
                return self._words(node, scope)
            case Range():
                self._count(node, 1)
                return range_clause(node, fields_of(node.field)[0], self._tz)
            case Exists():
                fields = self._fields(node, node.field)
                return _any([{"exists": {"field": field.target}} for field in fields])
            case Pattern():
                return pattern_clause(node, self._fields(node, node.field))
            case Fuzzy():
                return fuzzy_clause(node, self._fields(node, node.field))
            case Regex():
                return regex_clause(node, self._fields(node, node.field))
        raise TypeError(f"a query's tree has no {type(node).__name__}")

    def _fields(self, node: Node, name: str | None) -> tuple[SearchableField, ...]:
        found = fields_of(name) if name else ()
        self._count(node, len(found) or 2)
        return found

    def _words(self, node: Value, scope: _Scope) -> Query | None:
        if not searchable(node.value):
            return None
        if node.slop > MOST_SLOP:
            raise QueryError(f"~{node.slop} is too far: at most {MOST_SLOP} words may stand between", node.start)
        given: Query = {"query": node.value}
        if node.slop:
            given["slop"] = node.slop
        if scope.zero != "none":
            given["zero_terms_query"] = scope.zero
        fields = text_fields(node.field, scope.stem)
        if len(fields) == 1:
            return {"match_phrase": {fields[0]: given if len(given) > 1 else node.value}}
        return {"multi_match": {**given, "type": "phrase", "fields": fields}}

    def _near(self, node: Near, scope: _Scope) -> Query | None:
        if not of_words(node.field):
            raise QueryError(f"NEAR has no meaning in {node.field}", node.start)
        self._count(node, 2 * rules(node))
        # Wildcards fit words as written, not stems, and Elasticsearch cannot mark what is looked for in two fields.
        as_written = any(isinstance(leaf, Pattern | Fuzzy) for leaf in leaves(node))
        fields = text_fields(node.field, None if as_written else scope.stem)
        return _any([{"intervals": {field: interval(node)}} for field in fields])

    def _count(self, node: Node, clauses: int) -> None:
        self._clauses += clauses
        if self._clauses > MAX_CLAUSES:
            raise QueryError(
                f"the query asks for more than {MAX_CLAUSES} things at once; "
                "a word counts twice, for title and body, and twenty times where it is stemmed",
                node.start,
            )


def _any(these: list[Query]) -> Query | None:
    if len(these) > 1:
        return {"bool": {"should": these, "minimum_should_match": 1}}
    return these[0] if these else None
