"""The query language: what is typed, what Elasticsearch is asked, and where an error points."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fields import ALSO, FIELDS, TOGETHER, field_name, fields_of
from search.mappings import ARTICLE_FIELDS
from search.prescan import QueryError, prescan
from search.query import MAX_CHARS, compile_query

Query = dict[str, Any]


def words(text: str, **more: Any) -> Query:
    return {"multi_match": {"query": text, **more, "type": "phrase", "fields": ["title", "body"]}}


def every(*parts: Query) -> Query:
    return {"bool": {"must": list(parts)}}


def some(*parts: Query) -> Query:
    return {"bool": {"should": list(parts), "minimum_should_match": 1}}


def none_of(part: Query) -> Query:
    return {"bool": {"must_not": [part]}}


def going_on(text: str) -> Query:
    before, last = text.split("|")
    first = {"match": {"query": before, "max_gaps": 0, "ordered": True}}
    return in_both({"all_of": {"intervals": [first, {"prefix": {"prefix": last}}], "ordered": True, "max_gaps": 0}})


def so_written(text: str) -> Query:
    return in_both({"match": {"query": text, "max_gaps": 0, "ordered": True}})


def in_both(rule: Query) -> Query:
    return some({"intervals": {"title": rule}}, {"intervals": {"body": rule}})


def lucene(text: str, *fields: str) -> Query:
    given = {"query": text, "fields": list(fields or ("title", "body")), "allow_leading_wildcard": False}
    return {"query_string": given}


def term(field: str, value: str) -> Query:
    return {"term": {field: value}}


def named(field: str, value: str, *ids: str) -> Query:
    written = {"term": {field: {"value": value, "case_insensitive": True}}}
    return some(written, {"terms": {field: list(ids)}}) if ids else written


def phrase(field: str, text: str) -> Query:
    return {"match_phrase": {field: text}}


def between(field: str, tz: str | None = "UTC", **ends: Any) -> Query:
    return {"range": {field: {**({"time_zone": tz} if tz else {}), **ends}}}


COMPILED: dict[str, Query] = {
    "nato": words("nato"),
    "nato tokyo": every(words("nato"), words("tokyo")),
    '"kantor penghubung"': words("kantor penghubung"),
    "“kantor penghubung”": words("kantor penghubung"),
    "a b OR c": every(words("a"), some(words("b"), words("c"))),
    "a OR b AND c": some(words("a"), every(words("b"), words("c"))),
    "(a OR b) AND c": every(some(words("a"), words("b")), words("c")),
    "a NOT b": {"bool": {"must": [words("a")], "must_not": [words("b")]}},
    "a AND (NOT b)": {"bool": {"must": [words("a")], "must_not": [words("b")]}},
    "a OR NOT b": some(words("a"), none_of(words("b"))),
    "-b": none_of(words("b")),
    "+a b": every(words("a"), words("b")),
    "北约": words("北约"),
    "北约*": so_written("北约"),
    "北*": so_written("北"),
    "anti-NATO": words("anti-NATO"),
    "5/6": words("5/6"),
    "'foo'": words("'foo'"),
    "C++": words("C++"),
    "Jepang & Korea": every(words("Jepang"), words("Korea")),
    "nato - tokyo": every(words("nato"), words("tokyo")),
    'say\\"so': words('say"so'),
    '"a \\"b\\" c"': words('a "b" c'),
    "diplo*": lucene("diplo*"),
    "w?r*d": lucene("w?r*d"),
    "anti-NATO*": going_on("anti-|NATO"),
    "foo!bars*": going_on("foo!|bars"),
    "fo\\*oooo*": going_on("fo*|oooo"),
    "東京タワ*": going_on("東京|タワ"),
    '"kantor penghub*"': going_on("kantor |penghub"),
    'person:"Siti Am*"': {"wildcard": {"person": {"value": "Siti Am*", "case_insensitive": True}}},
    '"diplo*"': lucene("diplo*"),
    "タワ*": lucene("タワ*"),
    "한*": lucene("한*"),
    "jokowi~": lucene("jokowi~"),
    "jokowi~1": lucene("jokowi~1"),
    "title:jokowi~1": lucene("jokowi~1", "title"),
    '"a b"~5': words("a b", slop=5),
    "nato^2 tokyo": every({"bool": {"must": [words("nato")], "boost": 2.0}}, words("tokyo")),
    "title:nato": phrase("title", "nato"),
    "title:(nato OR tokyo)": some(phrase("title", "nato"), phrase("title", "tokyo")),
    "source:antara": phrase("source_text", "antara"),
    "source:antaranews.com": phrase("source_text", "antaranews.com"),
    "owner:kompas": phrase("source_owner.text", "kompas"),
    "author:a*": lucene("a*", "authors.text"),
    "kind:State": term("source_kind", "state"),
    "folder:asean": phrase("source_folder.text", "asean"),
    "country:jp": term("country", "JP"),
    "country:Jepang": term("country", "JP"),
    "country:日本": term("country", "JP"),
    "about:Tiongkok": term("about", "CN"),
    'country:"korea selatan"': term("country", "KR"),
    "country:(JP OR Korea\\ Selatan)": some(term("country", "JP"), term("country", "KR")),
    "source_country:Japan": term("source_country", "JP"),
    "lang:ID": term("language", "id"),
    "lang:Indonesian": term("language", "id"),
    "lang:arab": term("language", "ar"),
    "lang:jp": term("language", "ja"),
    "language:id": term("language", "id"),
    "Title:x": phrase("title", "x"),
    'author:"Nina Loasana"': phrase("authors.text", "Nina Loasana"),
    "is:sample": term("is", "sample"),
    "is:Original": term("is", "original"),
    "is:partial": term("is", "partial"),
    "changed:(vanished OR gutted)": some(term("changed", "vanished"), term("changed", "gutted")),
    "topic:diplomacy": term("topic", "diplomacy"),
    "topic:Diplomasi": term("topic", "diplomacy"),
    "org:NATO": named("organisation", "NATO", "Q7184"),
    'org:"pakta pertahanan atlantik utara"': named("organisation", "pakta pertahanan atlantik utara", "Q7184"),
    "person:特朗普": named("person", "特朗普", "Q22686"),
    'person:"Siti Aminah"': named("person", "Siti Aminah"),
    "person:Q22686": named("person", "Q22686"),
    'entity:"Siti Aminah"': some(*(named(one, "Siti Aminah") for one in ("person", "organisation", "place", "thing"))),
    'url:"https://a.example/b"': term("url", "https://a.example/b"),
    "url:https\\:\\/\\/a.example*": {"wildcard": {"url": {"value": "https://a.example*", "case_insensitive": True}}},
    "published:2026-01-31": between("published", gte="2026-01-31", lte="2026-01-31"),
    "published:7d": between("published", gte="now-7d"),
    "seen:12h": between("first_seen", gte="now-12h"),
    "published:today": between("published", gte="now/d", lte="now/d"),
    "published:yesterday": between("published", gte="now-1d/d", lte="now-1d/d"),
    "published:now-2d/d": between("published", gte="now-2d/d", lte="now-2d/d"),
    "published:>=yesterday": between("published", gte="now-1d/d"),
    "published:>now-7d": between("published", gt="now-7d"),
    "published:[14d TO 7d]": between("published", gte="now-14d", lte="now-7d"),
    "published:[2026-01-01 TO now]": between("published", gte="2026-01-01", lte="now"),
    "published:[2026-01-01 TO 2026-02-01}": between("published", gte="2026-01-01", lt="2026-02-01"),
    "published:{2026-01-01 TO *}": between("published", gt="2026-01-01"),
    "published:[* TO *]": {"exists": {"field": "published"}},
    "seen:>=2026-01-31T09:00": between("first_seen", gte="2026-01-31T09:00"),
    "seen:<now-1d/d": between("first_seen", lt="now-1d/d"),
    "words:>500": between("word_count", None, gt=500),
    "words:500": {"term": {"word_count": 500}},
    "author:*": {"exists": {"field": "authors.text"}},
    "_exists_:author": {"exists": {"field": "authors.text"}},
    "entity:*": some(*({"exists": {"field": one}} for one in ("person", "organisation", "place", "thing"))),
    "story:3f2a*": {"wildcard": {"story_id": {"value": "3f2a*", "case_insensitive": True}}},
    "TO": words("TO"),
    "a *:*": {"bool": {"must": [words("a")], "filter": [{"match_all": {}}]}},
    "nato country:JP seen:7d": {
        "bool": {"must": [words("nato")], "filter": [term("country", "JP"), between("first_seen", gte="now-7d")]}
    },
}
ACCEPTED = list(COMPILED)


def fault(text: str, **options: Any) -> QueryError:
    with pytest.raises(QueryError) as caught:
        compile_query(text, **options)
    return caught.value


@pytest.mark.parametrize("text", ["", "   ", "*", "*:*", " *:* "])
def test_nothing_asked_means_everything(text: str) -> None:
    assert compile_query(text) == {"match_all": {}}


@pytest.mark.parametrize(("text", "query"), COMPILED.items())
def test_a_query_compiles_to_what_it_says(text: str, query: Query) -> None:
    assert compile_query(text) == query


def test_days_are_days_in_the_time_zone() -> None:
    assert compile_query("seen:today", tz="Asia/Jakarta")["range"]["first_seen"]["time_zone"] == "Asia/Jakarta"
    assert compile_query("seen:7d", tz="Asia/Jakarta")["range"]["first_seen"]["time_zone"] == "Asia/Jakarta"
    assert compile_query("seen:[1d TO *]", tz="Asia/Jakarta")["range"]["first_seen"]["time_zone"] == "Asia/Jakarta"


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("tokyo langg:id", 6, "did you mean lang:?"),
        ("tokyo counrty:JP", 6, "did you mean country:?"),
        ("tokyo zzzz:JP", 6, "no field is called 'zzzz'"),
        ("12:30", 0, "quotes"),
        ("_exists_:zzzz", 9, "no field"),
        ("nato /tok.o/", 5, "regular expressions"),
        ("title:/tok.o/", 6, "regular expressions"),
        ("see https://a.example/b", 4, "web address"),
        ("a && b", 2, "written AND"),
        ("a || b", 2, "written OR"),
        ("a !b", 2, "written NOT"),
        ("nato *kyo", 5, "cannot begin with"),
        ("source:*kyo", 7, "cannot begin with"),
        ("nato a*", 5, "too short"),
        ("nato anti-N?TO", 5, "several words"),
        ('nato "kantor pen*"', 5, "at least 4 letters"),
        ("nato (tokyo", 5, "not closed"),
        ("nato tokyo)", 10, "closes nothing"),
        ("nato (tokyo]", 11, "closes nothing"),
        ('nato "tokyo', 5, "quote is not closed"),
        ("nato AND", 8, "ends too early"),
        ("nato OR OR tokyo", 8, "cannot stand here"),
        ("nato ()", 6, "cannot stand here"),
        ('nato ""', 5, "between the quotes"),
        ("& - +", 0, "no letters"),
        ("published:yesterdya", 10, "did you mean yesterday?"),
        ("published:soon", 10, "not a date"),
        ("published:2026-02-30", 10, "not a date"),
        ("published:[2026 TO soon]", 19, "not a date"),
        ("published:now-2d", 10, "write 2d"),
        ("published:>7d", 10, "published:7d finds the last 7d"),
        ("published:<=7d", 10, "NOT published:7d older ones"),
        ("words:many", 6, "not a number"),
        ("words:[1 TO many]", 12, "not a number"),
        ("published:2026*", 10, "no meaning"),
        ("published:2026~1", 10, "no meaning"),
        ('country:"JP"~2', 8, "no meaning"),
        ("[a TO b]", 0, "a range needs a field"),
        ("title:>5", 6, "a range needs a field"),
        ("title:(a OR body:b)", 12, "inside another field"),
        ("a~7", 0, "letters that may differ"),
        ("b a~1.2.3", 3, "cannot be read"),
        ("kantor^", 6, "a number belongs there, as in kantor^2"),
        ("kantor^-1", 6, "a number belongs there"),
        ("kantor^1e400", 6, "a number belongs there"),
        ("b a~c", 3, "as in kantor~2"),
        ('"a b"~-1', 5, "a number belongs there"),
        ("(a b)^x", 5, "a number belongs there"),
        ("+a OR b", 0, "leave one out"),
        ("country:Japn", 8, "did you mean Japan?"),
        ("country:XX", 8, "no country"),
        ("lang:Indonesain", 5, "did you mean Indonesia"),
        ("topic:diplomcy", 6, "did you mean diplomacy?"),
        ("is:paywaled", 3, "did you mean paywalled?"),
        ("changed:often", 8, "there are title, body"),
        ("kind:stat", 5, "did you mean state?"),
        ('"a b"~9999', 0, "at most 100 words"),
        ("a^9999", 5, "0 to 1000"),
        ("concept:x", 8, "no concept"),
    ],
)
def test_errors_say_what_and_point_at_the_character(text: str, position: int, says: str) -> None:
    error = fault(text)
    assert says in error.message
    assert error.position == position


def test_a_near_miss_is_offered() -> None:
    assert fault("langg:id").suggestion == "lang"
    assert fault("zzzz:id").suggestion is None
    assert fault("country:Japn").suggestion == "Japan"
    assert fault("published:>7d").suggestion == "7d"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("tokyo counrty:JP lang:id", "tokyo country:JP lang:id"),
        ("country:Japn lang:id", "country:Japan lang:id"),
        ('country:(JP OR "South Koria")', 'country:(JP OR "South Korea")'),
        ("lang:Indonesain x", "lang:Indonesian x"),
        ("is:paywaled a", "is:paywalled a"),
        ("topic:diplomcy", "topic:diplomacy"),
        ("seen:yesterdya a", "seen:yesterday a"),
        ("seen:[yesterdya TO *] a", "seen:[yesterday TO *] a"),
        ("seen:>7d a", "seen:7d a"),
        ("seen:now-2d a", "seen:>now-2d a"),
        ("a NEAR b", "a NEAR/5 b"),
        ("a ONEAR/900 b", "a ONEAR/100 b"),
        ("~stm(kata) a", "~stem(kata) a"),
        ("concept:liason a", "concept:liaison a"),
    ],
)
def test_what_was_probably_meant_can_be_put_in_its_place(text: str, mended: str) -> None:
    concepts = {"liaison": "kata"}
    assert fault(text, concepts=concepts).mended(text) == mended
    assert compile_query(mended, concepts=concepts)
    assert fault("zzzz:x").mended("zzzz:x") is None


def test_size_depth_and_clauses_are_bounded() -> None:
    assert "characters" in fault("a" * (MAX_CHARS + 1)).message
    assert "deep" in fault("(" * 60 + "a" + ")" * 60).message
    assert "deep" in fault("NOT " * 900 + "a").message
    assert compile_query("a " * 500)
    assert "more than 1000 things" in fault("a " * 501).message
    assert compile_query("a " * 50, stemmed=True)
    assert "more than 1000 things" in fault("a " * 51, stemmed=True).message


def test_every_friendly_field_is_in_the_mapping() -> None:
    for field in FIELDS.values():
        mapped: Any = {"properties": ARTICLE_FIELDS}
        for part in field.target.split("."):
            mapped = mapped.get("properties", {}).get(part) or mapped.get("fields", {})[part]
        assert "type" in mapped
    assert set(ALSO.values()) <= {*FIELDS, *TOGETHER}
    for name in TOGETHER:
        assert field_name(name) == name
        assert len({field.kind for field in fields_of(name)}) == 1


PIECES = [
    *"ab \"'/\\:()[]{}~^*?+-!&|<>=北约.5",
    "AND ",
    "OR ",
    "NOT ",
    " TO ",
    " NEAR/3 ",
    " ONEAR/2 ",
    "~stem(",
    "concept:x ",
    "title:",
    "country:",
    "person:",
    "published:",
    "2026-01-01",
    "7d",
    "kata",
    "~9",
]
SOUP = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
ANYTHING = st.text(max_size=60)


def never_anything_else(text: str, **options: Any) -> None:
    found: QueryError | None = None
    try:
        assert compile_query(text, concepts={"x": 'kata OR "dua kata"'}, **options)
    except QueryError as error:
        found = error
    if found is not None:
        assert 0 <= found.position <= len(text)
        assert found.message


@given(SOUP, st.booleans(), st.booleans())
def test_no_input_gives_anything_but_a_query_or_an_error_inside_it(text: str, stemmed: bool, regex: bool) -> None:
    never_anything_else(text, stemmed=stemmed, regex=regex)


@given(ANYTHING)
def test_nor_does_text_in_any_script(text: str) -> None:
    never_anything_else(text)


@given(SOUP)
def test_the_prescan_moves_no_character(text: str) -> None:
    try:
        assert len(prescan(text)) == len(text)
    except QueryError:
        return
