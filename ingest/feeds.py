"""A feed's bytes → what it lists: RSS 0.9x to 2.0, RSS 1.0, Atom by feedparser, JSON Feed by ingest/jsonfeed.py. Pure.

ingest/feedxml.py makes XML safe and well-formed first, ingest/entries.py brings every format to one normal form. A feed
of 300 kB takes feedparser 30 to 100 ms, so a body whose `body_hash` is unchanged is not parsed again.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

import feedparser

from ingest.dates import now as present_time
from ingest.entries import LONGEST_SUMMARY, LONGEST_TITLE, RawEntry, RawFeed, collect, usable_url
from ingest.errors import NotAFeed
from ingest.feedbytes import decoded
from ingest.feedtext import text_of_html, text_of_plain
from ingest.feedxml import clean_xml
from ingest.jsonfeed import read_json_feed
from ingest.records import ParsedFeed

# What many feeds change at every request though nothing came: when they were built.
_BUILT = re.compile(rb"<lastBuildDate>[^<]{0,100}</lastBuildDate>|<!--[^<>]{0,300}-->")
_LONGEST_SKIPS = 4_000  # bytes: seven days and 24 hours with room to spare
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def parse_feed(
    body: bytes,
    *,
    url: str,
    feed_id: str | None,
    language: str | None = None,
    content_type: str | None = None,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> ParsedFeed:
    """What the feed at `url` lists. `language` and `zone` (of dates that name none): the subscription's; `now` decides
    which dates lie ahead.

    Titles and summaries are plain text, `content` is HTML as given (neither cleaned nor trusted), links are absolute,
    an entry without a link has the url "" and its text in `content` or `summary`. Whatever was not understood stands
    in `problems`. Raises NotAFeed, and nothing else, whatever the bytes; its message says what they look like.
    """
    text = decoded(body, content_type)
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if not start:
        raise NotAFeed(f"{url} is empty", reason="empty")
    raw = read_json_feed(text.lstrip("\ufeff"), url) if start in "{[" else _read_xml(text, url)
    return collect(raw, feed_id, language, now or present_time(), zone)


def body_hash(body: bytes) -> str:
    """64 hex digits by which to see that a feed is unchanged; the time it was built and comments do not count."""
    return hashlib.sha256(_BUILT.sub(b"", body)).hexdigest()


def _read_xml(text: str, url: str) -> RawFeed:
    clean = clean_xml(text, url)
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            io.BytesIO(clean.data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:
        raise NotAFeed(f"{url} cannot be read as a feed: {type(error).__name__}: {error}") from error
    version = str(parsed.get("version") or "")
    if not version:
        raise NotAFeed(f"{url} is XML with a feed's root element, but of no known format")
    feed = parsed.feed
    hours, days = _skipped(clean.data, b"Hours"), _skipped(clean.data, b"Days")
    site = _string(feed, "link")
    # an RSS feed's relative links mean the site (the feed itself may stand at a service's), Atom's the feed
    base = None if version.startswith("atom") else usable_url(site, url)
    return RawFeed(
        format=version,
        title=_plain(feed, "title", version, LONGEST_TITLE),
        site_url=site,
        language=_string(feed, "language"),
        base=base or url,
        entries=_entries(parsed.entries, version),
        ttl=_ttl(feed),
        period=_period(feed),
        skip_hours=tuple(sorted({int(hour) % 24 for hour in hours if hour.isdigit()})),
        skip_days=tuple(at for at, day in enumerate(_DAYS) if day in {name[:3] for name in days}),
        problems=list(clean.problems),
    )


def _entries(entries: list[Any], version: str) -> Iterator[RawEntry]:
    for entry in entries:
        published = _string(entry, "published") or _string(entry, "created")
        updated = _string(entry, "updated")
        link = _string(entry, "feedburner_origlink") or _string(entry, "link") or _alternate(entry)
        if not version.startswith("atom"):
            published = published or updated  # dc:date, which feedparser calls updated
        yield RawEntry(
            link=link,
            guid=_string(entry, "id"),
            guid_is_no_link=link is None and _dict(entry, "guidislink") is False,
            title=_plain(entry, "title", version, LONGEST_TITLE),
            summary=_plain(entry, "summary", version, LONGEST_SUMMARY),
            content=_content(entry),
            authors=tuple(_authors(entry)),
            published=published,
            updated=updated,
            language=_string(entry, "language"),
            text_language=_text_language(entry),
            tags=tuple(term for tag in _list(entry, "tags") if (term := _string(tag, "label") or _string(tag, "term"))),
        )


def _plain(thing: Any, key: str, version: str, longest: int) -> str | None:
    """A text without markup. Atom says truly what is plain; RSS carries markup and entities in plain fields."""
    value = _string(thing, key)
    if version.startswith("atom") and _string(_dict(thing, key + "_detail"), "type") == "text/plain":
        return text_of_plain(value, longest)
    return text_of_html(value, longest)


def _content(entry: Any) -> str | None:
    """The longest text that the entry carries whole, as HTML."""
    texts = [
        html.escape(value) if _string(one, "type") == "text/plain" else value
        for one in _list(entry, "content")
        if (value := _string(one, "value"))
    ]
    return max(texts, key=len, default=None)


def _text_language(entry: Any) -> str | None:
    """The xml:lang, own or inherited, of the text that tells most of the article."""
    texts = (*_list(entry, "content"), _dict(entry, "summary_detail"), _dict(entry, "title_detail"))
    return next((_string(one, "language") for one in texts if _string(one, "value")), None)


def _authors(entry: Any) -> Iterator[str]:
    names = [_author_name(_string(one, "name"), _string(one, "email")) for one in _list(entry, "authors")]
    for name in names if any(names) else [_string(entry, "author")]:
        plain = text_of_html(name, LONGEST_TITLE)
        if plain and not re.fullmatch(r"\S+@\S+", plain):
            yield plain


def _author_name(name: str | None, email: str | None) -> str | None:
    """The name beside an address. feedparser ends an address after four letters of its last label, so that the rest of
    `desk@paper.online (Jo Roe)` comes as the name `ne (Jo Roe`, of `Jo Roe (desk@paper.online)` as `Jo Roe (ne`."""
    if name and email and re.search(r"\.[A-Za-z]{4}$", email):
        before, _, after = name.partition("(")
        if name[0].islower():
            return after.strip(" ()") or None
        return before.strip() if name.count("(") > name.count(")") else name
    return name


def _alternate(entry: Any) -> str | None:
    links = [link for link in _list(entry, "links") if _string(link, "rel") in {"alternate", None}]
    return next((href for link in links if (href := _string(link, "href"))), None)


def _ttl(feed: Any) -> float | None:
    """Seconds that a copy serves, by RSS's ttl (minutes)."""
    ttl = _string(feed, "ttl") or ""
    return int(ttl) * 60.0 if re.fullmatch(r"\s*[0-9]{1,7}\s*", ttl) and int(ttl) else None


