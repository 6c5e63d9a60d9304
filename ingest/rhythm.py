"""What a feed's own past says: how often it brings something new, by hour of the day and day of the week. Pure.

A `Rhythm` is about a thousand bytes in the feed's record. Counts and the hours over which they were counted fade alike,
by half each week, so that their quotient is a rate of late. The first poll already teaches much: a feed lists its last
entries with their dates. Times are Unix seconds, hours and weekdays in UTC (0 is Monday), rates are entries an hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import ValidationError

from ingest.records import Record

HOUR, DAY = 3_600.0, 86_400.0
HALF_LIFE = 7 * DAY  # of what is learnt of hours and weekdays
LONG_HALF_LIFE = 90 * DAY  # of the overall rate, by which a slow feed is known
WINDOW = 14 * DAY  # of the first listing's dates, how far back hours are learnt from
BURST = HOUR  # after an entry others are likelier for about this long
KERNEL = ((0, 1.0), (-1, 0.3), (1, 0.3), (-2, 0.1), (2, 0.1))  # what the hours beside an hour tell of it
SHRINK = 1.0  # hours at the overall rate that count for each hour of the day: one entry makes no habit
UNKNOWN = 3.0  # hours at the rate taken for granted, before anything is known
HABIT = 10.0  # entries at its hours' rate that count for each weekday
PINNED = 0.1  # of a listing's dates, the oldest: some feeds keep an old entry at their end
FEW = 5  # dates by which a listing says something of the time between them
SLACK = 600.0  # seconds that a clock may run ahead
LONG_SILENT = 2 * DAY  # from which on the hour of the day does not matter


class Rhythm(Record):
    """What is known of one feed. `until`: it was watched until then; None for never."""

    hours: tuple[float, ...] = (0.0,) * 24  # new entries, by hour of the day
    watched: tuple[float, ...] = (0.0,) * 24  # hours over which these were counted
    days: tuple[float, ...] = (0.0,) * 7  # new entries, by weekday
    due: tuple[float, ...] = (0.0,) * 7  # … and how many these would be by the hours alone
    entries: float = 0.0  # new entries over the long run …
    span: float = 0.0  # … and the hours over which these were counted
    until: float | None = None
    last_new: float | None = None
    listed: int = 0  # entries that it lists at a time
    burst: float = 0.0  # new entries of the last hour or so
    lately: float = 0.0  # … of the last day or so
    missed: float = 0.0  # how many were to be expected since the last one
    widest: float = 0.0  # the most that were to be expected between two that came


def read_rhythm(written: str | None) -> Rhythm:
    """What a feed's record keeps; nothing where that is of another version of Kawat."""
    try:
        return Rhythm.model_validate_json(written or "{}")
    except ValidationError:
        return Rhythm()


class Rates:
    """Entries an hour at any moment, as a rhythm has them. `assumed`: of a feed of which nothing is known."""

    def __init__(self, rhythm: Rhythm, assumed: float = 0.0) -> None:
        known = UNKNOWN if assumed else 0.0
        total = sum(rhythm.watched) + known
        self._rhythm = rhythm
        self.overall = (sum(rhythm.hours) + known * assumed) / total if total else 0.0
        self._hours: dict[int, float] = {}  # worked out when asked for: a poll needs one or two

    def hour(self, at: int) -> float:
        """The rate in an hour of the day, weekdays aside: by that hour, its neighbours, and a little by all."""
        if at not in self._hours:
            counts, watched = self._rhythm.hours, self._rhythm.watched
            counted, over = self.overall * SHRINK, SHRINK
            for shift, weight in KERNEL:
                counted += weight * counts[(at + shift) % 24]
                over += weight * watched[(at + shift) % 24]
            self._hours[at] = counted / over
        return self._hours[at]

    def at(self, moment: float) -> float:
        day = _weekday(moment)
        return self.hour(_hour(moment)) * (self._rhythm.days[day] + HABIT) / (self._rhythm.due[day] + HABIT)

    def busiest(self) -> float:
        """The rate in the fullest hour of the day."""
        return max(map(self.hour, range(24)))

    def expected(self, start: float, end: float) -> float:
        """How many entries from `start` to `end`."""
        return sum(self.at(at) * hours for at, hours in pieces(start, end))


def first_seen(dates: Sequence[float | None], now: float) -> Rhythm:
    """What the dates of a feed's first listing say; None where an entry has none that can be used."""
    listed = len(dates)
    past = sorted(min(date, now) for date in dates if date is not None)
    if len(past) < 2:
        return Rhythm(until=now, last_new=past[-1] if past else None, listed=listed)
    kept = past[max(1, int(len(past) * PINNED)) :] if len(past) > FEW else past
    start = max(kept[0], now - WINDOW)
    recent = [date for date in kept if date > start]
    hours, watched = [0.0] * 24, [0.0] * 24
    for at, length in pieces(start, now):
        watched[_hour(at)] += length * _faded(now - at, HALF_LIFE)
    for date in recent:
        hours[_hour(date)] += _faded(now - date, HALF_LIFE)
    by_hour = Rhythm(
        hours=_rounded(hours),
        watched=_rounded(watched),
        entries=len(kept) - 1,
        span=(now - kept[0]) / HOUR,
        until=now,
        last_new=past[-1],
        listed=listed,
    )
    rates = Rates(by_hour)
    days, due = [0.0] * 7, [0.0] * 7
    for at, length in pieces(start, now):
        due[_weekday(at)] += rates.at(at) * length * _faded(now - at, HALF_LIFE)
    for date in recent:
        days[_weekday(date)] += _faded(now - date, HALF_LIFE)
    learnt = by_hour.model_copy(
        update={
            "days": _rounded(days),
            "due": _rounded(due),
            "burst": sum(math.exp((date - now) / BURST) for date in recent),
            "lately": sum(math.exp((date - now) / DAY) for date in recent),
        }
    )
    rates = Rates(learnt)
    return learnt.model_copy(
        update={
            "missed": _missed(learnt, rates, past[-1], now),
            "widest": max((rates.expected(one, other) for one, other in pairwise(recent)), default=0.0),
        }
    )


