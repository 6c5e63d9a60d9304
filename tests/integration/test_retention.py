"""Old articles go on a real node, with all that hangs on them; what readers kept stays, the rest does not come back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.records import Entry, Feed
from search.client import connect
from search.lifecycle.retention import Removal, Retention
from search.lifecycle.rollover import rollover
from search.ports import Document
from search.schema import Names
from search.store import ElasticsearchIndex
from search.stories import ElasticsearchStories
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, digest, document
from tests.integration.visits import EDITED, STORY, visit
from tests.services import ValkeyHandle
from worker.homes import LedgerHomes
from worker.ledger import Ledger
from worker.retirement import Retirement
from worker.topology import STAGES

pytestmark = pytest.mark.services
OLD = datetime(2025, 1, 5, tzinfo=UTC)
NEW = datetime(2026, 1, 5, tzinfo=UTC)
CUTOFF = datetime(2025, 6, 1, tzinfo=UTC)


class Forgetful:
    """`Entries` that remembers whose homes were to be forgotten."""

    def __init__(self, homes: MemoryHomes) -> None:
        self.homes, self.retired = homes, dict[str, str]()

    def retire(self, articles: Mapping[str, str]) -> None:
        self.retired |= articles
        self.forget(list(articles))

    def forget(self, article_ids: Sequence[str]) -> None:
        for id in article_ids:
            self.homes.kept.pop(id, None)


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


def retention(client: Elasticsearch, prefix: str, homes: MemoryHomes, kept: Collection[str] = ()) -> Retention:
    return Retention(
        client=client, prefix=prefix, cutoff=CUTOFF, kept=lambda ids: set(ids) & set(kept), entries=Forgetful(homes)
    )


def old(title: str, **changes: Any) -> Document:
    return document(title, seen=OLD, published=OLD, **changes)


def new(title: str, **changes: Any) -> Document:
    return document(title, seen=NEW, published=NEW, **changes)


def ids(client: Elasticsearch, alias: str) -> list[str]:
    client.indices.refresh(index=alias)
    return sorted(hit["_id"] for hit in client.search(index=alias, size=1000, source=False)["hits"]["hits"])


def outcomes(index: ElasticsearchIndex, *documents: Document) -> list[str]:
    return [result.outcome for result in index.write(documents)]


def named(*documents: Document) -> list[str]:
    return sorted(one.id for one in documents)


def test_whole_indices_go_first_then_single_articles_and_readers_keep_theirs(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes
) -> None:
    alias = Names(index_prefix).articles
    index.write([old("one"), old("two"), old("kept")])
    index.refresh()
    rollover(client, index_prefix, max_bytes=1)
    index.write([old("three"), old("kept too"), new("four")])
    kept = (old("kept").id, old("kept too").id)
    plan = list(retention(client, index_prefix, homes, kept).plan())
    assert len(ids(client, alias)) == 6
    done = list(retention(client, index_prefix, homes, kept).run())
    assert done == [
        Removal(index=f"{alias}-000001", removed=2, kept=1, dropped=True),
        Removal(index=f"{alias}-000002", removed=1, kept=2, dropped=False),  # the copied one too
    ]  # fmt: skip
    assert [(one.removed, one.kept, one.dropped) for one in plan] == [(2, 1, True), (1, 1, False)]
    assert ids(client, alias) == named(old("kept"), old("kept too"), new("four"))
    assert list(client.indices.get_alias(index=alias).body) == [f"{alias}-000002"]
    assert outcomes(index, visit(old("kept"), 1000, body=EDITED)) != ["removed"]
    assert [one.removed for one in retention(client, index_prefix, homes, kept).run()] == [0]


def test_what_was_removed_does_not_come_back_by_any_feed(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes
) -> None:
    index.write([old("one"), new("two")])
    list(retention(client, index_prefix, homes).run())
    again = [old("one"), old("one", entry="by another feed"), new("three")]
    results = index.write([*again, visit(old("one"), 1, body=EDITED)])
    assert [one.outcome for one in results] == ["removed", "removed", "written", "removed"]
    lost = ElasticsearchIndex(client, index_prefix, MemoryHomes())
    assert outcomes(lost, old("one")) == ["removed"]
    assert ids(client, Names(index_prefix).articles) == named(new("two"), new("three"))


def test_when_everything_is_old_the_next_index_is_begun(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes
) -> None:
    alias = Names(index_prefix).articles
    index.write([old("one")])
    (done,) = retention(client, index_prefix, homes).run()
    assert (done.dropped, done.removed) == (True, 1)
    assert outcomes(index, new("two")) == ["written"]
    assert homes.kept[new("two").id] == f"{alias}-000002"


def test_an_article_that_comes_in_while_its_index_is_to_be_dropped_stays(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes
) -> None:
    """Its writer was on the way to the index when all that was there was due."""
    index.write([old("one"), old("two")])

    class Overtaken(Retention):
        def _block(self, index_: str, blocked: bool) -> None:
            if blocked:
                writing = f"{Names(index_prefix).articles}-000001"
                there = client.get(index=writing, id=old("one").id)["_source"]
                late = {**there, "article_id": new("late").id, "first_seen": f"{NEW:%Y-%m-%dT%H:%M:%SZ}"}
                client.create(index=writing, id=new("late").id, document=late)
            super()._block(index_, blocked)

    made = retention(client, index_prefix, homes)
    overtaken = Overtaken(client, index_prefix, CUTOFF, made.kept, made.entries)
    (done,) = overtaken.run()
    assert (done.removed, done.dropped) == (2, False)
    assert ids(client, Names(index_prefix).articles) == named(new("late"))
    writing = f"{Names(index_prefix).articles}-000001"
    assert client.update(index=writing, id=new("late").id, doc={"title": "Nothing keeps writers out any more"})


def test_an_article_whose_home_went_while_it_was_being_looked_at_is_no_fault(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes
) -> None:
    """Its writer read the home before retention forgot it."""
    index.write([old("one")])
    home = dict(homes.kept)
    list(retention(client, index_prefix, homes).run())
    homes.kept |= home
    assert outcomes(index, visit(old("one"), 1, body=EDITED)) == ["removed"]


def test_earlier_texts_and_places_in_stories_go_too(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes
) -> None:
    names = Names(index_prefix)
    first, second, third = old("first", body=STORY), new("second", body=STORY), old("third", body=STORY)
    index.write([first, second, third])
    assert outcomes(index, visit(first, 1, body=EDITED), visit(second, 1, body=EDITED)) == ["revised", "revised"]
    members = [
        {
            "article_id": one.id, "time": "2025-01-05T00:00:00Z", "first_seen": "2025-01-05T00:00:00Z",
            "title": one.tagged.article.title, "source": "news.example", "owner": f"owner {n}",
        }
        for n, one in enumerate((first, second, third))
    ]  # fmt: skip
    for id, listed in (("s1", members), ("s2", members[::2])):
        story = {
            "story_id": id, "title": "x", "size": len(listed), "copies": 0, "source_count": len(listed),
            "owners": [one["owner"] for one in listed], "article_ids": [one["article_id"] for one in listed],
            "members": listed, "first": "2025-01-05T00:00:00Z", "last": "2025-01-05T00:00:00Z", "sources": ["x"],
        }  # fmt: skip
        client.index(index=names.stories, id=id, document=story)
    client.index(index=names.stories, id="sign", document={"story_id": "sign", "merged_into": "s2"})
    list(retention(client, index_prefix, homes).run())
    assert ids(client, names.revisions) == [f"{second.id}-1"]
    assert ids(client, names.stories) == ["s1"]
    left = client.get(index=names.stories, id="s1")["_source"]
    assert (left["size"], left["article_ids"], left["owners"], left["source_count"]) == (1, [second.id], ["owner 1"], 1)
    ElasticsearchStories(client, index_prefix).place([second])


def test_cut_off_anywhere_the_next_run_does_the_rest(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The index is gone, its articles' earlier texts are not yet."""
    names = Names(index_prefix)
    index.write([old("one", body=STORY)])
    index.write([visit(old("one", body=STORY), 1, body=EDITED)])
    assert len(ids(client, names.revisions)) == 1
    monkeypatch.setattr("search.lifecycle.retention.clean", lambda *_: None)
    list(retention(client, index_prefix, homes).run())
    assert (ids(client, names.articles), len(ids(client, names.revisions))) == ([], 1)
    monkeypatch.undo()
    list(retention(client, index_prefix, homes).run())
    assert ids(client, names.revisions) == []


