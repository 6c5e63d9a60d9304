"""A sitemap's bytes → its URLs with their dates and titles, or of an index its parts. Pure.

As https://www.sitemaps.org/protocol.html and Google's news extension have it: `urlset` and `sitemapindex`, gzip or
not. Hostile input is bounded: everything before the root element goes (so that no entity is ever declared), expat hands
over one element after the other and no tree is built, sizes and counts end where the protocol ends.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from xml.parsers import expat

from ingest.dates import now as present_time
from ingest.errors import NotAFeed, Refused
from ingest.feedbytes import decoded
from ingest.feeddates import feed_date
from ingest.feedentities import plain_references
from ingest.feedtext import text_of_html
from ingest.records import Record
from ingest.urls import LONGEST_URL, fetchable_url

MOST_URLS = 50_000  # of one file, as the protocol allows
MOST_BYTES = 20_000_000  # after decompression; the protocol's 52 MB would be 400 MB with eight polls side by side
MOST_ELEMENTS = 1_500_000  # pictures and translations included: 30 a URL
DEEPEST = 40
LONGEST_TEXT = 5_000  # characters of one element
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?(urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE)
_ANY_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})(?=[\s/>])")
_HEAD = 1 << 16  # characters in which the root must begin
_PIECE = 1 << 16  # bytes handed to the parser at a time
# Dates in a path: /2026/11/23/, /2026-11-23, /20261123, and months alone, as archives' parts are named.
_DAY = re.compile(r"(?<!\d)(19[7-9]\d|20[0-4]\d)([-/_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)(19[7-9]\d|20[0-4]\d)[-/_.]?(0?[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(19[7-9]\d|20[0-4]\d)(?!\d)")


class SitemapUrl(Record):
    """One URL as the sitemap lists it; what begins with news comes from the news extension. `link` is not checked."""

    link: str
    modified: datetime | None = None
    published: datetime | None = None
    title: str | None = None
    language: str | None = None
    keywords: tuple[str, ...] = ()

    @property
    def date(self) -> datetime | None:
        """The best there is of when it came: the publication, else the day in its path, else the last change."""
        return self.published or (day_in(self.link) if self.modified is None else self._earlier())

    def _earlier(self) -> datetime | None:
        """A change long after the day in the path is an edit of an old article."""
        day, changed = day_in(self.link), self.modified
        return day if day and changed and changed > day + timedelta(days=2) else changed


class Sitemap(Record):
    """`parts` of an index (files with their last change), `urls` of a file; `news`: some have its titles."""

    form: Literal["urls", "index"]
    urls: tuple[SitemapUrl, ...] = ()
    parts: tuple[SitemapUrl, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def news(self) -> bool:
        return any(one.title for one in self.urls)


def parse_sitemap(body: bytes, *, url: str, content_type: str | None = None, now: datetime | None = None) -> Sitemap:
    """What the sitemap at `url` lists, in its order. Raises NotAFeed, and nothing else, whatever the bytes."""
    problems: list[str] = []
    text = decoded(_unpacked(body, url, problems), content_type)
    start, form = _root(text, url)
    reader = _Reader(now or present_time())
    data = plain_references(text[start:], {}).encode("utf-8", "replace")
    try:
        for at in range(0, len(data), _PIECE):
            reader.parser.Parse(data[at : at + _PIECE], False)
            if reader.full:
                problems.append(reader.full)
                break
        else:
            reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        if not reader.found:
            raise NotAFeed(f"{url} is a sitemap that breaks off before its first URL ends: {error}") from None
        problems.append(f"not well-formed XML ({error}): what came before is read")
    found = tuple(reader.found)
    if form == "index":
        return Sitemap(form="index", parts=found, problems=tuple(problems))
    return Sitemap(form="urls", urls=found, problems=tuple(problems))


def newest_first(parts: Sequence[SitemapUrl], base: str) -> list[SitemapUrl]:
    """An index's parts with usable addresses, each once: the lately changed first, then those without a date, the last
    listed first (archives are numbered upwards), by the period in their name where it has one."""
    usable: dict[str, SitemapUrl] = {}
    for part in parts:
        try:
            link = fetchable_url(part.link, base)
        except Refused:
            continue
        usable.setdefault(link, part.model_copy(update={"link": link}))
    placed = list(enumerate(usable.values()))

    def key(one: tuple[int, SitemapUrl]) -> tuple[float, int]:
        at, part = one
        until = part.modified or (period(part.link) or (None, None))[1]
        return (until.timestamp() if until else float("-inf"), at)

    dated = [one for one in placed if key(one)[0] > float("-inf")]
    undated = [one for one in placed if key(one)[0] == float("-inf")]
    return [part for _, part in (*sorted(dated, key=key, reverse=True), *sorted(undated, key=key, reverse=True))]


def day_in(url: str) -> datetime | None:
    """The day in a URL's path, its midnight in UTC; None where there is none."""
    found = _DAY.search(url[:LONGEST_URL])
    try:
        return datetime(int(found[1]), int(found[3]), int(found[4]), tzinfo=UTC) if found else None
    except ValueError:
        return None


