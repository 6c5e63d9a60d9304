"""Feeds: what is said about bodies that are none, what is folded, what is bounded."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ingest.errors import NotAFeed
from ingest.feedentities import declared_entities, plain_references
from ingest.feeds import parse_feed
from ingest.langtag import iso_language
from ingest.records import ParsedFeed

URL = "https://a.example/feed"


def rss(items: str, channel: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>T</title>{channel}{items}</channel></rss>".encode()


def read(body: bytes, *, language: str | None = None, content_type: str | None = None) -> ParsedFeed:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return parse_feed(body, url=URL, feed_id="f", now=now, language=language, content_type=content_type)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "HTML page"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "HTML page"),
        (b"<!DOCTYPE html><title>No html element</title>", "kawat feeds discover"),
        (b"<?xml version='1.0'?><urlset><url/></urlset>", "<urlset>"),
        (b"<opml version='2.0'><body/></opml>", "<opml>"),
        (b"<rss version='2.0'><channel><item><title>Ha", "breaks off"),
        (b"<rss version='2.0'", "breaks off"),
        (b'{"a": 1}', "no JSON Feed"),
        (b'{"items": []}', "`version`"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "broken"),
        (b"[1, 2]", "no JSON Feed"),
        (b"User-agent: *", "begins with 'User-agent: *'"),
        (b"\x89PNG\r\n\x1a\n", "no feed"),
    ],
)
def test_what_is_no_feed_is_told_by_what_it_looks_like(body: bytes, said: str) -> None:
    with pytest.raises(NotAFeed) as refusal:
        read(body)
    assert said in str(refusal.value)
    assert URL in str(refusal.value)


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss("")).entries == ()
    assert read(rss("")).problems == ()


def test_an_entity_never_expands() -> None:
    """Billion laughs, a quadratic blow-up, and a file of this machine."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for declared in (
        f'<!ENTITY l0 "ha">{laughs}',
        '<!ENTITY l9 SYSTEM "file:///etc/passwd">',
        f'<!ENTITY l9 "{"a" * 50_000}">',
    ):
        body = f"<?xml version='1.0'?><!DOCTYPE rss [{declared}]>".encode() + rss(
            f"<item><title>{'&l9;' * 10}</title><link>https://a.example/1</link></item>"
        )
        feed = read(body)
        assert feed.entries[0].title == "&l9;" * 10
        assert "root:" not in feed.model_dump_json()


def test_what_a_feeds_own_entities_may_add_is_bounded() -> None:
    """Plain ones are read, but 100,000 references to one of 200 characters do not make 20 MB of a body of 300 kB."""
    text = plain_references("&a;" * 100_000, {"a": "x" * 200})
    assert text.startswith("x" * 200)
    assert len(text) < 1_000_000
    many = "".join(f"<!ENTITY e{n} 'x'>" for n in range(1_000)) + f"<!ENTITY long '{'x' * 201}'>"
    assert len(declared_entities(many)) == 100
    assert declared_entities("<!ENTITY a '&b;'><!ENTITY c SYSTEM 'file:///x'><!ENTITY % d 'x'>") == {}


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 300 + "</a>" * 300,
        "<a " + " ".join(f"x{n}='1'" for n in range(200)) + "/>",
        "<item>" + "<category>x</category>" * 1001 + "</item>",
        "<item><author>" + "a" * 5000 + "</author></item>",
        "<item><pubDate>" + "1" * 5000 + "</pubDate></item>",
        "<?a b?>" * 101,
        "".join(f"<a xmlns:p{n}='u'/>" for n in range(101)),
        "<a xml:base='http://a/" + "b" * 5000 + "'/>",
    ],
)
def test_what_would_keep_the_parser_busy_for_minutes_is_refused(inside: str) -> None:
    with pytest.raises(NotAFeed):
        read(rss(inside))


