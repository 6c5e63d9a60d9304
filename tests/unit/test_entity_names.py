"""Documents of entities: under which letters one is found, and before whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.entitydocs import canonical, counted, digest, document, listed, weight
from search.entitynames import entity_name, folded, nearest, other_names, ranked, whole_name
from search.entityqueries import interval
from search.entityrecords import TYPES, EntityName


def inputs(one: dict[str, object]) -> set[str]:
    return {text for part in one["suggest"] for text in part["input"]}  # type: ignore[attr-defined]  # of JSON


def test_every_list_gives_documents_and_each_has_its_own_id() -> None:
    documents = list(listed())
    ids = [(one["type"], one["entity_id"]) for one in documents]
    assert len(ids) == len(set(ids)) > 3_500
    assert {type for type, _ in ids} == set(TYPES)
    assert all(one["name"] and one["suggest"][0]["input"] for one in documents)


def test_kishida_stands_under_his_name_in_every_script_and_from_each_word_on() -> None:
    kishida = next(one for one in listed() if one["name"] == "Fumio Kishida")
    assert inputs(kishida) >= {"Fumio Kishida", "Kishida", "Kishida Fumio", "岸田文雄", "Кисида"}


def test_countries_are_entities_without_their_adjectives_for_every_gender() -> None:
    japan = next(one for one in listed() if (one["type"], one["entity_id"]) == ("country", "JP"))
    assert japan["name"] == "Japan"
    assert inputs(japan) >= {"Japan", "Jepang", "日本", "Япония", "اليابان", "يابان"}
    assert not any("~" in text or "?" in text for text in inputs(japan))


def test_a_later_word_weighs_less_than_the_beginning() -> None:
    one = document("person", "k-x", {"en": ["Ann Beta"]})
    whole, later = one["suggest"]
    assert (whole["input"], later["input"]) == (["Ann Beta"], ["Beta", "Beta Ann"])
    assert whole["weight"] > later["weight"]


def test_twice_as_many_articles_and_being_known_weigh_more() -> None:
    known = document("person", "k-x", {"en": ["Ann"]})
    unknown = document("person", "Ann", {"*": ["Ann"]}, linked=False)
    assert weight(known, 20) > weight(known, 10) > weight(known, 0) > weight(unknown, 0)
    assert counted(known, 20)["articles"] == 20
    assert counted(known, 20)["suggest"][0]["weight"] == weight(known, 20)


def test_the_digest_changes_with_the_users_own_names(tmp_path: Path) -> None:
    own = tmp_path / "own.names"
    own.write_text("k-wirata person\n  en  Made Wirata\n")
    first = digest(own)
    assert first != digest()
    assert any(one["entity_id"] == "k-wirata" for one in listed(own))
    own.write_text("k-wirata person\n  en  Made Wirata | Wirata\n")
    assert digest(own) != first


def name(id: str, called: str, *aliases: str) -> EntityName:
    return EntityName(id=id, type="person", name=called, aliases=aliases)


def test_who_is_called_just_that_comes_first_and_nobody_twice() -> None:
    found = [name("1", "Japan Coast Guard"), name("2", "Japan"), name("1", "Japan Coast Guard"), name("3", "Jáp")]
    assert [one.id for one in ranked("japan", found)] == ["2", "1", "3"]
    assert [one.id for one in ranked("JAP", found)] == ["3", "1", "2"]


def test_of_names_nearly_so_the_most_alike_comes_first() -> None:
    found = [name("1", "Isle of Man", "Kisiwa cha Man"), name("2", "Fumio Kishida")]
    assert [one.id for one in nearest("Kisida", found)] == ["2", "1"]


def test_what_was_found_from_a_later_word_on_is_shown_whole() -> None:
    assert whole_name("Jepang", ["Penjaga Pantai Jepang", "Japan Coast Guard"]) == "Penjaga Pantai Jepang"
    assert whole_name("Kishida Fumio", ["Fumio Kishida"]) == "Kishida Fumio"


def test_names_of_other_languages_once_each_the_much_read_first() -> None:
    known = {"zu": ["iJapan"], "en": ["Japan"], "af": ["Japan"], "id": ["Jepang"], "*": ["JPN"]}
    assert other_names(known, "Japan") == [("JPN", ""), ("Jepang", "id"), ("iJapan", "zu")]
    assert canonical(known, "id") == "Jepang"
    assert canonical(known, "fr") == "Japan"


def test_a_hit_reads_as_a_name() -> None:
    columns = {
        "entity_id": ["JP"],
        "type": ["country"],
        "name": ["Japan"],
        "indonesian": ["Jepang"],
        "called": ["Japan", "Jepang", "日本"],
        "linked": [True],
        "articles": [12],
        "country": ["JP"],
        "location": ["-7.2, 112.7"],
    }
    read = entity_name({"fields": columns}, "日本")
    assert (read.id, read.name, read.names, read.aliases) == ("JP", "Japan", {"id": "Jepang"}, ("日本",))
    assert (read.at, read.countries, read.count) == ((-7.2, 112.7), ("JP",), 12)
    assert entity_name({"fields": columns}, "Japan").aliases == ()
    assert entity_name({"fields": columns}, "Japonia", "jepa").aliases == ()


@pytest.mark.parametrize(
    ("one", "query"),
    [
        (EntityName(id="Q7184", type="organisation", name="NATO"), 'org:"Q7184"'),
        (EntityName(id='A "B" \\', type="person", name="A", linked=False), 'unlinked:"person/A \\"B\\" \\\\"'),
    ],
)
def test_the_query_for_its_articles_is_escaped(one: EntityName, query: str) -> None:
    assert one.query == query


def test_bars_are_as_wide_as_the_time_asks_for() -> None:
    first = "2026-01-01T00:00:00Z"
    assert interval(first, "2026-01-02T00:00:00Z") == "1h"
    assert interval(first, "2026-03-01T00:00:00Z") == "1d"
    assert interval(first, "2027-03-01T00:00:00Z") == "7d"
    assert interval(first, "2036-03-01T00:00:00Z") == "1M"
    assert interval(None, None) == "1d"


def test_case_and_accents_fold() -> None:
    assert folded(" Türkiye ÉLYSÉE ") == "turkiye elysee"
