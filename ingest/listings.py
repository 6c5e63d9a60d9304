"""What one request of any kind of source brought: a feed, a sitemap or one of its parts, a page of links. Pure.

A sitemap index is read a file at a time, one request a poll, so that each has its host's turn and a killed worker costs
one of them: what is left to ask (`parts`) stands in the feed's record, and its next poll is due in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson
from pydantic import Field

from ingest.entries import MOST_ENTRIES
from ingest.errors import NotAFeed
from ingest.feedaddress import FeedAddress
from ingest.feeds import body_hash, parse_feed
from ingest.langtag import iso_language
from ingest.listpages import listed_links
from ingest.records import Entry, ParsedFeed, Record
from ingest.sitemapnews import Seen, news_of
from ingest.sitemaps import Sitemap, newest_first, parse_sitemap
from ingest.urls import entry_id

MOST_PARTS = 3  # files of an index that are read a round, the newest
Part = tuple[str, str]  # a file's address, and its last change as the index gives it, "" for none


class Listing(Record):
    """`fields` go into the feed's record; `soon`: there is more to ask at once; `total`: all that it lists."""

    parsed: ParsedFeed
    total: int
    fields: dict[str, str] = Field(default_factory=dict)
    soon: bool = False
    partial: bool = False  # an index: nothing is learnt of the entries by it


def part_due(fields: Mapping[str, str]) -> str | None:
    """The file of a sitemap index that is to be asked next, None where the source itself is."""
    parts = _parts(fields)
    return parts[0][0] if parts else None


def without_part(fields: Mapping[str, str]) -> dict[str, str]:
    """The record's changes where the due file failed: the others go on, and the index is read whole the next time."""
    parts = _parts(fields)
    return {"parts": _json(parts[1:]), "etag": "", "last_modified": "", "body_hash": ""} if parts else {}


def parts_again(fields: Mapping[str, str]) -> dict[str, str]:
    """The record's changes where an index is unchanged: those of its files that have no date are asked all the same."""
    undated = fields.get("undated", "[]")
    return {"parts": undated} if undated != "[]" else {}


def read_listing(  # what an answer and a feed's record say
    address: FeedAddress,
    body: bytes,
    *,
    url: str,
    feed_id: str | None,
    language: str | None,
    content_type: str | None,
    fields: Mapping[str, str],
    now: datetime,
    zone: tzinfo = UTC,
) -> Listing:
    """Reads an answer as `address` says; `fields` is the feed's record before; `zone`: of a feed's dates that
    name none. Raises NotAFeed (reasons `not-a-feed`,
    `empty`, `no-match`)."""
    if address.form == "feed":
        about: Any = {"feed_id": feed_id, "language": language, "content_type": content_type, "zone": zone}
        parsed = parse_feed(body, url=url, **about)
        return Listing(parsed=parsed, total=len(parsed.entries))
    if address.form == "page":
        links = listed_links(body, url=url, selector=address.selector or "", content_type=content_type)
        parsed = _parsed("page", _of_links(links, feed_id, language))
        return Listing(parsed=parsed, total=len(links))
    part, digest = part_due(fields), body_hash(body)
    read = _read(fields)
    if part and read.get(part, ("", ""))[1] == digest:
        parts = _parts(fields)[1:]
        return Listing(parsed=_parsed("sitemap"), total=1, fields={"parts": _json(parts)}, soon=bool(parts))
    sitemap = parse_sitemap(body, url=url, content_type=content_type, now=now)
    if sitemap.form == "index":
        if part:
            raise NotAFeed(f"{url}: an index of sitemaps within an index; only one level is followed")
        return _index(sitemap, url, read)
    listed = frozenset(orjson.loads(fields.get("listed") or "[]"))
    seen = _seen(fields.get("sitemap"))
    news = news_of(sitemap.urls, seen, listed, base=url, feed_id=feed_id, language=language, now=now)
    after = {"sitemap": news.seen.model_dump_json(exclude_defaults=True)}
    parts = _parts(fields)
    if not news.more and part:
        after |= {"parts": _json(parts[1:]), "read": _json({**read, part: (parts[0][1], digest)})}
    elif news.more and not part:  # the same file again, whatever its validators say
        after |= {"etag": "", "last_modified": "", "body_hash": ""}
    parsed = _parsed("sitemap", news.entries, (*sitemap.problems, *news.problems))
    return Listing(parsed=parsed, total=len(sitemap.urls), fields=after, soon=news.more or len(parts) > 1)


def listed_ids(listing: Listing, fields: Mapping[str, str]) -> list[str]:
    """Ids that count as listed from now on: of an index's file those of the others too."""
    ids = [entry.id for entry in listing.parsed.entries]
    if not (listing.partial or part_due(fields)):
        return ids
    return list(dict.fromkeys([*ids, *orjson.loads(fields.get("listed") or "[]")]))[:MOST_ENTRIES]


def _of_links(links: Mapping[str, str | None], feed_id: str | None, language: str | None) -> tuple[Entry, ...]:
    said = iso_language(language)
    return tuple(
        Entry(id=entry_id(feed_id, link, None), feed_id=feed_id, url=link, title=title, language=said)
        for link, title in links.items()
    )


def _index(sitemap: Sitemap, url: str, read: Mapping[str, Part]) -> Listing:
    newest = newest_first(sitemap.parts, url)[:MOST_PARTS]
    if not newest:
        raise NotAFeed(f"{url} is an index of sitemaps that lists none", reason="empty")
    parts = [(part.link, part.modified.isoformat() if part.modified else "") for part in newest]
    due = [(link, date) for link, date in parts if not date or read.get(link, ("", ""))[0] != date]
    fields = {
        "parts": _json(due),
        "undated": _json([part for part in parts if not part[1]]),
        "read": _json({link: read[link] for link, _ in parts if link in read}),
    }
    parsed = _parsed("sitemap", (), sitemap.problems)
    return Listing(parsed=parsed, total=len(sitemap.parts), fields=fields, soon=bool(due), partial=True)


def _parsed(format: str, entries: tuple[Entry, ...] = (), problems: tuple[str, ...] = ()) -> ParsedFeed:
    return ParsedFeed(format=format, title=None, site_url=None, language=None, entries=entries, problems=problems)


def _parts(fields: Mapping[str, str]) -> list[Part]:
    return [(link, date) for link, date in orjson.loads(fields.get("parts") or "[]")]


def _read(fields: Mapping[str, str]) -> dict[str, Part]:
    """By file: its date when it was read last, and its body's hash."""
    return {link: (date, digest) for link, (date, digest) in orjson.loads(fields.get("read") or "{}").items()}


def _seen(written: str | None) -> Seen:
    try:
        return Seen.model_validate_json(written or "{}")
    except ValueError:  # of another version
        return Seen()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
