"""The tree of a query: every part knows where it stands, which field it asks, and can be compiled by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.language.nodes import (
    And,
    Boost,
    Concept,
    Everything,
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
from search.prescan import QueryError
from search.query import compile_query, compile_tree, query_tree
from tests.unit.test_search_query import ACCEPTED, SOUP


def test_every_part_stands_where_it_was_written() -> None:
    text = 'nato (tokyo OR "kantor  penghubung"~2) title:pengh* -x~1 published:[2026 TO 7d} kata^2'
    tree = query_tree(text)
    assert isinstance(tree, And)
    nato, either, prefix, without, range_, boosted = tree.parts
    assert nato == Value(0, 4, None, "nato")
    assert isinstance(either, Or)
    assert either.parts[1] == Value(15, 37, None, "kantor  penghubung", 2, quoted=True)
    assert text[either.start : either.end] == 'tokyo OR "kantor  penghubung"~2'
    assert prefix == Pattern(45, 51, "title", "pengh*")
    assert isinstance(without, Not)
    assert without.part == Fuzzy(53, 56, None, "x", 1)
    assert range_ == Range(67, 79, "published", "2026", "7d", True, False, 68, 76)
    assert isinstance(boosted, Boost)
    assert boosted.factor == 2.0
    assert text[boosted.start : boosted.end] == "kata^2"


def test_fields_are_known_by_one_name_whatever_was_written() -> None:
    assert query_tree("Organisation:NATO") == Value(13, 17, "org", "NATO")
    assert query_tree("language:(id OR ms)") == Or(10, 18, (Value(10, 12, "lang", "id"), Value(16, 18, "lang", "ms")))


def test_nothing_is_everything() -> None:
    assert query_tree("") == Everything(0, 0)
    assert query_tree(" * ") == Everything(1, 2)


def test_regular_expressions_are_read_only_for_who_asks() -> None:
    assert query_tree("a /pe(n|m)g.*/", regex=True) == And(
        0, 14, (Value(0, 1, None, "a"), Regex(2, 14, None, "pe(n|m)g.*"))
    )
    assert query_tree("title:/ab\\/c/", regex=True) == Regex(6, 13, "title", "ab\\/c")
    with pytest.raises(QueryError, match="not part of the query language"):
        query_tree("/peng/")


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("/.*kata/", 1, "begins with two letters"),
        ("/a*/", 1, "begins with two letters"),
        ("/ka(ta/", 6, "ends too early"),
        ("/ka)ta/", 3, "closes nothing"),
        ("/ka|/", 4, "ends too early"),
        ("/ka(|b)/", 4, "nothing stands before"),
        ("/kat**/", 5, "repeats nothing"),
        ("/kat{1,99}/", 4, "up to 20"),
        ("/kat{3,2}/", 4, "up to 20"),
        ("/ka<1-9>/", 3, "no meaning"),
        ("/ka@/", 3, "no meaning"),
        ("/kata", 0, "not closed"),
        ("country:/ja/", 8, "no meaning in country"),
        ("kata NEAR/3 /kata/", 12, "joined by OR"),
    ],
)
def test_a_regular_expression_that_is_none_or_too_dear_is_refused(text: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text, regex=True)
    assert says in caught.value.message
    assert caught.value.position == position


CONCEPTS = {
    "liaison-office": '"kantor penghubung" OR "liaison office"',
    "broken": "kata AND",
    "deep": "concept:broken",
    "dear": "kata *nato",
}


def test_a_concept_is_a_tree_of_its_own_inside_the_query() -> None:
    tree = query_tree("concept:liaison-office lang:id", concepts=CONCEPTS)
    assert isinstance(tree, And)
    concept = tree.parts[0]
    assert isinstance(concept, Concept)
    assert (concept.start, concept.end, concept.name) == (0, 22, "liaison-office")
    assert concept.part == query_tree(CONCEPTS["liaison-office"])
    assert compile_query('concept:"liaison-office"', concepts=CONCEPTS) == compile_query(CONCEPTS["liaison-office"])


@pytest.mark.parametrize(
    ("text", "position", "says", "suggestion"),
    [
        ("a concept:liason-office", 10, "did you mean liaison-office?", "liaison-office"),
        ("a concept:zzz", 10, "no concept is called 'zzz'", None),
        ("a concept:broken", 10, "in the concept broken, character 8: the query ends too early", None),
        ("a concept:dear", 2, "in the concept dear, character 5: a word cannot begin with *", None),
        ("b NEAR/2 concept:dear", 9, "in the concept dear", None),
        ("a concept:deep", 10, "in the concept deep", None),
        ("title:concept:liaison-office", 6, "inside another field", None),
        ("consept:liaison-office", 0, "did you mean concept:?", "concept"),
    ],
)
def test_a_concept_that_is_not_there_is_said(text: str, position: int, says: str, suggestion: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text, concepts=CONCEPTS)
    assert says in caught.value.message
    assert caught.value.position == position
    assert caught.value.suggestion == suggestion


def languages(query: dict[str, Any]) -> list[list[str]]:
    """Of each branch of a stemmed query, by its filter."""
    return [
        (branch["bool"].get("filter") or branch["bool"]["must_not"])[0]["terms"]["language"]
        for branch in query["bool"]["should"]
    ]


def test_stems_are_looked_for_in_the_languages_of_the_script_and_words_exactly_in_all_others() -> None:
    assert languages(compile_query("~stem(офис)")) == [["ru"], ["ru"]]
    assert languages(compile_query("~stem(北约)")) == [["zh", "ja", "ko"], ["zh", "ja", "ko"]]
    assert languages(compile_query("~stem(مكتب)")) == [["ar"], ["fa"], ["ar", "fa"]]
    latin = languages(compile_query("~stem(office)"))
    assert latin[0] == ["id", "ms"]
    assert len(latin) == 10
    assert compile_query("~stem(2026)") == compile_query("2026")  # a number has one form


def test_stems_are_asked_of_the_stemmed_fields_and_a_stop_word_stands_in_nobodys_way() -> None:
    russian, exact = compile_query("~stem(офис title:связи)")["bool"]["should"]
    assert russian["bool"]["must"][0]["bool"]["must"] == [
        {
            "multi_match": {
                "query": "офис",
                "zero_terms_query": "all",
                "type": "phrase",
                "fields": ["stemmed.ru.title", "stemmed.ru.body"],
            }
        },
        {"match_phrase": {"stemmed.ru.title": {"query": "связи", "zero_terms_query": "all"}}},
    ]
    assert exact["bool"]["must"][0] == compile_query("офис title:связи")


def test_near_is_stemmed_unless_it_has_wildcards() -> None:
    russian, exact = compile_query("title:~stem(офис ONEAR/2 связь)")["bool"]["should"]
    assert list(russian["bool"]["must"][0]["intervals"]) == ["stemmed.ru.title"]
    assert exact["bool"]["must"] == [compile_query("title:(офис ONEAR/2 связь)")]
    assert compile_query("title:~stem(связ* ONEAR/2 офис~1)") == compile_query("title:(связ* ONEAR/2 офис~1)")


@pytest.mark.parametrize(
    ("text", "as_if"),
    [
        ("офис", "~stem(офис)"),
        ("офис связи", "~stem(офис связи)"),
        ("офис lang:ru", "~stem(офис) lang:ru"),
        ("офис lang:ru -связи", "~stem(офис -связи) lang:ru"),
        ("lang:ru OR author:офис", "lang:ru OR author:офис"),
        ("NOT (офис lang:ru)", "NOT (~stem(офис) lang:ru)"),
        ("офис* lang:ru", "офис* lang:ru"),
        ("~stem(офис)", "~stem(офис)"),
    ],
)
def test_the_switch_stems_what_has_stems(text: str, as_if: str) -> None:
    assert compile_query(text, stemmed=True) == compile_query(as_if)


@pytest.mark.parametrize("text", ACCEPTED)
def test_each_part_compiles_by_itself(text: str) -> None:
    def compiled(node: Node) -> None:
        assert compile_tree(node)
        for name in ("part", "left", "right"):
            if hasattr(node, name) and not isinstance(node, Near):
                compiled(getattr(node, name))
        for part in getattr(node, "parts", ()):
            if text != "Jepang & Korea" or not isinstance(part, Value) or part.value != "&":
                compiled(part)

    compiled(query_tree(text))


@given(SOUP | st.text(max_size=60))
def test_no_part_stands_outside_its_query(text: str) -> None:
    try:
        tree = query_tree(text)
    except QueryError:
        return
    for leaf in leaves(tree):
        assert 0 <= leaf.start <= leaf.end <= len(text)
    if not isinstance(tree, Stem):
        assert 0 <= tree.start <= tree.end <= len(text)