def seen_again(rhythm: Rhythm, new: Sequence[float | None], listed: int, now: float) -> Rhythm:
    """After one more poll that went well. `new`: the dates of what was new, None where it has none that can be used.

    A date that lies outside the time since the last poll says nothing of when the entry came. Where all that the feed
    lists is new, some may have come and gone: then it was watched only since the oldest of these.
    """
    before = rhythm.until
    if before is None:
        return first_seen(new, now)
    if now <= before:
        return rhythm
    start = max(before, now - WINDOW)
    inside = [date for date in new if date is not None and start < date <= now]
    if len(new) == len(inside) == listed >= FEW:
        start = min(inside)
    undated = len(new) - len(inside)
    fade, long_fade = _faded(now - before, HALF_LIFE), _faded(now - before, LONG_HALF_LIFE)
    hours, watched_hours = [n * fade for n in rhythm.hours], [n * fade for n in rhythm.watched]
    days, due = [n * fade for n in rhythm.days], [n * fade for n in rhythm.due]
    rates, whole = Rates(rhythm), (now - start) / HOUR
    for at, length in pieces(start, now):
        share = undated * length / whole if whole else 0.0
        hours[_hour(at)] += share
        days[_weekday(at)] += share
        watched_hours[_hour(at)] += length
        due[_weekday(at)] += rates.hour(_hour(at)) * length
    for date in inside:
        hours[_hour(date)] += 1
        days[_weekday(date)] += 1
    middle = (start + now) / 2
    came = [*inside, *[middle] * undated]
    return Rhythm(
        hours=_rounded(hours),
        watched=_rounded(watched_hours),
        days=_rounded(days),
        due=_rounded(due),
        entries=round(rhythm.entries * long_fade + len(new), 6),
        span=round(rhythm.span * long_fade + whole, 6),
        until=now,
        listed=listed,
        last_new=max(came) if came else rhythm.last_new,
        burst=round(_count(rhythm.burst, now - before, came, now, BURST), 6),
        lately=round(_count(rhythm.lately, now - before, came, now, DAY), 6),
        missed=0.0 if came else round(rhythm.missed + _missed(rhythm, rates, before, now), 6),
        widest=round(max(rhythm.widest * long_fade, rhythm.missed if came else 0.0), 6),
    )


def usable(dates: Sequence[float | None], now: float) -> list[float | None]:
    """A listing's dates, None instead of each that cannot say when its entry came: those that lie ahead, and all where
    all are one and the same."""
    if same_date(dates):
        return [None] * len(dates)
    return [date if date is not None and date <= now + SLACK else None for date in dates]


def same_date(dates: Sequence[float | None]) -> bool:
    """Whether several entries have one date only, as where a feed stamps all with the present."""
    given = [date for date in dates if date is not None]
    return len(given) >= FEW and max(given) - min(given) < 1


def pieces(start: float, end: float) -> Iterator[tuple[float, float]]:
    """From `start` to `end` in pieces that end with the clock's hour: where each begins, and its length in hours."""
    while start < end:
        stop = min((start // HOUR + 1) * HOUR, end)
        yield start, (stop - start) / HOUR
        start = stop


def long_run(rhythm: Rhythm, now: float) -> float:
    """Entries an hour from when it was first known to its last new one: what came after is silence, not its rate."""
    silent = (now - rhythm.last_new) / HOUR if rhythm.last_new is not None else 0.0
    active = max(rhythm.span - silent, rhythm.span / 4)
    return rhythm.entries / active if active else 0.0


def _missed(rhythm: Rhythm, rates: Rates, start: float, end: float) -> float:
    """How many were to be expected where none came. A long silence is measured by the long run: what is known of the
    hours fades while nothing comes."""
    if rhythm.last_new is not None and end - rhythm.last_new > LONG_SILENT:
        return long_run(rhythm, end) * (end - start) / HOUR
    return rates.expected(start, end)


def _count(before: float, seconds: float, came: Sequence[float], now: float, memory: float) -> float:
    return before * math.exp(-seconds / memory) + sum(math.exp((date - now) / memory) for date in came)


def _faded(age: float, half_life: float) -> float:
    return math.exp2(-age / half_life)


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, 6) for value in values)  # a second of watching is 0.00028 hours


def _hour(moment: float) -> int:
    return int(moment // HOUR) % 24


def _weekday(moment: float) -> int:
    return (int(moment // DAY) + 3) % 7  # the epoch was a Thursday
