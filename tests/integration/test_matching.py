"""Candidates first is as good as asking every rule: never a match lost, none made up, on a real node.

Random rules over articles in a dozen languages, right after these were written; and what shows why each matched.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.client import connect
from search.matching.matcher import Matcher
from search.prescan import QueryError
from search.rules.admitting import admits
from search.rules.compiling import rule_query
from search.rules.records import Concept, Condition, Rule, RuleSet, Together
from search.rules.required import TRUE
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.language_articles import TEXTS, documents
from tests.integration.search_material import MemoryHomes, document
from tests.newsroom.generated import generated_articles
from tests.unit.test_docs import table_of_queries
from tests.unit.test_search_query import ACCEPTED, SOUP

pytestmark = pytest.mark.services

PREFIX = "t-matching-module-"
CONCEPTS = (
    Concept(id="x", wordings={"id": ('"kantor penghubung"', "pusat NEAR/2 penghubung"), "en": ('"liaison office"',)}),
)
WORDS = sorted({word for _, title, body in TEXTS.values() for word in re.findall(r"[\w'’-]+", f"{title} {body}")})
RUNS = sorted(
    {f"{a} {b}" for _, title, body in TEXTS.values() for a, b in itertools.pairwise((title + " " + body).split())}
)


class Room:
    """Articles that were just written, and a matcher over them."""

    def __init__(self, client: Elasticsearch) -> None:
        self.client, self.homes = client, MemoryHomes()
        self.index = ElasticsearchIndex(client, PREFIX, self.homes)
        self.matcher = Matcher(client, PREFIX, self.homes)
        generated = [
            document(f"{one.title} {n}", body="\n".join(one.body), language=one.language)
            for n, one in enumerate(generated_articles(24, seed=7))
        ]
        written = self.index.write([*documents().values(), *generated])
        self.ids = [one.article_id for one in written]

    def met(self, *rules: Rule) -> set[tuple[str, str]]:
        """(rule, article) by candidates and their confirmation."""
        self.matcher.adopt(RuleSet(rules=rules, concepts=CONCEPTS))
        met = self.matcher.met(self.matcher.located(self.ids))
        assert not met.broken
        return {(one.rule, one.source["article_id"]) for one in met.evidence}

    def all_run(self, *rules: Rule) -> set[tuple[str, str]]:
        """The same by asking every rule of every article."""
        self.index.refresh()
        rule_set = RuleSet(rules=rules, concepts=CONCEPTS)
        searches: list[Any] = []
        for rule in rules:
            searches += [{"index": Names(PREFIX).articles}, {"query": rule_query(rule, rule_set), "size": 200}]
        answer = self.client.msearch(searches=searches)
        return {
            (rule.id, hit["_id"])
            for rule, response in zip(rules, answer["responses"], strict=True)
            for hit in response["hits"]["hits"]
            if admits(rule, hit["_source"]) is None
        }


@pytest.fixture(scope="module")
def room(elasticsearch_url: str) -> Iterator[Room]:
    with closing(connect(elasticsearch_url)) as client:
        _remove(client)
        ensure_schema(client, PREFIX)
        yield Room(client)
        _remove(client)


def _remove(client: Elasticsearch) -> None:
    for name in client.indices.get(index=f"{PREFIX}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    for template in client.options(ignore_status=404).indices.get_index_template(name=f"{PREFIX}*")["index_templates"]:
        client.indices.delete_index_template(name=template["name"])


def rule(id: str = "r", query: str = "", **about: Any) -> Rule:
    return Rule(id=id, name=id, owner="desk", query=query, **about)


def word(text: str) -> str:
    return text if re.fullmatch(r"\w+", text) else f'"{text}"'


LEAVES = st.one_of(
    st.sampled_from(WORDS).map(word),
    st.sampled_from(RUNS).map(lambda run: '"{}"'.format(run.replace('"', ""))),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)).map(lambda two: f'"{two[0]} {two[1]}"~3'),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS), st.integers(0, 6)).map(
        lambda these: f"{word(these[0])} NEAR/{these[2]} {word(these[1])}"
    ),
    st.sampled_from([one for one in WORDS if re.fullmatch(r"\w{6,}", one)]).map(lambda one: one[:5] + "*"),
    st.sampled_from([one for one in WORDS if re.fullmatch(r"[a-z]{5,}", one)]).map(lambda one: one + "~1"),
    st.sampled_from(
        ["lang:id", "country:JP", "org:NATO", "is:original", "words:>3", "concept:x", "source:news.example"]
    ),
    st.sampled_from(WORDS).map(lambda one: f"title:{word(one)}"),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) OR ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND NOT ({two[1]})"),
        inner.map(lambda one: f"~stem({one})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=5,
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    made: dict[str, Any] = {
        "query": draw(QUERIES | SOUP),
        "match": draw(st.sampled_from(["exact", "stemmed"])),
        "none_of": tuple(draw(st.lists(LEAVES, max_size=1))),
        "where": draw(st.sampled_from([(), (Condition(field="lang", include=("id", "ja")),)])),
        "together": draw(st.sampled_from([(), (Together(names=("NATO", "JP")),)])),
        "dedup": "article",
    }
    return rule(**made)


def compiles(one: Rule) -> bool:
    try:
        rule_query(one, RuleSet(rules=(one,), concepts=CONCEPTS))
    except QueryError:
        return False
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(st.lists(rules().filter(compiles), min_size=1, max_size=12))
def test_candidates_first_finds_what_running_every_rule_does(room: Room, drawn: list[Rule]) -> None:
    numbered = [one.model_copy(update={"id": f"r{n}"}) for n, one in enumerate(drawn)]
    assert room.met(*numbered) == room.all_run(*numbered)


@pytest.mark.parametrize("match", ["exact", "stemmed"])
def test_every_query_of_the_examples_and_of_the_document_finds_as_a_rule_what_it_finds_as_a_search(
    room: Room, match: str
) -> None:
    texts = [text for text in dict.fromkeys([*ACCEPTED, *table_of_queries()]) if "concept:" not in text]
    every = [rule(f"r{n}", text, match=match) for n, text in enumerate(texts)]
    readable = [one for one in every if compiles(one)]
    assert len(readable) > 100
    found = room.met(*readable)
    assert found == room.all_run(*readable)
    assert len({id for id, _ in found}) > 50


def test_most_rules_are_no_candidates_of_most_articles(room: Room) -> None:
    """Else candidates first would be no better than asking everything."""
    every = [rule(f"r{n}", f'"{run}"') for n, run in enumerate(RUNS) if re.fullmatch(r"[\w ]+", run)]
    found = room.met(*every)
    met = room.matcher.met(room.matcher.located(room.ids))
    assert room.matcher.always == ()
    assert len(found) <= met.candidates < len(every) * len(room.ids) / 20


def test_a_rule_that_requires_no_word_is_asked_of_every_article(room: Room) -> None:
    assert {id for id, _ in room.met(rule("all", "country:JP"), rule("word", "natuna"))} == {"all", "word"}
    assert room.matcher.always == ("all",)
    assert room.matcher.compiled("all").required == TRUE
