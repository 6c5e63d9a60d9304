"""NEAR/n: what may stand on its sides, what it is made into, and how it is cut out of a query."""

from __future__ import annotations

from typing import Any

import pytest

from search.language.nodes import And, Near, Not, Or, Stem, Value
from search.prescan import QueryError
from search.query import compile_query, query_tree

Rule = dict[str, Any]


def match(text: str) -> Rule:
    return {"match": {"query": text, "max_gaps": 0, "ordered": True}}


def ordered(left: Rule, right: Rule, between: int) -> Rule:
    return {"all_of": {"intervals": [left, right], "ordered": True, "max_gaps": between}}


def either(left: Rule, right: Rule, between: int) -> Rule:
    return {"any_of": {"intervals": [ordered(left, right, between), ordered(right, left, between)]}}


def any_of(*rules: Rule) -> Rule:
    return {"any_of": {"intervals": list(rules)}}


KANTOR, PENGHUBUNG = match("kantor"), match("penghubung")
RULES: dict[str, Rule] = {
    "kantor NEAR/5 penghubung": either(KANTOR, PENGHUBUNG, 5),
    "kantor NEAR/0 penghubung": either(KANTOR, PENGHUBUNG, 0),
    "kantor ONEAR/5 penghubung": ordered(KANTOR, PENGHUBUNG, 5),
    '"kantor pusat" ONEAR/2 penghubung': ordered(match("kantor pusat"), PENGHUBUNG, 2),
    "(kantor OR pusat) ONEAR/5 penghubung": ordered(any_of(KANTOR, match("pusat")), PENGHUBUNG, 5),
    "penghubung ONEAR/5 (kantor OR (pusat OR balai))": ordered(
        PENGHUBUNG, any_of(KANTOR, any_of(match("pusat"), match("balai"))), 5
    ),
    "(kantor) ONEAR/1 (penghubung)": ordered(KANTOR, PENGHUBUNG, 1),
    "kantor ONEAR/1 penghub*": ordered(KANTOR, {"prefix": {"prefix": "penghub"}}, 1),
    "kantor ONEAR/1 peng?ubung": ordered(KANTOR, {"wildcard": {"pattern": "peng?ubung"}}, 1),
    "kantor ONEAR/1 北约*": ordered(KANTOR, match("北约"), 1),
    "kantor ONEAR/1 한국*": ordered(KANTOR, {"prefix": {"prefix": "한국"}}, 1),
    "kantor ONEAR/1 penghubunk~1": ordered(KANTOR, {"fuzzy": {"term": "penghubunk", "fuzziness": "1"}}, 1),
    "kantor ONEAR/1 penghubunk~": ordered(KANTOR, {"fuzzy": {"term": "penghubunk", "fuzziness": "auto"}}, 1),
    "kantor ONEAR/1 penghubung ONEAR/9 nato": ordered(ordered(KANTOR, PENGHUBUNG, 1), match("nato"), 9),
    "nato ONEAR/9 (kantor ONEAR/1 penghubung)": ordered(match("nato"), ordered(KANTOR, PENGHUBUNG, 1), 9),
    "kantor ONEAR/3 anti-NATO": ordered(KANTOR, match("anti-NATO"), 3),
    "kantor ONEAR/3 concept:link": ordered(KANTOR, any_of(match("penghubung"), match("liaison office")), 3),
}
CONCEPTS = {"link": 'penghubung OR "liaison office"'}


@pytest.mark.parametrize(("text", "rule"), RULES.items())
def test_near_becomes_intervals_of_title_and_of_body_each_by_itself(text: str, rule: Rule) -> None:
    assert compile_query(text, concepts=CONCEPTS) == {
        "bool": {
            "should": [{"intervals": {"title": rule}}, {"intervals": {"body": rule}}],
            "minimum_should_match": 1,
        }
    }


@pytest.mark.parametrize(
    ("text", "field"),
    [("title:(a NEAR/1 b)", "title"), ("body:(a NEAR/1 b)", "body"), ("source:(a NEAR/1 b)", "source_text")],
)
def test_a_field_stands_before_the_whole(text: str, field: str) -> None:
    assert compile_query(text) == {"intervals": {field: either(match("a"), match("b"), 1)}}


