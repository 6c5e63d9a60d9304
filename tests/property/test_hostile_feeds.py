"""Whatever comes in place of a feed, the failure map knows what comes of reading it; time and memory are bounded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.decoding import decode_body
from ingest.entries import LONGEST_SUMMARY, LONGEST_TITLE, MOST_ENTRIES
from ingest.errors import IngestError
from ingest.feeds import body_hash, parse_feed
from ingest.robots import crawl_delay, robots_allows
from tests.property.damage import CHARSETS, bounded, damaged, expect_known

GOLDEN = Path(__file__).resolve().parents[1] / "golden/feeds"
FEEDS = [path.read_bytes() for path in sorted(GOLDEN.iterdir()) if not path.name.endswith(".expected.json")]
FEARED = [
    b"<!DOCTYPE rss [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;'>]>", b"<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;",
    b"&b;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-16'?>",
    b"<?xml-stylesheet?>", b"\0", b"&#0;", b"&#xD800;", b"&#x110000;", b"&#99999999999;", b"\xed\xa0\x80",
    b"\xff\xfe", b"\xef\xbf\xbe", b"<item>", b"</item>", b"<entry xml:base='http://[::1'>",
    b"<title type='html'>", b"<link href='javascript:alert(1)'/>",
    b"<link>http://u:p@\xd0\xb0.example:99999/</link>", b"<guid isPermaLink='true'>http://[</guid>",
    b"<pubDate>Mon, 99 Foo 99999 99:99:99 +9999</pubDate>", b"<dc:date>-9999-13-32T25:61:61+99:99</dc:date>",
    b"<updated>9999-12-31T23:59:59-23:59</updated>", b"<ttl>99999999999999999999</ttl>",
    b"<author>" + b"(" * 50, b"<content type='application/octet-stream'>====</content>",
    b"<content type='xhtml'><div>", b"<skipHours><hour>\xd9\xa3", b"<x:y z:a='1' z:a='2'>",
    b"<a" + b" b='c'" * 40, b'{"version":"https://jsonfeed.org/version/1.1","items":[',
    b'{"id":1e999,"url":"\\ud800","title":"\\u0000"},', b"[" * 300, b"<" * 300, b"&" * 300,
    "\u202e\u2028\x85".encode(), b"<category>", b"<media:content url='data:,'>",
    b"<enclosure url='x' length='-1'/>", b"<rdf:li resource='x'/>",
]  # fmt: skip


def read_source(body: bytes, content_type: str | None) -> None:
    """What a poll does with a body, to the bytes that the ledger keeps. Raises what no failure map knows."""
    try:
        feed = parse_feed(
            body,
            url="https://a.example/feed",
            feed_id="f",
            content_type=content_type,
            now=datetime(2026, 1, 1, tzinfo=UTC),
        )
    except IngestError as error:
        expect_known(error)
        return
    assert len(feed.entries) <= MOST_ENTRIES
    for entry in feed.entries:
        assert len(entry.title or "") <= LONGEST_TITLE
        assert len(entry.summary or "") <= LONGEST_SUMMARY
        assert entry.url == "" or (entry.url.startswith(("http://", "https://")) and entry.url.isascii())
        entry.model_dump_json().encode()
    "; ".join(feed.problems).encode()
    body_hash(body)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged(FEEDS, FEARED), st.sampled_from(CHARSETS))
def test_a_damaged_feed_gives_entries_or_a_failure_that_is_known(body: bytes, content_type: str | None) -> None:
    with bounded():
        read_source(body, content_type)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000), st.sampled_from(CHARSETS))
def test_raw_bytes_give_a_failure_that_is_known(body: bytes, content_type: str | None) -> None:
    for whole in (body, b"<rss>" + body, b"<feed>" + body, b"{" + body):
        read_source(whole, content_type)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.binary(max_size=400), max_size=6),
    st.sampled_from(["gzip", "x-gzip", "deflate", "br", "zstd", "gzip, gzip", "identity", "\x85", ""]),
    st.sampled_from([b"", b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"\x78\x9c", b"\x78\xda\xed", b"\x1f"]),
)
def test_no_compression_gives_more_than_the_limit_or_an_unknown_failure(
    chunks: list[bytes], encoding: str, start: bytes
) -> None:
    try:
        assert len(decode_body([start, *chunks], encoding, 1000, "https://a.example/")) <= 1000
    except IngestError as error:
        expect_known(error)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000), st.text(max_size=60))
def test_no_robots_txt_stops_a_page_but_by_its_rules(body: bytes, path: str) -> None:
    rules = "User-agent: *\nDisallow: /" + body.decode("utf-8", "replace")
    with bounded():
        assert robots_allows(rules, "Kawat/0.1", "https://a.example/" + path) in {True, False}
        delay = crawl_delay(rules, "Kawat/0.1")
    assert delay is None or delay >= 0
