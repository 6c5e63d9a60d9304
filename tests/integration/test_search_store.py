"""Writing on a real node: every outcome, and each article exactly once whatever happens around it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from elasticsearch import Elasticsearch

from ingest.records import Feed
from search.client import connect
from search.lifecycle.rollover import rollover
from search.mappings import STEMMED_FIELD
from search.ports import Document, ServiceUnavailable
from search.schema import SCHEMA_VERSION, Names, families
from search.store import ElasticsearchIndex
from search.subscriptions import FeedIndex
from search.upkeep import SchemaError, ensure_schema
from tests.integration.search_material import MemoryHomes, article, document, feed, mention

pytestmark = pytest.mark.services


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        yield client


@pytest.fixture
def homes() -> MemoryHomes:
    return MemoryHomes()


@pytest.fixture
def index(client: Elasticsearch, index_prefix: str, homes: MemoryHomes) -> ElasticsearchIndex:
    ensure_schema(client, index_prefix)
    return ElasticsearchIndex(client, index_prefix, homes)


def outcomes(index: ElasticsearchIndex, *documents: Document) -> list[str]:
    return [result.outcome for result in index.write(documents)]


def stored(client: Elasticsearch, prefix: str) -> int:
    client.indices.refresh(index=Names(prefix).articles)
    return int(client.count(index=Names(prefix).articles)["count"])


def test_a_new_article_is_written_and_found_at_home(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str, homes: MemoryHomes
) -> None:
    one = document("one")
    result = index.write([one])[0]
    assert (result.outcome, result.entry_id, result.article_id) == ("written", one.entry_id, one.tagged.article.id)
    assert homes.kept == {one.tagged.article.id: f"{index_prefix}articles-000001"}
    index.refresh()
    assert index.count() == 1


def test_the_same_entry_again_is_already_written_and_another_is_a_duplicate(index: ElasticsearchIndex) -> None:
    assert outcomes(index, document("one", entry="first")) == ["written"]
    assert outcomes(index, document("one", entry="first")) == ["already-written"]
    assert outcomes(index, document("one", entry="second")) == ["duplicate"]


def test_an_article_twice_in_one_batch_is_written_once(index: ElasticsearchIndex) -> None:
    batch = [document("one", entry="a"), document("two"), document("one", entry="b"), document("one", entry="a")]
    assert outcomes(index, *batch) == ["written", "written", "duplicate", "already-written"]


def test_an_empty_batch_is_no_work(index: ElasticsearchIndex) -> None:
    assert index.write([]) == []


def test_a_run_that_died_after_the_write_is_recognised_without_a_ledger(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    """The ledger lost its homes, the article sits unrefreshed in an index that is no longer written to."""
    assert outcomes(index, document("one", entry="first")) == ["written"]
    index.refresh()
    assert rollover(client, index_prefix, max_bytes=1) is not None
    forgetful = ElasticsearchIndex(client, index_prefix, MemoryHomes())
    batch = (document("one", entry="first"), document("one", entry="second"), document("new"))
    assert outcomes(forgetful, *batch) == ["already-written", "duplicate", "written"]
    assert stored(client, index_prefix) == 2


def test_new_articles_go_to_the_new_index_after_a_rollover(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str, homes: MemoryHomes
) -> None:
    index.write([document("one")])
    index.refresh()
    assert rollover(client, index_prefix, max_bytes=10**12) is None
    assert rollover(client, index_prefix, max_bytes=1) == f"{index_prefix}articles-000002"
    assert rollover(client, index_prefix, max_bytes=1) is None
    index.write([document("two")])
    assert sorted(homes.kept.values()) == [f"{index_prefix}articles-000001", f"{index_prefix}articles-000002"]
    mapping = client.indices.get_mapping(index=f"{index_prefix}articles-000002").body
    assert mapping[f"{index_prefix}articles-000002"]["mappings"]["dynamic"] == "strict"
    ensure_schema(client, index_prefix)


def test_the_ledgers_home_wins_over_the_write_index(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    """Another process decided between this one's look and its write."""
    index.write([document("zero")])
    index.refresh()
    rollover(client, index_prefix, max_bytes=1)
    one = document("one")
    other = f"{index_prefix}articles-000001"

    class Late(MemoryHomes):
        def get(self, article_ids: object) -> dict[str, str]:
            return {}

    late = Late()
    late.kept[one.tagged.article.id] = other
    assert outcomes(ElasticsearchIndex(client, index_prefix, late), one) == ["written"]
    assert client.exists(index=other, id=one.tagged.article.id)


