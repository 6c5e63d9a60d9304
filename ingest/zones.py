"""Time zones by IANA's names, and the one that a feed's constant lag speaks for. Pure.

Many feeds write local time and call it UTC, or name no zone at all: their entries come hours before or after the time
that they carry, always the same number of hours.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import orjson

from ingest.records import Feed

HOUR = 3_600.0
KEPT = 20  # lags of a feed's last entries
LEAST = 8  # of them to go by
SOON = 2 * HOUR  # since the poll before: an entry seen later than that may be as old as it says
EARLY = 600.0  # seconds by which clocks and rounded times may lie apart
STEADY = 2 * HOUR  # between the lags of nearly all
FARTHEST = 14  # hours: no zone is farther from UTC
SLOWEST = 2  # hours behind from which on it is no slow newsroom's own way
_HOURS_OF = {"ID": {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}}  # countries with several zones


def zone(name: str) -> ZoneInfo:
    """The zone of this name (Asia/Jakarta). Raises ValueError that says what was meant."""
    try:
        if name in _names():
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    near = difflib.get_close_matches(name.casefold(), lowered := {one.casefold(): one for one in _names()}, n=1)
    meant = f"did you mean {lowered[near[0]]}?" if near else "use a name like Asia/Jakarta or UTC"
    raise ValueError(f"{name!r} is no time zone; {meant}")


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of_feed(feed: Feed) -> tzinfo:
    """In which its dates are meant that name none. Raises ValueError."""
    return zone(feed.tz) if feed.tz else UTC


def read_lags(written: str | None, feed: Feed) -> list[int]:
    """What a feed's record keeps; nothing where its dates were read in another zone then."""
    tz, kept = orjson.loads(written or "[null, []]")
    return kept if tz == feed.tz else []


def written_lags(lags: Sequence[int], feed: Feed) -> str:
    """For the feed's record."""
    return orjson.dumps([feed.tz, list(lags)]).decode()


def with_lags(kept: Sequence[int], dates: Sequence[float | None], *, seen: float, gap: float) -> list[int]:
    """`kept`, seconds from an entry's date until it was first seen, with those of new entries that carry these `dates`
    (Unix seconds). `gap`: since the poll before; after a long one entries are late by themselves."""
    fresh = [int(seen - date) for date in dates if date is not None] if gap <= SOON else []
    within = [lag for lag in fresh if abs(lag) <= (FARTHEST + 1) * HOUR]
    return [*kept, *within][-KEPT:]


def constant_lag(lags: Sequence[int]) -> int | None:
    """Whole hours by which nearly all of the entries came after their dates (above 0) or before; None where there is no
    such number, or too few entries to tell."""
    if len(lags) < LEAST:
        return None
    ordered = sorted(lags)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    hours = math.floor((low + EARLY) / HOUR)
    if high - low > STEADY or abs(hours) > FARTHEST or -1 < hours < SLOWEST:
        return None
    return hours


def lag_told(hours: int, feed: Feed, moment: datetime) -> str:
    """What is said of a feed whose entries carry times that are constantly so many hours off, with the zone that would
    set it right."""
    how = f"{hours} hours before they appear" if hours > 0 else f"{-hours} hours after they appear"
    return f"its entries are constantly dated {how}: if they name no zone, set tz={suggested(hours, feed, moment)}"


def suggested(hours: int, feed: Feed, moment: datetime) -> str:
    """The zone in which the feed's times would be right: of its country where that fits, else by its distance alone."""
    from ingest.sources import zone_of  # asked for seldom, and it reads tables

    apart = _offset(zone_of_feed(feed), moment) - timedelta(hours=hours)
    at_home = zone_of(feed.country, feed.language)
    if isinstance(at_home, ZoneInfo) and _offset(at_home, moment) == apart:
        return at_home.key
    whole = round(apart / timedelta(hours=1))
    if named := _HOURS_OF.get(feed.country or "", {}).get(whole):
        return named
    return f"Etc/GMT{-whole:+d}" if whole else "UTC"  # POSIX counts them the other way round: Etc/GMT-7 is UTC+7


def _offset(one: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(one).utcoffset() or timedelta(0)
