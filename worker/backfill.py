"""Walks a site's archives and claims what they list, behind all that is new: `kawat backfill`.

Sitemaps (that robots.txt or the front page name, or at the usual places) and the older pages of its feeds, newest
first. Each request has its host's turn, as a look at a known page has: few, and never before what is new. What was
walked stands in the ledger, so that a run that was killed goes on where it was; what is claimed twice is one entry.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from datetime import timedelta

from ingest.discover import feed_links, sitemap_lines, sitemap_links, usual_sitemap_urls
from ingest.errors import Gone, HostBusy, IngestError, Transient
from ingest.feedaddress import feed_address
from ingest.fetch import FEED_ACCEPT, Response
from ingest.sitemaps import parse_sitemap
from ingest.urls import fetchable_url
from worker.backfillread import Archive, Document, Walk, noted, read
from worker.gate import NotYet
from worker.trail import Trail

MOST_DOCUMENTS = 500  # sitemaps and feed pages of one run
MARGIN = timedelta(hours=1)  # before the start: what is younger is the feeds' to bring, and may fire alerts
PATIENCE = 180.0  # seconds that a host's turn, or its wish for patience, is waited for
GIVEN_UP = 3  # requests in a row without an answer, after which the rest is left to a later run
FEEDS = 3  # that the front page names, where none of the site's is followed
PLAIN_SITEMAPS = 3  # of the usual places: those for news reach two days back


def walk(archive: Archive) -> Iterator[Walk]:
    """Walks all; yields the same record after each document. Raises IngestError where the site does not answer."""
    state = Walk()
    queue = deque(_starts(archive, state))
    seen = {document.url for document in queue}
    silent, failed = 0, False
    while queue and not state.limited and silent < GIVEN_UP:
        if state.documents >= MOST_DOCUMENTS:
            state.tell(f"{MOST_DOCUMENTS} sitemaps and feed pages were read in one go")
            break
        document = queue.popleft()
        further = noted(document, archive)
        if further is None:
            try:
                further, silent = read(document, _ask(document.url, archive), archive, state), 0
            except Transient as error:
                silent, failed, further = silent + 1, True, []
                state.tell(error)
            except IngestError as error:
                further = []
                if not (isinstance(error, Gone) and document.kind == "feed" and document.depth):  # no older page
                    state.tell(error)
            state.documents += 1
        fresh = [one for one in further if one.url not in seen]
        seen.update(one.url for one in fresh)
        queue.extendleft(reversed(fresh))
        state.waiting = len(queue)
        yield state
    state.complete = not (queue or state.limited or failed)
    if state.complete:
        archive.notes.end()
    yield state


def _starts(archive: Archive, state: Walk) -> list[Document]:
    """The documents to begin with: sitemaps, then feeds."""
    front = _ask(fetchable_url(archive.site), archive)
    found = [Document(url, "sitemap") for url in (*_robots(front.url, archive), *sitemap_links(front.body, front.url))]
    followed = [(feed, feed_address(feed.url)) for feed in archive.feeds]
    found += [Document(source.url, "sitemap") for _, source in followed if source.form == "sitemap"]
    if not found:
        usual = usual_sitemap_urls(front.url)[-PLAIN_SITEMAPS:]
        found = [Document(url, "sitemap") for url in usual if _is_sitemap(url, archive)]
    found += [Document(source.url, "feed", feed=feed) for feed, source in followed if source.form == "feed"]
    if not any(source.form == "feed" for _, source in followed):
        found += [Document(link.url, "feed") for link in feed_links(front.body, front.url)[:FEEDS]]
    if not found:
        state.tell(f"{archive.site} names no sitemap and no feed")
    return list({document.url: document for document in reversed(found)}.values())[::-1]


def _robots(front: str, archive: Archive) -> tuple[str, ...]:
    try:
        answer = _ask(fetchable_url("/robots.txt", front), archive)
    except IngestError:
        return ()
    return sitemap_lines(answer.body.decode("utf-8", "replace"), front)


def _is_sitemap(url: str, archive: Archive) -> bool:
    try:
        response = _ask(url, archive)
        parse_sitemap(response.body, url=response.url, content_type=response.content_type)
    except IngestError:
        return False
    return True


def _ask(url: str, archive: Archive) -> Response:
    """The answer, in the turn of each host on the way. Raises IngestError; HostBusy where a turn is too far off."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with Trail(archive.turns, visit=True) as trail:
                trail.step(url)
                return archive.fetcher.get(url, accept=FEED_ACCEPT, on_redirect=trail.step)
        except NotYet as turn:
            wait = turn.seconds
            if time.monotonic() + wait > until:
                raise HostBusy(f"{url}: {turn}", retry_after=wait) from None
        except HostBusy as busy:
            wait = busy.retry_after or PATIENCE / 3
            if time.monotonic() + wait > until:
                raise
        archive.sleep(max(wait, 0.05))