def test_eight_writers_at_once_write_each_article_once(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    start = threading.Barrier(8)

    def run(worker: int) -> list[str]:
        mine = [document(f"article {n}", entry=f"{worker}-{n}") for n in range(60)]
        start.wait(timeout=30)
        return outcomes(index, *mine)

    with ThreadPoolExecutor(8) as pool:
        found = [outcome for result in pool.map(run, range(8)) for outcome in result]
    assert found.count("written") == 60
    assert found.count("duplicate") == 7 * 60
    assert stored(client, index_prefix) == 60


def test_one_bad_document_is_rejected_with_the_reason_and_the_rest_is_written(index: ElasticsearchIndex) -> None:
    bad = document("bad", word_count=2**40)  # an integer field takes 32 bits
    results = index.write([document("one"), bad, document("two")])
    assert [result.outcome for result in results] == ["written", "rejected", "written"]
    assert results[1].reason is not None
    assert "word_count" in results[1].reason


def test_text_that_is_no_unicode_is_rejected_alone(index: ElasticsearchIndex) -> None:
    broken = article("broken").model_copy(update={"body": "half a pair \ud800"})
    one = document("broken")
    one = one.model_copy(update={"tagged": one.tagged.model_copy(update={"article": broken})})
    assert outcomes(index, one, document("fine")) == ["rejected", "written"]


def test_a_document_larger_than_the_server_takes_is_rejected_alone(index: ElasticsearchIndex) -> None:
    large = document("large", body="x" * 106_000_000, language=None)
    results = index.write([document("one"), large, document("two")])
    assert [result.outcome for result in results] == ["written", "rejected", "written"]
    assert "bytes" in (results[1].reason or "")


def test_a_blocked_index_means_wait(index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str) -> None:
    name = f"{index_prefix}articles-000001"
    client.indices.put_settings(index=name, settings={"index.blocks.write": True})
    result = index.write([document("one")])[0]
    assert result.outcome == "unavailable"
    assert "cluster_block_exception" in (result.reason or "")
    client.indices.put_settings(index=name, settings={"index.blocks.write": None})
    assert outcomes(index, document("one")) == ["written"]


def test_a_home_that_is_gone_rejects_and_says_so(
    index: ElasticsearchIndex, homes: MemoryHomes, index_prefix: str
) -> None:
    one = document("one")
    homes.kept[one.tagged.article.id] = f"{index_prefix}articles-000009"
    result = index.write([one])[0]
    assert result.outcome == "rejected"
    assert "articles-000009" in (result.reason or "")


def test_no_schema_yet_means_wait(client: Elasticsearch, index_prefix: str) -> None:
    with pytest.raises(ServiceUnavailable, match="not set up"):
        ElasticsearchIndex(client, index_prefix, MemoryHomes()).write([document("one")])


def test_nobody_listening_is_an_outage(index_prefix: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with closing(connect(f"http://127.0.0.1:{port}", timeout=2)) as client:
        index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
        with pytest.raises(ServiceUnavailable, match="Elasticsearch"):
            index.write([document("one")])
        with pytest.raises(ServiceUnavailable):
            ensure_schema(client, index_prefix)


def test_a_server_that_never_answers_is_an_outage(index_prefix: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with closing(connect(url, timeout=0.5)) as client, pytest.raises(ServiceUnavailable):
            ElasticsearchIndex(client, index_prefix, MemoryHomes()).write([document("one")])


def test_the_strict_mapping_takes_every_field_in_every_language(index: ElasticsearchIndex) -> None:
    full = document("full", feed=feed(sample=True), mentions=(mention("person"), mention("organisation")))
    languages = [document(f"in {code}", language=code) for code in [*STEMMED_FIELD, "th", "sw", None]]
    bare = document("bare", feed=None, published=None, authors=())
    assert set(outcomes(index, full, *languages, bare)) == {"written"}


def test_values_longer_than_a_keyword_holds_are_taken(index: ElasticsearchIndex) -> None:
    long = "統" * 40_000
    one = document("long", url=f"https://news.example/{long}", authors=(long,), body=long)
    assert outcomes(index, one) == ["written"]


def test_sample_articles_leave_and_nothing_else(index: ElasticsearchIndex) -> None:
    index.write([document(f"sample {n}", feed=feed(sample=True)) for n in range(12)])
    index.write([document("kept"), document("by hand", feed=None)])
    assert index.delete_sample() == 12
    assert index.count() == 2
    assert index.delete_sample() == 0


def test_an_index_outside_the_set_up_is_never_made_by_a_write(
    client: Elasticsearch, index: ElasticsearchIndex, index_prefix: str
) -> None:
    answer = client.options(ignore_status=404).index(index=f"{index_prefix}articles-999999", document={"title": "x"})
    assert answer.meta.status == 404


def test_a_field_that_nobody_declared_is_refused(
    client: Elasticsearch, index: ElasticsearchIndex, index_prefix: str
) -> None:
    answer = client.options(ignore_status=400).index(index=f"{index_prefix}articles-000001", document={"titel": "x"})
    assert answer.body["error"]["type"] == "strict_dynamic_mapping_exception"


def test_many_processes_set_up_at_once(elasticsearch_url: str, index_prefix: str) -> None:
    start = threading.Barrier(6)

    def run(_: int) -> None:
        with closing(connect(elasticsearch_url)) as client:
            start.wait(timeout=30)
            ensure_schema(client, index_prefix)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(6)))
    with closing(connect(elasticsearch_url)) as client:
        assert set(client.indices.get(index=f"{index_prefix}*").body) == {
            family.first_index for family in families(Names(index_prefix))
        }


def test_a_newer_schema_is_refused_loudly(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    client.indices.put_mapping(index=f"{index_prefix}articles-000001", meta={"schema": 99})
    with pytest.raises(SchemaError, match="schema 99"):
        ensure_schema(client, index_prefix)


def test_an_index_that_lacks_a_field_gets_it(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    name = f"{index_prefix}articles-000001"
    client.indices.put_mapping(index=name, meta={"schema": SCHEMA_VERSION, "digest": "older"})
    ensure_schema(client, index_prefix)
    assert client.indices.get_mapping(index=name).body[name]["mappings"]["_meta"]["digest"] != "older"


def test_feeds_are_kept_with_their_health(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    kept = FeedIndex(client, index_prefix)
    feeds = [feed(name=f"Feed {n}", url=f"https://f{n}.example/rss") for n in range(3)]
    kept.write_feeds(feeds)
    kept.write_health({feeds[0].id: {"state": "ok", "failures": 0}, "unknown": {"state": "ok"}})
    renamed = Feed.model_validate({**feeds[0].model_dump(), "name": "Another"})
    kept.write_feeds([renamed])
    assert kept.read_feeds() == [renamed, feeds[1], feeds[2]]
    alias = Names(index_prefix).feeds
    assert client.get(index=alias, id=feeds[0].id)["_source"]["health"]["state"] == "ok"
    kept.remove_feeds([feeds[1].id, "unknown"])
    assert kept.read_feeds() == [renamed, feeds[2]]
