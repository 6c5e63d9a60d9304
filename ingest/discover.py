"""Where a site's feeds and sitemaps are: what its page and robots.txt say, and where they usually stand.

Pure; asking is the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from lxml import etree, html

from ingest.errors import Refused
from ingest.feedtext import text_of_html
from ingest.records import Record
from ingest.urls import canonical_url, fetchable_url

FEED_TYPES = frozenset(
    f"application/{kind}" for kind in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "x-rss+xml", "x.atom+xml")
)
USUAL_PATHS = (
    "/feed/",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/rss/index.xml",
    "/feeds/posts/default",
    "/?feed=rss2",
)
USUAL_SITEMAPS = (  # those for news first
    "/sitemap_news.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/news_sitemap.xml",
    "/sitemap/news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/wp-sitemap.xml",
)
MOST_SITEMAPS = 100  # named in a robots.txt
_LARGEST_ROBOTS = 512_000  # characters
MOST_FOUND = 50
_LARGEST_PAGE = 5_000_000  # bytes read of a page
_LOOKS_LIKE_FEED = re.compile(
    r"(?:[./]|^)(?:rss|atom|feeds?|rdf)(?:\.(?:xml|json|php|rdf))?/?(?:\?|$)|[?&]feed=(?:rss|atom)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"/comments?/|komentar|\bcomments?\b", re.IGNORECASE)


class FoundFeed(Record):
    """A source's probable address, as it would be followed; `by`: the page declares it, links to something like it,
    robots.txt names it, it is a usual place, or it was guessed from the page."""

    url: str
    title: str | None
    by: Literal["declared", "linked", "usual", "robots", "guessed"]
    kind: Literal["feed", "news-sitemap", "sitemap", "page"] = "feed"


def feed_links(page: bytes, url: str) -> tuple[FoundFeed, ...]:
    """The feeds that an HTML page points to, the surest first, feeds of comments last; empty for what is no HTML."""
    try:
        root = html.document_fromstring(page[:_LARGEST_PAGE])
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    base = _base(root, url)
    found: dict[str, FoundFeed] = {}
    for one in (*_declared(root, base), *_linked(root, base)):
        found.setdefault(canonical_url(one.url), one)
    ranked = sorted(found.values(), key=lambda one: (_is_comments(one), one.by == "linked"))
    return tuple(ranked[:MOST_FOUND])


def usual_feed_urls(site: str) -> tuple[str, ...]:
    """Addresses at which a site's feed often stands, the likeliest first; below its own path too. Raises Refused."""
    home = fetchable_url(site).partition("?")[0]
    below = home if home.endswith("/") else home + "/"
    urls = [fetchable_url(path, home) for path in USUAL_PATHS]
    if fetchable_url("/", home) != below:
        urls = [fetchable_url(path.lstrip("/"), below) for path in USUAL_PATHS[:3]] + urls
    return tuple(dict.fromkeys(urls))


def sitemap_lines(robots: str, base: str) -> tuple[str, ...]:
    """The sitemaps that a robots.txt names (sitemaps.org, "Specifying the Sitemap location"), those for news first."""
    found: dict[str, None] = {}
    for line in robots[:_LARGEST_ROBOTS].splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() != "sitemap" or len(found) >= MOST_SITEMAPS:
            continue
        try:
            found[fetchable_url(value.partition(" #")[0], base)] = None
        except Refused:
            continue
    return tuple(sorted(found, key=lambda url: "news" not in url.lower()))


def sitemap_links(page: bytes, url: str) -> tuple[str, ...]:
    """The sitemaps that an HTML page declares (`<link rel="sitemap">`)."""
    try:
        root = html.document_fromstring(page[:_LARGEST_PAGE])
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    base, found = _base(root, url), dict[str, None]()
    for link in root.iter("link"):
        if "sitemap" in (link.get("rel") or "").lower().split():
            try:
                found[fetchable_url(link.get("href") or "", base)] = None
            except Refused:
                continue
    return tuple(found)[:MOST_SITEMAPS]


def usual_sitemap_urls(site: str) -> tuple[str, ...]:
    """Addresses at which a site's sitemap often stands, those for news first. Raises Refused."""
    home = fetchable_url("/", fetchable_url(site))
    return tuple(fetchable_url(path, home) for path in USUAL_SITEMAPS)


def _base(root: Any, url: str) -> str:
    for element in root.iter("base"):
        if element.get("href"):
            try:
                return fetchable_url(element.get("href"), url)
            except Refused:
                break
    return url


def _declared(root: Any, base: str) -> Iterator[FoundFeed]:
    for link in root.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        href = link.get("href") or ""
        generic = kind in {"text/xml", "application/xml", "application/json"} and _LOOKS_LIKE_FEED.search(href)
        if ("alternate" in rel and (kind in FEED_TYPES or generic)) or "feed" in rel:
            yield from _found(href, base, link.get("title"), "declared")


def _linked(root: Any, base: str) -> Iterator[FoundFeed]:
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        if _LOOKS_LIKE_FEED.search(href.partition("#")[0]):
            yield from _found(href, base, anchor.get("title") or anchor.text_content(), "linked")


def _found(href: str, base: str, title: str | None, by: Literal["declared", "linked"]) -> Iterator[FoundFeed]:
    try:
        yield FoundFeed(url=fetchable_url(href, base), title=text_of_html(title, 200), by=by)
    except Refused:
        return


def _is_comments(one: FoundFeed) -> bool:
    return bool(_COMMENTS.search(one.url) or _COMMENTS.search(one.title or ""))
