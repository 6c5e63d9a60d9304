"""An index is made over on a real node: nothing is lost or doubled, wherever the run is cut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from elastic_transport import TransportApiResponse
from elasticsearch import Elasticsearch

from search.bulk import Version, action, send
from search.client import Deadline, OnlyElasticsearch, connect
from search.lifecycle import copying, upgrade
from search.lifecycle.copying import UpgradeError
from search.lifecycle.rollover import rollover
from search.lifecycle.state import look, look_at
from search.lifecycle.upgrade import abandon, pending
from search.ports import Document
from search.realtime import Asked, Realtime
from search.schema import SCHEMA_VERSION, Names, families
from search.store import ElasticsearchIndex
from search.upkeep import SchemaError, ensure_schema
from tests.integration.search_material import MemoryHomes, document
from tests.integration.visits import EDITED, STORY, visit

pytestmark = pytest.mark.services


class CutOffError(Exception):
    """The process was killed here, for all the cluster knows."""


class Cut(OnlyElasticsearch):
    """Lets so many requests through, then none."""

    left = 0

    def perform_request(self, method: str, target: str, **given: Any) -> TransportApiResponse:
        if Cut.left <= 0:
            raise CutOffError
        Cut.left -= 1
        return super().perform_request(method, target, **given)


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


def age(client: Elasticsearch, prefix: str, family: str = "articles") -> None:
    """The family's indices were made by an older Kawat."""
    alias = f"{prefix}{family}"
    for name in client.indices.get_alias(index=alias).body:
        client.indices.put_mapping(index=name, meta={"schema": SCHEMA_VERSION - 1, "made_by": "kawat"})


def make_over(client: Elasticsearch, prefix: str, linger: float = 0) -> None:
    """All of the article indices, whatever they are like."""
    names = client.indices.get_alias(index=Names(prefix).articles).body
    list(upgrade.upgrade(client, prefix, again=names, linger=linger))


def contents(client: Elasticsearch, alias: str) -> dict[str, Any]:
    client.indices.refresh(index=alias)
    hits = client.search(index=alias, size=1000)["hits"]["hits"]
    assert len({hit["_id"] for hit in hits}) == len(hits)
    return {hit["_id"]: hit["_source"] for hit in hits}


