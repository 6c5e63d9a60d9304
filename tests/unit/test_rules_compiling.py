"""A rule is one query; what no query can ask is looked at in the document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.sentences import sentences
from search.query import compile_query
from search.rules.admitting import admits, needs_document
from search.rules.compiling import rule_clauses, rule_query
from search.rules.records import Concept, Condition, Rule, RuleSet, Together

RULES = RuleSet(
    concepts=(
        Concept(id="liaison-office", wordings={"id": ('"kantor penghubung"',), "en": ('"liaison office"', "x OR y")}),
    )
)


def rule(query: str = "", **given: Any) -> Rule:
    return Rule(id="r", name="R", owner="desk", query=query, **given)


def test_the_query_alone_is_the_search() -> None:
    query = '"kantor penghubung" OR concept:liaison-office'
    assert rule_query(rule(query), RULES) == compile_query(query, concepts=RULES.queries)
    assert rule_query(rule("~stem(kantor)"), RULES) == compile_query("~stem(kantor)")
    stemmed = rule("kantor country:JP", match="stemmed")
    assert rule_query(stemmed, RULES) == compile_query("kantor country:JP", stemmed=True)


def test_where_and_none_of_are_parts_of_the_one_query() -> None:
    given = rule(
        '"kantor penghubung"',
        where=(
            Condition(field="lang", include=("id", "ms")),
            Condition(field="source", exclude=("example.com",)),
        ),
        none_of=('"hubungan masyarakat"',),
    )
    as_search = '"kantor penghubung" lang:(id OR ms) NOT source:"example.com" NOT "hubungan masyarakat"'
    assert rule_query(given, RULES) == compile_query(as_search)


def test_what_is_no_match_is_compared_as_written_even_where_the_query_is_not() -> None:
    given = rule("penghubung", match="stemmed", none_of=("hubungan",))
    assert rule_query(given, RULES) == compile_query("~stem(penghubung) NOT hubungan")


def test_entities_together_are_asked_of_all_kinds_and_of_countries() -> None:
    given = rule(together=(Together(names=("NATO", "Jepang")),))
    assert rule_query(given, RULES) == compile_query("entity:NATO (entity:Jepang OR country:Jepang)")
    typed = rule("kapal", together=(Together(names=("org:NATO", "country:JP")),))
    assert rule_query(typed, RULES) == compile_query("kapal org:NATO country:JP")


def test_now_is_the_moment_that_history_is_asked_at() -> None:
    at = datetime(2026, 11, 3, 7, tzinfo=UTC)
    asked = rule_query(
        rule("NATO published:7d seen:>=yesterday changed_at:[* TO 2026-01-01]"), RULES, tz="Asia/Jakarta", moment=at
    )
    assert asked["bool"]["filter"] == [
        {"range": {"published": {"gte": "2026-11-03T07:00:00Z||-7d", "time_zone": "Asia/Jakarta"}}},
        {"range": {"first_seen": {"gte": "2026-11-03T07:00:00Z||-1d/d", "time_zone": "Asia/Jakarta"}}},
        {"range": {"changed_at": {"lte": "2026-01-01", "time_zone": "Asia/Jakarta"}}},
    ]
    assert rule_query(rule('"now"'), RULES, moment=at) == compile_query('"now"')


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("NATO", ["NATO"]),
        ('"kantor penghubung" OR (kantor NEAR/5 penghubung)', ['"kantor penghubung"', "kantor NEAR/5 penghubung"]),
        ("(NATO OR Tokyo) AND country:JP NOT x", ["NATO", "Tokyo", "country:JP"]),
        (
            "NATO OR concept:liaison-office",
            [
                "NATO",
                'concept:liaison-office "kantor penghubung"',
                'concept:liaison-office "liaison office"',
                *("concept:liaison-office x", "concept:liaison-office y"),
            ],
        ),
        ("lang:(id OR ms) title:(a NEAR/3 b)", ["lang:id", "lang:ms", "title:(a NEAR/3 b)"]),
        ("~stem(kantor OR pusat)", ["~stem(kantor)", "~stem(pusat)"]),
    ],
)  # fmt: skip
def test_a_match_is_due_to_one_of_the_alternatives(query: str, texts: list[str]) -> None:
    found = rule_clauses(rule(query), RULES)
    assert [text for text, _ in found] == texts
    assert found[0][1] == compile_query(texts[0], concepts=RULES.queries)


def test_clauses_are_searched_as_the_rule_is() -> None:
    assert rule_clauses(rule("kantor", match="stemmed"), RULES) == [("kantor", compile_query("~stem(kantor)"))]
    pair = rule(together=(Together(names=("org:NATO", "country:JP"), within="sentence"),))
    assert rule_clauses(pair, RULES) == [
        ("org:NATO + country:JP in one sentence", compile_query("org:NATO country:JP"))
    ]


BODY = "NATO membuka kantor di Tokyo. Jepang menyambut keputusan itu.\nDr. Kishida bertemu NATO dan Jepang."


def mention(text: str, of: str, type_: str, *, title: bool = False, body: str = BODY) -> dict[str, Any]:
    at = [begin for begin in range(len(body)) if body.startswith(text, begin)]
    return {
        "id": of, "type": type_, "name": text, "surfaces": [text], "count": len(at) + title,
        "spans": [[begin, begin + len(text)] for begin in at], "in_title": title,
    }  # fmt: skip


NATO = mention("NATO", "Q7184", "organisation")
JAPAN = {**mention("Jepang", "JP", "place"), "kind": "country"}
SEAT = {**mention("Tokyo", "Q1490", "place"), "stands_for": "country:JP"}
TOKYO = mention("Tokyo", "Q1490", "place")
KISHIDA = mention("Kishida", "kishida", "person")


@pytest.mark.parametrize(
    ("names", "mentions", "found"),
    [
        (("NATO", "Jepang"), [NATO, JAPAN], True),
        (("NATO", "country:JP"), [NATO, JAPAN], True),
        (("NATO", "JP"), [NATO, JAPAN], True),
        (("Otan", "Japan"), [NATO, JAPAN], True),  # by the names that the lists know
        (("NATO", "Tokyo"), [NATO, TOKYO], True),
        (("Tokyo", "Jepang"), [TOKYO, JAPAN], False),
        (("Tokyo", "Jepang"), [{**TOKYO, "in_title": True}, {**JAPAN, "in_title": True}], True),
        (("Kishida", "NATO"), [KISHIDA, NATO], True),  # the point behind "Dr." ends no sentence
        (("NATO", "Tokyo", "Jepang"), [NATO, TOKYO, JAPAN], False),
        (("NATO", "Jepang"), [NATO], False),
        (("place:NATO", "Jepang"), [NATO, JAPAN], False),
        (("NATO", "country:JP"), [NATO, SEAT], True),  # Tokyo as its government
    ],
)
def test_who_stands_in_one_sentence(names: tuple[str, ...], mentions: list[dict[str, Any]], found: bool) -> None:
    given = rule(together=(Together(names=names, within="sentence"),))
    assert needs_document(given)
    why = admits(given, {"body": BODY, "mentions": mentions})
    assert (why is None) is found
    assert found or why == f"{' and '.join(names)} stand in no sentence together"


def test_an_article_published_long_before_it_was_seen_is_no_news() -> None:
    seen = {"first_seen": "2026-11-03T07:00:00Z"}
    given = rule("NATO", max_age=2 * 86_400)
    assert admits(given, {**seen, "published": "2026-11-01T08:00:00Z"}) is None
    assert admits(given, seen) is None  # the source gives no date: it is as old as it was seen
    why = admits(given, {**seen, "published": "2026-10-24T07:00:00Z"})
    assert why == "it was published 10 d before it was seen, more than max_age, 2 d"
    assert not needs_document(rule("NATO"))


def test_sentences_cover_the_text() -> None:
    text = "Satu. Dua? Tiga\nEmpat… Lima 3.5 persen. 北约在东京。日本欢迎。"
    found = sentences(text)
    assert "".join(text[begin:end] for begin, end in found) == text
    assert [text[begin:end].strip() for begin, end in found] == [
        "Satu.", "Dua?", "Tiga", "Empat…", "Lima 3.5 persen.", "北约在东京。", "日本欢迎。",
    ]  # fmt: skip
    assert sentences("") == []
