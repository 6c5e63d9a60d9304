"""Files of known names: what they say, and that a fault is named by file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.tagging import names
from ingest.tagging.cities import city_entities
from ingest.tagging.namecheck import faults_in
from ingest.tagging.names import DATA, NamesError, main, names_tables, read_names
from worker.settings import PROJECT

NATO = """\
# alliances
Q7184 organisation   # the treaty's
  en       NATO | North Atlantic Treaty Organization
  id       NATO | Pakta Pertahanan Atlantik Utara | Sumber?
  kind     alliance
  years    1949-
  cues     Stoltenberg | Rutte
k-kremlin place
  en       Kremlin
  country  RU
  of       country:RU
  at       55.75,37.62
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.names"
    path.write_text(NATO, encoding="utf-8")
    return path


def test_a_block_is_read_with_all_it_says(file: Path) -> None:
    nato, kremlin = read_names([file])
    assert (nato.id, nato.type, nato.kind, nato.years) == ("Q7184", "organisation", "alliance", "1949-")
    assert [(name.text, name.language, name.sure) for name in nato.names][3:] == [
        ("Pakta Pertahanan Atlantik Utara", "id", True),
        ("Sumber", "id", False),
    ]
    assert nato.cues == ("Stoltenberg", "Rutte")
    assert (nato.english, nato.indonesian, nato.source) == ("NATO", "NATO", "mine.names:2")
    assert (kremlin.countries, kremlin.of, kremlin.at) == (("RU",), "country:RU", (55.75, 37.62))
    assert kremlin.indonesian == "Kremlin"


@pytest.mark.parametrize(
    ("block", "line", "what"),
    [
        ("k-a place\n  en  Aaaa\n  knid  city", 3, "unknown key 'knid': did you mean 'kind'"),
        ("k-a organization\n  en  Aaaa", 1, "did you mean 'organisation'"),
        ("K_a place\n  en  Aaaa", 1, "is no `id type`"),
        ("  en  Aaaa", 1, "outside a block"),
        ("k-a place\n  kind city", 1, "k-a has no names"),
        ("k-a place\n  en  Aaaa\nk-a place\n  en Bbbb", 3, "already at bad.names:1"),
        ("k-a place\n  en  Aaaa | | Bbbb", 2, "an empty name"),
        ("k-a place\n  en  Aaaa\n  country  Russia", 3, "ISO 3166-1"),
        ("k-a place\n  en  Aaaa\n  at  95,10", 3, "latitude,longitude"),
        ("k-a place\n  en  Aaaa\n  years  since 2001", 3, "2017-"),
        ("k-a place\n  en  Aaaa\n  of  Russia", 3, "country:RU"),
        ("k-a place\n  en  Aaaa\n  kind sea\n  kind city", 4, "stands twice"),
    ],
)
def test_what_cannot_be_understood_is_named_by_file_and_line(tmp_path: Path, block: str, line: int, what: str) -> None:
    path = tmp_path / "bad.names"
    path.write_text(block, encoding="utf-8")
    with pytest.raises(NamesError) as raised:
        read_names([path])
    assert f"{path}:{line}: " in str(raised.value)
    assert what in str(raised.value)


@pytest.mark.parametrize(
    ("block", "line", "what"),
    [
        ("k-a place\n  en  Aaaa\nk-b person\n  en  AAaa\n", 3, "is a name of k-a (bad.names:1) too"),
        ("k-a place\n  zh  京\n", 1, "too short"),
        ("k-a place\n  en  Ab\n", 1, "too short"),
        ("k-a place\n  en  Aaaa\n  kind citty\n", 1, "did you mean 'city'"),
        ("k-a none\n  *  Aaaa Post\nk-b organisation\n  en  Aaaa Post\n", 3, "is left out by k-a (bad.names:1)"),
        ("k-a none\n  en  Aaaa Post\nk-b organisation\n  *  aaaa post\n", 3, "is left out by k-a (bad.names:1)"),
        (
            "k-army place\n  en  Aaaa\nk-b place\n  en Bbbb\n  of k-armi\n",
            3,
            "no block has that id: did you mean 'k-army'",
        ),
    ],
)
def test_what_would_be_matched_wrongly_is_found_by_the_check_alone(
    tmp_path: Path, block: str, line: int, what: str
) -> None:
    path = tmp_path / "bad.names"
    path.write_text(block, encoding="utf-8")
    assert read_names([path])
    (fault,) = faults_in([path])
    assert (fault.line, what in str(fault)) == (line, True)


