"""Sitemaps: what they list, what of it is new, and what hostile ones can do."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import NotAFeed
from ingest.sitemapnews import MOST_NEW, News, Seen, news_of
from ingest.sitemaps import MOST_BYTES, MOST_URLS, SitemapUrl, newest_first, parse_sitemap, period
from tests.effort import growth
from tests.newsroom import sitemaps

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://example.com/sitemap.xml"


def dated(n: int, hours: float = 1.0) -> list[tuple[str, datetime | None]]:
    return [(f"https://example.com/berita/{i}", NOW - timedelta(hours=hours * i)) for i in range(n)]


def read(urls: list[tuple[str, datetime | None]], seen: Seen, listed: frozenset[str], now: datetime = NOW) -> News:
    sitemap = parse_sitemap(sitemaps.urlset(urls), url=URL, now=now)
    return news_of(sitemap.urls, seen, listed, base=URL, feed_id="f", language="id", now=now)


def ids(news: News) -> frozenset[str]:
    return frozenset(entry.id for entry in news.entries)


def test_a_news_sitemap_gives_title_date_language_and_keywords_and_no_picture() -> None:
    page = ("https://example.com/a?x=1&y=2", "Kantor & penghubung", NOW)
    read = parse_sitemap(sitemaps.news([page], keywords="NATO, Tokyo"), url=URL, now=NOW)
    (one,) = read.urls
    assert (one.link, one.title, one.published, one.language) == (page[0], page[1], NOW, "id")
    assert one.keywords == ("NATO", "Tokyo")
    assert read.news
    (entry,) = news_of(read.urls, Seen(), frozenset(), base=URL, feed_id="f", language="en", now=NOW).entries
    assert (entry.title, entry.language, entry.tags, entry.published) == (page[1], "id", ("NATO", "Tokyo"), NOW)


@pytest.mark.parametrize("packed", [1, 2])
def test_a_packed_sitemap_is_unpacked_also_where_a_server_packs_it_twice(packed: int) -> None:
    body = sitemaps.urlset(dated(3))
    for _ in range(packed):
        body = gzip.compress(body)
    assert len(parse_sitemap(body, url=URL, now=NOW).urls) == 3


def test_a_gzip_bomb_is_read_up_to_a_bound() -> None:
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(sitemaps.urlset(dated(3)).replace(b"</urlset>", b""))
    bomb = start + b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    assert len(bomb) < 1_000_000
    read = parse_sitemap(bomb, url=URL, now=NOW)
    assert len(read.urls) == 3
    assert any(f"{MOST_BYTES:,} bytes" in problem for problem in read.problems)


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"hello", b"<html></html>", b"<rss version='2.0'/>", b"\x1f\x8b\x00", b"<urlset><url><loc>"]
)
def test_what_is_no_sitemap_says_so(body: bytes) -> None:
    with pytest.raises(NotAFeed, match=r"example\.com/sitemap\.xml"):
        parse_sitemap(body, url=URL, now=NOW)


def test_entities_are_never_declared_and_a_bare_ampersand_is_one() -> None:
    laughs = (
        '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    body = f"{laughs}<urlset><url><loc>https://example.com/?a=1&b=2&x;</loc></url></urlset>".encode()
    (one,) = parse_sitemap(body, url=URL, now=NOW).urls
    assert one.link == "https://example.com/?a=1&b=2&x;"


def test_a_broken_end_leaves_what_came_before() -> None:
    body = sitemaps.urlset(dated(5))[:-60]
    read = parse_sitemap(body, url=URL, now=NOW)
    assert len(read.urls) == 4
    assert "not well-formed" in read.problems[0]


def test_more_urls_than_the_protocol_allows_and_endless_depth_are_cut() -> None:
    many = b"<urlset>" + b"<url><loc>https://example.com/a</loc></url>" * (MOST_URLS + 10) + b"</urlset>"
    assert len(parse_sitemap(many, url=URL, now=NOW).urls) == MOST_URLS
    deep = b"<urlset><url><loc>https://example.com/a</loc></url>" + b"<a>" * 100_000
    assert len(parse_sitemap(deep, url=URL, now=NOW).urls) == 1


def test_a_sitemap_is_read_in_linear_time() -> None:
    one = b"<url><loc>https://example.com/a?b=%d</loc><lastmod>2024-05-06</lastmod></url>"

    def read(count: int) -> None:
        body = b"<urlset>" + b"".join(one % number for number in range(count)) + b"</urlset>"
        assert len(parse_sitemap(body, url=URL, now=NOW).urls) == count

    assert growth(read, 200) < 5


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: b"<urlset>" + text.encode()))
def test_no_bytes_raise_anything_but_not_a_feed(body: bytes) -> None:
    with contextlib.suppress(NotAFeed):
        parse_sitemap(body, url=URL, now=NOW)


def test_the_first_poll_brings_the_last_days_only_but_something_of_an_old_one() -> None:
    assert len(read(dated(500), Seen(), frozenset()).entries) == 73  # three days, an hour apart
    old = [(url, at - timedelta(days=90) if at else None) for url, at in dated(500)]
    assert len(read(old, Seen(), frozenset()).entries) == 20


def test_later_polls_bring_what_is_later_than_what_was_seen_and_what_is_listed_late() -> None:
    first = read(dated(500), Seen(), frozenset())
    now = NOW + timedelta(hours=1)
    late = ("https://example.com/terlambat", NOW - timedelta(hours=20))
    second = read([("https://example.com/baru", now), late, *dated(500)], first.seen, ids(first), now)
    fresh = {entry.url for entry in second.entries if entry.id not in ids(first)}
    assert fresh == {"https://example.com/baru", late[0]}
    assert len(second.entries) == 51


def test_a_large_sitemap_comes_in_portions_and_nothing_is_left_out() -> None:
    urls = dated(1_300, hours=0.01)
    seen, listed, rounds, more = Seen(), frozenset[str](), 0, True
    while more:
        news = read(urls, seen, listed)
        assert len(ids(news) - listed) <= MOST_NEW
        seen, listed, more, rounds = news.seen, ids(news), news.more, rounds + 1
    assert (rounds, len(listed)) == (3, 1_300)


def test_without_dates_what_was_not_listed_before_is_new() -> None:
    urls: list[tuple[str, datetime | None]] = [(f"https://example.com/{n}", None) for n in range(3_000)]
    first = read(urls, Seen(), frozenset())
    assert (first.entries, first.more) == ((), False)
    assert "no dates" in first.problems[0]
    second = read([*urls, ("https://example.com/baru", None)], first.seen, frozenset())
    assert [entry.url for entry in second.entries] == ["https://example.com/baru"]
    assert read(urls, second.seen, frozenset()).entries == ()


def test_one_date_for_all_says_as_little_as_none() -> None:
    stamped: list[tuple[str, datetime | None]] = [(url, NOW) for url, _ in dated(200)]
    first = read(stamped, Seen(), frozenset())
    assert first.entries == ()
    assert [e.url for e in read([("https://example.com/baru", NOW), *stamped], first.seen, frozenset()).entries] == [
        "https://example.com/baru"
    ]


def test_an_edit_of_an_old_article_does_not_make_it_new() -> None:
    edited = SitemapUrl(link="https://example.com/2019/03/04/lama", modified=NOW)
    assert edited.date == datetime(2019, 3, 4, tzinfo=UTC)
    assert SitemapUrl(link="https://example.com/2026/11/20/baru", modified=NOW).date == NOW


def test_dates_in_the_future_do_not_move_what_was_seen_ahead() -> None:
    news = read([("https://example.com/a", NOW + timedelta(hours=20)), *dated(5)], Seen(), frozenset())
    assert news.seen.latest == NOW.timestamp()


def test_the_files_of_an_index_come_newest_first() -> None:
    parts = [
        SitemapUrl(link="https://example.com/s1.xml"),
        SitemapUrl(link="https://example.com/s-2026-10.xml"),
        SitemapUrl(link="/s-new.xml", modified=NOW),
        SitemapUrl(link="https://example.com/s2.xml"),
        SitemapUrl(link="ftp://example.com/x.xml"),
    ]
    assert [part.link.rpartition("/")[2] for part in newest_first(parts, URL)] == [
        "s-new.xml",
        "s-2026-10.xml",
        "s2.xml",
        "s1.xml",
    ]
    assert period("https://example.com/s-2026-12.xml") == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
