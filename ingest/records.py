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
FetchKind = Literal["page", "feed-only"]
DateOrigin = Literal["feed", "json-ld", "meta", "time-element", "byline", "url", "first-seen"]


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
    fetch: FetchKind = "page"  # feed-only: its entries' pages are never asked for
    tz: str | None = None  # IANA's name of the zone in which dates without one are meant


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
    period: int | None = None  # the same, where only the syndication module says so: how often it is updated
    skip_hours: tuple[int, ...] = ()  # of RSS: 0 to 23 in GMT, in which not to ask
    skip_days: tuple[int, ...] = ()  # 0 is Monday
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
    section: str | None = None  # the site's own: "Politics", "Internasional"
    site_name: str | None = None
    site_country: str | None = None  # ISO 3166-1 alpha-2, of the source, as the page or its domain say
    paywalled: bool = False  # only the beginning is given to who does not pay
    agency: str | None = None  # the news agency credited, under its usual name: "Reuters", "Antara"
    word_count: int = 0
    content_hash: str  # of title and body, whitespace folded
    page_url: str | None = None  # where it was read, if `url` is another address that the page declares
    partial: str | None = None  # why it is made of the feed's entry, not of its page (`ingest.refusals.Reason`)
    reserved: str | None = None  # what its publisher reserved: tdm, noindex, noarchive (`ingest.reservations`)
    origins: dict[str, str] = {}  # where each value came from, "means key": {"title": "json-ld headline"}


class Mention(Record):
    """A name found in an article: where, under which id. Offsets are in characters of `body`."""

    id: str  # Wikidata's (Q7184) or Kawat's own; of an unlinked name its normalised form
    type: Literal["person", "organisation", "place", "country", "thing"]
    kind: str | None = None  # of the known ones: capital, alliance, head-of-state, … as their file says
    name: str  # canonical, in English
    surfaces: tuple[str, ...]
    count: int
    spans: tuple[tuple[int, int], ...]
    in_title: bool = False
    linked: bool = True  # False: a name that no list knows
    salience: float = 0.0  # 0 to 1: how much the article is about it
    stands_for: str | None = None  # of a place that acts or is a seat: whose government it stands for, "country:FR"


class Features(Record):
    """What tells an article's copies and its story, made once from text and tags (`ingest/fingerprint.py`)."""

    signature: str  # MinHash of the body's shingles, base64
    bands: tuple[str, ...]  # keys that near-copies share (locality-sensitive hashing)
    terms: tuple[str, ...]  # the rare words and names by which follow-ups are found


class Topic(Record):
    """What an article is about: a topic of `data/topics/topics.tsv`, and the terms that say so."""

    id: str
    score: float  # 0 to 1, of the article's strongest topic
    terms: tuple[str, ...]  # the heaviest first


class TaggedArticle(Record):
    """An article with its tags, ready to be indexed."""

    article: Article
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, most mentioned first
    weights: dict[str, float] = {}  # how much it is about each of them, 0 to 1
    focus: tuple[str, ...] = ()  # those where it happens
    locations: tuple[tuple[float, float], ...] = ()  # latitude, longitude of the places it names
    mentions: tuple[Mention, ...] = ()
    topics: tuple[Topic, ...] = ()
    tagger: str = ""  # which names, models and rules tagged it (`ingest.tagging.tagger`)
    features: Features | None = None
