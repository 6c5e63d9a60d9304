"""When a story was published: one moment out of what page, feed and address say.

1. Statements are read in order of trust: the page's JSON-LD, its <meta>, the feed, elements marked as publication, the
   byline's words, the date in the address, the first <time> of the page. Impossible ones are passed over: unreadable,
   before 1990, later than the page was fetched. The words of the story are never read: "Senin (5/6)" is another
   event's date.
2. The first that is left says which day it was. Of all statements within a day and a half of it, the most exact is
   taken (time and zone, time without zone, day alone; midnight counts as day alone), the more trusted among equals;
   unless two others agree on a time that is off by whole half hours, which is a zone wrongly named.
3. A time without a zone gets the zone of the page's other dates, else of the source's country if it has one, else UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from urllib.parse import urlsplit

from ingest.dates import parse_date
from ingest.datewords import date_in_words, zone_in_words
from ingest.evidence import Evidence, PageFacts
from ingest.records import DateOrigin

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before there were news sites
CLOCKS_APART = timedelta(minutes=10)  # a server's clock may run ahead of ours by this much
SAME_STORY = timedelta(hours=36)  # a day without a zone begins up to 14 h before or 12 h after it does in UTC
EXACT = 2  # time and zone
ONE_MINUTE = timedelta(minutes=1)
_ZONE_STEP = timedelta(minutes=30)
_NOBODYS_ZONE = timezone(timedelta(hours=-11, minutes=-7))  # a moment that it changes had no zone of its own
_OFFSET = re.compile(r"(?:Z|[+−-]\d{1,2}:?\d{2})\s*$")
_CLOCK = re.compile(r"\d[:.]\d{2}|T\d{2}|\d{9,}")
_MIDNIGHT = re.compile(r"(?<![\d:])0?0:00(?::00(?:\.0+)?)?(?![\d:])(?!\s*[ap]\.?m)|12:00(?::00)?\s*am\b", re.IGNORECASE)
_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")


class Moment(NamedTuple):
    """`exact`: 2 time and zone, 1 time without zone, 0 the day alone."""

    at: datetime
    origin: DateOrigin
    exact: int
    said: Evidence


def published(facts: PageFacts, url: str, fetched: datetime, home: tzinfo | None = None) -> Moment | None:
    """When the story was published and who says so; None where nobody does, or only nonsense.

    `home`: the zone of the source's country, for times that name none on a page that names none.
    """
    zone, american = _zone(facts) or home or UTC, home is None and _american(facts)
    moments = [moment for moment in _moments(facts, url, zone, fetched, american) if _possible(moment.at, fetched)]
    if not moments:
        return None
    near = [moment for moment in moments if abs(moment.at - moments[0].at) <= SAME_STORY]
    best = max(near, key=lambda moment: moment.exact)  # the first among equals
    return _corrected(best, near)


def _corrected(best: Moment, near: list[Moment]) -> Moment:
    """Another moment where two means agree on it and `best`, alone, is off by a zone: local time called UTC."""
    others = [one for one in near if one.exact == EXACT and one.origin != best.origin]
    if any(_same(one, best) for one in others):
        return best
    for one in others:
        apart = abs(one.at - best.at)
        slipped = apart >= _ZONE_STEP and min(apart % _ZONE_STEP, -apart % _ZONE_STEP) <= ONE_MINUTE
        if slipped and any(_same(one, other) and other.origin != one.origin for other in others):
            return one
    return best


def _same(one: Moment, other: Moment) -> bool:
    return abs(one.at - other.at) <= ONE_MINUTE


def modified(facts: PageFacts, after: datetime | None, fetched: datetime, home: tzinfo | None = None) -> Moment | None:
    """When the story was last changed, by page or feed; None where that is before `after` (when it was published)."""
    zone, american = _zone(facts) or home or UTC, home is None and _american(facts)
    for one in facts.of("modified"):
        read = _read(one, zone, fetched, american)
        if read is not None and _possible(read[0], fetched):
            fits = after is None or read[0] >= after
            return Moment(read[0], "meta", read[1], one) if fits else None
    return None


def _moments(facts: PageFacts, url: str, zone: tzinfo, fetched: datetime, american: bool) -> Iterator[Moment]:
    stated = facts.of("published")
    in_path = _IN_PATH.search(urlsplit(url).path)
    dated = [Evidence("published", "url", "path", "-".join(in_path.groups()))] if in_path else []
    marked = [one for one in stated if one.means == "time-element" and one.key == "published"]
    first = [one for one in stated if one.means == "time-element" and one.key != "published"]
    turns: tuple[tuple[DateOrigin, Iterable[Evidence]], ...] = (
        ("json-ld", facts.of("published", "json-ld")),
        ("meta", facts.of("published", "meta")),
        ("feed", facts.of("published", "feed")),
        ("time-element", facts.of("published", "element")),
        ("time-element", marked),
        ("byline", facts.of("published", "byline")),
        ("url", dated),
        ("time-element", first),
    )
    for origin, statements in turns:
        for one in statements:
            read = _read(one, zone, fetched, american)
            if read is not None:
                yield Moment(read[0], origin, read[1], one)


def _read(one: Evidence, zone: tzinfo, fetched: datetime, american: bool) -> tuple[datetime, int] | None:
    text = one.value
    at = parse_date(text, zone, present=fetched)
    if at is None:
        said = date_in_words(text, zone, fetched, month_first=american)
        return (said.at, said.exact) if said else None
    if not _CLOCK.search(text) or _MIDNIGHT.search(_OFFSET.sub("", text)):
        return at, 0
    return at, EXACT if at == parse_date(text, _NOBODYS_ZONE, present=fetched) else 1


def _american(facts: PageFacts) -> bool:
    """Whether 6/5/2023 is June 5 here."""
    said = facts.first("language", "meta") or facts.first("language", "element") or ""
    return said.lower().replace("_", "-") == "en-us"


def _possible(at: datetime, fetched: datetime) -> bool:
    return EARLIEST <= at <= fetched + CLOCKS_APART


def _zone(facts: PageFacts) -> tzinfo | None:
    """The zone of the page's dates that name one other than UTC, which tells nothing of the page; None: none does."""
    for one in (*facts.of("published"), *facts.of("modified")):
        if one.means == "feed":
            continue
        if one.means == "byline" and (named := zone_in_words(one.value)) is not None and named.utcoffset(None):
            return named
        found = _OFFSET.search(one.value)
        if found and _CLOCK.search(one.value[: found.start()]):
            try:
                offset = datetime.fromisoformat(f"2000-01-01T00:00:00{found[0].strip().replace('−', '-')}").tzinfo
            except ValueError:
                continue
            if offset is not None and offset.utcoffset(None):
                return offset
    return None
