"""What a reader keeps: a dated brief of clippings in an order of its own, each with the text as it was then.

A brief holds little and changes often; a text is kept once, under an id made of what it says, and never changes but for
how it stands with its raw page; a page's bytes are written once.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Literal

from pydantic import Field

from ingest.records import Record, Utc

MOST_CLIPPINGS = 300  # in a brief: a day's reading; all of it is one document
MOST_REMOVED = 50  # that can be put back
MOST_MEMBERS = 200  # of a story, listed with it
MOST_TEXTS = 12  # of a story, kept whole: the first article of each owner, then others that are no copies
TITLE_CHARS, NOTE_CHARS, CONCERNS_CHARS = 300, 10_000, 200
BRIEF_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9a-f]{8})?")
ID = re.compile(r"[0-9a-f]{32}")

State = Literal["wanted", "kept", "lost"]
Match = Literal["same", "part", "other", "unread"]


class KeptMember(Record):
    """An article of a story as it stood when the story was kept."""

    article_id: str
    title: str
    source: str
    time: Utc  # published, or first seen
    url: str | None = None  # where its text is kept too
    copy_of: str | None = None


class Clipping(Record):
    """An article, or a story with its members at that time, and what the reader says of it."""

    id: str  # of what is kept: the same thing is not twice in a brief
    article_id: str  # of a story: the article that stands for it
    title: str
    texts: tuple[str, ...] = ()  # ids of the texts kept; the first is that article's
    story_id: str | None = None
    size: int = 1  # of the story: articles, copies too
    sources: int = 1  # independent ones
    members: tuple[KeptMember, ...] = ()
    note: str = ""
    concerns: str = ""  # whom it is for
    added: Utc


class Removed(Record):
    """A clipping that was taken out, and where it stood."""

    clipping: Clipping
    place: int
    at: Utc


class Brief(Record):
    """A brief. `id` is its date, with a random end where it is not that day's first."""

    id: str
    date: date
    title: str = ""  # empty: it is named by its date
    note: str = ""
    clippings: tuple[Clipping, ...] = ()
    removed: tuple[Removed, ...] = ()
    created: Utc
    updated: Utc

    def clipping(self, id: str) -> Clipping | None:
        return next((one for one in self.clippings if one.id == id), None)


class PageState(Record):
    """How it stands with a text's raw page: asked for (`wanted`), there (`kept`), or given up (`lost`).

    `match`: whether the page, fetched after the text was read, still says the same; `part`: the text goes on over
    further pages, of which none is kept; `unread` where it cannot be told, `why` says why.
    """

    state: State = "wanted"
    due: Utc | None = None
    tries: int = 0
    asked: Utc | None = None
    error: str | None = None
    sha256: str | None = None
    size: int | None = None
    content_type: str | None = None
    status: int | None = None
    url: str | None = None
    fetched: Utc | None = None
    match: Match | None = None
    why: str | None = None


class KeptText(Record):
    """An article's text as it was when it was kept."""

    text_id: str
    article_id: str
    entry_id: str
    feed_id: str | None = None
    revision: int
    content_hash: str
    url: str
    page_url: str | None = None
    title: str = ""
    body: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    source_name: str | None = None
    language: str | None = None
    agency: str | None = None
    published: Utc | None = None
    first_seen: Utc
    fetched: Utc | None = None
    marks: tuple[str, ...] = Field(default=(), alias="is")
    kept_at: Utc
    page: PageState = PageState()

    @property
    def read(self) -> Utc:
        """When Kawat read this text."""
        return self.fetched or self.first_seen

    @property
    def stands(self) -> str:
        """Where the text was read."""
        return self.page_url or self.url


class RawPage(Record):
    """A page's bytes as they came, with what its server said of them."""

    text_id: str
    body: bytes
    sha256: str
    content_type: str | None
    status: int
    url: str
    fetched: Utc


class BriefLine(Record):
    """A brief as the list shows it."""

    id: str
    date: date
    title: str = ""
    note: str = ""
    count: int = 0


class BriefView(Record):
    """A brief with the texts of its clippings, in the state `version`: an edit names the state that it was made on."""

    brief: Brief
    version: str
    texts: dict[str, KeptText]


class Kept(Record):
    """What became of a wish to keep something. `new` is False where the brief had it already."""

    brief_id: str
    clipping_id: str
    new: bool


def text_id(article_id: str, revision: int, content_hash: str) -> str:
    """The id of a text: another text of the same article is another clipping."""
    return _id("text", article_id, str(revision), content_hash)


def story_clipping_id(story_id: str, articles: tuple[str, ...]) -> str:
    """The id of a story with just these articles: one that grew since is another clipping."""
    return _id("story", story_id, *sorted(articles))


def _id(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
