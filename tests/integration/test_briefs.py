"""What readers keep, on a real Elasticsearch."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from ingest.dates import now
from ingest.stories import Member, Story
from search.briefs import changes, kept_ids
from search.briefs.changes import BriefError
from search.briefs.desk import DamagedPageError, OutrunError
from search.briefs.pages import PageShelf
from search.briefs.records import RawPage
from search.briefs.store import ElasticsearchBriefs
from search.client import connect
from search.ports import ServiceUnavailable
from search.schema import Names
from search.store import ElasticsearchIndex
from search.storybook import story_source
from search.upkeep import ensure_schema
from tests.integration.search_material import SEEN, MemoryHomes, digest, document

pytestmark = pytest.mark.services
PAGE = b"<!doctype html><title>Kantor</title><script>alert(1)</script>"


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as one:
        ensure_schema(one, index_prefix)
        yield one


@pytest.fixture
def desk(client: Elasticsearch, index_prefix: str) -> ElasticsearchBriefs:
    index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
    index.write([document("Kantor penghubung"), document("Kedua"), document("Ketiga")])
    return ElasticsearchBriefs(client, index_prefix, tz="Asia/Jakarta")


def raw(text_id: str, body: bytes = PAGE) -> RawPage:
    return RawPage(
        text_id=text_id,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        content_type="text/html",
        status=200,
        url="https://news.example/a",
        fetched=datetime(2026, 3, 4, 6, tzinfo=UTC),
    )


def test_an_article_is_kept_in_todays_brief_as_it_reads_now(desk: ElasticsearchBriefs) -> None:
    kept = desk.keep(article=digest("Kantor penghubung"), note="lihat <b>ini</b>", concerns="meja Asia")
    assert kept.brief_id == desk.today().isoformat()
    assert kept.new
    view = desk.brief(kept.brief_id)
    assert view is not None
    (clipping,) = view.brief.clippings
    assert (clipping.note, clipping.concerns) == ("lihat <b>ini</b>", "meja Asia")
    text = view.texts[clipping.texts[0]]
    assert text.title == "Kantor penghubung"
    assert text.body.startswith("NATO berencana")
    assert text.source_name == "Contoh Berita"
    assert (text.page.state, text.page.tries) == ("wanted", 0)
    assert [(line.id, line.count) for line in desk.listed()] == [(kept.brief_id, 1)]


def test_keeping_twice_keeps_once(desk: ElasticsearchBriefs) -> None:
    """Also when both come at the same time."""
    id = digest("Kantor penghubung")
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: desk.keep(article=id), range(4)))
    assert len({one.clipping_id for one in outcomes}) == 1
    assert not desk.keep(article=id, note="written the second time").new
    view = desk.brief(outcomes[0].brief_id)
    assert view is not None
    assert [one.note for one in view.brief.clippings] == ["written the second time"]


def test_two_articles_kept_at_the_same_time_are_both_there(desk: ElasticsearchBriefs) -> None:
    names = ["Kantor penghubung", "Kedua", "Ketiga"]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: desk.keep(article=digest(name)), names))
    view = desk.brief(desk.today().isoformat())
    assert view is not None
    assert sorted(one.title for one in view.brief.clippings) == sorted(names)


def test_the_text_stays_what_it_was_when_the_article_changes(
    desk: ElasticsearchBriefs, client: Elasticsearch, index_prefix: str
) -> None:
    id = digest("Kantor penghubung")
    first = desk.keep(article=id)
    fields = {"title": "Ditarik", "body": "Kosong.", "revision": 2, "content_hash": "other"}
    client.update(index=Names(index_prefix).articles, id=id, doc=fields)
    second = desk.keep(article=id)
    view = desk.brief(first.brief_id)
    assert view is not None
    assert second.clipping_id != first.clipping_id
    assert [view.texts[one.texts[0]].title for one in view.brief.clippings] == ["Kantor penghubung", "Ditarik"]


def test_of_two_edits_on_one_state_the_second_is_told_and_sees_the_first(desk: ElasticsearchBriefs) -> None:
    kept = desk.keep(article=digest("Kantor penghubung"))
    seen = desk.brief(kept.brief_id)
    assert seen is not None
    done = desk.change(
        kept.brief_id, lambda one, at: changes.described(one, "Pagi", "catatan", at), version=seen.version
    )
    assert done.brief.title == "Pagi"
    with pytest.raises(OutrunError) as told:
        desk.change(kept.brief_id, lambda one, at: changes.described(one, "Malam", "", at), version=seen.version)
    assert told.value.now.brief.title == "Pagi"
    again = desk.change(kept.brief_id, lambda one, at: changes.described(one, "Malam", "", at), version=done.version)
    assert again.brief.title == "Malam"


def test_what_is_not_there_is_refused_by_name(desk: ElasticsearchBriefs) -> None:
    for wish, reason in (
        ({"article": "0" * 32}, "no-article"),
        ({"article": "../x"}, "no-article"),
        ({"story": "0" * 32}, "no-story"),
        ({}, "nothing"),
        ({"article": digest("Kedua"), "brief": "2020-01-01"}, "no-brief"),
        ({"article": digest("Kedua"), "brief": "../articles"}, "no-brief"),
        ({"article": digest("Kedua"), "note": "x" * 20_000}, "long"),
    ):
        with pytest.raises(BriefError) as refused:
            desk.keep(**wish)
        assert refused.value.reason == reason


def test_a_story_that_is_one_article_yet_is_kept_with_it(desk: ElasticsearchBriefs, client: Elasticsearch) -> None:
    client.indices.refresh(index="*articles*")
    kept = desk.keep(story=digest("Kedua"))
    view = desk.brief(kept.brief_id)
    assert view is not None
    (clipping,) = view.brief.clippings
    assert clipping.story_id == digest("Kedua")
    assert [one.article_id for one in clipping.members] == [digest("Kedua")]


def test_a_story_is_kept_with_the_articles_it_has_and_spares_them_all(
    desk: ElasticsearchBriefs, client: Elasticsearch, index_prefix: str
) -> None:
    names = ("Kantor penghubung", "Kedua", "Ketiga")
    ids = [digest(name) for name in names]
    members = tuple(
        Member(
            article_id=id,
            time=SEEN + timedelta(minutes=n),
            first_seen=SEEN,
            title=names[n],
            source="news.example",
            owner=f"owner {n}",
            duplicate_of=ids[0] if n == 2 else None,
        )
        for n, id in enumerate(ids)
    )
    story = Story(id=ids[0], language="id", members=members, owners=("owner 0", "owner 1", "owner 2"))
    client.index(index=Names(index_prefix).stories, id=ids[0], document=story_source(story), refresh=True)
    kept = desk.keep(story=ids[0], note="ceritanya")
    view = desk.brief(kept.brief_id)
    assert view is not None
    (clipping,) = view.brief.clippings
    assert [(one.article_id, one.copy_of) for one in clipping.members] == [
        (ids[0], None),
        (ids[1], None),
        (ids[2], ids[0]),
    ]
    assert [view.texts[id].article_id for id in clipping.texts] == ids[:2], "copies are listed, not kept whole"
    assert kept_ids(client, index_prefix, ids) == set(ids)
    assert not desk.keep(story=ids[0]).new


def test_retention_is_told_what_is_kept_even_when_it_was_only_just_taken_out(
    desk: ElasticsearchBriefs, client: Elasticsearch, index_prefix: str
) -> None:
    kept = desk.keep(article=digest("Kedua"))
    desk.keep(article=digest("Ketiga"))
    desk.change(kept.brief_id, lambda one, at: changes.without(one, kept.clipping_id, at))
    ids = [digest(name) for name in ("Kantor penghubung", "Kedua", "Ketiga")]
    assert kept_ids(client, index_prefix, ids) == {ids[1], ids[2]}
    assert kept_ids(client, index_prefix, []) == set()
    with pytest.raises(ServiceUnavailable):
        kept_ids(client, f"{index_prefix}none-", ids)


def test_briefs_of_one_day_are_told_apart_and_listed_newest_first(desk: ElasticsearchBriefs) -> None:
    day = desk.today()
    ids = [desk.begin(), desk.begin(), desk.begin(day, "Pagi"), desk.begin(day - timedelta(days=1))]
    assert ids[0] == ids[1] == day.isoformat()
    assert ids[2].startswith(f"{day}-")
    assert [one.id for one in desk.listed()] == [ids[2], ids[0], ids[3]]
    assert [one.id for one in desk.listed(before=ids[2])] == [ids[0], ids[3]]


def test_a_raw_page_comes_back_as_it_came(desk: ElasticsearchBriefs, client: Elasticsearch, index_prefix: str) -> None:
    shelf = PageShelf(client, index_prefix)
    id = desk.keep(article=digest("Kedua")).clipping_id
    client.indices.refresh(index=Names(index_prefix).clippings)
    assert shelf.due(now() + timedelta(seconds=1), 10) == [id]
    assert desk.page(id) is None
    shelf.shelve(raw(id))
    shelf.shelve(raw(id, b"another"))  # a run that came late
    shelf.mark_failed(id, "too late to fail", due=None)
    page = desk.page(id)
    assert page is not None
    assert page.body == PAGE
    text = shelf.text(id)
    assert text is not None
    assert (text.page.state, text.page.sha256, text.page.size) == ("kept", raw(id).sha256, len(PAGE))
    assert not desk.ask_again(id)
    client.indices.refresh(index=Names(index_prefix).clippings)
    assert shelf.due(now() + timedelta(days=1), 10) == []


def test_a_page_that_cannot_be_had_is_asked_for_later_and_at_last_given_up(
    desk: ElasticsearchBriefs, client: Elasticsearch, index_prefix: str
) -> None:
    shelf, alias = PageShelf(client, index_prefix), Names(index_prefix).clippings
    id = desk.keep(article=digest("Kedua")).clipping_id
    shelf.mark_failed(id, "503", due=now() + timedelta(hours=1))
    client.indices.refresh(index=alias)
    assert shelf.due(now(), 10) == []
    assert shelf.due(now() + timedelta(hours=2), 10) == [id]
    shelf.mark_failed(id, "410", due=None)
    text = shelf.text(id)
    assert text is not None
    assert (text.page.state, text.page.error, text.page.tries) == ("lost", "410", 2)
    assert desk.ask_again(id)
    assert shelf.due(now() + timedelta(seconds=1), 10) == [id]


def test_a_page_that_was_altered_is_not_given_out(
    desk: ElasticsearchBriefs, client: Elasticsearch, index_prefix: str
) -> None:
    shelf, alias = PageShelf(client, index_prefix), Names(index_prefix).pages
    id = desk.keep(article=digest("Kedua")).clipping_id
    shelf.shelve(raw(id))
    client.update(index=alias, id=id, doc={"sha256": "0" * 64})
    with pytest.raises(DamagedPageError, match="has sha256"):
        desk.page(id)
    client.update(index=alias, id=id, doc={"body": base64.b64encode(b"no zstd").decode()})
    with pytest.raises(DamagedPageError, match="cannot be unpacked"):
        desk.page(id)
