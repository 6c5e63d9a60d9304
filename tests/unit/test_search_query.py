"""The query language: what is typed, what Elasticsearch is asked, and where an error points."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fields import ALSO, FIELDS
from search.mappings import ARTICLE_FIELDS
from search.prescan import QueryError, prescan
from search.query import MAX_CHARS, compile_query

WRITTEN = {
    "nato": '"nato"',
    "nato tokyo": '("nato" AND "tokyo")',
    '"kantor penghubung"': '"kantor penghubung"',
    "“kantor penghubung”": '"kantor penghubung"',
    "a b OR c": '("a" AND ("b" OR "c"))',
    "a OR b AND c": '("a" OR ("b" AND "c"))',
    "(a OR b) AND c": '(("a" OR "b") AND "c")',
    "a NOT b": '("a" AND (*:* AND NOT "b"))',
    "-b": '(*:* AND NOT "b")',
    "+a b": '("a" AND "b")',
    "北约": '"北约"',
    "北约*": '"北约"',
    "anti-NATO": '"anti-NATO"',
    "5/6": '"5/6"',
    "'foo'": "\"'foo'\"",
    "C++": '"C++"',
    'say\\"so': '"say\\"so"',
    "diplo*": "diplo*",
    "w?rld": "w?rld",
    "a/b*": "a\\/b*",
    "foo!b*": "foo\\!b*",
    "jokowi~": "jokowi~",
    "jokowi~1": "jokowi~1",
    '"a b"~5': '"a b"~5',
    "nato^2 tokyo": '("nato"^2 AND "tokyo")',
    "title:nato": 'title:"nato"',
    "title:(nato OR tokyo)": '(title:"nato" OR title:"tokyo")',
    "source:antara": 'source_text:"antara"',
    "owner:kompas": 'source_owner.text:"kompas"',
    "kind:State": 'source_kind:"state"',
    "folder:asean": 'source_folder.text:"asean"',
    "country:jp": 'country:"JP"',
    "source_country:jp": 'source_country:"JP"',
    "lang:ID": 'language:"id"',
    "language:id": 'language:"id"',
    "Title:x": 'title:"x"',
    'author:"Nina Loasana"': 'authors.text:"Nina Loasana"',
    "is:sample": 'is:"sample"',
    'url:"https://a.example/b"': 'url:"https://a.example/b"',
    "published:2026-01-31": 'published:"2026-01-31"',
    "published:[2026-01-01 TO now]": 'published:["2026-01-01" TO "now"]',
    "published:{2026-01-01 TO *}": 'published:{"2026-01-01" TO *}',
    "seen:>=2026-01-31T09:00": 'first_seen:["2026-01-31T09:00" TO *]',
    "seen:<now-1d/d": 'first_seen:[* TO "now-1d/d"}',
    "words:>500": 'word_count:{"500" TO *]',
    "author:*": "_exists_:authors.text",
    "_exists_:author": "_exists_:authors.text",
    "TO": '"TO"',
    "a *:*": '("a" AND *:*)',
}
ACCEPTED = list(WRITTEN)


def written(text: str) -> str:
    compiled = compile_query(text)["query_string"]["query"]
    assert isinstance(compiled, str)
    return compiled


def fault(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        compile_query(text)
    return caught.value


@pytest.mark.parametrize("text", ["", "   ", "*", "*:*", " *:* "])
def test_nothing_asked_means_everything(text: str) -> None:
    assert compile_query(text) == {"match_all": {}}


@pytest.mark.parametrize(("text", "lucene"), WRITTEN.items())
def test_queries_are_written_out_without_ambiguity(text: str, lucene: str) -> None:
    assert written(text) == lucene


def test_the_compiled_query_searches_the_exact_fields_strictly() -> None:
    compiled: dict[str, Any] = compile_query("nato", tz="Asia/Jakarta")["query_string"]
    assert compiled["fields"] == ["title", "body"]
    assert compiled["default_operator"] == "AND"
    assert compiled["allow_leading_wildcard"] is False
    assert compiled["lenient"] is False
    assert compiled["time_zone"] == "Asia/Jakarta"


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("tokyo langg:id", 6, "did you mean lang:?"),
        ("tokyo cuntry:JP", 6, "did you mean country:?"),
        ("tokyo zzzz:JP", 6, "no field is called 'zzzz'"),
        ("12:30", 0, "quotes"),
        ("_exists_:zzzz", 9, "no field"),
        ("nato /tok.o/", 5, "regular expressions"),
        ("title:/tok.o/", 6, "regular expressions"),
        ("see https://a.example/b", 4, "web address"),
        ("kantor NEAR/5 penghubung", 7, "NEAR/n is not there yet"),
        ("a && b", 2, "written AND"),
        ("a || b", 2, "written OR"),
        ("a !b", 2, "written NOT"),
        ("nato *kyo", 5, "cannot begin with"),
        ("nato (tokyo", 5, "not closed"),
        ("nato tokyo)", 10, "closes nothing"),
        ('nato "tokyo', 5, "quote is not closed"),
        ("nato AND", 8, "ends too early"),
        ("nato OR OR tokyo", 8, "cannot stand here"),
        ('nato ""', 5, "between the quotes"),
        ("published:yesterday", 10, "not a date"),
        ("published:2026-02-30", 10, "not a date"),
        ("published:[2026 TO soon]", 19, "not a date"),
        ("words:many", 6, "not a number"),
        ("published:2026*", 10, "no meaning"),
        ("[a TO b]", 0, "a range needs a field"),
        ("title:>5", 6, "a range needs a field"),
        ("title:(a OR body:b)", 12, "inside another field"),
        ("a~7", 0, "letters that may differ"),
        ("+a OR b", 0, "leave one out"),
    ],
)
def test_errors_say_what_and_point_at_the_character(text: str, position: int, says: str) -> None:
    error = fault(text)
    assert says in error.message
    assert error.position == position


def test_a_near_miss_is_offered() -> None:
    assert fault("langg:id").suggestion == "lang"
    assert fault("zzzz:id").suggestion is None


def test_size_and_depth_are_bounded() -> None:
    assert "characters" in fault("a" * (MAX_CHARS + 1)).message
    assert "deep" in fault("(" * 60 + "a" + ")" * 60).message
    assert "deep" in fault("NOT " * 900 + "a").message
    assert "words" in fault("a " * 600).message


def test_every_friendly_field_is_in_the_mapping() -> None:
    for field in FIELDS.values():
        mapped: Any = {"properties": ARTICLE_FIELDS}
        for part in field.target.split("."):
            mapped = mapped.get("properties", {}).get(part) or mapped.get("fields", {})[part]
        assert "type" in mapped
    assert set(ALSO.values()) <= set(FIELDS)


PIECES = [
    *"ab \"'/\\:()[]{}~^*?+-!&|<>=北约.5",
    "AND ",
    "OR ",
    "NOT ",
    " TO ",
    "title:",
    "published:",
    "2026-01-01",
    "~9",
]
SOUP = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(SOUP)
def test_no_input_gives_anything_but_a_query_or_an_error_inside_it(text: str) -> None:
    found: QueryError | None = None
    try:
        assert compile_query(text)
    except QueryError as error:
        found = error
    if found is not None:
        assert 0 <= found.position <= len(text)
        assert found.message


@given(SOUP)
def test_the_prescan_moves_no_character(text: str) -> None:
    try:
        assert len(prescan(text)) == len(text)
    except QueryError:
        return
