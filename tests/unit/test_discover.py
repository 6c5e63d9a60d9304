"""Finding a site's feeds on its page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.discover import feed_links, usual_feed_urls
from ingest.errors import Refused
from tests.fakes import FakeFetcher
from tests.newsroom import sitemaps
from worker.discovery import discover

PAGE = b"""<!doctype html><html><head><base href="/section/">
<link rel="alternate" type="application/rss+xml" title="Comments &amp; replies" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml" title="News &amp; views" href="feed">
<link rel="alternate" type="application/feed+json" href="https://example.com/feed.json">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
<link rel="alternate" hreflang="en" href="/en/">
<link rel="stylesheet" type="text/css" href="/rss.css">
</head><body>
<a href="/rss/terkini.rss">RSS <b>terkini</b></a> <a href="/tentang-rss-dan-atom">about</a>
<a href="javascript:feed">feed</a>
<a href="https://example.com/section/feed#again">again</a>
<a href="/rssfeeds.html">x</a> <a href="/atom.xml"></a>
</body></html>"""


def test_declared_feeds_come_first_and_comments_last() -> None:
    found = feed_links(PAGE, "https://example.com/a/page")
    assert [(one.url, one.by) for one in found] == [
        ("https://example.com/section/feed", "declared"),
        ("https://example.com/feed.json", "declared"),
        ("https://example.com/rss/terkini.rss", "linked"),
        ("https://example.com/atom.xml", "linked"),
        ("https://example.com/comments/feed/", "declared"),
    ]
    assert found[0].title == "News & views"
    assert found[2].title == "RSS terkini"
    assert found[3].title is None


@pytest.mark.parametrize("page", [b"", b"   ", b"\x00\xff\xfe", b"{}", b"<html></html>"])
def test_a_page_without_links_has_none(page: bytes) -> None:
    assert feed_links(page, "https://example.com/") == ()


def test_the_usual_places_are_tried_at_the_site_and_below_its_path() -> None:
    urls = usual_feed_urls("https://example.com")
    assert urls[:2] == ("https://example.com/feed/", "https://example.com/rss")
    assert {"https://example.com/rss.xml", "https://example.com/atom.xml", "https://example.com/feed.json"} <= set(urls)
    assert usual_feed_urls("https://example.com/blog?x=1")[0] == "https://example.com/blog/feed/"
    with pytest.raises(Refused):
        usual_feed_urls("example.com")


def test_between_two_requests_of_a_discovery_there_is_a_pause() -> None:
    front = b'<html><link rel="alternate" type="application/rss+xml" href="/a"><a href="/rss.xml">RSS</a></html>'
    fetcher, paused = FakeFetcher({"https://example.com/": front}), list[str]()
    assert discover("https://example.com/", fetcher, paused.append) == []
    assert paused == fetcher.asked[1:]
    assert len(paused) > 5


def test_sitemaps_are_found_in_robots_txt_on_the_page_and_in_usual_places_and_said_which_is_which() -> None:
    when = datetime(2026, 11, 20, tzinfo=UTC)
    article = ("https://example.com/1", "Kantor penghubung", when)
    plain = sitemaps.urlset([(article[0], when)])
    fetcher = FakeFetcher(
        {
            "https://example.com/": b'<link rel="sitemap" href="/peta.xml">',
            "https://example.com/robots.txt": b"User-agent: *\nSitemap: https://example.com/all.xml # all\n"
            b"sitemap: /berita-news.xml\nSitemap: javascript:x\n",
            "https://example.com/all.xml": plain,
            "https://example.com/peta.xml": sitemaps.index([("https://example.com/s.xml", None)]),
            "https://example.com/berita-news.xml": sitemaps.news([article]),
        }
    )
    assert [(one.url, one.by, one.kind) for one in discover("https://example.com/", fetcher)] == [
        ("sitemap:https://example.com/berita-news.xml", "robots", "news-sitemap"),
        ("sitemap:https://example.com/all.xml", "robots", "sitemap"),
        ("sitemap:https://example.com/peta.xml", "declared", "sitemap"),
    ]
    bare = FakeFetcher({"https://example.com/": b"<p>", "https://example.com/sitemap.xml": plain})
    assert [(one.url, one.by) for one in discover("https://example.com/", bare)] == [
        ("sitemap:https://example.com/sitemap.xml", "usual")
    ]


def test_where_there_is_neither_feed_nor_sitemap_the_list_of_headlines_is_proposed() -> None:
    items = "".join(f"<h2 class='judul'><a href='/b/{n}'>Berita nomor {n} tentang sesuatu</a></h2>" for n in range(6))
    fetcher = FakeFetcher({"https://example.com/": f"<body>{items}</body>".encode()})
    (found,) = discover("https://example.com/", fetcher)
    assert (found.kind, found.by) == ("page", "guessed")
    assert found.url == "page:https://example.com/#css=h2.judul a"
