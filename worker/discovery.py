"""Finds what of a site can be followed, each tried before it is told.

Feeds that its front page names, then the usual places; sitemaps that robots.txt and the page name, then the usual
places; where there is neither, the list of headlines on its front page.
"""

from __future__ import annotations

from collections.abc import Callable

from ingest.dates import now
from ingest.discover import (
    FoundFeed,
    feed_links,
    sitemap_lines,
    sitemap_links,
    usual_feed_urls,
    usual_sitemap_urls,
)
from ingest.errors import IngestError
from ingest.feedaddress import FeedAddress
from ingest.feeds import parse_feed
from ingest.fetch import Fetcher, Response
from ingest.listpages import likely_selector
from ingest.sitemaps import Sitemap, newest_first, parse_sitemap
from ingest.urls import fetchable_url

NAMED_TRIED = 20  # links of the front page
ENOUGH = 1  # with so many named feeds that work the usual places are not asked
SITEMAPS_TRIED = 5  # that robots.txt and the front page name
SITEMAPS_TOLD = 3
Pause = Callable[[str], None]


def discover(site: str, fetcher: Fetcher, pause: Pause = lambda _: None) -> list[FoundFeed]:
    """What answers and can be read, feeds first, then sitemaps, those for news first. Raises IngestError where the site
    itself does not answer.

    `pause(url)` is called before each request but the first: thirty in a row are not polite.
    """
    front = fetcher.get(fetchable_url(site))
    found = [*_feeds(front, fetcher, pause), *_sitemaps(front, fetcher, pause)]
    if not found and (selector := likely_selector(front.body, front.url, front.content_type)):
        address = FeedAddress(form="page", url=front.url, selector=selector)
        found.append(FoundFeed(url=address.text, title=None, by="guessed", kind="page"))
    return found


def _feeds(front: Response, fetcher: Fetcher, pause: Pause) -> list[FoundFeed]:
    named = list(feed_links(front.body, front.url))[:NAMED_TRIED]
    found = [feed for feed in named if _works(feed.url, fetcher, pause)]
    if len(found) >= ENOUGH:
        return found
    tried = {feed.url for feed in named}
    guesses = [url for url in usual_feed_urls(front.url) if url not in tried]
    return [FoundFeed(url=url, title=None, by="usual") for url in guesses if _works(url, fetcher, pause)]


def _sitemaps(front: Response, fetcher: Fetcher, pause: Pause) -> list[FoundFeed]:
    named = [(url, "robots") for url in sitemap_lines(_robots(front, fetcher, pause), front.url)]
    named += [(url, "declared") for url in sitemap_links(front.body, front.url)]
    by = dict(reversed(named))
    found = _tried(list(by)[::-1][:SITEMAPS_TRIED], by, fetcher, pause)
    if not any(one.kind == "news-sitemap" for one in found):
        guesses = [url for url in usual_sitemap_urls(front.url) if url not in by]
        found += _tried(guesses, {}, fetcher, pause, enough=1)
    return sorted(found, key=lambda one: one.kind != "news-sitemap")[:SITEMAPS_TOLD]


def _tried(
    urls: list[str], by: dict[str, str], fetcher: Fetcher, pause: Pause, enough: int = SITEMAPS_TOLD
) -> list[FoundFeed]:
    found: list[FoundFeed] = []
    for url in urls:
        if len(found) >= enough:
            break
        read = _sitemap(url, fetcher, pause)
        if read is None:
            continue
        kind = "news-sitemap" if _for_news(read, url) else "sitemap"
        address = FeedAddress(form="sitemap", url=url).text
        about = {"url": address, "title": None, "by": by.get(url, "usual"), "kind": kind}
        found.append(FoundFeed.model_validate(about))
    return found


def _for_news(read: Sitemap, url: str) -> bool:
    """It has the news extension's titles; of an index, its newest files are named after news."""
    return read.news or any("news" in part.link.lower() for part in newest_first(read.parts, url)[:1])


def _sitemap(url: str, fetcher: Fetcher, pause: Pause) -> Sitemap | None:
    pause(url)
    try:
        response = fetcher.get(url)
        read = parse_sitemap(response.body, url=response.url, content_type=response.content_type, now=now())
    except IngestError:
        return None
    return read if read.urls or read.parts else None


def _robots(front: Response, fetcher: Fetcher, pause: Pause) -> str:
    url = fetchable_url("/robots.txt", front.url)
    pause(url)
    try:
        return fetcher.get(url, accept="text/plain").body.decode("utf-8", "replace")
    except IngestError:
        return ""


def _works(url: str, fetcher: Fetcher, pause: Pause) -> bool:
    pause(url)
    try:
        response = fetcher.get(url)
        return bool(parse_feed(response.body, url=response.url, feed_id=None).format)
    except IngestError:
        return False
