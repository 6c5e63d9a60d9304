"""A query's words as facets, chips and the timeline change them: what is put in comes out again, nothing else moves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.prescan import QueryError
from search.query import compile_query
from search.web.asked import Asked
from search.web.wording import narrowed, ranged, term, terms, widened

JAKARTA = "Asia/Jakarta"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In UTC, of March 2026."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "field", "value", "excluded", "wanted"),
    [
        ("", "lang", "id", False, "lang:id"),
        ("nikel", "source", "tempo.co", False, "nikel source:tempo.co"),
        ("nikel OR emas", "lang", "id", False, "(nikel OR emas) lang:id"),
        ('"a OR b"', "lang", "id", False, '"a OR b" lang:id'),
        ("(a OR b) c", "lang", "id", True, "(a OR b) c -lang:id"),
        ("x -lang:en", "lang", "en", False, "x lang:en"),
        ("x lang:en", "lang", "en", True, "x -lang:en"),
        ("x lang:en", "lang", "en", False, "x lang:en"),
        ("", "org", 'PT "Maju" Jaya', False, r'org:"PT \"Maju\" Jaya"'),
        ("“a OR b”", "lang", "id", False, "“a OR b” lang:id"),
        ("", "org", "«Maju»", False, r'org:"\«Maju\»"'),
        ("", "person", "Fumio Kishida", False, 'person:"Fumio Kishida"'),
    ],
)
def test_a_value_is_put_into_the_words(query: str, field: str, value: str, excluded: bool, wanted: str) -> None:
    assert narrowed(query, field, value, excluded=excluded) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("a AND lang:id", "a"),
        ("lang:id AND a", "a"),
        ("a lang:id b", "a b"),
        ("a AND lang:id AND b", "a AND b"),
        ("lang:id", ""),
        ('a person:"x y" b', "a b"),
        ("a seen:[2026-01-01 TO *] b", "a b"),
    ],
)
def test_a_condition_is_taken_out_of_the_words(query: str, wanted: str) -> None:
    (one,) = terms(query)
    assert widened(query, one) == wanted


@pytest.mark.parametrize("query", ["a OR lang:id", "NOT lang:id", "(lang:id a)", '"lang:id"', "lang", "a || lang:id"])
def test_what_need_not_hold_is_no_condition(query: str) -> None:
    assert terms(query) == []


def test_conditions_tell_field_value_and_whether_they_exclude() -> None:
    found = terms(r'nato -source:tempo.co org:"PT \"X\"" published:[2026-01-01 TO 2026-02-01]')
    assert [(one.field, one.value, one.excluded) for one in found] == [
        ("source", "tempo.co", True),
        ("org", 'PT "X"', False),
        ("published", "[2026-01-01 TO 2026-02-01]", False),
    ]


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        (at(3, 17), at(5, 17), "seen:[2026-03-04 TO 2026-03-05]"),  # midnight in Jakarta is 17:00 UTC
        (at(3, 17), at(4, 17), "seen:[2026-03-04 TO 2026-03-04]"),
        (at(3, 15), at(3, 18, 30), "seen:[2026-03-03T22:00 TO 2026-03-04T01:30}"),
        (at(3, 17), None, "seen:[2026-03-04 TO *]"),
        (at(3, 15), None, "seen:[2026-03-03T22:00 TO *]"),
        (None, at(3, 17), "seen:[* TO 2026-03-03]"),
        (None, at(3, 15), "seen:[* TO 2026-03-03T22:00}"),
    ],
)
def test_a_time_is_written_as_people_would(since: datetime | None, until: datetime | None, wanted: str) -> None:
    assert ranged("", "seen", since, until, JAKARTA) == wanted
    compile_query(wanted, tz=JAKARTA)  # and it can be read


def test_a_time_takes_the_place_of_the_one_before() -> None:
    first = ranged("nikel lang:id", "seen", at(1, 17), at(5, 17), JAKARTA)
    assert first == "nikel lang:id seen:[2026-03-02 TO 2026-03-05]"
    assert ranged(first, "seen", at(3, 17), at(4, 17), JAKARTA) == "nikel lang:id seen:[2026-03-04 TO 2026-03-04]"
    assert ranged("published:7d", "seen", at(3, 17), None, JAKARTA) == "published:7d seen:[2026-03-04 TO *]"


WORDS = st.lists(st.sampled_from(["nato", '"dua kata"', "(a OR b)", "AND", "lang:id", "-source:x.id", "OR", "tokyo*"]))
VALUES = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() == text and text.isprintable())


@given(words=WORDS, value=VALUES)
def test_what_was_put_in_stands_there_and_can_be_taken_out(words: list[str], value: str) -> None:
    query = " ".join(words)
    longer = narrowed(query, "org", value)
    mine = [one for one in terms(longer) if one.field == "org"]
    assert [one.value for one in mine] == [value]
    rest = widened(longer, mine[0])
    assert term("org", value) not in rest
    assert [one.value for one in terms(rest)] == [one.value for one in terms(longer) if one.field != "org"]


@given(query=st.text(max_size=60))
def test_no_text_breaks_it(query: str) -> None:
    for one in terms(query):
        assert 0 <= one.start < one.end <= len(query)
        widened(query, one)
    ranged(query, "seen", at(3, 17), None, JAKARTA)


@settings(deadline=None)  # the first reads the lists of names
@given(value=VALUES)
def test_any_value_makes_a_query_that_can_be_read(value: str) -> None:
    """Values come from articles: names with quotes, brackets and operators in them."""
    try:
        compile_query(term("org", value))
    except QueryError as error:
        raise AssertionError(f"{term('org', value)}: {error.message}") from error


def test_addresses_keep_how_the_list_is_shown_and_begin_anew() -> None:
    asked = Asked.given(" nato ", sort="nonsense", stemmed="1", fold="0", cursor="abc", day="2026-03-04")
    assert (asked.query, asked.sort, asked.stemmed, asked.fold) == ("nato", "seen", True, False)
    assert asked.address(query="tokyo") == "/?q=tokyo&stemmed=1&fold=0"
    assert asked.address("/older", cursor="x", day="2026-03-03") == (
        "/older?q=nato&stemmed=1&fold=0&cursor=x&day=2026-03-03"
    )
