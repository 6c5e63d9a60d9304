"""Feeds' older pages, and how far back one goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.archives import older_page, since_when

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://example.com/feed/"


def atom(*links: str) -> bytes:
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{''.join(links)}</feed>".encode()


def test_an_archived_feed_says_what_came_before() -> None:
    body = atom(
        "<link rel='next' href='?page=2'/>", "<link rel='prev-archive' href='/2026/10.atom'/>", "<link href='/'/>"
    )
    assert older_page(body, URL) == "https://example.com/2026/10.atom"
    assert older_page(atom("<link rel='next' href='?page=2'/>"), URL) == "https://example.com/feed/?page=2"


def test_an_rss_feed_says_so_with_atoms_link() -> None:
    body = (
        b"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
        b"<atom:link rel='next' href='https://example.com/feed/2'/></channel></rss>"
    )
    assert older_page(body, URL) == "https://example.com/feed/2"


def test_wordpress_pages_its_feeds_without_saying_so() -> None:
    body = b"<rss><channel><generator>https://wordpress.org/?v=6.8</generator></channel></rss>"
    assert older_page(body, URL) == f"{URL}?paged=2"
    assert older_page(body, f"{URL}?x=1&paged=2") == f"{URL}?x=1&paged=3"
    assert older_page(body, f"{URL}?paged=zzz") is None


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", atom(), atom("<link rel='next' href='javascript:x'/>"), atom(f"<link rel='next' href='{URL}'/>")],
)
def test_a_feed_without_older_pages_has_none(body: bytes) -> None:
    assert older_page(body, URL) is None


def test_how_far_back_is_said_in_words_or_by_a_date() -> None:
    assert (NOW - since_when("30d", NOW)).days == 30
    assert (NOW - since_when("12h", NOW)).total_seconds() == 12 * 3600
    assert since_when("2026-10-01", NOW) == datetime(2026, 10, 1, tzinfo=UTC)
    for wrong in ("soon", "30", "0d", "2027-01-01", "2026-13-01"):
        with pytest.raises(ValueError, match=wrong):
            since_when(wrong, NOW)
