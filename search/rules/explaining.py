"""Why an article matches a rule or does not: every part of the rule by itself, asked of this one article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from elasticsearch import Elasticsearch

from ingest.records import Record
from search.client import complete, missing_is_outage
from search.language.nodes import And, Boost, Concept, Everything, Node, Not, Or
from search.query import compile_tree, query_tree
from search.rules.admitting import NEEDS, admits
from search.rules.compiling import as_matched, as_written, condition_nodes, rule_query, together_node
from search.rules.records import Rule, RuleSet
from search.schema import Names

Part = Literal["query", "where", "none_of", "together", "article"]
MOST_PARTS = 200  # that are asked one by one


class Line(Record):
    """A part of the rule, and whether the article has what it asks. `depth`: within the line above of less depth."""

    part: Part
    text: str
    met: bool
    wanted: bool = True  # False: what it asks must not be there
    depth: int = 0


class Explanation(Record):
    """Whether the article matches, and why."""

    rule: str
    article_id: str
    title: str
    url: str
    matches: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Asked:
    part: Part
    text: str
    node: Node
    wanted: bool = True
    depth: int = 0


def explained(
    client: Elasticsearch,
    prefix: str,
    rule: Rule,
    rules: RuleSet,
    article_id: str,
    *,
    tz: str = "UTC",
    own_names: Path | None = None,
) -> Explanation | None:
    """None where there is no such article. Raises ServiceUnavailable, IncompleteAnswerError, QueryError."""
    asked = list(_parts(rule, rules))[:MOST_PARTS]
    named = [
        {"bool": {"filter": [compile_tree(one.node, tz=tz, own_names=own_names)], "_name": str(n)}}
        for n, one in enumerate(asked)
    ]
    whole = {"bool": {"filter": [rule_query(rule, rules, tz=tz, own_names=own_names)], "_name": "whole"}}
    alias = Names(prefix).articles
    with missing_is_outage(alias):
        answer = client.search(
            index=alias,
            query={"bool": {"filter": [{"ids": {"values": [article_id]}}], "should": [whole, *named]}},
            source={"includes": ["url", *NEEDS]},
            size=1,
            allow_partial_search_results=False,
        )
    hits = complete(answer.body, f"explaining {rule.id}")["hits"]["hits"]
    if not hits:
        return None
    source, matched = hits[0]["_source"], set(hits[0].get("matched_queries", ()))
    lines = [
        Line(part=one.part, text=one.text, met=str(n) in matched, wanted=one.wanted, depth=one.depth)
        for n, one in enumerate(asked)
    ]
    why = admits(rule, source, own_names)
    if why:
        lines.append(Line(part="article", text=why, met=True, wanted=False))
    return Explanation(
        rule=rule.id,
        article_id=hits[0]["_id"],
        title=source.get("title", ""),
        url=source["url"],
        matches="whole" in matched and not why,
        lines=tuple(lines),
    )


def _parts(rule: Rule, rules: RuleSet) -> Iterator[_Asked]:
    wanted = query_tree(rule.query, regex=rule.regex, concepts=rules.queries)
    if not isinstance(wanted, Everything):
        yield from _query_parts(rule, rules, wanted, rule.query, 0)
    for condition in rule.where:
        for node in condition_nodes(condition):
            if isinstance(node, Not):
                value = getattr(node.part, "value", None) or getattr(node.part, "pattern", "")
                yield _Asked("where", f"{condition.field}: {value}", node.part, wanted=False)
            else:
                yield _Asked("where", f"{condition.field}: {', '.join(condition.include)}", node)
    for together in rule.together:
        yield _Asked("together", " + ".join(together.names), together_node(together))
    for text in rule.none_of:
        node = query_tree(text, regex=rule.regex, concepts=rules.queries)
        yield _Asked("none_of", text, node, wanted=False)


def _query_parts(
    rule: Rule, rules: RuleSet, node: Node, text: str, depth: int, *, wanted: bool = True
) -> Iterator[_Asked]:
    if isinstance(node, Not):
        yield from _query_parts(rule, rules, node.part, text, depth, wanted=not wanted)
        return
    yield _Asked("query", " ".join(as_written(node, text).split()), as_matched(rule, node), wanted, depth)
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _query_parts(rule, rules, part, text, depth + 1)
        case Boost(part=part):
            yield from _query_parts(rule, rules, part, text, depth + 1)
        case Concept(name=name, part=Or(parts=parts)):  # each wording by itself: all of them in one line tell nothing
            for part in parts:
                yield from _query_parts(rule, rules, part, rules.queries[name], depth + 1)
        case Concept(name=name, part=part):
            yield from _query_parts(rule, rules, part, rules.queries[name], depth + 1)
