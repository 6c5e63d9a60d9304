"""What people call countries, languages, topics and entities in a query, and the codes these names lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.tagging.countries import TABLE
from ingest.tagging.table import read_rows
from search.language.names import Unknown, country_codes, entity_ids, key, language_codes, topic_ids
from search.query import compile_query


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("jp", "JP"),
        ("Jepang", "JP"),
        ("JAPÓN", "JP"),
        ("日本", "JP"),
        ("Япония", "JP"),
        ("اليابان", "JP"),
        ("Tiongkok", "CN"),
        ("People’s Republic of China", "CN"),
        ("Georgia", "GE"),
        ("turkiye", "TR"),
        ("Pantai Gading", "CI"),
        ("Kosovo", "XK"),
        ("korea utara", "KP"),
    ],
)
def test_a_country_is_known_by_its_code_and_by_its_name_in_any_language(name: str, code: str) -> None:
    assert country_codes(name) == (code,)


def test_what_is_no_country_says_what_was_probably_meant() -> None:
    assert country_codes("Japn") == Unknown("Japan")
    assert country_codes("Zzzzzzzz") == Unknown(None)
    unknown = country_codes("xx")
    assert isinstance(unknown, Unknown)
    assert "no country's code" in unknown.why


def test_every_canonical_english_name_leads_to_its_country() -> None:
    for _, row in read_rows(TABLE):
        if row.kind == "canonical":
            for name in row.names:
                assert country_codes(name) == (row.code,), name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("id", "id"),
        ("ID", "id"),
        ("ind", "id"),
        ("in", "id"),
        ("jp", "ja"),
        ("Indonesian", "id"),
        ("Indonesia", "id"),
        ("Jepang", "ja"),
        ("melayu", "ms"),
        ("arabic", "ar"),
    ],
)
def test_a_language_is_known_by_its_code_and_by_two_names(name: str, code: str) -> None:
    assert language_codes(name) == (code,)


def test_what_is_no_language_says_what_was_probably_meant() -> None:
    assert language_codes("Indonesain") in {Unknown("Indonesian"), Unknown("Indonesia")}
    assert language_codes("zz") == Unknown(None)


def test_a_topic_is_known_by_its_id_and_by_two_names() -> None:
    assert topic_ids("armed-conflict") == topic_ids("Armed Conflict") == topic_ids("konflik bersenjata")
    assert topic_ids("diplomcy") == Unknown("diplomacy")


def test_an_entity_is_known_by_each_of_its_names_within_its_type() -> None:
    for name in ("NATO", "nato", "Pakta Pertahanan Atlantik Utara", "北約", "ＮＡＴＯ"):
        assert entity_ids(name, ["organisation"]) == ("Q7184",), name
        assert entity_ids(name, ["person", "place"]) == ()
    assert entity_ids("Siti Aminah", ["person"]) == ()


def test_a_name_that_several_share_leads_to_all_of_them(tmp_path: Path) -> None:
    names = tmp_path / "mine.names"
    names.write_text("k-first person\n  en  First Zzyzx | Zzyzx\nk-second person\n  en  Second Zzyzx | Zzyzx\n")
    assert entity_ids("zzyzx", ["person"], names) == ("k-first", "k-second")
    assert entity_ids("second zzyzx", ["person"], names) == ("k-second",)
    asked = compile_query("person:zzyzx", own_names=names)
    assert {"terms": {"person": ["k-first", "k-second"]}} in asked["bool"]["should"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("İstanbul", "istanbul"), ("ISPARTA", "ısparta"), ("Bogotá", "BOGOTA"), ("d’Ivoire", "d'ivoire"), ("a  b", "A B")],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)
