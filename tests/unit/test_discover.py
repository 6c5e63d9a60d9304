"""Finding a site's feeds on its page."""

from __future__ import annotations

import pytest

from ingest.discover import feed_links, usual_feed_urls
from ingest.errors import Refused
from tests.fakes import FakeFetcher
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