def value(start: int, text: str, field: str | None = None) -> Value:
    return Value(start, start + len(text), field, text)


def test_near_binds_tighter_than_any_operator() -> None:
    near = Near(0, 10, None, value(0, "a"), value(9, "b"), 5, False)
    assert query_tree("a NEAR/5 b OR c") == Or(0, 15, (near, value(14, "c")))
    assert query_tree("a NEAR/5 b c") == And(0, 12, (near, value(11, "c")))
    assert query_tree("-a NEAR/5 b") == Not(0, 11, Near(1, 11, None, value(1, "a"), value(10, "b"), 5, False))
    assert query_tree("c AND NOT a NEAR/5 b") == And(
        0, 20, (value(0, "c"), Not(6, 20, Near(10, 20, None, value(10, "a"), value(19, "b"), 5, False)))
    )


def test_near_is_found_inside_parentheses_and_stems() -> None:
    assert query_tree("~stem(a ONEAR/12 b)") == Stem(0, 19, Near(6, 18, None, value(6, "a"), value(17, "b"), 12, True))
    assert query_tree("(c OR (a ONEAR/12 b))") == Or(
        1, 20, (value(1, "c"), Near(7, 19, None, value(7, "a"), value(18, "b"), 12, True))
    )


def test_what_looks_like_near_in_a_phrase_is_a_phrase() -> None:
    assert query_tree('"a NEAR/5 b"') == Value(0, 12, None, "a NEAR/5 b", quoted=True)
    assert query_tree("near") == value(0, "near")


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("NEAR/5 b", 0, "between two"),
        ("a NEAR/5", 2, "between two"),
        ("c (a NEAR/5) b", 5, "between two"),
        ("a NEAR/5 NEAR/5 b", 9, "between two"),
        ("a NEAR/5 AND b", 2, "between two"),
        ("a OR NEAR/5 b", 5, "between two"),
        ("a NEAR b", 2, "written NEAR/5"),
        ("a NEAR/ b", 2, "written NEAR/5"),
        ("a NEAR/x b", 2, "written NEAR/5"),
        ("a near/5 b", 2, "written NEAR/5"),
        ("a NEAR/101 b", 2, "at most 100"),
        ("a NEAR/99999999999 b", 2, "at most 100"),
        ("title:a NEAR/5 b", 0, "before the whole"),
        ("a NEAR/5 title:b", 9, "before the whole"),
        ("a NEAR/5 -b", 9, "before the first word"),
        ("a NEAR/5 (b c)", 10, "joined by OR"),
        ("a NEAR/5 (b AND c)", 10, "joined by OR"),
        ("a NEAR/5 (NOT b)", 10, "joined by OR"),
        ("a NEAR/5 b^2", 9, "joined by OR"),
        ("a NEAR/5 ~stem(b)", 9, "goes around it"),
        ("a NEAR/5 *", 9, "joined by OR"),
        ('a NEAR/5 "b c"~2', 9, "write NEAR/2"),
        ("a NEAR/5 bcd*", 9, "at least 4 letters"),
        ("a NEAR/5 &", 9, "no letters"),
        ("a NEAR/5 ()", 10, "cannot stand here"),
        ("a NEAR/1 b NEAR/1 c NEAR/1 d NEAR/1 e", 0, "at most 4 parts"),
        ("country:(a NEAR/1 b)", 9, "no meaning in country"),
        ("published:(a NEAR/1 b)", 11, "no meaning in published"),
        ("a NEAR/5 (b OR title:c)", 21, "no field can stand"),
        ("a NEAR/5 (b", 9, "not closed"),
    ],
)
def test_errors_of_near_say_what_and_point_at_the_character(text: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text)
    assert says in caught.value.message
    assert caught.value.position == position


def test_the_words_beside_near_are_counted() -> None:
    many = "(" + " OR ".join("abcdefghij"[n % 10] + str(n) for n in range(130)) + ")"
    assert compile_query(f"{many} NEAR/3 x")
    with pytest.raises(QueryError, match="more than 1000 things"):
        compile_query(f"{many} NEAR/3 {many}")
