"""New articles from a real index: each once, though documents become searchable late, and out of order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from ingest.records import Mention
from search.client import connect
from search.live import BATCH, LiveArticles, iso
from search.ports import ServiceUnavailable
from search.prescan import QueryError
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document

pytestmark = pytest.mark.services


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield client


@pytest.fixture
def index(client: Elasticsearch, index_prefix: str) -> ElasticsearchIndex:
    return ElasticsearchIndex(client, index_prefix, MemoryHomes())


@pytest.fixture
def live(client: Elasticsearch, index_prefix: str) -> LiveArticles:
    return LiveArticles(client, index_prefix, tz="Asia/Jakarta")


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def write(index: ElasticsearchIndex, *titles: str, seen: datetime | None = None) -> None:
    index.write([document(title, seen=seen or ago(5)) for title in titles])
    index.refresh()


def test_what_came_in_since_is_told_with_its_marks(live: LiveArticles, index: ElasticsearchIndex) -> None:
    write(index, "Rencana <b>kantor</b> di Tokyo", "Lain")
    found = live.since('title:kantor AND "kantor penghubung"', ago(60), ())
    assert [one.hit.title for one in found] == ["Rencana <b>kantor</b> di Tokyo"]
    assert found[0].hit.title_html == "Rencana &lt;b&gt;<mark>kantor</mark>&lt;/b&gt; di Tokyo"
    assert "<mark>" in found[0].hit.highlight[0]
    assert found[0].at >= iso(ago(60))
    assert list(live.since("", ago(-60), ())) == []


def test_those_known_are_not_told_again_and_others_are(live: LiveArticles, index: ElasticsearchIndex) -> None:
    write(index, "satu", "dua")
    known = live.known("", ago(60))
    assert len(known) == 2
    write(index, "tiga")
    assert [one.hit.title for one in live.since("", ago(60), tuple(known))] == ["tiga"]
    assert {one.hit.title for one in live.newest("", 10)} == {"satu", "dua", "tiga"}


def test_more_than_a_batch_comes_in_batches(live: LiveArticles, index: ElasticsearchIndex) -> None:
    write(index, *(f"nomor {n}" for n in range(BATCH + 20)))
    first = live.since("", ago(60), ())
    assert len(first) == BATCH
    rest = live.since("", ago(60), tuple(one.hit.id for one in first))
    assert len(rest) == 20
    assert not {one.hit.id for one in first} & {one.hit.id for one in rest}


def test_an_article_that_changed_is_not_new(live: LiveArticles, index: ElasticsearchIndex) -> None:
    seen = ago(3 * 86_400)
    first = document("lama", seen=seen)
    index.write([first])
    later = first.model_copy(
        update={
            "tagged": first.tagged.model_copy(
                update={
                    "article": first.tagged.article.model_copy(
                        update={"body": "Teks yang sama sekali lain.", "content_hash": "f" * 32}
                    )
                }
            ),
            "visit": True,
            "fetched": ago(0),
        }
    )
    assert index.write([later])[0].outcome == "revised"
    write(index, "baru")
    assert [one.hit.title for one in live.since("", ago(60), ())] == ["baru"]


def test_the_users_own_names_are_known_here_too(
    client: Elasticsearch, index: ElasticsearchIndex, index_prefix: str, tmp_path: Path
) -> None:
    names = tmp_path / "own.names"
    names.write_text("k-first person\n  en  First Zzyzx | Zzyzx\n")
    first = Mention(
        id="k-first", type="person", name="First Zzyzx", surfaces=("Zzyzx",), count=1, spans=(), linked=True
    )
    index.write([document("satu", mentions=(first,), seen=ago(5)), document("dua", seen=ago(5))])
    index.refresh()
    live = LiveArticles(client, index_prefix, own_names=names)
    assert [one.hit.title for one in live.since("person:zzyzx", ago(60), ())] == ["satu"]


def test_a_query_or_an_index_at_fault_is_told_as_such(client: Elasticsearch, index_prefix: str) -> None:
    with pytest.raises(QueryError):
        LiveArticles(client, index_prefix).since("cuntry:JP", ago(60), ())
    with pytest.raises(ServiceUnavailable):
        LiveArticles(client, index_prefix + "none-").since("", ago(60), ())
