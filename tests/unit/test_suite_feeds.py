"""Feeds in the form of feedparser's suite: what it tries and bears on what Kawat keeps (docs/suites.md)."""

from __future__ import annotations

import pytest

from tests.suites import bases, links, people, texts
from tests.suites.cases import Case, faults


@pytest.mark.parametrize("case", list(texts.cases()), ids=lambda case: case.name)
def test_texts_of_every_kind_are_read(case: Case) -> None:
    assert faults(case) == [], case.description


@pytest.mark.parametrize("case", list(texts.entity_cases()), ids=lambda case: case.name)
def test_every_character_that_html_names_is_read(case: Case) -> None:
    assert faults(case) == [], case.description


@pytest.mark.parametrize("case", [*links.cases(), *bases.cases()], ids=lambda case: case.name)
def test_links_and_ids_are_read_and_none_leaks_in(case: Case) -> None:
    assert faults(case) == [], case.description


@pytest.mark.parametrize("case", list(people.cases()), ids=lambda case: case.name)
def test_authors_languages_and_tags_are_read(case: Case) -> None:
    assert faults(case) == [], case.description