def test_an_index_that_is_behind_serves_on_until_it_is_made_over(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    one, two = document("one", body=STORY), document("two")
    assert outcomes(index, one, two) == ["written", "written"]
    age(client, index_prefix)
    (warning,) = ensure_schema(client, index_prefix)
    assert "articles-000001: it has schema" in warning
    assert "kawat index upgrade" in warning
    assert outcomes(index, document("three")) == ["written"]
    before = contents(client, Names(index_prefix).articles)

    steps = [one.step for one in upgrade.upgrade(client, index_prefix, linger=0)]
    assert steps[0] == "begun"
    assert steps[-3:] == ["blocked", "moved", "done"] or steps[-2:] == ["moved", "done"]

    assert contents(client, Names(index_prefix).articles) == before
    assert pending(client, index_prefix) == []
    assert ensure_schema(client, index_prefix) == ()
    (state,) = [one for one in look(client, index_prefix) if one.family == Names(index_prefix).articles]
    assert (state.name, state.also) == (f"{index_prefix}articles-000001.2", (f"{index_prefix}articles-000001",))
    assert (state.writing, state.blocked, state.role, state.documents) == (True, False, "serving", 3)
    assert outcomes(index, one, two.model_copy(update={"entry_id": "x"}), document("four")) == [
        "already-written", "duplicate", "written",
    ]  # fmt: skip
    assert outcomes(index, visit(one, 1, body=EDITED)) == ["revised"]


def test_homes_hold_through_several_upgrades_and_rollovers(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str, homes: MemoryHomes
) -> None:
    """Homes of before, between and after, whichever name the ledger keeps."""
    documents = [document(f"article {n}", body=STORY) for n in range(4)]
    for one in documents[:3]:
        assert outcomes(index, one) == ["written"]
        make_over(client, index_prefix)
    index.refresh()
    assert rollover(client, index_prefix, max_bytes=1) == f"{index_prefix}articles-000002"
    assert outcomes(index, documents[3]) == ["written"]
    make_over(client, index_prefix)
    assert sorted(homes.kept.values()) == [
        *(f"{index_prefix}articles-{name}" for name in ("000001", "000001.2", "000001.3", "000002"))
    ]
    assert outcomes(index, *documents) == ["already-written"] * 4
    assert outcomes(index, *[visit(one, 1, body=EDITED) for one in documents]) == ["revised"] * 4
    forgetful = ElasticsearchIndex(client, index_prefix, MemoryHomes())
    assert outcomes(forgetful, *documents, document("new")) == ["already-written"] * 4 + ["written"]
    index.refresh()
    assert index.count() == 5


@pytest.mark.parametrize("first", range(4))  # all requests in turn, four at a time: one test would take minutes
def test_cut_off_after_any_request_the_next_run_ends_it(
    elasticsearch_url: str, client: Elasticsearch, index_prefix: str, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """After each single request in turn; what was written, changed and deleted in between is there as it was left."""
    monkeypatch.setattr(copying, "PAGE", 4)
    monkeypatch.setattr(upgrade, "CLOSE", 2)
    monkeypatch.setattr(upgrade, "TERMS", 1)
    monkeypatch.setattr(upgrade, "KEPT", 0.0)
    monkeypatch.setattr(upgrade, "families", lambda names: families(names)[:1])
    ensure_schema(client, index_prefix)
    alias, family = Names(index_prefix).articles, families(Names(index_prefix))[0]
    doomed = iter([document(f"doomed {n}") for n in range(100)])
    runs = first
    while True:
        for name in client.indices.get_alias(index=alias).body:  # each generation takes longer to be told from the last
            client.indices.delete(index=name)
        client.indices.create(index=family.first_index, aliases={alias: {"is_write_index": True}})
        index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
        assert set(outcomes(index, *[document(f"article {n}", body=STORY) for n in range(7)])) == {"written"}
        age(client, index_prefix)
        lost = next(doomed)
        outcomes(index, lost)
        cut = Elasticsearch(
            elasticsearch_url, max_retries=0, retry_on_timeout=False, request_timeout=30, transport_class=Cut
        )
        Cut.left = runs
        try:
            with closing(cut):
                list(upgrade.upgrade(cut, index_prefix, linger=0))
            break
        except CutOffError:
            runs += 4
        states = look_at(client, family)
        if not any(one.blocked for one in states):  # else writers would wait now
            text = "\n".join([STORY, f"Kabar ke-{runs}: menteri membantah semuanya."])
            assert outcomes(index, visit(document("article 0", body=STORY), runs + 1, body=text)) == ["revised"]
            home = next(one.name for one in states if one.writing)
            client.delete(index=home, id=lost.id)
        before = contents(client, alias)
        list(upgrade.upgrade(client, index_prefix, linger=0))
        assert contents(client, alias) == before, f"cut off after {runs} requests"
        assert [(one.role, one.blocked, one.behind) for one in look_at(client, family)] == [("serving", False, "")]
    assert runs > 30


def test_a_state_that_was_read_before_is_never_taken_for_one_of_the_copy(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    """A writer holds on to what it read; meanwhile another one changes the article, and the index is made over.

    In the copy the article has the very number that the writer read: only the primary term tells them apart.
    """
    zero, one = document("zero"), document("one")
    index.write([zero, one])
    name = f"{index_prefix}articles-000001"
    deadline = Deadline.within(60, each=20)
    (read,) = Realtime(client, Names(index_prefix).articles).get([Asked(name, one.id, True)], deadline)
    assert read.version.if_seq_no == 1
    client.update(index=name, id=zero.id, doc={"word_count": 1})
    client.update(index=name, id=one.id, doc={"word_count": 2})
    make_over(client, index_prefix)
    assert client.get(index=name, id=one.id)["_seq_no"] == 1
    (item,) = send(client, [action("update", read.index, one.id, {"doc": {"word_count": 3}}, read.version)])
    assert item.status == 409
    assert client.get(index=name, id=one.id)["_source"]["word_count"] == 2
    assert Version(1, client.get(index=name, id=one.id)["_primary_term"]) != read.version


def test_writers_and_searches_go_on_meanwhile(
    elasticsearch_url: str, client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex
) -> None:
    for start in range(0, 600, 200):
        index.write([document(f"before {n}") for n in range(start, start + 200)])
    index.refresh()
    alias, stop = Names(index_prefix).articles, threading.Event()
    written: list[Document] = []
    wrong: list[str] = []
    least: list[int] = [600]

    def write() -> None:
        with closing(connect(elasticsearch_url)) as own:
            writer, n = ElasticsearchIndex(own, index_prefix, MemoryHomes()), 0
            while not stop.is_set():
                one = document(f"meanwhile {n}")
                (result,) = writer.write([one])
                if result.outcome in {"written", "already-written"}:
                    written.append(one)
                    n += 1
                elif result.outcome != "unavailable":
                    wrong.append(f"{result.outcome}: {result.reason}")
                    n += 1

    def search() -> None:
        with closing(connect(elasticsearch_url)) as own:
            while not stop.is_set():
                answer = own.search(index=alias, size=1, allow_partial_search_results=False, track_total_hits=True)
                total = answer["hits"]["total"]["value"]
                if total < least[0] or answer["_shards"]["failed"]:
                    wrong.append(f"a search found {total}, an earlier one {least[0]}")
                least[0] = max(total, least[0])

    threads = [threading.Thread(target=one) for one in (write, search)]
    for thread in threads:
        thread.start()
    try:
        rounds = 0
        while rounds < 3 or len(written) <= 20:  # a slow machine writes few meanwhile
            assert threads[0].is_alive()
            make_over(client, index_prefix, linger=0.5)
            rounds += 1
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert wrong == []
    ids = {f"{one.id}" for one in written}
    client.indices.refresh(index=alias)
    assert client.count(index=alias)["count"] == 600 + len(ids)


def test_a_document_that_does_not_fit_is_named_and_writers_need_not_wait(
    index: ElasticsearchIndex, client: Elasticsearch, index_prefix: str
) -> None:
    index.write([document("one")])
    name = f"{index_prefix}articles-000001"
    client.indices.put_mapping(index=name, properties={"bygone": {"type": "keyword"}})
    client.update(index=name, id=document("one").id, doc={"bygone": "x"})
    with pytest.raises(UpgradeError, match=f"document {document('one').id} .*bygone"):
        make_over(client, index_prefix)
    assert outcomes(index, document("two")) == ["written"]
    assert [one.role for one in pending(client, index_prefix)] == ["copy"]
    assert abandon(client, index_prefix) == [f"{name}.2"]
    assert pending(client, index_prefix) == []


def test_indices_of_others_are_left_alone(client: Elasticsearch, index_prefix: str) -> None:
    """Another program's index whose name begins like ours, and one that an operator took out of the alias."""
    ensure_schema(client, index_prefix)
    alias = Names(index_prefix).articles
    client.indices.create(index=f"{alias}-theirs", mappings={"_meta": {"made_by": "others"}})
    client.indices.create(index=f"{alias}-000009")
    make_over(client, index_prefix)
    abandon(client, index_prefix)
    found = {one.name: one.role for one in look(client, index_prefix) if one.family == alias}
    assert found == {f"{alias}-000001.2": "serving", f"{alias}-000009": "apart"}
    assert client.indices.exists(index=f"{alias}-theirs")


def test_a_newer_schema_is_not_touched(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    client.indices.put_index_template(
        name=f"{index_prefix}articles", index_patterns=[f"{index_prefix}articles-*"], priority=500, meta={"schema": 99}
    )
    with pytest.raises(SchemaError, match="schema 99"):
        make_over(client, index_prefix)


def test_an_index_whose_texts_were_analysed_otherwise_is_behind(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    name = f"{index_prefix}revisions-000001"
    client.indices.close(index=name)
    analysis = {"analyzer": {"exact": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase"]}}}
    client.indices.put_settings(index=name, settings={"index": {"analysis": analysis}})
    client.indices.open(index=name)
    (behind,) = pending(client, index_prefix)
    assert (behind.name, "analysed" in behind.behind) == (name, True)
    list(upgrade.upgrade(client, index_prefix, linger=0))
    assert pending(client, index_prefix) == []
