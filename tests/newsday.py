"""A day of many feeds on a fake clock: when each brings what, and who asks which host when.

What the feeds do is drawn from what feeds of news sites are like: rates over four powers of ten, nights and weekends by
time zone, entries that come in heaps, digests at one minute of the day, feeds long dead; hints as common programs
write them (WordPress says "hourly" of every site); missing, early and late dates; servers that fail for hours.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ingest.rhythm import DAY, HOUR, Rhythm, first_seen, seen_again, usable
from ingest.schedule import Hints, Pace, after_failure, next_poll

START = 1_767_571_200.0  # Monday, 5 January 2026, 00:00 UTC
WORKERS = 8
PACE = Pace()
# A newsroom's day by local hour: the night is thin, the morning and the late afternoon are full. Mean 1.
HOURS = [0.25, 0.15, 0.1, 0.1, 0.15, 0.4, 0.9, 1.3, 1.6, 1.7, 1.7, 1.6, 1.5, 1.5, 1.6, 1.7, 1.7, 1.5, 1.2, 1.0]
HOURS += [0.9, 0.8, 0.6, 0.45]
ZONES = [7, 7, 7, 8, 8, 9, 5.5, 3, 1, 1, 0, 0, -5, -5, -8]
WEEKEND = 0.45


@dataclass
class SimFeed:
    """One feed: `came` when its entries came (the last ones before `START` too), `dates` as it gives them."""

    id: str
    host: str
    per_day: float
    listed: int  # entries it lists
    hints: Hints
    came: list[float]
    dates: list[float | None]
    failing: tuple[float, float] = (0.0, 0.0)


@dataclass
class Day:
    """What became of it. `waits`: seconds from an entry's coming to its being seen, by feed; inf: never."""

    feeds: list[SimFeed]
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    requests: list[tuple[str, float, float]] = field(default_factory=list)  # host, when it began, when it ended
    pages: int = 0  # of these requests, how many asked for the page of an entry
    polls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kept: dict[str, Rhythm] = field(default_factory=dict)
    upto: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # entries of each feed that are past

    def read(self, one: SimFeed, asked: float, now: float) -> Rhythm:
        """What is known of a feed after one more look at it."""
        until, before = bisect_right(one.came, asked), self.kept.get(one.id)
        first = max(0, until - one.listed)
        new = range(max(self.upto[one.id], first), until)
        self.waits[one.id] += [math.inf for at in range(self.upto[one.id], new.start) if one.came[at] >= START]
        self.waits[one.id] += [now - one.came[at] for at in new if one.came[at] >= START]
        dates = usable(one.dates[first:until], now)[new.start - first :] if new else []
        self.upto[one.id] = until
        self.kept[one.id] = seen_again(before, dates, until - first, now) if before else first_seen(dates, now)
        return self.kept[one.id]


class Door(Protocol):
    """Who may ask which host when. Both are called in the order of `at`."""

    def enter(self, host: str, token: str, at: float, *, urgent: bool) -> float:
        """0: go; else the seconds until the next try. `urgent`: a poll."""
        ...

    def leave(self, host: str, token: str, at: float) -> None: ...


class PlainDoor:
    """One at a time to a host, `delay` seconds between two; whoever comes too early comes back when it is free."""

    def __init__(self, delay: float, seed: int) -> None:
        self._delay, self._draw = delay, random.Random(seed)
        self._free: dict[str, float] = defaultdict(float)

    def enter(self, host: str, token: str, at: float, *, urgent: bool) -> float:
        if at < self._free[host]:
            wait = self._free[host] - at if self._free[host] < math.inf else self._delay
            return wait + self._draw.random() * 0.1
        self._free[host] = math.inf
        return 0.0

    def leave(self, host: str, token: str, at: float) -> None:
        self._free[host] = at + self._delay


def newsroom(seed: int, feeds: int = 2_000, hosts: int = 400, days: float = 1.0) -> list[SimFeed]:
    """Feeds from `START` on, for so many days."""
    draw = random.Random(seed)
    return [_feed(draw, f"{n:04d}", f"host{draw.randrange(hosts)}", days) for n in range(feeds)]


def live(
    feeds: Sequence[SimFeed],
    seed: int,
    *,
    days: float = 1.0,
    delay: float = 1.0,
    fixed: float | None = None,
    door: Door | None = None,
    pages: bool = False,
) -> Day:
    """The time, polled by `WORKERS` at once. All feeds are added as it begins; nothing is known of any.

    `fixed`: the seconds between two polls of any feed, to compare with. `pages`: each new entry's page is asked for
    at its feed's host.
    """
    draw = random.Random(seed + 1)
    door = door or PlainDoor(delay, seed + 2)
    day, end = Day(list(feeds)), START + days * DAY
    line = [(START + draw.random(), n) for n in range(len(feeds))]
    heapq.heapify(line)
    free = [START] * WORKERS
    inside: list[tuple[float, str, str]] = []  # who asks whom until when
    failures: dict[str, int] = defaultdict(int)
    while True:
        due, n = heapq.heappop(line)  # a feed by its number, a page of its by the one below zero
        one, polls = feeds[max(n, -n - 1)], n >= 0
        began = max(due, free[0])
        if began >= end:
            break
        while inside and inside[0][0] <= began:
            left, host, token = heapq.heappop(inside)
            door.leave(host, token, left)
        token = str(len(day.requests))
        if wait := door.enter(one.host, token, began, urgent=polls):
            heapq.heappush(line, (began + wait, n))
            continue
        ended = began + min(draw.lognormvariate(math.log(0.3), 0.8), 30.0)
        heapq.heapreplace(free, ended)
        heapq.heappush(inside, (ended, one.host, token))
        day.requests.append((one.host, began, ended))
        if not polls:
            day.pages += 1
            continue
        day.polls[one.id] += 1
        if one.failing[0] <= began < one.failing[1]:
            failures[one.id] += 1
            wait = after_failure("5xx", failures[one.id], PACE.usual)
        else:
            failures[one.id] = 0
            seen = len(day.waits[one.id])
            rhythm = day.read(one, began, ended)
            for _ in range((len(day.waits[one.id]) - seen) if pages else 0):
                heapq.heappush(line, (ended, -n - 1))
            wait = fixed or next_poll(rhythm, one.hints, ended, PACE, draw.uniform(-1, 1))
        heapq.heappush(line, (ended + wait, n))
    for one in feeds:
        unseen = one.came[day.upto[one.id] : bisect_right(one.came, end - HOUR)]
        day.waits[one.id] += [math.inf for came in unseen if came >= START]
    return day