def test_an_unsure_name_may_be_shared(tmp_path: Path) -> None:
    path = tmp_path / "shared.names"
    path.write_text("k-a place\n  en  Aaaa\nk-b person\n  en  Aaaa? | Bbbb\n", encoding="utf-8")
    assert faults_in([path]) == []


def test_a_file_goes_together_with_those_beside_it_and_takes_the_place_of_their_blocks(
    file: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "user.names"
    mine.write_text("Q7184 organisation\n  en  NATO\nk-seat place\n  en  Evere\n  of  Q7184\n", encoding="utf-8")
    assert faults_in([mine], beside=[file]) == []
    mine.write_text("k-walls place\n  en  Kremlin\n  of  Q7184\n", encoding="utf-8")
    (fault,) = faults_in([mine], beside=[file])
    assert (fault.path, fault.line) == (mine, 1)
    assert "'Kremlin' (en) is a name of k-kremlin (mine.names:8) too" in str(fault)


def test_the_command_prints_faults_and_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.names"
    path.write_bytes(b"k-a place\n  en \xff\n")
    assert main([str(path)]) == 1
    assert "not UTF-8" in capsys.readouterr().out
    path.write_text("k-wirata person\n  *  Made Wirata\n", encoding="utf-8")
    assert main([str(path)]) == 0


def test_a_user_s_block_takes_the_place_of_kawat_s(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "kawat.names").write_text("k-kremlin place\n  en Red Square\nk-b place\n  en Bbbb\n")
    monkeypatch.setattr(names, "DATA", tmp_path / "own")
    names_tables.cache_clear()
    try:
        assert {entity.id: entity.english for entity in names_tables(file)} == {
            "k-b": "Bbbb",
            "Q7184": "NATO",
            "k-kremlin": "Kremlin",
        }
    finally:
        names_tables.cache_clear()


def test_the_example_in_the_documents_has_no_faults_and_goes_together_with_kawat_s_names(tmp_path: Path) -> None:
    (example,) = re.findall(r"```\n(k-wirata person\n.*?)```", (PROJECT / "docs/tags.md").read_text(), re.DOTALL)
    mine = tmp_path / "mine.names"
    mine.write_text(example, encoding="utf-8")
    assert faults_in([mine], beside=sorted(DATA.glob("*.names"))) == []
    assert {entity.id for entity in read_names([mine])} == {"k-wirata", "k-wisma-hijau"}


def test_the_names_that_are_shipped_have_no_faults() -> None:
    assert [str(fault) for fault in faults_in(sorted(DATA.glob("*.names")))] == []


def test_compiled_cities_have_a_point_a_country_and_names_and_capitals_stand_for_governments() -> None:
    cities = {city.id: city for city in city_entities(())}
    assert len(cities) > 1200
    assert all(city.at and len(city.countries) == 1 and city.names for city in cities.values())
    capitals = [city for city in cities.values() if city.kind == "capital"]
    assert len({city.countries for city in capitals}) == len(capitals) > 190
    assert all(city.of == f"country:{city.countries[0]}" for city in capitals)
    moscow = cities["Q649"]
    assert {moscow.name_in(language) for language in ("en", "id", "ru", "zh", "ja")} == {
        "Moscow",
        "Moskow",
        "Москва",
        "莫斯科",
        "モスクワ",
    }


def test_a_city_that_a_file_of_names_has_is_not_there_twice() -> None:
    (tokyo,) = [city for city in city_entities(()) if city.english == "Tokyo"]
    assert not [city for city in city_entities([tokyo]) if city.english == "Tokyo"]
