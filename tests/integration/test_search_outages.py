"""What the cluster or its operator has to put right makes articles wait, each one whole; no healthy one is refused."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest
from elasticsearch import Elasticsearch

from search import bulk
from search.bulk import REFUSALS
from search.client import connect
from search.lifecycle.rollover import rollover
from search.outcomes import TRIES
from search.ports import Document, ServiceUnavailable
from search.search import Searcher, search
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.wire import served
from tests.integration.search_front import LOGIN, PRODUCT, PROXY, Answer, Front, front_of, refusal
from tests.integration.search_material import MemoryHomes, digest, document
from tests.services import ElasticsearchHandle

pytestmark = pytest.mark.services


@pytest.fixture
def front(elasticsearch_url: str) -> Iterator[Front]:
    with front_of(elasticsearch_url) as front:
        yield front


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield client


@pytest.fixture
def homes() -> MemoryHomes:
    return MemoryHomes()


@pytest.fixture
def index(client: Elasticsearch, index_prefix: str, homes: MemoryHomes) -> ElasticsearchIndex:
    return ElasticsearchIndex(client, index_prefix, homes)


@pytest.fixture
def fronted(front: Front, client: Elasticsearch, index_prefix: str, homes: MemoryHomes) -> Iterator[ElasticsearchIndex]:
    with closing(connect(front.url)) as through:
        yield ElasticsearchIndex(through, index_prefix, homes)


@pytest.fixture
def two(client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex) -> tuple[str, str]:
    """The family has two indices, an old one and the one that is written to."""
    index.write([document("old")])
    index.refresh()
    new = rollover(client, index_prefix, max_bytes=1)
    assert new is not None
    return f"{index_prefix}articles-000001", new


def outcomes(index: ElasticsearchIndex, *documents: Document) -> list[str]:
    return [result.outcome for result in index.write(documents)]


def changed(one: Document, **fields: Any) -> Document:
    """`one` with other fields of its article."""
    article = one.tagged.article.model_copy(update=fields)
    return one.model_copy(update={"tagged": one.tagged.model_copy(update={"article": article})})


def nowhere(client: Elasticsearch, index: str) -> None:
    """Makes an index whose shard no node may hold: what one sees while a shard recovers."""
    client.indices.create(
        index=index, settings={"index.routing.allocation.require._name": "nobody"}, wait_for_active_shards="0"
    )


# --- indices that cannot be read


def test_a_closed_index_of_the_family_is_an_outage_that_names_it(
    index: ElasticsearchIndex, client: Elasticsearch, two: tuple[str, str], homes: MemoryHomes, index_prefix: str
) -> None:
    """A new article may be in there: nobody can tell, so nothing is decided until it is open again."""
    client.indices.close(index=two[0])
    before = dict(homes.kept)
    with pytest.raises(ServiceUnavailable, match=rf"index {two[0]} cannot be read: index_closed_exception.*open it"):
        index.write([document("new")])
    assert homes.kept == before
    with pytest.raises(ServiceUnavailable, match="closed"):
        search(client, index_prefix, "nato")
    client.indices.open(index=two[0])
    client.cluster.health(index=two[0], wait_for_status="yellow", timeout="30s")
    assert outcomes(index, document("new")) == ["written"]


def test_a_recovering_index_of_the_family_is_an_outage(
    index: ElasticsearchIndex, client: Elasticsearch, two: tuple[str, str], index_prefix: str
) -> None:
    name = f"{index_prefix}articles-000000"
    nowhere(client, name)
    client.indices.put_alias(index=name, name=f"{index_prefix}articles")
    with pytest.raises(ServiceUnavailable, match=rf"index {name} cannot be read: no_shard_available"):
        index.write([document("new")])
    client.indices.delete(index=name)
    assert outcomes(index, document("new")) == ["written"]


def test_an_article_at_home_in_a_closed_index_waits_and_the_others_are_written(
    index: ElasticsearchIndex, client: Elasticsearch, two: tuple[str, str]
) -> None:
    client.indices.close(index=two[0])
    with pytest.raises(ServiceUnavailable):
        index.write([document("new")])
    client.indices.open(index=two[0])
    client.cluster.health(index=two[0], wait_for_status="yellow", timeout="30s")
    assert outcomes(index, document("new")) == ["written"]
    client.indices.close(index=two[0])
    results = index.write([document("old"), document("new")])
    assert [result.outcome for result in results] == ["unavailable", "already-written"]
    assert "open it" in (results[0].reason or "")


def test_an_article_at_home_in_a_recovering_index_holds_up_no_other(
    index: ElasticsearchIndex,
    client: Elasticsearch,
    index_prefix: str,
    homes: MemoryHomes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "SHARD_SECONDS", 1)
    name = f"{index_prefix}articles-000000"
    nowhere(client, name)
    homes.kept[digest("there")] = name
    with within(40):
        assert outcomes(index, document("there"), document("here")) == ["unavailable", "written"]


def test_an_index_older_than_this_kawat_makes_articles_wait(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str, homes: MemoryHomes
) -> None:
    """Its strict mapping lacks a field: no fault of any article."""
    name = f"{index_prefix}older"
    client.indices.create(index=name, mappings={"dynamic": "strict", "properties": {"title": {"type": "text"}}})
    homes.kept[digest("one")] = name
    result = index.write([document("one")])[0]
    assert result.outcome == "unavailable"
    assert "older than this Kawat" in (result.reason or "")


def test_a_family_without_a_write_index_is_an_outage(
    index: ElasticsearchIndex, client: Elasticsearch, two: tuple[str, str], index_prefix: str
) -> None:
    client.indices.put_alias(index=two[1], name=f"{index_prefix}articles", is_write_index=False)
    with pytest.raises(ServiceUnavailable, match="0 write indices"):
        index.write([document("new")])


def test_a_home_that_went_with_its_whole_family_is_waited_for(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    """The cluster was emptied; the ledger still knows the homes, and set-up makes them again."""
    assert outcomes(index, document("one")) == ["written"]
    client.indices.delete(index=f"{index_prefix}articles-000001")
    with pytest.raises(ServiceUnavailable, match="not set up"):
        index.write([document("one")])
    ensure_schema(client, index_prefix)
    assert outcomes(index, document("one")) == ["written"]


# --- whole requests turned away

EXPIRED = refusal(401, "security_exception", "API key is expired")
TURNED_AWAY = {
    "expired key": (EXPIRED, "API key is expired.*KAWAT_ELASTICSEARCH_API_KEY"),
    "no rights": (refusal(403, "security_exception", "unauthorized for API key"), "KAWAT_ELASTICSEARCH_API_KEY"),
    "fault of the server": (refusal(500, "i_o_exception", "No space left on device"), "HTTP 500.*No space left"),
    "another version": (refusal(400, "media_type_header_exception", "Accept version must be 8"), "another major"),
    "proxy": (PROXY, "HTTP 400.*HTTPS port"),
    "login page": (LOGIN, "not Elasticsearch"),
}


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("path", ["_bulk", "_mget", "articles"])  # the last one: the alias
@pytest.mark.parametrize(("answer", "said"), TURNED_AWAY.values(), ids=TURNED_AWAY.keys())
def test_a_request_turned_away_is_an_outage_and_says_why(
    front: Front, fronted: ElasticsearchIndex, path: str, answer: Answer, said: str
) -> None:
    front.answers = {path: answer}
    with pytest.raises(ServiceUnavailable, match=said):
        fronted.write([document(name) for name in "abc"])
    with pytest.raises(ServiceUnavailable, match=said):
        fronted.write([document("alone")])
    front.answers = {}
    assert set(outcomes(fronted, *[document(name) for name in ("a", "b", "c", "alone")])) == {"written"}


def test_a_login_page_in_the_midst_of_work_is_an_outage(front: Front, index_prefix: str) -> None:
    """The official client looks at the first answer only for who gave it."""
    with closing(connect(front.url)) as through:
        ensure_schema(through, index_prefix)
        assert search(through, index_prefix, "").total == 0
        front.answers = {"_search": LOGIN}
        with pytest.raises(ServiceUnavailable, match="not Elasticsearch"):
            search(through, index_prefix, "")


@pytest.mark.parametrize("answer", [refusal(400, "illegal_argument_exception"), refusal(500, "null_pointer_exception")])
def test_a_server_that_takes_no_body_at_all_is_an_outage_soon(
    front: Front, fronted: ElasticsearchIndex, answer: Answer
) -> None:
    front.answers = {"_bulk": answer}
    with pytest.raises(ServiceUnavailable):
        fronted.write([document(str(n)) for n in range(200)])
    assert front.asked.count("/_bulk") <= REFUSALS
    with pytest.raises(ServiceUnavailable):
        fronted.write([document("a"), document("b")])


def test_an_answer_that_is_short_is_an_outage(front: Front, fronted: ElasticsearchIndex) -> None:
    front.answers = {"_bulk": (200, PRODUCT, b'{"items":[{"create":{"status":201}}]}')}
    with pytest.raises(ServiceUnavailable, match="1 of 2"):
        fronted.write([document("a"), document("b")])


def test_a_document_for_which_the_whole_body_is_refused_is_found_and_the_others_are_written(
    front: Front, fronted: ElasticsearchIndex
) -> None:
    """An `_id` above 512 bytes is checked before any item is looked at: HTTP 400 for all."""
    batch = [document(f"article {n}") for n in range(100)]
    batch[41] = changed(batch[41], id="x" * 600)
    results = fronted.write(batch)
    assert [at for at, result in enumerate(results) if result.outcome != "written"] == [41]
    assert results[41].outcome == "rejected"
    assert "too long" in (results[41].reason or "")
    assert front.asked.count("/_bulk") <= 2 * 7 + 1  # log2(100) halvings


def test_a_single_document_for_which_the_body_is_refused_is_rejected(index: ElasticsearchIndex) -> None:
    assert outcomes(index, changed(document("alone"), id="x" * 600)) == ["rejected"]


# --- one article many times


def test_many_entries_of_one_article_take_no_more_requests_than_three(
    front: Front, fronted: ElasticsearchIndex
) -> None:
    """A consent page gives hundreds of entries one canonical address."""
    same = [document("same", entry=str(n)) for n in range(500)]
    front.asked.clear()
    assert outcomes(fronted, *same, same[0]) == ["written", *["duplicate"] * 499, "already-written"]
    assert len(front.asked) == 3  # the alias, what was removed or forgotten, the bulk
    front.asked.clear()
    results = fronted.write([*same[1:], same[0], same[0]])
    assert [result.outcome for result in results] == [*["duplicate"] * 499, "already-written", "already-written"]
    assert {result.reason for result in results[:499]} == {f"entry {same[0].entry_id} brought this article first"}
    assert len(front.asked) == 2  # the bulk, who holds it


def test_entries_of_an_article_that_must_wait_all_wait(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    client.indices.put_settings(index=f"{index_prefix}articles-000001", settings={"index.blocks.write": True})
    results = index.write([document("same", entry=str(n)) for n in range(5)])
    assert {result.outcome for result in results} == {"unavailable"}
    assert all("cluster_block_exception" in (result.reason or "") for result in results)


def test_where_an_articles_first_entry_is_refused_the_next_is_tried(index: ElasticsearchIndex) -> None:
    good = [document("same", entry=name) for name in "abc"]
    bad = changed(good[0], word_count=2**40)
    assert outcomes(index, bad, good[1], good[2], document("other")) == ["rejected", "written", "duplicate", "written"]


def test_only_so_many_refused_entries_of_an_article_are_tried_at_once(
    front: Front, fronted: ElasticsearchIndex
) -> None:
    bad = [document("same", entry=str(n), word_count=2**40) for n in range(50)]
    found = outcomes(fronted, *bad, document("same", entry="good"))
    assert found == ["rejected"] * TRIES + ["unavailable"] * (51 - TRIES)
    assert front.asked.count("/_bulk") == TRIES


# --- time


@pytest.mark.parametrize("bounds", [{"request_seconds": 0.5}, {"write_seconds": 0.5}], ids=["request", "write"])
def test_a_write_ends_in_time_whatever_the_clients_own_patience(index_prefix: str, bounds: dict[str, float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with closing(connect(url, timeout=60)) as client:
            index = ElasticsearchIndex(client, index_prefix, MemoryHomes(), **bounds)
            with within(40), pytest.raises(ServiceUnavailable):
                index.write([document("one")])


def test_a_write_stops_between_two_requests_when_its_time_is_over(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    """A slow node answers each request in time, but all together would take too long."""

    class Slow(MemoryHomes):
        def set_if_absent(self, homes: Mapping[str, str]) -> Mapping[str, str]:
            time.sleep(0.3)
            return super().set_if_absent(homes)

    slow = ElasticsearchIndex(client, index_prefix, Slow(), write_seconds=0.25)
    with pytest.raises(ServiceUnavailable, match="too slow"):
        slow.write([document("one")])
    assert not client.exists(index=f"{index_prefix}articles-000001", id=digest("one"))


class Quiet:
    """A flow of which there is nothing to say."""

    def summary(self) -> Mapping[str, object]:
        return {}


@contextmanager
def frozen(node: ElasticsearchHandle) -> Iterator[None]:
    node.freeze()
    try:
        yield
    finally:
        node.thaw()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is inside takes no longer."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds, f"took {took:.1f} s"


def test_the_page_and_the_api_do_not_hang_on_a_frozen_node_and_recover(
    elasticsearch_node: ElasticsearchHandle, index_prefix: str
) -> None:
    """SIGSTOP: the kernel still takes connections, nobody answers."""
    with closing(connect(elasticsearch_node.url)) as patient:
        ensure_schema(patient, index_prefix)
    with (
        closing(connect(elasticsearch_node.url, timeout=1)) as hasty,
        served(create_app(WebPorts(search=Searcher(hasty, index_prefix), status=Quiet()))) as address,
        httpx.Client(base_url=address, timeout=90) as reader,
    ):
        until_answered(reader)
        with frozen(elasticsearch_node):
            with within(60), pytest.raises(ServiceUnavailable):
                search(hasty, index_prefix, "nato")
            with within(60):
                answer = reader.get("/api/search", params={"q": "nato"})
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            assert (answer.json()["service"], answer.json()["status"]) == ("Elasticsearch", 503)
            with within(60):
                page = reader.get("/", headers={"Accept-Language": "en"})
            assert page.status_code == 200
            assert "The index does not answer" in page.text
        elasticsearch_node.wait_ready()
        until_answered(reader)


def until_answered(reader: httpx.Client) -> None:
    """The client behind the API waits for a second only: the first searches of a slow machine may take longer."""
    deadline = time.monotonic() + 60
    while reader.get("/api/search").status_code != 200:
        assert time.monotonic() < deadline, "the API does not answer"
        time.sleep(0.1)
