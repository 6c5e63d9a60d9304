"""Whether what rules and concepts ask can be read: each query compiled, each fault at its character. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from search.language.nodes import Node
from search.prescan import QueryError
from search.query import compile_query, compile_tree, query_tree
from search.rules.compiling import condition_nodes, named, rule_query
from search.rules.faults import Fault
from search.rules.records import Concept, Condition, Rule, RuleSet
from search.rules.unread import unread_operators
from search.rules.written import Written


def concept_faults(concept: Concept, places: Mapping[str, Written]) -> list[Fault]:
    """What cannot be read of its wordings."""
    faults = []
    for code, wordings in concept.wordings.items():
        for n, wording in enumerate(wordings):
            faults += _query_faults(wording, places[f"wordings.{code}.{n}"])
    if not faults:
        named = {concept.id: concept.query}
        faults += _tried(
            places["wordings"], partial(compile_query, f"concept:{concept.id}", concepts=named), pointing=False
        )
    return faults


def rule_faults(rule: Rule, places: Mapping[str, Written], concepts: Mapping[str, str]) -> list[Fault]:
    """What cannot be read of its queries and values. `concepts`: what each stands for."""
    faults: list[Fault] = []
    if rule.query:
        faults += _query_faults(rule.query, places["query"], regex=rule.regex, concepts=concepts)
    if rule.none_of:
        for text, at in zip(rule.none_of, places["none_of"].items(), strict=True):
            faults += _query_faults(text, at, regex=rule.regex, concepts=concepts)
    if rule.where:
        for condition, (_, at) in zip(rule.where, places["where"].pairs(), strict=True):
            faults += _condition_faults(condition, at)
    for together in rule.together:
        for name in together.names:
            faults += _tried(places["together"], partial(_compiled, named(name)), pointing=False)
    if not faults:
        rules = RuleSet(concepts=tuple(_as_concepts(concepts)))
        faults += _tried(places.get("query", places[""]), lambda: rule_query(rule, rules), pointing=False)
    return faults


def _query_faults(text: str, at: Written, **given: Any) -> list[Fault]:
    """Of one query, at the character; where it can be read, operators that were not read as such."""
    faults = _tried(at, partial(compile_query, text, **given))
    return faults or list(unread_operators(text, query_tree(text, **given), at))


def _condition_faults(condition: Condition, at: Written) -> list[Fault]:
    """Each value by itself, so that the fault stands at it."""
    lists = [value for _, value in at.pairs()] if at.is_mapping else [at]
    values = [each for one in lists for each in one.items()]
    faults = []
    for value in values:
        one = Condition(field=condition.field, include=(" ".join(value.scalar().split()),))
        faults += _tried(value, partial(_compiled, condition_nodes(one)))
    return faults


def _compiled(nodes: Iterable[Node]) -> None:
    for node in nodes:
        compile_tree(node)


def _as_concepts(queries: Mapping[str, str]) -> list[Concept]:
    return [Concept(id=name, wordings={"en": (query,)}) for name, query in queries.items()]


def _tried(at: Written, compiled: Callable[[], Any], *, pointing: bool = True) -> list[Fault]:
    """The fault that compiling meets. `pointing`: its position counts in the value that stands at `at`."""
    try:
        compiled()
    except QueryError as error:
        offset = error.position if pointing else None
        return [at.fault(error.message, suggestion=error.suggestion, offset=offset)]
    return []
