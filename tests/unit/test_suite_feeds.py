"""Feeds in the form of feedparser's suite: what it tries and bears on what Kawat keeps (docs/suites.md)."""

from __future__ import annotations

import pytest

from tests.suites import bases, encodings, links, moments, people, texts
from tests.suites.cases import Case, faults, file_cases, read_case, table_case


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


@pytest.mark.parametrize("case", list(moments.cases()), ids=lambda case: case.name)
def test_dates_of_every_form_are_read(case: Case) -> None:
    assert faults(case) == [], case.description


@pytest.mark.parametrize("case", list(encodings.cases()), ids=lambda case: case.name)
def test_bytes_of_every_encoding_are_read(case: Case) -> None:
    assert faults(case) == [], case.description


@pytest.mark.parametrize("case", file_cases(), ids=lambda case: case.name)
def test_whole_feeds_and_broken_ones_are_read(case: Case) -> None:
    assert faults(case) == [], case.description


def test_a_case_that_is_wrong_is_seen() -> None:
    """The suite itself: a wrong value, a missing problem and a case without a word are found."""
    markup = "<rss version='2.0'><channel><item><title>A</title><link>https://a.example/</link></item></channel></rss>"
    assert faults(table_case(markup, "right", {"entries[0].title": "A", "entries.length": 1})) == []
    assert faults(table_case(markup, "wrong", {"entries[0].title": "B", "entries[1].title": "A"})) == [
        "entries[0].title: expected 'B', got 'A'",
        "entries[1].title: expected 'A', got None",
    ]
    assert faults(table_case(markup.replace("A<", "A & B<"), "a problem untold", {"entries.length": 1}))
    assert faults(table_case("<html/>", "a refusal untold", {"entries[0].title": "A"}))
    for nothing in ("<rss/>", "<!-- Description: x --><rss/>", "<!-- Description: x\nExpect: title = 1 --><rss/>"):
        with pytest.raises(ValueError, match="case"):
            read_case("case", nothing.encode())
