"""When a story was published: one moment out of what page, feed and address say.

1. Statements are read in order of trust: the page's JSON-LD, its <meta>, the feed, <time> elements marked as
   publication, the date in the address, the first <time> of the page. Impossible ones are passed over: unreadable,
   before 1990, later than the page was fetched. The words of the story are never read: "Senin (5/6)" is another
   event's date.
2. The first that is left says which day it was. Of all statements within a day and a half of it, the most exact is
   taken (time and zone, time without zone, day alone; midnight counts as day alone), the more trusted among equals.
3. A time without a zone gets the zone of the page's other dates, else UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from urllib.parse import urlsplit

from ingest.dates import parse_date
from ingest.metadata import Evidence, PageFacts
from ingest.records import DateOrigin, Entry

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before there were news sites
CLOCKS_APART = timedelta(minutes=10)  # a server's clock may run ahead of ours by this much
SAME_STORY = timedelta(hours=36)  # a day without a zone begins up to 14 h before or 12 h after it does in UTC
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


def published(facts: PageFacts, entry: Entry, url: str, fetched: datetime) -> Moment | None:
    """When the story was published and who says so; None where nobody does, or only nonsense."""
    zone = _zone(facts)
    moments = [moment for moment in _moments(facts, entry, url, zone, fetched) if _possible(moment.at, fetched)]
    if not moments:
        return None
    near = [moment for moment in moments if abs(moment.at - moments[0].at) <= SAME_STORY]
    return max(near, key=lambda moment: moment.exact)  # the first among equals


def modified(facts: PageFacts, entry: Entry, after: datetime | None, fetched: datetime) -> datetime | None:
    """When the story was last changed, by page or feed; None where that is before `after` (when it was published)."""
    zone = _zone(facts)
    stated = [_read(one.value, zone, fetched) for one in facts.of("modified")]
    for at in [*(at for at, _ in filter(None, stated)), entry.updated]:
        if at is not None and _possible(at, fetched):
            return at if after is None or at >= after else None
    return None


def _moments(facts: PageFacts, entry: Entry, url: str, zone: tzinfo, fetched: datetime) -> Iterator[Moment]:
    stated = facts.of("published")
    marked = [one for one in stated if one.means == "time-element" and one.key == "published"]
    first = [one for one in stated if one.means == "time-element" and one.key != "published"]
    yield from _from(facts.of("published", "json-ld"), "json-ld", zone, fetched)
    yield from _from(facts.of("published", "meta"), "meta", zone, fetched)
    if entry.published is not None:
        yield Moment(entry.published, "feed", 0 if entry.published.time() == datetime.min.time() else 2)
    yield from _from(marked, "time-element", zone, fetched)
    in_path = _IN_PATH.search(urlsplit(url).path)
    if in_path and (at := parse_date("-".join(in_path.groups()), present=fetched)):
        yield Moment(at, "url", 0)
    yield from _from(first, "time-element", zone, fetched)


def _from(stated: Iterable[Evidence], origin: DateOrigin, zone: tzinfo, fetched: datetime) -> Iterator[Moment]:
    for one in stated:
        read = _read(one.value, zone, fetched)
        if read is not None:
            yield Moment(read[0], origin, read[1])


def _read(text: str, zone: tzinfo, fetched: datetime) -> tuple[datetime, int] | None:
    at = parse_date(text, zone, present=fetched)
    if at is None:
        return None
    if not _CLOCK.search(text) or _MIDNIGHT.search(text):
        return at, 0
    return at, 2 if at == parse_date(text, _NOBODYS_ZONE, present=fetched) else 1


def _possible(at: datetime, fetched: datetime) -> bool:
    return EARLIEST <= at <= fetched + CLOCKS_APART


def _zone(facts: PageFacts) -> tzinfo:
    """The zone of the page's dates that name one; UTC where none does."""
    for one in (*facts.of("published"), *facts.of("modified")):
        found = _OFFSET.search(one.value)
        if found and _CLOCK.search(one.value[: found.start()]):
            try:
                offset = datetime.fromisoformat(f"2000-01-01T00:00:00{found[0].strip().replace('−', '-')}").tzinfo
            except ValueError:
                continue
            return offset or UTC
    return UTC
