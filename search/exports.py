"""What a search finds as files and feeds: CSV, NDJSON, RSS, Atom (`feedxml.py`). Pure, but for the search.

Every search is a feed: an article has the same id in each, so a reader shows it once however often it is asked.
Times are those of the time zone asked for, with their offset.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from search.feedxml import Channel, FeedItem, atom_feed, local, rss_feed
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
    return atom_feed(channel, [_item(hit) for hit in hits], tz)


def rss(channel: Channel, hits: Iterable[Hit], tz: str) -> bytes:
    """An RSS 2.0 feed, the newest first as given. `pubDate` is when an article was published, else first seen."""
    return rss_feed(channel, [_item(hit) for hit in hits], tz)


def urn(id: str) -> str:
    """An article's id for feed readers: the same in every feed."""
    return f"urn:kawat:article:{id}"


def plain(fragment: str) -> str:
    """The text of a highlighted fragment."""
    return html.unescape(fragment.replace("<mark>", "").replace("</mark>", ""))


def _item(hit: Hit) -> FeedItem:
    return FeedItem(
        id=urn(hit.id),
        title=hit.title or hit.url,
        link=hit.url,
        updated=hit.first_seen,
        published=hit.published,
        authors=hit.authors or (hit.source_name or hit.source,),
        categories=(*hit.topics, *hit.countries),
        summary=_summary(hit),
    )


def _summary(hit: Hit) -> str:
    """HTML that is escaped already; what matched is bold, for feed readers take `<mark>` out."""
    return " … ".join(hit.highlight).replace("<mark>", "<b>").replace("</mark>", "</b>")


def _taken(kept: io.StringIO) -> str:
    text = kept.getvalue()
    kept.seek(0)
    kept.truncate()
    return text
