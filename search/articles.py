"""One article with all that is known of it, what it said before, and its story: as the page and the API show them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import orjson
from elasticsearch import Elasticsearch
from pydantic import Field

from ingest.records import Mention, Record, Topic
from ingest.stories import Member
from search.client import complete, missing_is_outage
from search.entityrecords import COUNTRY
from search.history import Event, History, NoArticleError, history
from search.ports import CursorError
from search.reserved import shown
from search.schema import Names
from search.storyview import StoryView, story

ID = re.compile(r"[0-9a-f]{32}")
LEFT_OUT = ["stemmed", "bands", "signature", "story_terms"]
MOST_MEMBERS = 500  # that a story lists
MAX_CURSOR = 400  # characters


class Country(Record):
    """A country that the text names: how much it is about it, 0 to 1, and whether what it tells happens there."""

    code: str  # ISO 3166-1 alpha-2
    weight: float | None = None
    about: bool = False


class ArticleRecord(Record):
    """An article as it stands in the index. Times are UTC, 2026-01-31T09:00:00Z."""

    id: str
    url: str
    page_url: str | None = None  # where it was read, if its page declares another address as its own
    title: str
    body: str  # plain text, paragraphs separated by one newline; mentions' spans count its characters
    authors: tuple[str, ...] = ()
    source: str  # the site
    source_name: str | None = None
    source_owner: str | None = None
    source_kind: str | None = None
    source_country: str | None = None
    source_folder: str | None = None
    feed_id: str | None = None
    entry_id: str | None = None
    language: str | None = None
    published: str | None = None
    published_from: str | None = None
    first_seen: str
    fetched: str | None = None
    modified: str | None = None
    indexed_at: str | None = None
    section: str | None = None
    agency: str | None = None
    image: str | None = None
    word_count: int = 0
    mentions: tuple[Mention, ...] = ()
    topics: tuple[Topic, ...] = ()
    countries: tuple[Country, ...] = ()  # most mentioned first
    origins: Mapping[str, str] = {}  # where each value came from: {"title": "json-ld headline"}
    tagger: str | None = None
    is_: tuple[str, ...] = Field(default=(), alias="is")
    partial: str | None = None  # why it has only what its feed says (`ingest.refusals.Reason`)
    reserved: str | None = None  # by its publisher: tdm, noindex, noarchive; then `body` is only its beginning
    revision: int = 1
    content_hash: str | None = None
    changed: tuple[str, ...] = ()  # since it was first read: title, body, whole, vanished, gutted, back
    changed_at: str | None = None
    changes: tuple[Event, ...] = ()  # the earliest first
    story_id: str | None = None
    duplicate_of: str | None = None  # id of the article that it is a copy of


class StoryRecord(StoryView):
    """A story and a page of its `members`, the earliest first. It lists 500 at most: a search for `story:` its id
    finds the rest. `cursor` leads to the next page; None where there is none."""

    cursor: str | None = None


class ArticlePort(Protocol):
    """Single articles and stories. Every method raises ServiceUnavailable, IncompleteAnswerError."""

    def article(self, id: str) -> ArticleRecord | None:
        """None where there is no article of this id."""
        ...

    def history(self, id: str) -> History | None:
        """What it said before, and when that changed."""
        ...

    def story(self, id: str, *, size: int = 50, cursor: str | None = None) -> StoryRecord | None:
        """The story of this id, or of the article of this id. Raises CursorError."""
        ...


class Articles:
    """`ArticlePort` on a cluster."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._names = Names(prefix)

    def article(self, id: str) -> ArticleRecord | None:
        """See `ArticlePort`. As of the last refresh."""
        if not ID.fullmatch(id):
            return None
        with missing_is_outage(self._names.articles):
            answer = self._client.search(
                index=self._names.articles,
                query={"term": {"article_id": id}},
                source={"excludes": LEFT_OUT},
                size=1,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        hits = complete(answer.body, "reading an article")["hits"]["hits"]
        return article_of(hits[0]["_source"]) if hits else None

    def history(self, id: str) -> History | None:
        """See `ArticlePort`."""
        if not ID.fullmatch(id):
            return None
        try:
            return history(self._client, self._names, id)
        except NoArticleError:
            return None

    def story(self, id: str, *, size: int = 50, cursor: str | None = None) -> StoryRecord | None:
        """See `ArticlePort`. Members that came before the place of the cursor meanwhile are not shown."""
        after = _read_cursor(cursor) if cursor else None
        found = story(self._client, self._names, id) if ID.fullmatch(id) else None
        if found is None:
            return None
        rest = [one for one in found.members if after is None or _place(one) > after]
        shown = tuple(rest[:size])
        more = _cursor(shown[-1]) if shown and len(rest) > size else None
        return StoryRecord.model_validate({**dict(found), "members": shown, "cursor": more})


def article_of(source: Mapping[str, Any]) -> ArticleRecord:
    """The article that this document is, as it may be shown (`search/reserved.py`)."""
    source = shown(source)
    reasons = source.get("reasons", {})
    weights, about = reasons.get("countries", {}), set(source.get("about", ()))
    codes = dict.fromkeys((*source.get("country", ()), *source.get("about", ())))
    kept = {name: source[name] for name in ArticleRecord.model_fields if name in source}
    return ArticleRecord.model_validate(
        {
            **kept,
            "id": source["article_id"],
            "is": source.get("is", ()),
            "mentions": [_as_entity(one) for one in source.get("mentions", ())],
            "topics": [
                {"id": id, **reasons.get("topics", {}).get(id, {"score": 0.0, "terms": ()})}
                for id in source.get("topic", ())
            ],
            "countries": [{"code": code, "weight": weights.get(code), "about": code in about} for code in codes],
        }
    )


def _as_entity(mention: Mapping[str, Any]) -> Mapping[str, Any]:
    """A country under the type that it has among the entities: the tagger takes it for one of the places."""
    is_country = mention["type"] == "place" and mention.get("linked", True) and COUNTRY.fullmatch(mention["id"])
    return {**mention, "type": "country"} if is_country else mention


def _place(member: Member) -> tuple[datetime, str]:
    return member.time, member.article_id


def _cursor(member: Member) -> str:
    """By the last member shown. Not signed: it says nothing but a place in a list."""
    told = orjson.dumps([member.time.isoformat(), member.article_id])
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError
        time, id = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(time)
        if moment.tzinfo is None or not ID.fullmatch(id):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise CursorError("this is no cursor of a story: begin again without one") from None
    return moment, id
