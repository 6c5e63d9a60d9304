"""The typed, frozen records that travel from stage to stage.

feed → Entry (as a feed lists it) → Page (as fetched) → Article (extracted) → TaggedArticle. All times are aware UTC
datetimes to the second.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from ingest.dates import utc_second

Utc = Annotated[AwareDatetime, AfterValidator(utc_second)]
SourceKind = Literal["state", "private", "agency", "government", "think-tank", "public"]
DateOrigin = Literal["feed", "json-ld", "meta", "time-element", "url", "first-seen"]


class Record(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Feed(Record):
    """A subscription: where to poll and who publishes there. `id` is `feed_id(url)`; OPML carries all else."""

    id: str
    url: str
    name: str
    site_url: str | None = None
    language: str | None = None  # ISO 639-1, the feed's usual one
    country: str | None = None  # ISO 3166-1 alpha-2, of the source
    owner: str | None = None
    kind: SourceKind | None = None
    folder: str | None = None  # the pack: Indonesia, ASEAN, …
    sample: bool = False


class Entry(Record):
    """One entry as its feed lists it. `id` is `entry_id(link or feed and guid)`, 32 hex digits."""

    id: str
    feed_id: str | None  # None: given by hand (`kawat ingest`)
    url: str
    guid: str | None = None
    title: str | None = None
    summary: str | None = None  # plain text
    content: str | None = None  # the feed's full text, HTML as given
    authors: tuple[str, ...] = ()
    published: Utc | None = None
    updated: Utc | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


class ParsedFeed(Record):
    """What one poll saw."""

    format: str  # rss20, rss10, atom10, json1 …
    title: str | None
    site_url: str | None
    language: str | None
    entries: tuple[Entry, ...]
    ttl: int | None = None  # seconds, where the feed says so
    problems: tuple[str, ...] = ()  # what was not understood, for the operator


class Page(Record):
    """A page as fetched; `url` is the last one after redirects, `body` is decompressed."""

    url: str
    body: bytes
    content_type: str | None
    fetched: Utc


class Article(Record):
    """What was extracted. `id` is `article_id(url)` of the canonical URL."""

    id: str
    url: str
    title: str
    body: str  # paragraphs separated by one newline
    authors: tuple[str, ...] = ()
    published: Utc | None = None
    published_from: DateOrigin | None = None
    modified: Utc | None = None
    language: str | None = None  # ISO 639-1
    image: str | None = None
    site_name: str | None = None
    word_count: int = 0
    content_hash: str  # of title and body, whitespace folded


class Mention(Record):
    """A name found in an article: where, under which id. Offsets are in characters of `body`."""

    id: str
    type: Literal["person", "organisation", "place", "country"]
    name: str
    surfaces: tuple[str, ...]
    count: int
    spans: tuple[tuple[int, int], ...]
    in_title: bool = False


class TaggedArticle(Record):
    """An article with its tags, ready to be indexed."""

    article: Article
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, most mentioned first
    mentions: tuple[Mention, ...] = ()