def test_more_entries_than_a_feed_may_have_are_a_problem() -> None:
    items = "".join(f"<item><link>https://a.example/{n}</link></item>" for n in range(5001))
    feed = read(rss(items))
    assert len(feed.entries) == 5000
    assert any("5,000 entries" in problem for problem in feed.problems)
    many = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": str(n), "url": f"https://a.example/{n}"} for n in range(5001)],
    }
    feed = read(json.dumps(many).encode())
    assert len(feed.entries) == 5000
    assert any("5,000 entries" in problem for problem in feed.problems)


def test_texts_and_problems_are_bounded() -> None:
    feed = read(
        rss(
            "<item><link>https://a.example/1</link><title>" + "judul " * 1000 + "</title>"
            "<description>" + "kata " * 50_000 + "</description></item>" + "<item/>" * 200
        )
    )
    assert len(feed.entries[0].title or "") <= 1000
    assert len(feed.entries[0].summary or "") <= 20_000
    assert len(feed.problems) == 51
    assert feed.problems[-1] == "and 150 problems more"


def test_one_link_listed_twice_is_one_entry_as_listed_first() -> None:
    items = "<item><title>New</title><link>https://a.example/1</link></item><item><title>Old</title><link>http://www.a.example/1?utm_source=x</link></item>"
    assert [entry.title for entry in read(rss(items)).entries] == ["New"]


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>15</ttl>", 900),
        ("<ttl>0</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<ttl>999999</ttl>", None),
        ("<x:updatePeriod xmlns:x='http://purl.org/rss/1.0/modules/syndication/'>daily</x:updatePeriod>", 86_400),
    ],
)
def test_how_often_a_feed_wants_to_be_asked(channel: str, seconds: int | None) -> None:
    assert read(rss("", channel)).ttl == seconds


def test_a_feeds_own_rhythm_is_told_from_how_long_a_copy_serves() -> None:
    module = "<x:updatePeriod xmlns:x='http://purl.org/rss/1.0/modules/syndication/'>hourly</x:updatePeriod>"
    assert (read(rss("", module)).ttl, read(rss("", module)).period) == (3_600, 3_600)
    both = read(rss("", module + "<ttl>15</ttl>"))
    assert (both.ttl, both.period) == (900, None)


@pytest.mark.parametrize(
    ("channel", "hours", "days"),
    [
        ("", (), ()),
        ("<skipHours><hour>1</hour><hour> 0 </hour><hour>24</hour></skipHours>", (0, 1), ()),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>", (), (5, 6)),
        ("<skipHours/><skipDays></skipDays>", (), ()),
        ("<skipHours><hour>x</hour><hour>²</hour></skipHours>", (), ()),
    ],
)
def test_hours_and_days_to_leave_out(channel: str, hours: tuple[int, ...], days: tuple[int, ...]) -> None:
    feed = read(rss("", channel))
    assert (feed.skip_hours, feed.skip_days) == (hours, days)


def test_the_operators_language_outweighs_the_feeds_but_not_the_entrys() -> None:
    item = "<item><link>https://a.example/{}</link>{}</item>"
    own = "<d:language xmlns:d='http://purl.org/dc/elements/1.1/'>ja</d:language>"
    feed = read(rss(item.format(1, "") + item.format(2, own), "<language>en-US</language>"), language="id")
    assert feed.language == "en"
    assert [entry.language for entry in feed.entries] == ["id", "ja"]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("id", "id"),
        ("in", "id"),
        ("id-ID", "id"),
        ("in_ID", "id"),
        ("EN-us", "en"),
        ("ind", "id"),
        ("zh-Hans-CN", "zh"),
        ("iw", "he"),
        ("fil", "tl"),
        ("may", "ms"),
        ("xx", None),
        ("", None),
        ("Bahasa Indonesia", None),
        ("x-klingon", None),
        (None, None),
    ],
)
def test_language_tags_become_iso_639_1(tag: str | None, code: str | None) -> None:
    assert iso_language(tag) == code


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "utf-16"])
def test_the_headers_charset_counts_where_the_body_says_nothing(charset: str) -> None:
    body = rss("<item><title>Порт</title><link>https://a.example/1</link></item>").decode().encode(charset)
    assert read(body, content_type=f"text/xml; charset={charset}").entries[0].title == "Порт"
