"""What must hold for every body: nothing but NotAFeed comes out of the parser, and what it gives is bounded."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.dates import parse_date
from ingest.discover import feed_links
from ingest.entries import LONGEST_SUMMARY, LONGEST_TITLE, MOST_ENTRIES
from ingest.errors import NotAFeed
from ingest.feeds import body_hash, parse_feed
from ingest.feedtext import text_of_html
from ingest.langtag import iso_language

GOLDEN = Path(__file__).resolve().parents[1] / "golden/feeds"
BODIES = [path.read_bytes() for path in sorted(GOLDEN.iterdir()) if not path.name.endswith(".expected.json")]
HEAD, TAIL = b"<rss version='2.0'><channel><item>", b"</item></channel></rss>"
PIECES = st.sampled_from(
    [b"<item>", b"</item>", b"<entry>", b"<title>", b"</title>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&amp;", b"&",
     b"&#0;", b"&x;",
     b"<link>", b"</link>", b"http://a.example/", b"<a:b>", b"<?x?>", b"<", b">", b'"', b"\xff\xfe", b"\x00",
     b"<guid>1</guid>", b"<content type='xhtml'>", b"<pubDate>Mon, 05 Jun 2023</pubDate>", b"<!DOCTYPE x [",
     b"<svg>", b"<br>", "\ud7ff".encode()]
)  # fmt: skip


def holds(body: bytes, content_type: str | None = None) -> None:
    try:
        feed = parse_feed(body, url="https://a.example/feed", feed_id="f", content_type=content_type)
    except NotAFeed:
        return
    assert len(feed.entries) <= MOST_ENTRIES
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        assert len(entry.title or "") <= LONGEST_TITLE
        assert len(entry.summary or "") <= LONGEST_SUMMARY
    feed.model_dump_json()  # no lone surrogate or the like: it can be stored


@given(st.binary(max_size=400), st.sampled_from([None, "text/xml", "text/html; charset=utf-16", "x; charset=idna"]))
@example(b"", None)
@example(b"\xef\xbb\xbf", None)
@example(b"<?xml version='1.0' encoding='punycode'?><rss/>", None)
def test_no_bytes_crash_the_parser(body: bytes, content_type: str | None) -> None:
    holds(body, content_type)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=10)), max_size=25))
def test_no_heap_of_tags_crashes_the_parser(pieces: list[bytes]) -> None:
    holds(HEAD + b"".join(pieces) + TAIL)
    holds(b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>" + b"".join(pieces) + b"</entry></feed>")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BODIES), st.data())
def test_no_damage_to_a_real_feed_crashes_the_parser(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body)))
    until = data.draw(st.integers(at, min(len(body), at + 40)))
    holds(body[:at] + data.draw(st.binary(max_size=5)) + body[until:])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([body for body in BODIES if b"<item" in body]), st.data())
def test_a_feed_cut_anywhere_gives_no_entry_that_it_does_not_have_whole(body: bytes, data: st.DataObject) -> None:
    def urls(part: bytes) -> set[str]:
        try:
            feed = parse_feed(part, url="https://a.example/feed", feed_id="f", now=datetime(2026, 1, 1, tzinfo=UTC))
        except NotAFeed:
            return set()
        return {entry.url for entry in feed.entries}

    assert urls(body[: data.draw(st.integers(0, len(body)))]) <= urls(body)


@given(st.text(max_size=300))
def test_plain_text_has_no_tag_left_of_the_markup_given(text: str) -> None:
    plain = text_of_html(f"<p>{text.replace('<', '').replace('&', '')}</p><script>bad()</script>", 200)
    assert plain is None or ("<p>" not in plain and "bad()" not in plain and len(plain) <= 200)


@given(st.text(max_size=40))
def test_no_text_crashes_the_readers_of_dates_and_language_tags(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is UTC
    code = iso_language(text)
    assert code is None or re.fullmatch("[a-z]{2}", code)


@given(st.binary(max_size=300))
def test_no_page_crashes_the_search_for_feeds(page: bytes) -> None:
    for found in feed_links(b"<html><body>" + page, "https://a.example/"):
        assert found.url.startswith(("http://", "https://"))


def test_the_hash_of_a_body_ignores_when_it_was_built() -> None:
    body = b"<rss><channel><lastBuildDate>%s</lastBuildDate><item>%s</item></channel></rss>"
    assert body_hash(body % (b"Mon", b"a")) == body_hash(body % (b"Tue", b"a"))
    assert body_hash(body % (b"Mon", b"a")) != body_hash(body % (b"Mon", b"b"))
