"""What a search finds as files and feeds: CSV, NDJSON, RSS 2.0 (2.0.11), Atom (RFC 4287). Pure, but for the search.

Every search is a feed: an article has the same id in each, so a reader shows it once however often it is asked.
Times are those of the time zone asked for, with their offset.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

import orjson

from search.ports import Hit, SearchPort, SearchResult, Sort

MOST = 100_000  # articles an export
PAGE, FOLDED_PAGE = 500, 100  # articles asked for at once
BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something else
COLUMNS = (
    "first_seen", "published", "source", "source_name", "language", "title", "snippet", "url", "countries", "topics",
    "people", "organisations", "places", "authors", "is", "story_id", "id",
)  # fmt: skip
# What spreadsheets begin a formula with (OWASP, "CSV injection"), in full width too.
FORMULA = re.compile(r"^[\s\x00]*[=+\-@\t\r\n＝＋－＠|%]")
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
WEB = re.compile(r"https?://", re.IGNORECASE)
ATOM, DUBLIN = "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/"
NEVER = "1970-01-01T00:00:00Z"


class Channel(NamedTuple):
    """A search as a feed: what it is called, where it is shown, where the feed itself is."""

    title: str
    page: str
    address: str


def pages(
    port: SearchPort, query: str, *, limit: int, sort: Sort = "seen", stemmed: bool = False, fold: bool = False
) -> Iterator[SearchResult]:
    """All that the search finds, up to `limit` articles, page by page. Raises what the search does."""
    most = FOLDED_PAGE if fold else PAGE
    cursor: str | None = None
    while limit > 0:
        size = min(limit, most)
        found = port.search(query, size=size, sort=sort, stemmed=stemmed, fold=fold, cursor=cursor)
        yield found
        limit, cursor = limit - len(found.hits), found.cursor
        if cursor is None:
            return


def csv_lines(hits: Iterable[Hit], tz: str, *, header: bool = True) -> Iterator[str]:
    """RFC 4180 with a byte order mark. What a spreadsheet would take for a formula begins with an apostrophe."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    if header:
        kept.write(BOM)
        writer.writerow(COLUMNS)
    for hit in hits:
        row = exported(hit, tz)
        writer.writerow([cell(row[name]) for name in COLUMNS])
        yield _taken(kept)
    if kept.tell():
        yield _taken(kept)


def ndjson_lines(hits: Iterable[Hit], tz: str) -> Iterator[bytes]:
    """One JSON object a line, with the fields of the CSV; lists are lists."""
    for hit in hits:
        yield orjson.dumps(exported(hit, tz), option=orjson.OPT_APPEND_NEWLINE)


def exported(hit: Hit, tz: str) -> dict[str, Any]:
    """A hit as exports have it: plain text, times in `tz`."""
    return {
        "first_seen": local(hit.first_seen, tz),
        "published": local(hit.published, tz) if hit.published else None,
        "source": hit.source,
        "source_name": hit.source_name,
        "language": hit.language,
        "title": hit.title,
        "snippet": " … ".join(map(plain, hit.highlight)),
        "url": hit.url,
        "countries": hit.countries,
        "topics": hit.topics,
        "people": hit.people,
        "organisations": hit.organisations,
        "places": hit.places,
        "authors": hit.authors,
        "is": hit.is_,
        "story_id": hit.story_id,
        "id": hit.id,
    }


def cell(value: Any) -> str:
    """A value as a spreadsheet may have it: text, never a formula."""
    text = "; ".join(value) if isinstance(value, tuple) else str(value or "")
    return f"'{text}" if FORMULA.match(text) else text


def atom(channel: Channel, hits: Iterable[Hit], tz: str) -> bytes:
    """An Atom feed, the newest first as given. `updated` is when an article was first seen."""
    hits = list(hits)
    feed = Element("feed", xmlns=ATOM)
    _text(feed, "id", channel.address)
    _text(feed, "title", channel.title)
    _text(feed, "updated", local(max((hit.first_seen for hit in hits), default=NEVER), tz))
    _text(SubElement(feed, "author"), "name", "Kawat")
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=_clean(channel.address))
    SubElement(feed, "link", rel="alternate", type="text/html", href=_clean(channel.page))
    for hit in hits:
        entry = SubElement(feed, "entry")
        _text(entry, "id", urn(hit.id))
        _text(entry, "title", hit.title or hit.url)
        _text(entry, "updated", local(hit.first_seen, tz))
        if hit.published:
            _text(entry, "published", local(hit.published, tz))
        for author in hit.authors or (hit.source_name or hit.source,):
            _text(SubElement(entry, "author"), "name", author or "?")
        if WEB.match(hit.url):
            SubElement(entry, "link", rel="alternate", href=_clean(hit.url))
        for term in (*hit.topics, *hit.countries):
            SubElement(entry, "category", term=_clean(term))
        summary = _text(entry, "summary", _summary(hit))
        summary.set("type", "html")
    return _document(feed)


def rss(channel: Channel, hits: Iterable[Hit], tz: str) -> bytes:
    """An RSS 2.0 feed, the newest first as given. `pubDate` is when an article was published, else first seen."""
    hits = list(hits)
    root = Element("rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:dc": DUBLIN})
    feed = SubElement(root, "channel")
    _text(feed, "title", channel.title)
    _text(feed, "link", channel.page)
    _text(feed, "description", f"{channel.title}: a search of Kawat")
    if hits:
        _text(feed, "lastBuildDate", _mail_date(max(hit.first_seen for hit in hits), tz))
    SubElement(feed, "atom:link", rel="self", type="application/rss+xml", href=_clean(channel.address))
    for hit in hits:
        item = SubElement(feed, "item")
        _text(item, "title", hit.title or hit.url)
        if WEB.match(hit.url):
            _text(item, "link", hit.url)
        _text(item, "guid", urn(hit.id)).set("isPermaLink", "false")
        _text(item, "pubDate", _mail_date(hit.published or hit.first_seen, tz))
        for author in hit.authors or (hit.source_name or hit.source,):
            _text(item, "dc:creator", author)
        for term in (*hit.topics, *hit.countries):
            _text(item, "category", term)
        _text(item, "description", _summary(hit))
    return _document(root)


def urn(id: str) -> str:
    """An article's id for feed readers: the same in every feed."""
    return f"urn:kawat:article:{id}"


def plain(fragment: str) -> str:
    """The text of a highlighted fragment."""
    return html.unescape(fragment.replace("<mark>", "").replace("</mark>", ""))


def local(moment: str, tz: str) -> str:
    """`2026-01-31T16:00:00+07:00`."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(tz)).isoformat(timespec="seconds")


def _mail_date(moment: str, tz: str) -> str:
    return format_datetime(datetime.fromisoformat(moment).astimezone(ZoneInfo(tz) if tz != "UTC" else UTC))


def _summary(hit: Hit) -> str:
    """HTML that is escaped already; what matched is bold, for feed readers take `<mark>` out."""
    return " … ".join(hit.highlight).replace("<mark>", "<b>").replace("</mark>", "</b>")


def _text(parent: Element, tag: str, text: str) -> Element:
    child = SubElement(parent, tag)
    child.text = _clean(text)
    return child


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _document(root: Element) -> bytes:
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _taken(kept: io.StringIO) -> str:
    text = kept.getvalue()
    kept.seek(0)
    kept.truncate()
    return text
