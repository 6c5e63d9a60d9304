"""What the index needs and gives, as small Protocols: the worker hands in the ledger's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from pydantic import AwareDatetime, Field

from ingest.records import Feed, Record, TaggedArticle

WriteOutcome = Literal["written", "revised", "already-written", "duplicate", "rejected", "unavailable", "removed"]


class Document(Record):
    """All that one article's document is made of. The ledger's entry, the feed it came by, the tagged article."""

    entry_id: str
    tagged: TaggedArticle
    feed: Feed | None  # None: given by hand
    first_seen: AwareDatetime
    fetched: AwareDatetime | None = None  # when this version of the page was read
    visit: bool = False  # the page was looked at again: a text that differs is a new revision
    backfill: bool = False  # found in an archive: no news, rules fire no alert for it
    known_as: str | None = None  # article id that this entry was written under before: a page that moved keeps it

    @property
    def id(self) -> str:
        """The id that the article is written under, if it is not a copy that only claims it."""
        return self.known_as or self.tagged.article.id


class Vanished(Record):
    """A page that was there and is no more, or has no text any more, as a later visit found it."""

    entry_id: str
    article_id: str
    at: AwareDatetime
    why: str  # 404, 410, no-text, front-page


class WriteResult(Record):
    """What became of one document. `rejected`: the document is at fault (400, 413); `unavailable`: the cluster is.

    `revised`: as `written`, of an article that was there: its text or what is known of its page (gutted, back,
    vanished) is another now. `removed`: retention removed the article, and it does not come back. `article_id` is the
    id it has in the index, which is not the one its page declares where that is not believed. The cluster's faults:
    whatever it or its operator has to put right, see `search/client.py`.
    """

    entry_id: str
    article_id: str
    outcome: WriteOutcome
    reason: str | None = None
    holder: str | None = None  # of a duplicate: the entry that brought the article first


class ServiceUnavailable(Exception):  # noqa: N818 - a state of the world, not a fault of the caller
    """A service that everything needs is away (Elasticsearch, Valkey): waiting, not failing. Says which and why."""

    def __init__(self, service: str, why: str) -> None:
        super().__init__(f"{service} is not available: {why}")
        self.service = service


class TooSlow(ServiceUnavailable):
    """It did not answer in the time that it was given: where much was asked at once, less may do."""


class IncompleteAnswerError(Exception):
    """Elasticsearch answered, but not for everything asked: shards failed or the time ran out. Says which."""


class Homes(Protocol):
    """Where each article lives: set once, never changed. Kept by the ledger."""

    def get(self, article_ids: Sequence[str]) -> Mapping[str, str]:
        """Concrete index by article id, for those known."""
        ...

    def set_if_absent(self, homes: Mapping[str, str]) -> Mapping[str, str]:
        """The home now in force for each id given: an earlier one wins."""
        ...


class ArticleIndex(Protocol):
    """The index as the stages see it."""

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Each document exactly once in its home index; one result each, same order. Raises ServiceUnavailable.

        Of an article that is there already by the same entry, a document with `visit` whose text differs becomes its
        next revision (`revised`): the old text stands in `revisions` before the article is overwritten. One that
        differs in nothing that counts (`ingest/revision.py`), or was read before what is there, is `already-written`.
        A page that declares another entry's article as its own while their texts differ is an article by itself.
        """
        ...

    def vanish(self, gone: Sequence[Vanished]) -> list[WriteResult]:
        """Marks articles whose page is gone (`revised`): the last text stays. One result each, same order.

        `already-written` where that is known, or there is no such article any more. Raises ServiceUnavailable.
        """
        ...


class Stories(Protocol):
    """Which story each article belongs to, as the stage `story` sees it."""

    def place(self, documents: Sequence[Document]) -> None:
        """Finds each written article's copies and story, and writes both. Again: the same. Raises ServiceUnavailable.

        Runs in one process at a time; a batch cut off half-way is simply placed again.
        """
        ...


Sort = Literal["seen", "published", "relevance"]


class Fold(Record):
    """The story that a hit stands for in a folded list: all of it, not only what the search found of it."""

    story_id: str
    size: int  # articles, copies too
    sources: int  # independent ones: different owners
    first: str | None = None  # UTC, of its earliest article and its latest
    last: str | None = None


class Hit(Record):
    """One article as lists show it.

    `highlight` and `title_html` are HTML: escaped, with `<mark>` around what matched.
    """

    id: str
    url: str
    title: str
    title_html: str
    source: str  # the site: its host without www.
    source_name: str | None = None  # as the feed or the page names it
    language: str | None = None  # ISO 639-1
    published: str | None = None  # UTC, 2026-01-31T09:00:00Z
    first_seen: str
    countries: tuple[str, ...] = ()  # named in the text: ISO 3166-1 alpha-2, most mentioned first
    highlight: tuple[str, ...] = ()
    is_: tuple[str, ...] = Field(default=(), alias="is")  # sample, partial, …
    story_id: str | None = None
    fold: Fold | None = None  # in a folded list, of a hit whose story has more articles
    authors: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  # names, most mentioned first
    organisations: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  # ids


class Bucket(Record):
    """So many of the articles found have this value. `label` says it for people, where `value` does not."""

    value: str  # as a query writes it
    count: int
    label: str | None = None


class Timeline(Record):
    """How many articles came when. Buckets follow each other without a gap and are whole in the search's time zone: a
    day is a day there. `interval` is 1h, 3h, 6h, 12h, 1d, 7d (from Monday), 1M, 3M or 12M."""

    interval: str
    start: str  # UTC, of the first bucket
    counts: tuple[tuple[str, int], ...]  # UTC start of each bucket, articles


class SearchResult(Record):
    """`total` counts all matching articles, folded or not; `hits` are those asked for. `cursor` leads to the next ones;
    None where there are no more."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[Bucket, ...]] = {}  # by field, in the order asked for; the most frequent value first
    timeline: Timeline | None = None
    cursor: str | None = None


class CursorError(ValueError):
    """A cursor that this search did not give. Says what to do."""


class SearchPort(Protocol):
    """Searching as the page and the command line see it."""

    def search(
        self,
        query: str,
        *,
        size: int = 20,
        from_: int = 0,
        sort: Sort = "seen",
        stemmed: bool = False,
        facets: Sequence[str] = (),
        timeline: bool = False,
        fold: bool = False,
        cursor: str | None = None,
    ) -> SearchResult:
        """`facets` name fields as queries do (`search.facets.FACETS`). `fold`: one hit a story. `cursor`: the next
        page of the same search, to any depth; `from_` is for the first pages of one that is not folded.

        Raises QueryError (with the character), CursorError, ValueError (size, from_, facets), IncompleteAnswerError,
        ServiceUnavailable.
        """
        ...


class FlowStatus(Protocol):
    """What the page shows of the flow: the worker's side answers."""

    def summary(self) -> Mapping[str, object]: ...
