"""spaCy's pipelines where a user has one installed; none is needed. A stand-in takes spaCy's place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from ingest.records import Article
from ingest.tagging import pipelines, tag, tagger

TEXT = "Gestern sprach Hanna Weiß mit der Firma Nordlicht in Kleinwerder."
NAMES = {"Hanna Weiß": "PER", "Nordlicht": "ORG", "Kleinwerder": "LOC", "Gestern": "DATE"}


@pytest.fixture
def fresh() -> Iterator[None]:
    caches = (pipelines.installed, pipelines._loaded, tagger)
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


@pytest.fixture
def loaded(fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A German pipeline in two sizes is installed; the packages that were loaded."""
    packages: list[str] = []

    def load(package: str, exclude: list[str]) -> Callable[[str], SimpleNamespace]:
        packages.append(package)
        assert "ner" not in exclude

        def read(text: str) -> SimpleNamespace:
            found = [(text.find(name), name, label) for name, label in NAMES.items() if name in text]
            ents = [SimpleNamespace(start_char=at, end_char=at + len(name), label_=label) for at, name, label in found]
            return SimpleNamespace(ents=ents)

        return read

    for name in ("de_core_news_sm", "de_core_news_md"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    spacy = ModuleType("spacy")
    monkeypatch.setattr(spacy, "load", load, raising=False)
    monkeypatch.setitem(sys.modules, "spacy", spacy)
    monkeypatch.syspath_prepend(tmp_path)
    return packages


def article(body: str, language: str) -> Article:
    return Article(id="0" * 32, url="", title="", body=body, language=language, content_hash="")


def test_names_come_from_the_largest_pipeline_that_is_installed(loaded: list[str]) -> None:
    assert pipelines.installed() == {"de": "de_core_news_md"}
    found = pipelines.found_by_pipeline(TEXT, "de")
    assert {(TEXT[one.start : one.end], one.type) for one in found} == {
        ("Hanna Weiß", "person"),
        ("Nordlicht", "organisation"),
        ("Kleinwerder", "place"),
    }
    assert loaded == ["de_core_news_md"]


def test_an_article_has_the_names_and_other_languages_load_nothing(loaded: list[str]) -> None:
    (person,) = tag(article(TEXT, "de")).mentions  # a single word that comes once is not believed
    assert (person.name, person.type, person.linked) == ("Hanna Weiß", "person", False)
    loaded.clear()
    for language in ("id", "en", "ar", "fr"):
        tag(article(TEXT, language))
    assert loaded == []


def test_without_spacy_there_are_only_names_that_lists_know(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "find_spec", lambda package: None)
    assert pipelines.installed() == {}
    assert pipelines.found_by_pipeline(TEXT, "de") == ()


def test_what_is_indexed_is_stale_once_a_pipeline_is_installed(
    loaded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_pipeline = tagger()
    monkeypatch.setattr("ingest.tagging.installed", dict)
    tagger.cache_clear()
    assert tagger() != with_pipeline
