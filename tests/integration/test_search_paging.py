"""Pages, folded lists, facets and timelines on a real node."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.records import Mention
from search.bulk import action, send
from search.client import connect, walk
from search.paging import SORTS
from search.ports import CursorError, SearchResult, Sort
from search.schema import Names
from search.search import Searcher
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import SEEN, MemoryHomes, digest, document, feed

pytestmark = pytest.mark.services

SECRET = b"a secret of the tests"
SORTED: tuple[Sort, ...] = ("seen", "published", "relevance")
KISHIDA = Mention.model_validate(
    {"id": "Q1", "type": "person", "name": "Fumio Kishida", "surfaces": ("Kishida",), "count": 1, "spans": ((0, 1),)}
)


class Shelf:
    """An index of its own, to put articles and stories in."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self.client, self.names = client, Names(prefix)
        self.index = ElasticsearchIndex(client, prefix, MemoryHomes())
        self.searcher = Searcher(client, prefix, tz="Asia/Jakarta", secret=SECRET)

    def put(self, number: int, *, story: str | None = None, **changes: Any) -> str:
        """An article of this number; the higher, the later. Of the story, if one is named."""
        at = SEEN + timedelta(seconds=number)
        fields: dict[str, Any] = {"seen": at, "published": at - timedelta(hours=number % 7), **changes}
        made = document(fields.pop("title", f"Kantor {number}"), **fields)
        (result,) = self.index.write([made])
        assert result.outcome == "written"
        if story:
            homes = self.client.indices.get_alias(name=self.names.articles).body
            send(self.client, [action("update", next(iter(homes)), made.id, {"doc": {"story_id": digest(story)}})])
        return made.id

    def tell(self, story: str, size: int, **more: Any) -> None:
        fields = {"story_id": digest(story), "size": size, "source_count": 2, "first": "2026-03-04T00:00:00Z", **more}
        send(self.client, [action("create", f"{self.names.stories}-000001", digest(story), fields)])

    def refresh(self) -> None:
        self.client.indices.refresh(index=f"{self.names.articles},{self.names.stories}")

    def walk(self, query: str = "", **how: Any) -> list[SearchResult]:
        pages = [self.searcher.search(query, **how)]
        while pages[-1].cursor:
            pages.append(self.searcher.search(query, **how, cursor=pages[-1].cursor))
            assert len(pages) < 500
        return pages


@pytest.fixture(scope="module")
def schema(elasticsearch_url: str) -> Iterator[tuple[Elasticsearch, str]]:
    prefix = f"t{secrets.token_hex(5)}-"
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        ensure_schema(client, prefix)
        yield client, prefix
        for index in client.indices.get(index=f"{prefix}*", allow_no_indices=True).body:
            client.indices.delete(index=index)
        for template in (
            client.options(ignore_status=404)
            .indices.get_index_template(name=f"{prefix}*")
            .body.get("index_templates", ())
        ):
            client.indices.delete_index_template(name=template["name"])


@pytest.fixture
def shelf(schema: tuple[Elasticsearch, str]) -> Iterator[Shelf]:
    """Empty again after each test: setting an index up takes longer than most of them."""
    shelf = Shelf(*schema)
    yield shelf
    shelf.refresh()
    for alias in (shelf.names.articles, shelf.names.stories):
        for hits in walk(shelf.client, alias, {"match_all": {}}, source=()):
            send(shelf.client, [action("delete", hit["_index"], hit["_id"]) for hit in hits])
    shelf.refresh()


def ids(pages: list[SearchResult]) -> list[str]:
    return [hit.id for page in pages for hit in page.hits]


