"""The shipped files of people, organisations and things: how much they hold, and that each name is one's own."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict

import pytest

from ingest.tagging.names import DATA, Entity, read_names
from ingest.tagging.words import folded, is_acronym

FILES = sorted(path for part in ("organisations", "people", "things") for path in DATA.glob(f"{part}*.names"))
SCRIPTS = {"ru": 500, "zh": 700, "ar": 450, "ja": 600, "ko": 500}  # entities that have a name in that language
SAMPLE = {  # whom the article about NATO's office in Tokyo names
    "NATO": "Q7184",
    "Macron": "Q3052772",
    "Financial Times": "k-financial-times",
    "Dewan Atlantik Utara": "k-north-atlantic-council",
    "Mao Ning": "k-mao-ning",
    "Kementerian Luar Negeri China": "k-foreign-ministry-cn",
    "Shinzo Abe": "Q132345",
    "Fumio Kishida": "k-fumio-kishida",
}


@pytest.fixture(scope="module")
def entities() -> tuple[Entity, ...]:
    return tuple(entity for entity in read_names(FILES) if entity.type != "none")


def test_there_are_enough_of_each_type(entities: tuple[Entity, ...]) -> None:
    """What an analyst of world news expects to be known at all."""
    counts = Counter(entity.type for entity in entities)
    assert counts["organisation"] >= 1000
    assert counts["person"] >= 800
    assert counts["thing"] >= 110


def test_every_entity_has_a_canonical_name_in_english_and_indonesian(entities: tuple[Entity, ...]) -> None:
    """Readers see these two."""
    for entity in entities:
        assert {"en", "id"} <= {name.language for name in entity.names}, entity.source


@pytest.mark.parametrize(("language", "floor"), SCRIPTS.items())
def test_many_have_a_name_in_other_scripts(entities: tuple[Entity, ...], language: str, floor: int) -> None:
    """A floor that only rises: an Arabic or Chinese article must come to the same ids."""
    assert sum(any(name.language == language for name in entity.names) for entity in entities) >= floor


def test_no_sure_name_is_of_two_entities(entities: tuple[Entity, ...]) -> None:
    """In any language: what two share is unsure in both, or a text in a third language would be tagged with either."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    sure: set[str] = set()
    for entity in entities:
        for name in entity.names:
            form = name.text if is_acronym(name.text) else folded(name.text)
            owners[form].add(entity.id)
            if name.sure:
                sure.add(form)
    assert {form: ids for form, ids in owners.items() if len(ids) > 1 and form in sure} == {}


def test_names_are_composed_and_have_no_stray_spaces(entities: tuple[Entity, ...]) -> None:
    """NFC, single spaces: what the eye takes for one name is one."""
    for entity in entities:
        for name in entity.names:
            assert name.text == " ".join(unicodedata.normalize("NFC", name.text).split()), entity.source


@pytest.mark.parametrize(("name", "expected"), SAMPLE.items())
def test_the_sample_article_names_known_entities(entities: tuple[Entity, ...], name: str, expected: str) -> None:
    """Each under one id, by a sure name."""
    found = {entity.id for entity in entities for one in entity.names if one.text == name and one.sure}
    assert found == {expected}