def _period(feed: Any) -> float | None:
    """Seconds from one update of the feed to the next, by the syndication module."""
    period = _PERIODS.get((_string(feed, "sy_updateperiod") or "").strip().lower())
    if period is None:
        return None
    frequency = (_string(feed, "sy_updatefrequency") or "1").strip()
    return period / int(frequency) if re.fullmatch(r"[1-9][0-9]{0,4}", frequency) else float(period)


def _skipped(data: bytes, which: bytes) -> list[str]:
    """What RSS's skipHours or skipDays lists, in lower case; feedparser keeps only the last of each. Hours are 0 to 23,
    in RSS 0.91 1 to 24."""
    start = data.find(b"<skip" + which)
    if start < 0:
        return []
    listed = data[start : start + _LONGEST_SKIPS].partition(b"</skip" + which)[0]
    return [word.decode().lower() for word in re.findall(rb"<(?:hour|day)>\s{0,20}(\w{1,9})\s{0,20}</", listed)]


# feedparser's dictionaries hold whatever a feed made of them, and their own `get` maps some keys to others: what is
# asked for here is either there in the type expected, or absent.


def _string(thing: Any, key: str) -> str | None:
    value = dict.get(thing, key) if isinstance(thing, dict) else None
    return value if isinstance(value, str) and value.strip() else None


def _dict(thing: Any, key: str) -> Any:
    return dict.get(thing, key) if isinstance(thing, dict) else None


def _list(thing: Any, key: str) -> list[Any]:
    value = dict.get(thing, key) if isinstance(thing, dict) else None
    return value if isinstance(value, list) else []