@pytest.mark.parametrize("sort", SORTED)
def test_pages_hold_every_article_once_in_the_order_of_one_long_list(shelf: Shelf, sort: Sort) -> None:
    for number in range(23):
        shelf.put(number, seen=SEEN + timedelta(seconds=number // 3))
    shelf.refresh()
    for query in ("", "kantor"):
        whole = [hit.id for hit in shelf.searcher.search(query, size=100, sort=sort).hits]
        pages = shelf.walk(query, size=5, sort=sort)
        assert ids(pages) == whole
        assert [len(page.hits) for page in pages] == [5, 5, 5, 5, 3]
        assert {page.total for page in pages} == {23}


def test_articles_that_come_meanwhile_neither_shift_nor_double_a_page(shelf: Shelf) -> None:
    there = [shelf.put(number) for number in range(20)]
    shelf.refresh()
    page = shelf.searcher.search("", size=4)
    found = ids([page])
    for number in range(20, 26):
        assert page.cursor
        shelf.put(number)
        shelf.refresh()
        page = shelf.searcher.search("", size=4, cursor=page.cursor)
        found += ids([page])
        if not page.cursor:
            break
    assert found == there[::-1]


def test_a_point_in_time_that_has_ended_costs_no_article(shelf: Shelf) -> None:
    there = [shelf.put(number) for number in range(12)]
    shelf.refresh()
    for fold in (False, True):
        first = shelf.searcher.search("", size=4, fold=fold)
        second = shelf.searcher.search("", size=4, fold=fold, cursor=first.cursor)
        shelf.client.indices.close(index=f"{shelf.names.articles}-000001")  # ends what is open
        shelf.client.indices.open(index=f"{shelf.names.articles}-000001", wait_for_active_shards=1)
        shelf.client.cluster.health(wait_for_status="yellow", timeout="30s")
        third = shelf.searcher.search("", size=4, fold=fold, cursor=second.cursor)
        assert ids([first, second, third]) == there[::-1]
        assert third.cursor is None


def test_a_page_can_be_asked_for_again(shelf: Shelf) -> None:
    for number in range(9):
        shelf.put(number)
    shelf.refresh()
    first = shelf.searcher.search("", size=4)
    pages = [shelf.searcher.search("", size=4, cursor=first.cursor) for _ in range(2)]
    assert ids(pages[:1]) == ids(pages[1:])
    last = [shelf.searcher.search("", size=4, cursor=pages[0].cursor) for _ in range(2)]
    assert ids(last[:1]) == ids(last[1:])


def test_cursors_are_of_one_search_and_of_one_secret(shelf: Shelf) -> None:
    for number in range(3):
        shelf.put(number)
    shelf.refresh()
    cursor = shelf.searcher.search("kantor", size=1).cursor
    assert cursor
    forged = cursor[:-4] + ("AAAA" if cursor[-4:] != "AAAA" else "BBBB")
    for wrong in (forged, "x", "", "ü", "A" * 10_000, cursor + "A"):
        if wrong:
            with pytest.raises(CursorError, match="begin again"):
                shelf.searcher.search("kantor", size=1, cursor=wrong)
    others: list[dict[str, Any]] = [{"sort": "published"}, {"sort": "relevance"}, {"fold": True}]
    for how in others:
        with pytest.raises(CursorError, match="another search"):
            shelf.searcher.search("kantor", size=1, cursor=cursor, **how)
    with pytest.raises(CursorError, match="another search"):
        shelf.searcher.search("kanto*", size=1, cursor=cursor)
    with pytest.raises(CursorError, match="not given by this Kawat"):
        Searcher(shelf.client, shelf.names.prefix, tz="Asia/Jakarta").search("kantor", size=1, cursor=cursor)
    same = Searcher(shelf.client, shelf.names.prefix, tz="Asia/Jakarta", secret=SECRET)
    assert same.search("kantor", size=2, cursor=cursor).hits  # of another size


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_folded_list_shows_every_story_once_by_its_first_article(shelf: Shelf, sort: Sort, seed: int) -> None:
    """Whatever the sizes of stories, and where their articles stand."""
    chance = random.Random(seed)
    stories: dict[str, int] = {}
    for number in range(60):
        story = f"s{chance.randrange(12)}" if chance.random() < 0.6 else None
        shelf.put(number, story=story, title=f"Kantor {'kantor ' * chance.randrange(5)}{number}")
        if story:
            stories[story] = stories.get(story, 0) + 1
    for story, size in stories.items():
        if size > 1:
            shelf.tell(story, size)
    shelf.refresh()
    unfolded = shelf.searcher.search("kantor", size=100, sort=sort)
    first: dict[str, str] = {}
    for hit in unfolded.hits:
        first.setdefault(str(hit.story_id), hit.id)
    for size in (1, 4, 100):
        pages = shelf.walk("kantor", size=size, sort=sort, fold=True)
        assert ids(pages) == list(first.values())
        assert {page.total for page in pages} == {60}
    for hit in (hit for page in pages for hit in page.hits):
        folded = {digest(story): size for story, size in stories.items() if size > 1}.get(str(hit.story_id))
        assert (hit.fold.size if hit.fold else None) == folded


def test_a_story_that_grows_meanwhile_is_neither_lost_nor_shown_again(shelf: Shelf) -> None:
    for number in range(12):
        shelf.put(number, story=f"s{number % 6}")
    for number in range(6):
        shelf.tell(f"s{number}", 2)
    shelf.refresh()
    first = shelf.searcher.search("", size=2, fold=True)  # s5, s4
    for number in range(6):
        shelf.put(100 + number, story=f"s{number}")  # newer than all of it
    shelf.refresh()
    second = shelf.searcher.search("", size=2, fold=True, cursor=first.cursor)
    third = shelf.searcher.search("", size=2, fold=True, cursor=second.cursor)
    shown = [hit.story_id for page in (first, second, third) for hit in page.hits]
    assert shown == [digest(f"s{number}") for number in (5, 4, 3, 2, 1, 0)]
    assert third.cursor is None


def test_a_merged_story_counts_as_what_it_became(shelf: Shelf) -> None:
    shelf.put(1, story="old")
    shelf.put(2, story="new")
    shelf.tell("new", 7, last="2026-03-05T00:00:00Z")
    old = {"story_id": digest("old"), "merged_into": digest("new")}
    send(shelf.client, [action("create", f"{shelf.names.stories}-000001", digest("old"), old)])
    shelf.refresh()
    for hit in shelf.searcher.search("", fold=True).hits:
        assert hit.fold
        assert (hit.fold.story_id, hit.fold.size, hit.fold.last) == (digest("new"), 7, "2026-03-05T00:00:00Z")
    assert all(hit.fold is None for hit in shelf.searcher.search("").hits)


def test_stories_of_very_many_copies_end_and_lose_nothing(shelf: Shelf) -> None:
    """More copies than one walk looks at: pages go on behind them."""
    homes = f"{shelf.names.articles}-000001"
    shelf.put(0)
    source = shelf.client.search(index=shelf.names.articles, size=1)
    shelf.refresh()
    source = shelf.client.search(index=shelf.names.articles, size=1)["hits"]["hits"][0]["_source"]
    copies = [
        action("create", homes, id, {**source, "article_id": id, "story_id": digest("big"),
               "first_seen": f"2026-03-05T{n // 60 % 24:02}:{n % 60:02}:00Z"})
        for n in range(450)
        for id in [digest(f"copy {n}")]
    ]  # fmt: skip
    assert all(item.status == 201 for item in send(shelf.client, copies))
    last = shelf.put(-1)
    shelf.tell("big", 450)
    shelf.refresh()
    pages = shelf.walk("", size=1, fold=True)
    assert [hit.story_id for page in pages for hit in page.hits] == [digest("big"), source["story_id"], last]


def test_facets_count_by_the_names_of_fields_in_queries(shelf: Shelf) -> None:
    other = feed(url="https://b.example/rss", name="B", kind="agency")
    japan = KISHIDA.model_copy(update={"id": "JP", "type": "place", "kind": "country", "name": "Japan"})
    shelf.put(1, countries=("JP", "FR"), mentions=(KISHIDA, japan))
    shelf.put(2, countries=("JP",), mentions=(KISHIDA,), language="en", url="https://b.example/2", feed=other)
    shelf.put(3, countries=("ID",), title="Lain")
    shelf.refresh()
    wanted = ("country", "person", "place", "lang", "source", "kind")
    found = shelf.searcher.search("title:kantor", facets=wanted)
    counts = {name: {one.value: one.count for one in buckets} for name, buckets in found.facets.items()}
    assert counts["person"] == {"Fumio Kishida": 2}  # not its id beside it
    assert counts["place"] == {"Japan": 1}  # nor a country's code
    assert [hit.places for hit in found.hits] == [(), ("Japan",)]
    assert counts["lang"] == {"id": 1, "en": 1}
    assert counts["source"] == {"news.example": 1, "b.example": 1}
    assert counts["kind"] == {"agency": 1, "private": 1}
    for name, buckets in found.facets.items():
        for bucket in buckets:
            assert shelf.searcher.search(f'title:kantor {name}:"{bucket.value}"').total == bucket.count, bucket
    with pytest.raises(ValueError, match="no facet 'countries'"):
        shelf.searcher.search("", facets=("countries",))


@pytest.mark.parametrize(
    ("span", "interval"),
    [
        (timedelta(hours=5), "1h"),
        (timedelta(days=10), "3h"),
        (timedelta(days=100), "1d"),
        (timedelta(days=500), "7d"),
        (timedelta(days=3000), "1M"),
        (timedelta(days=20_000), "12M"),
    ],
)
def test_a_timeline_has_whole_buckets_without_gaps(shelf: Shelf, span: timedelta, interval: str) -> None:
    early = SEEN - span
    shelf.put(1, seen=SEEN)
    shelf.put(2, seen=early, published=early)
    shelf.refresh()
    timeline = shelf.searcher.search("", size=0, timeline=True).timeline
    assert timeline
    assert timeline.interval == interval
    assert len(timeline.counts) <= 121
    assert sum(count for _, count in timeline.counts) == 2
    assert timeline.start == timeline.counts[0][0]
    starts = [datetime.fromisoformat(start) for start, _ in timeline.counts]
    assert starts[0] <= early
    assert starts[-1] <= SEEN.astimezone(UTC)
    assert all(one < other for one, other in pairwise(starts))
    whole = {"1h": 1, "3h": 3}.get(interval, 24)
    assert {(start.hour + 7) % whole for start in starts} == {0}  # from midnight in Jakarta on
    if interval == "7d":
        assert {start.weekday() for start in starts} == {6}  # Sunday evening in UTC: Monday there
    for start, end in pairwise(starts):
        found = shelf.searcher.search(f"seen:[{start:%Y-%m-%dT%H:%M:%SZ} TO {end:%Y-%m-%dT%H:%M:%SZ}}}", size=0).total
        assert found == dict(timeline.counts)[f"{start:%Y-%m-%dT%H:%M:%SZ}"]


def test_a_narrow_search_has_a_finer_timeline_than_all_articles(shelf: Shelf) -> None:
    for number, back in enumerate((0, 2, 4, 10_000)):
        shelf.put(number, seen=SEEN - timedelta(hours=back))
    shelf.refresh()
    asked = f"seen:>={SEEN - timedelta(days=1):%Y-%m-%d}"
    wide = shelf.searcher.search("", size=0, timeline=True).timeline
    assert wide
    assert wide.interval == "7d"
    first = shelf.searcher.search(asked, size=2, timeline=True)
    last = shelf.searcher.search(asked, size=2, timeline=True, cursor=first.cursor)
    assert last.cursor is None
    for found in (first, last):
        assert found.timeline
        assert found.timeline.interval == "1h"
        assert [count for _, count in found.timeline.counts] == [1, 0, 1, 0, 1]


def test_nothing_found_has_no_timeline_and_no_cursor(shelf: Shelf) -> None:
    shelf.refresh()
    found = shelf.searcher.search("nothing", timeline=True, facets=("country",), fold=True)
    assert (found.timeline, found.cursor, found.facets, found.total) == (None, None, {"country": ()}, 0)


def test_every_order_ends_with_what_tells_any_two_articles_apart() -> None:
    assert all(list(orders[-1]) == ["article_id"] for orders in SORTS.values())
