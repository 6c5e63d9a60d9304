"""What a feed of any format gave, brought to one normal form: ids, clean links, dates in UTC, bounded text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from ingest.errors import Refused
from ingest.feeddates import feed_date
from ingest.langtag import iso_language
from ingest.records import Entry, ParsedFeed
from ingest.urls import LONGEST_URL, entry_id, fetchable_url

MOST_ENTRIES = 5_000  # of one body
MOST_PROBLEMS = 50  # listed one by one
LONGEST_TITLE = 1_000  # characters, as the next two
LONGEST_SUMMARY = 20_000
LONGEST_CONTENT = 500_000
MOST_NAMES = 50  # authors, tags
LONGEST_NAME = 200
LONGEST_TTL = 30 * 86_400  # seconds: a feed that asks for more has the unit wrong


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as its format gives it: texts plain already, the rest as written. `text_language`: what its longest text
    is marked with, be it by the feed as a whole."""

    link: str | None
    guid: str | None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    text_language: str | None = None
    guid_is_no_link: bool = False  # RSS's isPermaLink="false"


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed as its format gives it; `base` is what relative links stand against, `ttl` and `period` in seconds."""

    format: str
    title: str | None
    site_url: str | None
    language: str | None
    base: str
    entries: Iterable[RawEntry]
    ttl: float | None = None
    period: float | None = None  # of the syndication module
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    problems: list[str] = field(default_factory=list)


def collect(
    raw: RawFeed, feed_id: str | None, language: str | None, present: datetime, zone: tzinfo = UTC
) -> ParsedFeed:
    """The normal form of `raw`. An entry that cannot be used is a problem; one listed twice counts once, the first.

    An entry's language is what it or its text says, where that is another than the feed's, else `language` (the
    operator's word: many feeds say `en-us` by default), else what the feed says. Dates without a zone are in `zone`.
    """
    said = iso_language(raw.language)
    build = _Builder(raw.base, feed_id, iso_language(language) or said, said, present, zone)
    entries: dict[str, Entry] = {}
    problems = list(raw.problems)
    for number, one in enumerate(raw.entries, start=1):
        if number > MOST_ENTRIES:
            problems.append(f"more than {MOST_ENTRIES:,} entries: the rest is left out")
            break
        try:
            entry = build(one)
        except (Refused, ValueError) as error:
            problems.append(f"entry {number}{f' ({one.title[:60]!r})' if one.title else ''} is left out: {error}")
            continue
        entries.setdefault(entry.id, entry)
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS:] = [f"and {len(problems) - MOST_PROBLEMS:,} problems more"]
    ttl, period = _seconds(raw.ttl), _seconds(raw.period)
    return ParsedFeed(
        format=raw.format,
        title=raw.title,
        site_url=usable_url(raw.site_url, raw.base),
        language=said,
        entries=tuple(entries.values()),
        ttl=ttl or period,
        period=None if ttl else period,
        skip_hours=raw.skip_hours,
        skip_days=raw.skip_days,
        problems=tuple(problems),
    )


@dataclass(frozen=True, slots=True)
class _Builder:
    base: str
    feed_id: str | None
    language: str | None
    said: str | None
    present: datetime
    zone: tzinfo

    def __call__(self, one: RawEntry) -> Entry:
        """Raises Refused for a bad link, ValueError where there is nothing to go by.

        An entry of RSS may have neither link nor guid (2.0: "all elements of an item are optional"): then it is known
        by its title and text, so that it is another once they change.
        """
        url, guid = self._link(one), (one.guid or "").strip()[:LONGEST_URL] or None
        if url is None and not (one.content or one.summary):
            raise ValueError(f"it has neither a link nor a {'text' if guid else 'guid'}")
        said = [iso_language(one.language), iso_language(one.text_language)]
        return Entry(
            id=entry_id(self.feed_id, url, guid or _by_its_text(one)),
            feed_id=self.feed_id,
            url=url or "",
            guid=guid,
            title=one.title,
            summary=one.summary,
            content=one.content[:LONGEST_CONTENT] if one.content else None,
            authors=_names(one.authors),
            published=self._date(one.published),
            updated=self._date(one.updated),
            language=next((code for code in said if code and code != self.said), self.language),
            tags=_names(one.tags),
        )

    def _link(self, one: RawEntry) -> str | None:
        """The link to fetch; a guid that is a web address stands in for a missing or unusable link."""
        guid = (one.guid or "").strip()
        spare = usable_url(guid, self.base) if guid[:8].lower().startswith(("http://", "https://")) else None
        link = (one.link or "").strip()
        if not link:
            return None if one.guid_is_no_link else spare
        if link == guid and spare is None and not link.startswith("/"):
            return spare  # feedparser gives a guid as the link where there is none, whatever it looks like
        try:
            return fetchable_url(link, self.base)
        except Refused:
            if spare is None:
                raise
            return spare

    def _date(self, text: str | None) -> datetime | None:
        return feed_date(text, present=self.present, zone=self.zone) if text else None


def _by_its_text(one: RawEntry) -> str:
    text = "\n".join(part or "" for part in (one.title, one.summary, one.content))
    return "text\n" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _seconds(asked: float | None) -> int | None:
    return int(asked) if asked is not None and 0 < asked <= LONGEST_TTL else None


def usable_url(url: str | None, base: str) -> str | None:
    """`url` as it is asked for; None where it is none."""
    try:
        return fetchable_url(url, base) if url else None
    except Refused:
        return None


def _names(names: Iterable[str], clean: Callable[[str], str] = str.strip) -> tuple[str, ...]:
    """Each once, in order, bounded."""
    return tuple(dict.fromkeys(cleaned for name in names if (cleaned := clean(name)[:LONGEST_NAME])))[:MOST_NAMES]
