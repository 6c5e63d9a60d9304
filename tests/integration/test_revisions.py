"""What a visit changes, on a real node: nothing is lost, doubled or taken back, whoever is cut off or comes between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any, cast

import pytest
from elasticsearch import Elasticsearch

from ingest.urls import article_id
from search.client import connect
from search.ports import Document, ServiceUnavailable
from search.schema import Names
from search.search import search
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import SEEN, MemoryHomes, digest, document, feed
from tests.integration.visits import EDITED, STORY, STUB, after, gone, visit

pytestmark = pytest.mark.services


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield client


@pytest.fixture
def names(index_prefix: str) -> Names:
    return Names(index_prefix)


@pytest.fixture
def homes() -> MemoryHomes:
    return MemoryHomes()


@pytest.fixture
def index(client: Elasticsearch, index_prefix: str, homes: MemoryHomes) -> ElasticsearchIndex:
    return ElasticsearchIndex(client, index_prefix, homes)


class Killed(Exception):  # noqa: N818 - no error, but the end
    """A process that ends between two requests."""


class Dying:
    """A client whose process ends right after, or before, its n-th bulk request that holds `word`."""

    def __init__(self, client: Elasticsearch, word: bytes, *, before: bool = False) -> None:
        self._client, self._word, self._before = client, word, before

    def options(self, **_: Any) -> Dying:
        return self

    def bulk(self, *, operations: list[bytes], **given: Any) -> Any:
        dies = any(self._word in line for line in operations[:1])
        if dies and self._before:
            raise Killed
        answer = self._client.bulk(operations=cast(Any, operations), **given)
        if dies:
            raise Killed
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def dying(client: Elasticsearch, prefix: str, homes: MemoryHomes, word: bytes, **given: Any) -> ElasticsearchIndex:
    return ElasticsearchIndex(cast(Elasticsearch, Dying(client, word, **given)), prefix, homes)


def outcomes(index: ElasticsearchIndex, *documents: Document) -> list[str]:
    return [result.outcome for result in index.write(documents)]


def stored(client: Elasticsearch, names: Names, id: str) -> dict[str, Any]:
    return dict(client.get(index=f"{names.articles}-000001", id=id)["_source"])


def records(client: Elasticsearch, names: Names) -> dict[str, dict[str, Any]]:
    client.indices.refresh(index=names.revisions)
    hits = client.search(index=names.revisions, size=1000, sort="fetched")["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


def test_a_revision_keeps_the_old_text_and_the_article_says_what_changed(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY).model_copy(update={"fetched": SEEN})
    index.write([one])
    new = visit(one, 2, title="Judul baru", body=EDITED, authors=("Budi",), modified=after(1))
    assert outcomes(index, new) == ["revised"]
    now = stored(client, names, one.id)
    assert (now["title"], now["body"], now["revision"], now["authors"]) == ("Judul baru", EDITED, 2, ["Budi"])
    assert now["stemmed"]["id"] == {"title": "Judul baru", "body": EDITED}
    assert now["content_hash"] == new.tagged.article.content_hash
    assert now["changed"] == ["title", "body"]
    assert now["fetched"] == now["changed_at"] == "2026-03-04T07:06:07Z"
    assert now["changes"] == [{"at": "2026-03-04T07:06:07Z", "what": ["title", "body"], "revision": 2}]
    assert now["modified"] == "2026-03-04T06:06:07Z"
    (record,) = records(client, names).values()
    assert list(records(client, names)) == [f"{one.id}-1"]
    assert (record["title"], record["body"], record["revision"]) == ("a", STORY, 1)
    assert (record["fetched"], record["replaced_at"]) == ("2026-03-04T05:06:07Z", "2026-03-04T07:06:07Z")
    assert record["changed"] == ["title", "body"]
    assert record["content_hash"] == one.tagged.article.content_hash


def test_what_is_not_the_texts_stays_through_a_revision(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY, feed=feed(sample=True))
    index.write([one])
    home = f"{names.articles}-000001"
    placed = {"story_id": "s1", "duplicate_of": digest("original"), "is": ["sample", "copy"]}
    client.update(index=home, id=one.id, doc=placed)
    before = stored(client, names, one.id)
    later = visit(one, 2, body=EDITED, published=after(-1), paywalled=True)
    later = later.model_copy(update={"first_seen": after(1), "feed": None})
    assert outcomes(index, later) == ["revised"]
    now = stored(client, names, one.id)
    same = ("article_id", "entry_id", "url", "first_seen", "published", "published_from", "@timestamp", "feed_id",
            "source_owner", "source_folder", "story_id", "duplicate_of")  # fmt: skip
    assert {name: now[name] for name in same} == {name: before[name] for name in same}
    assert now["is"] == ["copy", "paywalled", "sample"]
    assert outcomes(index, visit(one, 3, body=STORY)) == ["revised"]
    assert stored(client, names, one.id)["is"] == ["copy", "sample"]


def test_a_date_that_the_source_gave_later_takes_the_place_of_when_it_was_seen(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY, published=None, published_from=None)
    index.write([one])
    index.write([visit(one, 1, body=EDITED, published=after(-3), published_from="json-ld")])
    now = stored(client, names, one.id)
    assert (now["@timestamp"], now["published"], now["published_from"]) == (
        "2026-03-04T02:06:07Z", "2026-03-04T02:06:07Z", "json-ld",
    )  # fmt: skip
    assert now["first_seen"] == "2026-03-04T05:06:07Z"


@pytest.mark.parametrize("step", [(b"revisions-", True), (b"revisions-", False), (b'{"index"', False)])
def test_a_process_killed_at_any_step_loses_and_doubles_nothing(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names, homes: MemoryHomes, step: tuple[bytes, bool]
) -> None:
    there = [document(f"a {n}", body=STORY) for n in range(20)]
    index.write(there)
    visits = [visit(one, 1, body=EDITED) for one in there]
    with pytest.raises(Killed):
        dying(client, names.prefix, homes, step[0], before=step[1]).write(visits)
    for one in there:  # whatever happened: one of both texts is the article, and no text is nowhere
        assert stored(client, names, one.id)["body"] in {STORY, EDITED}
    assert set(outcomes(index, *visits)) <= {"revised", "already-written"}
    assert set(outcomes(index, *visits)) == {"already-written"}
    kept = records(client, names)
    assert set(kept) == {f"{one.id}-1" for one in there}
    assert {record["body"] for record in kept.values()} == {STORY}
    for one in there:
        now = stored(client, names, one.id)
        assert (now["body"], now["revision"], len(now["changes"])) == (EDITED, 2, 1)


def test_a_rerun_that_finds_yet_another_text_still_keeps_the_old_one_once(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names, homes: MemoryHomes
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    with pytest.raises(Killed):
        dying(client, names.prefix, homes, b"revisions-").write([visit(one, 1, body=EDITED)])
    third = f"{STORY}\nPolisi kemudian membantah semua kabar itu."
    assert outcomes(index, visit(one, 1, body=third)) == ["revised"]
    assert [record["body"] for record in records(client, names).values()] == [STORY]
    assert stored(client, names, one.id)["body"] == third


def test_a_gutted_text_stays_and_the_stub_is_kept_beside_it_once(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names, homes: MemoryHomes
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    empty = visit(one, 1, title="Maaf", body=STUB)
    with pytest.raises(Killed):
        dying(client, names.prefix, homes, b"revisions-").write([empty])
    assert outcomes(index, empty) == ["revised"]
    assert outcomes(index, empty, visit(one, 2, body=STUB + " Maaf.")) == ["already-written"] * 2
    now = stored(client, names, one.id)
    assert (now["title"], now["body"], now["revision"], now["changed"]) == ("a", STORY, 1, ["gutted"])
    record = f"{one.id}-1-gutted-1"
    assert now["changes"] == [
        {"at": "2026-03-04T06:06:07Z", "what": ["gutted"], "revision": 1, "words": 6, "record": record}
    ]
    assert {id: (kept["body"], kept["is"]) for id, kept in records(client, names).items()} == {record: (STUB, ["stub"])}
    assert outcomes(index, visit(one, 3, body=EDITED)) == ["revised"]
    now = stored(client, names, one.id)
    assert (now["body"], now["revision"], now["changed"]) == (EDITED, 2, ["gutted", "body", "back"])
    assert now["changes"][-1]["what"] == ["body", "back"]
    assert set(records(client, names)) == {record, f"{one.id}-1"}


def test_a_page_that_is_gone_keeps_its_text_and_says_why_and_since_when(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    index.vanish([gone(one, 1, "410"), gone(one, 2)])
    now = stored(client, names, one.id)
    assert (now["body"], now["changed"], now["changed_at"]) == (STORY, ["vanished"], "2026-03-04T06:06:07Z")
    assert now["changes"] == [{"at": "2026-03-04T06:06:07Z", "what": ["vanished"], "revision": 1, "why": "410"}]
    assert outcomes(index, visit(one, 3)) == ["revised"]
    assert stored(client, names, one.id)["changed"] == ["vanished", "back"]
    assert records(client, names) == {}


def test_vanishing_finds_an_article_whose_home_the_ledger_forgot(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    client.indices.rollover(alias=names.articles)
    forgetful = ElasticsearchIndex(client, names.prefix, MemoryHomes())
    assert forgetful.vanish([gone(one, 1)])[0].outcome == "revised"
    assert outcomes(forgetful, visit(one, 2)) == ["revised"]


def test_who_loses_the_race_for_a_revision_waits_and_tries_again(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names, homes: MemoryHomes
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    third = f"{STORY}\nPolisi kemudian membantah semua kabar itu."

    class Between(Dying):
        """Another process writes its revision between this one's reading and its writing."""

        def bulk(self, *, operations: list[bytes], **given: Any) -> Any:
            if b'{"index"' in operations[0] and self._before:
                self._before = False
                assert outcomes(index, visit(one, 1, body=EDITED)) == ["revised"]
            return self._client.bulk(operations=cast(Any, operations), **given)

    slow = ElasticsearchIndex(cast(Elasticsearch, Between(client, b"", before=True)), names.prefix, homes)
    (result,) = slow.write([visit(one, 2, body=third)])
    assert (result.outcome, result.reason) == (
        "unavailable",
        "the article was changed by another process at the same time",
    )
    assert stored(client, names, one.id)["body"] == EDITED
    assert outcomes(slow, visit(one, 2, body=third)) == ["revised"]
    assert {id: record["body"] for id, record in records(client, names).items()} == {
        f"{one.id}-1": STORY, f"{one.id}-2": EDITED,
    }  # fmt: skip
    assert [change["revision"] for change in stored(client, names, one.id)["changes"]] == [2, 3]


