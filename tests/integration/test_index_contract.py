"""One contract for the index and for its stand-in: each article once, and who was first is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from search.client import connect
from search.ports import ArticleIndex
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.fakes import FakeIndex
from tests.integration.search_material import MemoryHomes, document

pytestmark = pytest.mark.services


def fake(_: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    yield FakeIndex()


def real(request: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    prefix: str = request.getfixturevalue("index_prefix")
    with closing(connect(request.getfixturevalue("elasticsearch_url"))) as client:
        ensure_schema(client, prefix)
        yield ElasticsearchIndex(client, prefix, MemoryHomes())


@pytest.fixture(params=[fake, real], ids=["fake", "real"])
def index(request: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    make: Callable[[Any], Iterator[ArticleIndex]] = request.param
    yield from make(request)


def outcomes(index: ArticleIndex, *documents: Any) -> list[str]:
    return [result.outcome for result in index.write(documents)]


def test_a_new_article_is_written(index: ArticleIndex) -> None:
    assert outcomes(index, document("a"), document("b")) == ["written", "written"]


def test_the_same_entry_again_is_already_written(index: ArticleIndex) -> None:
    index.write([document("a")])
    assert outcomes(index, document("a")) == ["already-written"]


def test_another_entry_of_the_same_article_is_a_duplicate_also_within_one_batch(index: ArticleIndex) -> None:
    first = document("a")
    second = first.model_copy(update={"entry_id": "another"})
    third = first.model_copy(update={"entry_id": "a-third"})
    assert outcomes(index, first, second) == ["written", "duplicate"]
    assert outcomes(index, third) == ["duplicate"]


def test_many_entries_of_one_article_in_one_batch_each_meet_the_first(index: ArticleIndex) -> None:
    first, second = document("a", entry="first"), document("a", entry="second")
    results = index.write([first, document("b"), second, first, second, document("b")])
    assert [result.outcome for result in results] == [
        "written", "written", "duplicate", "already-written", "duplicate", "already-written",
    ]  # fmt: skip
    assert {result.reason for result in results if result.outcome == "duplicate"} == {
        f"entry {first.entry_id} brought this article first"
    }
    assert outcomes(index, second, first) == ["duplicate", "already-written"]


def test_results_come_in_the_order_of_the_documents_and_name_them(index: ArticleIndex) -> None:
    documents = [document(name) for name in "cab"]
    results = index.write(documents)
    assert [result.entry_id for result in results] == [one.entry_id for one in documents]
    assert [result.article_id for result in results] == [one.tagged.article.id for one in documents]


def test_nothing_is_nothing(index: ArticleIndex) -> None:
    assert index.write([]) == []
