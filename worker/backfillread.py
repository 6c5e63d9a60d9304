"""What one document of an archive (a sitemap, a page of a feed) brings: entries of the time wanted, claimed at once,
and the documents that it leads to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ingest.archives import older_page
from ingest.errors import Refused
from ingest.feeds import parse_feed
from ingest.fetch import Fetcher, Response
from ingest.listpages import same_site
from ingest.records import Entry, Feed
from ingest.sitemapnews import entry_of
from ingest.sitemaps import Sitemap, newest_first, parse_sitemap, period
from ingest.urls import fetchable_url
from worker.backfillnotes import Notes
from worker.stages import Turns

MOST_PAGES = 200  # of one feed
DEEPEST = 3  # indexes within indexes
AT_ONCE = 200  # entries a claim
PROBLEMS = 20  # told
# Files of an index that list no articles, by the words that programs name them with.
NO_ARTICLES = frozenset(
    {"category", "categories", "tag", "tags", "author", "authors", "image", "images", "video", "videos", "product"}
)


@dataclass(frozen=True, slots=True)
class Archive:
    """What a walk needs: `since` to `until` is wanted, at most `limit` new entries. `claim` says which are new; of a
    dry run it only looks. `feeds`: those of the site that are followed; their names go with the entries."""

    site: str
    since: datetime
    until: datetime
    limit: int
    fetcher: Fetcher
    turns: Turns
    claim: Callable[[Sequence[Entry], Feed | None], list[bool]]
    notes: Notes
    feeds: tuple[Feed, ...] = ()
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Walk:
    """How far it is. `claimed` are new, `known` were known before; `undated` cannot be placed and are left out."""

    documents: int = 0
    waiting: int = 0
    claimed: int = 0
    known: int = 0
    older: int = 0
    younger: int = 0
    undated: int = 0
    complete: bool = False
    limited: bool = False
    problems: list[str] = field(default_factory=list)

    def tell(self, problem: object) -> None:
        """Keeps what went wrong for a person, the first few."""
        if len(self.problems) < PROBLEMS:
            self.problems.append(str(problem))


@dataclass(frozen=True, slots=True)
class Document:
    """One to be asked for. `depth`: so many indexes or newer pages led to it."""

    url: str
    kind: str  # sitemap, feed
    depth: int = 0
    feed: Feed | None = None


def noted(document: Document, archive: Archive) -> list[Document] | None:
    """Where a document led that was walked whole before; None where it was not."""
    led = archive.notes.read(document.url)
    if led is None:
        return None
    return [Document(led, "feed", document.depth + 1, document.feed)] if led else []


def read(document: Document, response: Response, archive: Archive, walk: Walk) -> list[Document]:
    """Claims what the document lists; the documents that it leads to. Raises NotAFeed."""
    if document.kind == "feed":
        return _feed_page(document, response, archive, walk)
    sitemap = parse_sitemap(response.body, url=response.url, content_type=response.content_type)
    for problem in sitemap.problems:
        walk.tell(f"{document.url}: {problem}")
    if sitemap.form == "index":
        return _parts(document, sitemap, response.url, archive, walk)
    feed = archive.feeds[0] if archive.feeds else None
    if _claim(_listed(sitemap, response.url, feed, archive, walk), archive, walk, feed):
        archive.notes.done(document.url)
    return []


def _parts(document: Document, sitemap: Sitemap, base: str, archive: Archive, walk: Walk) -> list[Document]:
    if document.depth >= DEEPEST:
        walk.tell(f"{document.url}: more than {DEEPEST} indexes within each other are not followed")
        return []
    return [
        Document(part.link, "sitemap", document.depth + 1)
        for part in newest_first(sitemap.parts, base)
        if may_list(part.link, archive.since) and (part.modified or archive.until) >= archive.since
    ]


def may_list(url: str, since: datetime) -> bool:
    """Whether this file of an index may list articles since then, by its name."""
    name = url.partition("//")[2].partition("/")[2].lower()
    for mark in "_./":
        name = name.replace(mark, "-")
    spoken = period(url)
    return not NO_ARTICLES & set(name.split("-")) and (spoken is None or spoken[1] > since)


def _feed_page(document: Document, response: Response, archive: Archive, walk: Walk) -> list[Document]:
    feed = document.feed
    parsed = parse_feed(
        response.body,
        url=response.url,
        feed_id=feed.id if feed else None,
        language=feed.language if feed else None,
        content_type=response.content_type,
    )
    dated = [(entry.published or entry.updated, entry) for entry in parsed.entries]
    whole = _claim([entry for date, entry in dated if _fits(date, archive, walk)], archive, walk, feed)
    oldest = min((date for date, _ in dated if date), default=None)
    older = older_page(response.body, response.url, response.content_type)
    ended = oldest is None or oldest < archive.since or document.depth >= MOST_PAGES
    if ended or (older and not same_site(older, document.url)):
        older = None
    if whole:
        archive.notes.done(document.url, older or "")
    return [Document(older, "feed", document.depth + 1, feed)] if older else []


def _listed(sitemap: Sitemap, base: str, feed: Feed | None, archive: Archive, walk: Walk) -> list[Entry]:
    """The site's own pages in the time that is wanted, the newest first; its front page is no article."""
    fit = [(date, one) for one in sitemap.urls if _fits(date := one.date, archive, walk) and date]
    entries = []
    for _, one in sorted(fit, key=lambda pair: pair[0], reverse=True):
        try:
            entry = entry_of(one, base, feed.id if feed else None, feed.language if feed else None)
        except Refused:
            continue
        if same_site(entry.url, archive.site) and entry.url != fetchable_url("/", entry.url):
            entries.append(entry)
    return entries


def _fits(date: datetime | None, archive: Archive, walk: Walk) -> bool:
    if date is None:
        walk.undated += 1
    elif date < archive.since:
        walk.older += 1
    elif date > archive.until:
        walk.younger += 1
    else:
        return True
    return False


def _claim(entries: Sequence[Entry], archive: Archive, walk: Walk, feed: Feed | None) -> bool:
    """False where the limit is reached before all of them are claimed."""
    at = 0
    while at < len(entries):
        room = archive.limit - walk.claimed
        if room <= 0:
            walk.limited = True
            return False
        batch = entries[at : at + min(room, AT_ONCE)]
        new = sum(archive.claim(batch, feed))
        at += len(batch)
        walk.claimed += new
        walk.known += len(batch) - new
    return True
