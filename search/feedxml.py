"""RSS 2.0 (2.0.11) and Atom (RFC 4287), written: what articles and alerts are for feed readers. Pure.

Times are those of the time zone asked for, with their offset.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
WEB = re.compile(r"https?://", re.IGNORECASE)
ATOM, DUBLIN = "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/"
NEVER = "1970-01-01T00:00:00Z"


class Channel(NamedTuple):
    """A feed: what it is called, where it is shown, where the feed itself is, what it is."""

    title: str
    page: str
    address: str
    about: str = "a search of Kawat"


class FeedItem(NamedTuple):
    """One item. Times are ISO 8601; `summary` is HTML, escaped already; `id` is the same in every feed."""

    id: str
    title: str
    link: str
    updated: str
    published: str | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    summary: str


def atom_feed(channel: Channel, items: Sequence[FeedItem], tz: str) -> bytes:
    """An Atom feed, the newest first as given."""
    feed = Element("feed", xmlns=ATOM)
    _text(feed, "id", channel.address)
    _text(feed, "title", channel.title)
    _text(feed, "updated", local(max((one.updated for one in items), default=NEVER), tz))
    _text(SubElement(feed, "author"), "name", "Kawat")
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=_clean(channel.address))
    SubElement(feed, "link", rel="alternate", type="text/html", href=_clean(channel.page))
    for item in items:
        entry = SubElement(feed, "entry")
        _text(entry, "id", item.id)
        _text(entry, "title", item.title)
        _text(entry, "updated", local(item.updated, tz))
        if item.published:
            _text(entry, "published", local(item.published, tz))
        for author in item.authors:
            _text(SubElement(entry, "author"), "name", author or "?")
        if WEB.match(item.link):
            SubElement(entry, "link", rel="alternate", href=_clean(item.link))
        for term in item.categories:
            SubElement(entry, "category", term=_clean(term))
        _text(entry, "summary", item.summary).set("type", "html")
    return _document(feed)


def rss_feed(channel: Channel, items: Sequence[FeedItem], tz: str) -> bytes:
    """An RSS 2.0 feed, the newest first as given."""
    root = Element("rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:dc": DUBLIN})
    feed = SubElement(root, "channel")
    _text(feed, "title", channel.title)
    _text(feed, "link", channel.page)
    _text(feed, "description", f"{channel.title}: {channel.about}")
    if items:
        _text(feed, "lastBuildDate", _mail_date(max(one.updated for one in items), tz))
    SubElement(feed, "atom:link", rel="self", type="application/rss+xml", href=_clean(channel.address))
    for one in items:
        item = SubElement(feed, "item")
        _text(item, "title", one.title)
        if WEB.match(one.link):
            _text(item, "link", one.link)
        _text(item, "guid", one.id).set("isPermaLink", "false")
        _text(item, "pubDate", _mail_date(one.published or one.updated, tz))
        for author in one.authors:
            _text(item, "dc:creator", author)
        for term in one.categories:
            _text(item, "category", term)
        _text(item, "description", one.summary)
    return _document(root)


def local(moment: str, tz: str) -> str:
    """`2026-01-31T16:00:00+07:00`."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(tz)).isoformat(timespec="seconds")


def _mail_date(moment: str, tz: str) -> str:
    return format_datetime(datetime.fromisoformat(moment).astimezone(ZoneInfo(tz) if tz != "UTC" else UTC))


def _text(parent: Element, tag: str, text: str) -> Element:
    child = SubElement(parent, tag)
    child.text = _clean(text)
    return child


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _document(root: Element) -> bytes:
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found
