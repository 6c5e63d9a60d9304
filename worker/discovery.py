"""Finds the feeds of a site: what its front page names, then the usual places; each one tried before it is told."""

from __future__ import annotations

from collections.abc import Callable

from ingest.discover import FoundFeed, feed_links, usual_feed_urls
from ingest.errors import IngestError
from ingest.feeds import parse_feed
from ingest.fetch import Fetcher
from ingest.urls import fetchable_url

NAMED_TRIED = 20  # links of the front page
ENOUGH = 1  # with so many named feeds that work the usual places are not asked


def discover(site: str, fetcher: Fetcher, pause: Callable[[str], None] = lambda _: None) -> list[FoundFeed]:
    """The feeds that answer and parse. Raises IngestError where the site itself does not answer.

    `pause(url)` is called before each request but the first: thirty in a row are not polite.
    """
    front = fetcher.get(fetchable_url(site))
    named = list(feed_links(front.body, front.url))[:NAMED_TRIED]
    found = [feed for feed in named if _works(feed.url, fetcher, pause)]
    if len(found) >= ENOUGH:
        return found
    tried = {feed.url for feed in named}
    guesses = [url for url in usual_feed_urls(front.url) if url not in tried]
    return [FoundFeed(url=url, title=None, by="usual") for url in guesses if _works(url, fetcher, pause)]


def _works(url: str, fetcher: Fetcher, pause: Callable[[str], None]) -> bool:
    pause(url)
    try:
        response = fetcher.get(url)
        return bool(parse_feed(response.body, url=response.url, feed_id=None).format)
    except IngestError:
        return False