def period(url: str) -> tuple[datetime, datetime] | None:
    """The day, month or year that a part's name speaks of, as its start and end; None where it names none."""
    if day := day_in(url):
        return day, day + timedelta(days=1)
    name = url[:LONGEST_URL].partition("//")[2].partition("/")[2]
    if found := _MONTH.search(name):
        year, month = int(found[1]), int(found[2])
        return datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    if found := _YEAR.search(name):
        return datetime(int(found[1]), 1, 1, tzinfo=UTC), datetime(int(found[1]) + 1, 1, 1, tzinfo=UTC)
    return None


def _unpacked(body: bytes, url: str, problems: list[str]) -> bytes:
    """Without gzip; as much of it as is read at all, which is told."""
    for _ in range(2):  # some servers compress what is compressed
        if not body.startswith(_GZIP):
            break
        try:
            body = zlib.decompressobj(wbits=31).decompress(body, MOST_BYTES + 1)
        except zlib.error as error:
            raise NotAFeed(f"{url} is no gzip that can be read: {error}") from None
    if len(body) > MOST_BYTES:
        problems.append(f"larger than {MOST_BYTES:,} bytes: the rest is left out")
    return body[:MOST_BYTES]


def _root(text: str, url: str) -> tuple[int, Literal["urls", "index"]]:
    found = _ROOT.search(text, 0, _HEAD)
    if found:
        return found.start(), "index" if found[1].lower() == "sitemapindex" else "urls"
    if not text.strip():
        raise NotAFeed(f"{url} is empty", reason="empty")
    other = _ANY_ROOT.search(text, 0, _HEAD)
    what = f"its first element is <{other[1]}>" if other else f"it begins with {text.strip()[:40]!r}"
    hint = "; follow it as a feed, without sitemap:" if other and other[1] in {"rss", "feed"} else ""
    raise NotAFeed(f"{url} is no sitemap: {what}, not <urlset> or <sitemapindex>{hint}")


def _words(keywords: str) -> tuple[str, ...]:
    return tuple(word for one in keywords.split(",")[:50] if (word := one.strip()))


class _Reader:
    """Collects what stands in <url> and <sitemap>, one at a time."""

    def __init__(self, present: datetime) -> None:
        self.found: list[SitemapUrl] = []
        self.full = ""
        self._present, self._elements = present, 0
        self._path: list[str] = []
        self._fields: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, _: object) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._path) >= DEEPEST:
            self.full = f"more than {MOST_ELEMENTS:,} elements or {DEEPEST} levels: the rest is left out"
        if self.full:
            return
        self._path.append(name.rpartition(":")[2].lower())
        self._text, self._length = [], 0
        if len(self._path) == 2:  # below the root
            self._fields = {}

    def _characters(self, text: str) -> None:
        if self._length < LONGEST_TEXT and not self.full:
            self._text.append(text[: LONGEST_TEXT - self._length])
            self._length += len(text)

    def _end(self, _: str) -> None:
        if self.full or not self._path:
            return
        *above, name = self._path
        value = "".join(self._text).strip()
        match above:
            case [_, "url" | "sitemap"] if value:
                self._fields.setdefault(name, value)
            case [_, "url", "news"] | [_, "url", "news", "publication"] if value:
                self._fields.setdefault(f"news:{name}", value)
            case [_] if name in {"url", "sitemap"} and self._fields.get("loc"):
                self._take()
        self._path.pop()
        self._text, self._length = [], 0

    def _take(self) -> None:
        fields = self._fields
        if len(self.found) >= MOST_URLS:
            self.full = f"more than {MOST_URLS:,} URLs: the rest is left out"
            return
        self.found.append(
            SitemapUrl.model_construct(  # checked here; 50,000 of them
                link=fields["loc"][:LONGEST_URL],
                modified=self._date(fields.get("lastmod")),
                published=self._date(fields.get("news:publication_date")),
                title=text_of_html(fields.get("news:title"), 1_000),
                language=fields.get("news:language"),
                keywords=_words(fields.get("news:keywords", "")),
            )
        )

    def _date(self, text: str | None) -> datetime | None:
        return feed_date(text, present=self._present) if text else None
