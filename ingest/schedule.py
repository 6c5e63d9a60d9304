"""When a feed is asked next. Pure: what it showed, what it asks for, the time → seconds.

The more often something comes, the shorter the gap, but much less than in proportion: two polls where one would do
bring an entry minutes earlier at most (Cho and Garcia-Molina, "Effective page refresh policies for web
crawlers", 2003).
Below one entry an hour the gap grows faster than the rate falls: hours in which nothing is due cost next to nothing.
The figures are the cheapest that kept 95 of 100 entries of busy feeds within ten minutes (tests/newsday.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ingest.records import Record
from ingest.rhythm import BURST, DAY, FEW, HOUR, Rates, Rhythm

SHORTEST, LONGEST = 120.0, DAY  # seconds between two polls, unless the operator says otherwise
# Seconds between two polls of a feed, by its entries an hour: from each of these rates on the gap shrinks with that
# power of the rate. One an hour is seen within ten minutes; the busiest are asked every two.
HOURLY, MANY = 570.0, 8.0
SLOW, BUSY, BUSIEST = 1.1, 0.1, 0.5
STEP = 300.0  # seconds in which a rate counts as steady
LONGEST_ASKED = 3_600.0  # of ttl and Cache-Control: many name a day and publish every hour
REFUTED = 1.0  # entries in a period that it says it has one update in
JITTER = 0.1  # of the interval, so that feeds added together drift apart
UNCONDITIONAL = 100  # polls, one of which asks for the body whatever the validators say


# By kind of failure: the least seconds before it is asked again, and by how much each further one is slower.
WEIGHTS: dict[str, tuple[float, float]] = {
    "busy": (0, 2),  # 429, 503: it says itself for how long, or the host's rest does
    "timeout": (0, 2),
    "connection": (0, 2),
    "5xx": (0, 2),
    "dns": (300, 2),
    "tls": (900, 3),
    "4xx": (900, 3),  # feeds do answer 404 for a while and come back
    "redirect": (900, 3),
    "refused": (3_600, 3),  # we do not ask: a private address, a body too large
    "not-a-feed": (900, 2),
    "empty": (900, 2),
    "no-match": (3_600, 2),  # a list page was rebuilt: its selector has to be mended
    "gone": (DAY, 1),  # 410: asked once a day, in case it comes back
    "other": (300, 2),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """The operator's bounds, in seconds. `usual`: of a feed of which nothing is known; below `shortest` it is a fixed
    pace for all feeds, whatever they show."""

    usual: float = 600.0
    shortest: float = SHORTEST
    longest: float = LONGEST

    @property
    def fixed(self) -> bool:
        return self.usual < self.shortest


class Hints(Record):
    """What a feed and its server ask for; times in seconds, hours and weekdays (0 is Monday) in GMT."""

    ttl: int | None = None  # RSS: minutes that it may be kept, here in seconds
    period: int | None = None  # the syndication module's updatePeriod / updateFrequency
    fresh: int | None = None  # HTTP: max-age, else Expires
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


def next_poll(rhythm: Rhythm, hints: Hints, now: float, pace: Pace, draw: float = 0.0) -> float:
    """Seconds from `now` (Unix seconds) to the next poll of a feed that answered.

    By its rhythm, and not before it asks for, within the operator's bounds. `draw`: a number from -1 to 1 for the
    jitter. A poll that falls into hours or days that the feed says it sleeps through waits until it wakes, but
    no longer than `pace.longest`.
    """
    if pace.fixed:
        return jittered(max(pace.usual, min(asked(hints, 0.0), LONGEST_ASKED)), draw)
    rates = Rates(rhythm, rate_of(pace.usual))
    wait = when_due(rates, rhythm.burst, now, pace)
    least = min(asked(hints, rates.busiest() if hints.period and sum(rhythm.hours) >= FEW else 0.0), LONGEST_ASKED)
    lost = max(_until_lost(rhythm, rates, now), pace.shortest)
    least = min(least, lost)
    wait = min(max(jittered(max(wait, least), draw), least, pace.shortest), pace.longest, lost)
    return min(_awake(now + wait, hints) - now, pace.longest)


def gap(rate: float) -> float:
    """Seconds between two polls of a feed at `rate` entries an hour."""
    if rate <= 0:
        return math.inf
    if rate < 1:
        return float(HOURLY / rate**SLOW)
    return float(HOURLY / min(rate, MANY) ** BUSY / max(rate / MANY, 1.0) ** BUSIEST)


def rate_of(seconds: float) -> float:
    """The rate at which `gap` says `seconds`."""
    least = gap(MANY)
    if seconds < least:
        return float(MANY * (least / seconds) ** (1 / BUSIEST))
    return float((HOURLY / seconds) ** (1 / (BUSY if seconds <= HOURLY else SLOW)))


def when_due(rates: Rates, burst: float, now: float, pace: Pace) -> float:
    """Seconds until a poll is worth it: each moment brings it nearer by 1 / `gap` of the rate at that moment."""
    extra = _surge(burst)
    worth, waited = 0.0, 0.0
    while waited < pace.longest:
        rate = max(rates.at(now + waited), extra * math.exp(-waited / BURST))
        one = min(max(gap(rate), pace.shortest), pace.longest)
        if worth + STEP / one >= 1.0:
            return waited + (1.0 - worth) * one
        worth += STEP / one
        waited += STEP
    return pace.longest


def asked(hints: Hints, rate: float) -> float:
    """The least seconds between two polls that the feed and its server ask for; `rate`: entries in its busiest hour.

    A ttl and HTTP's headers say how long a copy serves. The syndication module only says how often a feed is updated,
    not when (and WordPress says "hourly" of each site): it keeps us from asking a feed that brings less than that more
    often, and gives way where its entries show that it brings as much or more.
    """
    period = hints.period or 0
    if rate * period / HOUR >= REFUTED:
        period = 0
    return float(max(hints.ttl or 0, hints.fresh or 0, period))


def after_failure(
    kind: str, failures: int, usual: float, *, retry_after: float | None = None, pace: Pace | None = None
) -> float:
    """Seconds to the next poll after so many failures in a row, the last of this kind (`ingest/health.py`).

    What may pass in a minute is asked again at the feed's `usual` seconds, what has to be mended by hand more seldom;
    each further failure makes it longer, up to a day, however long it lasts: no feed is given up. What the server asks
    for (`retry_after`) is kept, a day at most. At an operator's fixed `pace`, kinds differ by their factor only.
    """
    first, factor = WEIGHTS[kind]
    wait = (usual if pace and pace.fixed else max(first, usual)) * factor ** min(failures - 1, 20)
    return min(max(wait, retry_after or 0.0), DAY)


def jittered(seconds: float, draw: float) -> float:
    """`seconds`, give or take a tenth."""
    return seconds * (1 + JITTER * draw)


def unconditional(polls: int, feed_id: str) -> bool:
    """Whether this poll leaves the validators out: one in a hundred, at different times for different feeds."""
    return (polls + sum(feed_id.encode())) % UNCONDITIONAL == UNCONDITIONAL - 1


def _surge(burst: float) -> float:
    """Entries an hour that a burst lets expect beside the usual; one entry is none."""
    return max(0.0, burst - 1.0) / (BURST / HOUR)


def _until_lost(rhythm: Rhythm, rates: Rates, now: float) -> float:
    """Seconds in which half of what the feed lists would be new: who waits longer, whatever for, may miss entries."""
    rate = max(rates.at(now), _surge(rhythm.burst))
    return rhythm.listed / 2 / rate * HOUR if rhythm.listed >= FEW <= sum(rhythm.hours) and rate else math.inf


def _awake(moment: float, hints: Hints) -> float:
    """The first moment from `moment` on in no hour or day that the feed says it sleeps through."""
    hours, days = set(hints.skip_hours), set(hints.skip_days)
    for _ in range(8 * 24):
        if int(moment // HOUR) % 24 not in hours and (int(moment // DAY) + 3) % 7 not in days:
            return moment
        moment = (moment // HOUR + 1) * HOUR
    return moment
