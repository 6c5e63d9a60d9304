"""What an index's name tells, and why one is behind."""

from __future__ import annotations

from typing import Any

import pytest

from search.lifecycle.generations import generation, made_over, next_number
from search.lifecycle.state import why_behind
from search.schema import SCHEMA_VERSION, Names, families

ARTICLES = families(Names("x-"))[0]


@pytest.mark.parametrize(
    ("index", "base", "number"),
    [
        ("articles-000001", "articles-000001", 1),
        ("articles-000001.2", "articles-000001", 2),
        ("my.own.12", "my.own", 12),
        ("articles-000001.0", "articles-000001.0", 1),
    ],
)
def test_a_name_tells_its_generation(index: str, base: str, number: int) -> None:
    assert generation(index) == (base, number)


def test_each_generation_follows_the_last() -> None:
    assert made_over("articles-000001") == "articles-000001.2"
    assert made_over(made_over("articles-000001")) == "articles-000001.3"


def test_the_next_index_comes_after_all_there_are_whatever_became_of_them() -> None:
    assert next_number("articles", []) == "articles-000001"
    assert next_number("articles", ["articles-000002.3", "articles-000001", "articles"]) == "articles-000003"
    assert next_number("articles", ["articles-theirs", "articles-2026.01", "revisions-000009"]) == "articles-000001"


def as_stored(value: Any) -> Any:
    """Elasticsearch gives every setting back as a string."""
    if isinstance(value, dict):
        return {name: as_stored(one) for name, one in value.items()}
    return [as_stored(one) for one in value] if isinstance(value, list) else str(value)


def test_an_index_is_behind_by_its_schema_or_by_how_it_analyses() -> None:
    settings = as_stored(ARTICLES.settings)
    assert why_behind(ARTICLES, {"_meta": ARTICLES.meta}, settings) == ""
    assert f"this Kawat writes {SCHEMA_VERSION}" in why_behind(ARTICLES, {"_meta": {"schema": 0}}, settings)
    assert "has schema None" in why_behind(ARTICLES, {}, settings)
    settings["index"]["analysis"]["analyzer"]["exact"]["filter"].pop()
    assert "analysed in another way" in why_behind(ARTICLES, {"_meta": ARTICLES.meta}, settings)
