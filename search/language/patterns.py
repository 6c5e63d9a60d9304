"""Words with wildcards, with letters that may differ, and regular expressions, as Elasticsearch clauses. Pure.

In fields of words they are always compared with whole words as written, never with stems, and go through
`query_string`, which folds case and accents as the analyzer does; the plain `wildcard` query does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.fields import SearchableField
from search.language.near import interval
from search.language.nodes import Fuzzy, Pattern, Regex
from search.language.regexes import checked
from search.language.wildcards import IDEOGRAPH, ONE_WORD, WORDLESS, beginning, in_query_string, literal, unescaped
from search.prescan import QueryError

FEWEST_LETTERS = 2  # beside wildcards in title and body: a* is every third word there is


def pattern_clause(node: Pattern, fields: Sequence[SearchableField]) -> dict[str, Any]:
    """What finds a word, or a whole value, that fits. No `fields`: title and body. Raises QueryError."""
    begin = beginning(node.pattern)
    if not begin:
        raise QueryError("a word cannot begin with * or ?: every word there is would have to be read", node.start)
    kind = fields[0].kind if fields else "text"
    if kind in {"date", "number"}:
        raise QueryError(f"* and ? have no meaning in {node.field}", node.start)
    if kind != "text":
        given = {"value": node.pattern, "case_insensitive": True}
        return _any([{"wildcard": {field.target: given}} for field in fields])
    if not ONE_WORD.fullmatch(node.pattern) or IDEOGRAPH.search(begin):
        return _any([{"intervals": {target: interval(node)}} for target in _targets(fields)])
    letters = unescaped(node.pattern).replace("*", "").replace("?", "")
    if node.field in {None, "title", "body"} and not WORDLESS.fullmatch(begin) and len(letters) < FEWEST_LETTERS:
        raise QueryError(f"{node.pattern} is too short: give {FEWEST_LETTERS} letters at least", node.start)
    return _query_string(in_query_string(node.pattern), _targets(fields))


def fuzzy_clause(node: Fuzzy, fields: Sequence[SearchableField]) -> dict[str, Any]:
    """What finds words that differ in a few letters. Raises QueryError."""
    kind = fields[0].kind if fields else "text"
    if kind not in {"text", "keyword", "entity"}:
        raise QueryError(f"~ has no meaning in {node.field}", node.start)
    if kind == "text":
        letters = "" if node.letters is None else str(node.letters)
        return _query_string(f"{in_query_string(literal(node.value))}~{letters}", _targets(fields))
    given = {"value": node.value, "fuzziness": "AUTO" if node.letters is None else node.letters}
    return _any([{"fuzzy": {field.target: given}} for field in fields])


def regex_clause(node: Regex, fields: Sequence[SearchableField]) -> dict[str, Any]:
    """What finds words that fit a regular expression, as they are indexed: lower case, without accents."""
    kind = fields[0].kind if fields else "text"
    if kind not in {"text", "keyword", "entity"}:
        raise QueryError(f"a regular expression has no meaning in {node.field}", node.start)
    given = {"value": checked(node.pattern, node.start), "flags": "NONE", "case_insensitive": True}
    return _any([{"regexp": {target: given}} for target in _targets(fields)])


def _targets(fields: Sequence[SearchableField]) -> list[str]:
    return [field.target for field in fields] or ["title", "body"]


def _query_string(text: str, targets: list[str]) -> dict[str, Any]:
    return {"query_string": {"query": text, "fields": targets, "allow_leading_wildcard": False}}


def _any(these: list[dict[str, Any]]) -> dict[str, Any]:
    return these[0] if len(these) == 1 else {"bool": {"should": these, "minimum_should_match": 1}}