def test_on_a_full_disk_an_index_goes_and_its_notes_are_written_after(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Every index refuses writes then, as at Elasticsearch's flood stage, until the dropped one is gone."""
    names = Names(index_prefix)
    index.write([old("one"), old("two")])
    index.refresh()
    rollover(client, index_prefix, max_bytes=1)
    index.write([old("three"), new("four")])
    full = {"index": {"blocks": {"read_only_allow_delete": True}}}
    for name in client.indices.get(index=f"{index_prefix}*").body:
        client.indices.put_settings(index=name, settings=full)
    told: list[Removal] = []
    work = retention(client, index_prefix, homes)
    for one in work.run():
        told.append(one)
        room = {"index": {"blocks": {"read_only_allow_delete": None}}}
        client.indices.put_settings(index=f"{index_prefix}*", settings=room)
    assert [(one.index[-6:], one.dropped, one.removed) for one in told] == [("000001", True, 2), ("000002", False, 1)]
    assert ids(client, names.articles) == named(new("four"))
    assert ids(client, names.tombstones) == named(old("one"), old("two"), old("three"))
    assert outcomes(index, old("one")) == ["removed"]


def test_notes_go_after_a_year(
    client: Elasticsearch, index_prefix: str, index: ElasticsearchIndex, homes: MemoryHomes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    index.write([old("one")])
    list(retention(client, index_prefix, homes).run())
    later = datetime.now(UTC) + timedelta(days=366)
    monkeypatch.setattr("search.lifecycle.retention.now", lambda: later)
    list(retention(client, index_prefix, homes).run())
    assert ids(client, Names(index_prefix).tombstones) == []


class TestLedger:
    """An entry that is still in its feed: the ledger knows it, and never reads its page again."""

    @pytest.fixture
    def ledger(self, valkey: ValkeyHandle, redis_prefix: str) -> Iterator[Ledger]:
        with closing(valkey.client()) as redis:
            yield Ledger(redis, redis_prefix, stages=tuple(STAGES), attempts=3, lease=60, bytes_limit=10**9)

    def test_a_retired_entry_stays_known_and_is_not_looked_at_again(self, ledger: Ledger, redis_prefix: str) -> None:
        feed = Feed(id="f" * 32, url="https://news.example/rss", name="F")
        entry = Entry(id=digest("e"), feed_id=feed.id, url="https://news.example/e", title="A")
        ledger.claim([entry], stage="fetch", feed=feed)
        key = ledger.key("entry", entry.id)
        ledger.redis.zrem(ledger.key("ready", "fetch"), entry.id)
        ledger.redis.hset(key, "state", "indexed")
        ledger.redis.hset(key, "plan", 1)
        ledger.redis.zadd(ledger.key("revisits"), {entry.id: 1})
        homes = LedgerHomes(ledger.redis, redis_prefix, days=30)
        homes.set_if_absent({"a": "articles-000001"})
        Retirement(ledger, homes).retire({"a": entry.id})
        assert homes.get(["a"]) == {}
        assert ledger.redis.zcard(ledger.key("revisits")) == 0
        changed = entry.model_copy(update={"title": "B"})
        assert ledger.claim([changed], stage="fetch", feed=feed) == [False]
        assert ledger.redis.zcard(ledger.key("revisits")) == 0
        assert (ledger.entry(entry.id) or {})["state"] == "retired"