def test_many_visitors_at_once_lose_no_text(index: ElasticsearchIndex, client: Elasticsearch, names: Names) -> None:
    one = document("a", body=STORY)
    index.write([one])
    texts = [STORY.replace("Tokyo", f"Kota{n}") for n in range(8)]

    def run(n: int) -> None:
        while outcomes(index, visit(one, 1, body=texts[n])) == ["unavailable"]:
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    now, kept = stored(client, names, one.id), records(client, names)
    assert set(kept) == {f"{one.id}-{n}" for n in range(1, 9)}
    assert {record["body"] for record in kept.values()} | {now["body"]} == {STORY, *texts}
    assert (now["revision"], len(now["changes"])) == (9, 8)


def test_an_article_that_was_removed_and_came_again_keeps_the_texts_of_both_lives(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    index.write([visit(one, 1, body=EDITED)])
    client.delete(index=f"{names.articles}-000001", id=one.id)
    again = visit(one, 2, body=EDITED)
    assert outcomes(index, again, visit(one, 3, body=STORY)) == ["written", "revised"]
    assert sorted(record["body"] for record in records(client, names).values()) == sorted([STORY, EDITED])


def test_a_blocked_revisions_index_keeps_the_article_as_it_is(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    """The old text cannot be kept, so nothing takes its place; what needs no record goes on."""
    one, other = document("a", body=STORY), document("b", body=STORY)
    index.write([one, other])
    blocked = f"{names.revisions}-000001"
    client.indices.put_settings(index=blocked, settings={"index.blocks.write": True})
    index.vanish([gone(other, 1)])
    assert outcomes(index, visit(one, 2, body=EDITED), visit(other, 2), document("c")) == [
        "unavailable", "revised", "written",
    ]  # fmt: skip
    assert stored(client, names, one.id)["body"] == STORY
    client.indices.put_settings(index=blocked, settings={"index.blocks.write": None})
    assert outcomes(index, visit(one, 2, body=EDITED)) == ["revised"]


def test_without_a_revisions_index_set_up_is_waited_for(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    client.indices.delete(index=f"{names.revisions}-000001")
    with pytest.raises(ServiceUnavailable, match="revisions is not set up"):
        index.write([visit(one, 1, body=EDITED)])
    assert stored(client, names, one.id)["body"] == STORY


def test_the_old_text_is_found_also_after_the_revisions_were_rolled_over(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names, homes: MemoryHomes
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    with pytest.raises(Killed):
        dying(client, names.prefix, homes, b"revisions-").write([visit(one, 1, body=EDITED)])
    client.indices.rollover(alias=names.revisions)
    assert outcomes(index, visit(one, 1, body=EDITED)) == ["revised"]
    assert list(records(client, names)) == [f"{one.id}-1"]
    assert client.count(index=names.revisions)["count"] == 1


def test_a_visit_that_is_no_unicode_is_rejected_alone(index: ElasticsearchIndex) -> None:
    there = [document("a", body=STORY), document("b", body=STORY)]
    index.write(there)
    bad = visit(there[0], 1, body=EDITED)
    article = bad.tagged.article.model_copy(update={"body": f"Setengah \ud800 pasangan saja.\n{EDITED}"})
    bad = bad.model_copy(update={"tagged": bad.tagged.model_copy(update={"article": article})})
    assert outcomes(index, bad, visit(there[1], 1, body=EDITED)) == ["rejected", "revised"]


def test_a_page_that_moved_says_where_it_is_read_now(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY)
    index.write([one])
    elsewhere = "https://news.example/elsewhere"
    moved = visit(one, 1, id=article_id(elsewhere), url=elsewhere, body=EDITED)
    assert outcomes(index, moved.model_copy(update={"known_as": one.id})) == ["revised"]
    now = stored(client, names, one.id)
    assert (now["url"], now["page_url"], now["article_id"]) == (one.tagged.article.url, elsewhere, one.id)


def test_the_samples_earlier_texts_leave_with_it(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    sample, kept = document("a", body=STORY, feed=feed(sample=True)), document("b", body=STORY)
    index.write([sample, kept])
    index.write([visit(sample, 1, body=EDITED), visit(kept, 1, body=EDITED)])
    assert index.delete_sample() == 1
    assert list(records(client, names)) == [f"{kept.id}-1"]


def test_the_strict_mapping_takes_every_field_of_a_revision(
    index: ElasticsearchIndex, client: Elasticsearch, names: Names
) -> None:
    one = document("a", body=STORY, section="Dunia", agency="Reuters", paywalled=True, modified=after(-1))
    index.write([one.model_copy(update={"fetched": SEEN + timedelta(seconds=1)})])
    assert outcomes(index, visit(one, 1, body=EDITED), visit(one, 2, body=STUB)) == ["revised", "revised"]
    index.refresh()
    for query, total in (("changed:body", 1), ("changed:(vanished OR Gutted)", 1), ("changed:title", 0)):
        assert search(client, names.prefix, query).total == total
    assert search(client, names.prefix, "changed_at:2026-03-04 NOT changed:back").total == 1
