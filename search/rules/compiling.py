"""A rule as one query: the same for the live rule, for history and for the analyst's search. Pure.

What the rule asks for (`query`), where it holds (`where`), who must stand together, what is no match (`none_of`): one
tree of the query language, compiled once. What no query can ask, an article's age when it was seen and who stands in
one sentence, `search/rules/admitting.py` looks at in the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from search.fields import field_name
from search.language.leaves import word
from search.language.names import Unknown, country_codes
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
    Stem,
    Value,
    leaves,
)
from search.language.textfields import stemmed_everywhere
from search.language.wildcards import composed, literal, unescaped
from search.prescan import QueryError
from search.query import compile_tree, query_tree
from search.rules.records import Condition, Rule, RuleSet, Together

NAMED = re.compile(r"(person|org|place|thing|entity|country|about):(.+)", re.DOTALL)
NOW = re.compile(r"now(?=$|[+\-/])")


def rule_tree(rule: Rule, rules: RuleSet) -> Node:
    """All that the rule asks, as one tree. Raises QueryError, with the position in the part that is at fault."""
    wanted = query_tree(rule.query, regex=rule.regex, concepts=rules.queries)
    parts: list[Node] = []
    if not isinstance(wanted, Everything):
        parts.append(as_matched(rule, wanted))
    parts += [node for one in rule.where for node in condition_nodes(one)]
    parts += [name for one in rule.together for name in together_node(one).parts]
    parts += [Not(0, 0, query_tree(one, regex=rule.regex, concepts=rules.queries)) for one in rule.none_of]
    if not parts:
        return wanted
    return parts[0] if len(parts) == 1 else And(wanted.start, wanted.end, tuple(parts))


def rule_query(
    rule: Rule, rules: RuleSet, *, tz: str = "UTC", own_names: Path | None = None, moment: datetime | None = None
) -> dict[str, Any]:
    """The Elasticsearch query of the rule. Raises QueryError.

    `moment`: what `now` means in it, where it is asked of history.
    """
    return _at(compile_tree(rule_tree(rule, rules), tz=tz, own_names=own_names), moment)


def rule_clauses(
    rule: Rule, rules: RuleSet, *, tz: str = "UTC", own_names: Path | None = None, moment: datetime | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """What a match may be due to: each alternative of the query, as written, with its own Elasticsearch query.

    The alternatives are those at the top, or, beneath a top AND, those of each part; a concept's are its wordings.
    """
    wanted = query_tree(rule.query, regex=rule.regex, concepts=rules.queries)
    found: dict[str, Node] = {}
    if not isinstance(wanted, Everything):
        for part in _joined(wanted):
            if not isinstance(part, Not):
                found.update(_alternatives(part, rule.query, rules))
    found.update({_told(one): together_node(one) for one in rule.together})
    clauses: list[tuple[str, dict[str, Any]]] = []
    for text, node in found.items():
        with suppress(QueryError):  # the rule is read: this part has no letters, and nothing is looked for
            query = compile_tree(as_matched(rule, node), tz=tz, own_names=own_names)
            clauses.append((text, _at(query, moment)))
    return clauses


def condition_nodes(condition: Condition) -> Iterator[Node]:
    """A field's values of which there must be one, and those of which there must be none."""
    if condition.include:
        yield _one_of([_value(condition.field, each) for each in condition.include])
    for each in condition.exclude:
        yield Not(0, 0, _value(condition.field, each))


def together_node(together: Together) -> And:
    """All of the names in one article."""
    return And(0, 0, tuple(_one_of(named(one)) for one in together.names))


def named(name: str) -> list[Node]:
    """Where a name is looked for: in the field before it (`country:JP`), or among all entities, and countries if one
    is called so."""
    given = NAMED.fullmatch(name)
    if given:
        return [Value(0, 0, given[1], given[2].strip().strip('"'), quoted=True)]
    found: list[Node] = [Value(0, 0, "entity", name, quoted=True)]
    if not isinstance(country_codes(name), Unknown):
        found.append(Value(0, 0, "country", name, quoted=True))
    return found


def _value(field: str, value: str) -> Node:
    """As typed: with wildcards, or whole."""
    typed = value if " " not in value else literal(value)
    found = word(typed, 0, len(value), field_name(field))
    return replace(found, value=unescaped(composed(value)), quoted=True) if isinstance(found, Value) else found


def _one_of(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(0, 0, tuple(nodes))


def as_matched(rule: Rule, node: Node) -> Node:
    """A part of the rule's query with words found as the rule wants them: as written, or in all their forms."""
    return stemmed_everywhere(node) if rule.match == "stemmed" else node


def _joined(node: Node) -> list[Node]:
    return [each for part in node.parts for each in _joined(part)] if isinstance(node, And) else [node]


def _alternatives(node: Node, text: str, rules: RuleSet, before: str = "") -> dict[str, Node]:
    match node:
        case Or(parts=parts):
            return {told: one for part in parts for told, one in _alternatives(part, text, rules, before).items()}
        case Concept(name=name, part=part):
            return _alternatives(part, rules.queries[name], rules, f"concept:{name} ")
        case Boost(part=part):
            return _alternatives(part, text, rules, before)
        case Stem(part=part) if isinstance(part, Or):
            inside = _alternatives(part, text, rules, before)
            return {f"~stem({told})": Stem(one.start, one.end, one) for told, one in inside.items()}
    return {before + as_written(node, text): node}


def as_written(node: Node, text: str) -> str:
    """With the field that stands before the whole of it, or of what it is an alternative in."""
    written = text[node.start : node.end]
    fields = {getattr(leaf, "field", None) for leaf in leaves(node)}
    field = fields.pop() if len(fields) == 1 else None
    if not field or ":" in written:
        return written
    return (
        f"{field}:{written}" if isinstance(node, Value | Pattern | Fuzzy | Range | Exists) else f"{field}:({written})"
    )


def _told(together: Together) -> str:
    where = " in one sentence" if together.within == "sentence" else ""
    return " + ".join(together.names) + where


def _at(query: dict[str, Any], moment: datetime | None) -> dict[str, Any]:
    """The query with `now` as that moment."""
    if moment is None:
        return query
    anchor = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[str, Any] = _anchored(query, anchor)
    return found


def _anchored(part: Any, anchor: str, *, dates: bool = False) -> Any:
    if isinstance(part, dict):
        return {name: _anchored(value, anchor, dates=dates or name == "range") for name, value in part.items()}
    if isinstance(part, list):
        return [_anchored(value, anchor, dates=dates) for value in part]
    if dates and isinstance(part, str) and NOW.match(part):
        rest = part[len("now") :]
        return f"{anchor}||{rest}" if rest else anchor
    return part