def _feed(draw: random.Random, id: str, host: str, days: float) -> SimFeed:
    kind = draw.random()
    zone, end = draw.choice(ZONES), START + days * DAY
    listed = draw.choice([10, 10, 15, 20, 20, 25, 30, 50, 100])
    if kind < 0.10:  # long dead
        last = START - draw.uniform(30, 700) * DAY
        came, per_day = sorted(last - draw.expovariate(1 / (3 * DAY)) * n for n in range(listed)), 0.0
    elif kind < 0.20:  # a digest, at one minute of the day
        minute, per_day = draw.uniform(4, 22) * HOUR - zone * HOUR, float(draw.choice([1, 1, 1, 2, 3]))
        days_back = range(-listed - 1, math.ceil(days) + 2)
        came = [START + d * DAY + minute + draw.gauss(0, 300) + 15 * n for d in days_back for n in range(int(per_day))]
        came = sorted(at for at in came if at < end)
    else:
        per_day = min(draw.lognormvariate(math.log(10), 1.6), 900.0)
        came = _entries(draw, per_day, zone, listed, end)
    before = bisect_right(came, START)
    came = came[max(0, before - listed) :]
    failing = (0.0, 0.0)
    if draw.random() < 0.03:
        began = START + draw.uniform(0, days) * DAY
        failing = (began, began + draw.lognormvariate(math.log(HOUR), 1.5))
    return SimFeed(id, host, per_day, listed, _hints(draw), came, _dates(draw, came), failing)


def _entries(draw: random.Random, per_day: float, zone: float, listed: int, end: float) -> list[float]:
    """When entries come: by hour of the day and weekday, one by one or in heaps."""
    heap = draw.choice([1.0, 1.0, 1.3, 2.0, 3.5])  # entries at a time, in the mean
    round_the_clock = draw.random() < 0.15  # agencies
    flat = draw.random() < 0.3  # no weekend
    surge = START + draw.uniform(0, 1) * DAY if draw.random() < 0.15 else 0.0  # news breaks
    came: list[float] = []
    needed = int(listed * 1.5) + 5
    hour = START - HOUR

    def of_hour(start: float) -> list[float]:
        local = start + zone * HOUR
        level = 1.0 if round_the_clock else HOURS[int(local // HOUR) % 24]
        level *= 1.0 if flat or (int(local // DAY) + 3) % 7 < 5 else WEEKEND
        level *= 5.0 if surge <= start < surge + 2.5 * HOUR else 1.0
        found = []
        for _ in range(_poisson(draw, per_day / 24 * level / heap)):
            at = start + draw.random() * HOUR
            found += [at + draw.expovariate(1 / 60) * n for n in range(1 + _poisson(draw, heap - 1))]
        return found

    while len(came) < needed and hour > START - 60 * DAY:
        came += of_hour(hour)
        hour -= HOUR
    hour = START
    while hour < end:
        came += of_hour(hour)
        hour += HOUR
    return sorted(at for at in came if at < end)


def _poisson(draw: random.Random, mean: float) -> int:
    if mean <= 0:
        return 0
    limit, product, count = math.exp(-mean), draw.random(), 0
    while product > limit:
        product *= draw.random()
        count += 1
    return count


def _dates(draw: random.Random, came: Sequence[float]) -> list[float | None]:
    kind = draw.random()
    if kind < 0.05:  # none
        return [None] * len(came)
    if kind < 0.07:  # local time written as UTC
        return [at + 7 * HOUR for at in came]
    if kind < 0.09:
        return [at - 5 * HOUR for at in came]
    if kind < 0.11:  # all stamped alike
        return [START - DAY] * len(came)
    lag: Callable[[], float] = (lambda: draw.expovariate(1 / 900)) if kind < 0.25 else (lambda: draw.uniform(0, 60))
    return [at - lag() for at in came]


def _hints(draw: random.Random) -> Hints:
    kind, http = draw.random(), draw.random()
    ttl = draw.choice([5, 10, 15, 30, 60, 60]) * 60 if 0.35 <= kind < 0.45 else None
    fresh = draw.choice([60, 60, 120, 180, 300, 300, 600, 900]) if http < 0.4 else None
    return Hints(ttl=ttl, period=3_600 if kind < 0.35 else None, fresh=fresh)
