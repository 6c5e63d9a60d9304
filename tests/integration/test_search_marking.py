"""What lists mark of what matched, and a wildcard that fits too much, on a real node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from search.client import connect
from search.prescan import QueryError
from search.search import Searcher
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document

pytestmark = pytest.mark.services


@pytest.fixture
def searcher(elasticsearch_url: str, index_prefix: str) -> Iterator[Searcher]:
    many = " ".join(f"kamus{number:05}" for number in range(9_000))
    written = [
        document(
            "Kunjungan", body="Kantor itu menghubungkan dua kementerian. Para menteri tidak hadir.", language="id"
        ),
        document("Daftar kata", body=f"Kata: {many}", language="id"),
    ]
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
        assert {result.outcome for result in index.write(written)} == {"written"}
        index.refresh()
        yield Searcher(client, index_prefix)


def test_what_matched_by_its_stem_is_marked_as_it_is_written(searcher: Searcher) -> None:
    (hit,) = searcher.search("~stem(penghubung)").hits
    assert "<mark>menghubungkan</mark>" in hit.highlight[0]
    (hit,) = searcher.search("penghubung kementerian", stemmed=True).hits
    assert "<mark>menghubungkan</mark>" in " ".join(hit.highlight)
    (hit,) = searcher.search("kantor ~stem(penghubung)").hits  # one as written, one by its stem: some is marked
    assert "<mark>" in " ".join(hit.highlight)


def test_what_matched_as_written_is_marked_so(searcher: Searcher) -> None:
    (hit,) = searcher.search("menghubungkan").hits
    assert hit.highlight[0].count("<mark>") == 1


@pytest.mark.parametrize("query", ['"kata kamus*"', "kata NEAR/3 kamus*"])
def test_a_wildcard_that_fits_too_many_words_is_the_querys_fault(searcher: Searcher, query: str) -> None:
    with pytest.raises(QueryError, match="fits too many words"):
        searcher.search(query)


def test_one_that_fits_many_words_alone_is_none(searcher: Searcher) -> None:
    assert searcher.search("kamus*").total == 1
