"""What each part of a query requires of a text. Completeness is held against a real node in tests/integration."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from search.query import query_tree
from search.rules.required import TRUE, And, Formula, Or, Term, all_analysed, all_of, analysed, any_of, required

CONCEPTS = {"liaison": '"kantor penghubung" OR 联络处'}


def term(text: str, *fields: str) -> Term:
    return Term(fields or ("title", "body"), text)


def asked(query: str) -> Formula:
    return required(query_tree(query, regex=True, concepts=CONCEPTS))


@pytest.mark.parametrize(
    ("query", "formula"),
    [
        ("NATO", term("NATO")),
        ('"kantor penghubung"', term("kantor penghubung")),
        ('"kantor penghubung"~3', term("kantor penghubung")),
        ("title:NATO", term("NATO", "title")),
        ("kantor NATO", And((term("kantor"), term("NATO")))),
        ("NATO OR Tokyo", Or((term("NATO"), term("Tokyo")))),
        ("NATO AND (Tokyo OR Jepang)", And((term("NATO"), Or((term("Tokyo"), term("Jepang")))))),
        ("NATO^3", term("NATO")),
        ("NATO country:JP published:7d", term("NATO")),
        ("NATO NOT Tokyo", term("NATO")),
        ("kantor NEAR/5 penghubung", And((term("kantor"), term("penghubung")))),
        ("(kantor OR pusat) NEAR/5 penghubung", And((Or((term("kantor"), term("pusat"))), term("penghubung")))),
        ("title:(kantor NEAR/3 penghubung)", And((term("kantor", "title"), term("penghubung", "title")))),
        ("kantor NEAR/3 penghub*", term("kantor")),
        ("concept:liaison", Or((term("kantor penghubung"), term("联络处")))),
        ("concept:liaison NEAR/3 tokyo", And((Or((term("kantor penghubung"), term("联络处"))), term("tokyo")))),
        ('"kantor penghub*"', term("kantor ")),
        ("Jepang & Korea", And((term("Jepang"), term("Korea")))),
        ("& OR Korea", term("Korea")),  # what has no letters is not looked for
    ],
)
def test_what_a_query_requires(query: str, formula: Formula) -> None:
    assert asked(query) == formula


@pytest.mark.parametrize(
    "query",
    [
        *("", "*", "country:JP", "NOT NATO", "-NATO", "penghub*", "Kishida~1", "/peng.*/", "published:[2026 TO *]"),
        *("NATO OR country:JP", "NATO OR NOT Tokyo", "author:Rahma", "NATO OR penghub*", "title:*", "org:NATO"),
        "penghub* NEAR/3 Kishida~1",
    ],
)
def test_what_no_word_can_decide_requires_nothing(query: str) -> None:
    assert asked(query) == TRUE


def test_stems_are_required_in_one_language_or_as_written() -> None:
    found = asked("~stem(офис связи)")
    russian = ("stemmed.ru.title", "stemmed.ru.body")
    assert found == Or(
        (
            And((term("офис", *russian), term("связи", *russian))),
            And((term("офис"), term("связи"))),
        )
    )
    latin = asked("~stem(office)")
    assert isinstance(latin, Or)
    assert term("office") in latin.parts
    assert term("office", "stemmed.id.title", "stemmed.id.body") in latin.parts
    assert asked("~stem(kantor NEAR/2 penghub*)") == term("kantor")  # compared as written


def by_words(_field: str, texts: Sequence[str]) -> list[list[str]]:
    return [[word for word in text.casefold().split() if word != "the"] for text in texts]


def test_over_tokens_each_is_required() -> None:
    assert analysed(asked('"The Liaison office" OR NATO'), by_words) == Or(
        (And((term("liaison"), term("office"))), term("nato"))
    )


def test_a_text_that_leaves_no_token_requires_nothing() -> None:
    assert analysed(asked("the"), by_words) == TRUE
    assert analysed(asked("the OR office"), by_words) == TRUE
    assert analysed(asked("the office"), by_words) == term("office")


def test_each_text_is_analysed_once_for_all() -> None:
    calls: list[tuple[str, Sequence[str]]] = []

    def analyze(field: str, texts: Sequence[str]) -> list[list[str]]:
        calls.append((field, texts))
        return by_words(field, texts)

    found = all_analysed(
        [asked("NATO Tokyo"), asked("title:NATO"), asked("NATO OR office"), asked("country:JP")], analyze
    )
    assert calls == [("title", ("NATO", "Tokyo", "office"))]
    assert found[1] == term("nato", "title")
    assert found[3] == TRUE


def test_parts_are_said_as_simply_as_can_be() -> None:
    a, b = term("a"), term("b")
    assert all_of([a, And((b, a))]) == And((a, b))
    assert all_of([a, TRUE]) == a
    assert all_of([a, Or()]) == Or()
    assert any_of([a, Or((b, a))]) == Or((a, b))
    assert any_of([a, TRUE]) == TRUE
