"""When an alert is to be sent: at once, at its digest's next time, or at the end of quiet hours. Pure.

All by the clocks on the wall of the time zone given, across changes to and from summer time. A digest at a time of day
that a change skips comes right after it, one at a time that comes twice comes once: as Debian's cron does (`cronsim`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from search.rules.records import PRIORITIES, Digest, QuietHours, Rule

MINUTE = timedelta(minutes=1)


def due(rule: Rule, raised: datetime) -> tuple[datetime, bool]:
    """When an alert of `rule` raised at `raised` goes out (UTC), and whether with others, as one digest.

    Raises ValueError where the rule's times cannot be read; `search/rules/lint.py` refuses such a rule.
    """
    moment = raised = raised.astimezone(UTC)
    if rule.digest:
        moment = next_time(rule.digest, moment)
    if rule.quiet_hours and not passes(rule.quiet_hours, rule):
        moment = loud_from(rule.quiet_hours, moment)
    return moment, rule.digest is not None or moment > raised


def passes(quiet: QuietHours, rule: Rule) -> bool:
    """Whether the rule's priority is one that quiet hours do not hold up."""
    return quiet.bypass is not None and PRIORITIES.index(rule.priority) >= PRIORITIES.index(quiet.bypass)


def next_time(digest: Digest, after: datetime) -> datetime:
    """The schedule's first time after a moment, UTC. Raises ValueError with what is wrong, or that it never comes."""
    after = after.astimezone(UTC)
    for moment in _times(digest, after):
        if moment > after:  # of an hour that comes twice, cronsim may name the first of the two
            return moment
    raise ValueError(f"{digest.schedule!r} names no time within the next 50 years")


def previous_time(digest: Digest, before: datetime) -> datetime:
    """The schedule's last time before a moment, UTC: from when on its digest tells. Raises ValueError."""
    before = before.astimezone(UTC)
    for moment in _times(digest, before, reverse=True):
        if moment < before:
            return moment
    raise ValueError(f"{digest.schedule!r} names no time within the last 50 years")


def _times(digest: Digest, moment: datetime, *, reverse: bool = False) -> Iterator[datetime]:
    try:
        times = CronSim(digest.schedule, moment.astimezone(_zone(digest.tz)), reverse=reverse)
    except CronSimError as error:
        raise ValueError(
            f"{digest.schedule!r} is no cron schedule ({error}): minute, hour, day, month, day of the week, "
            "such as '0 7 * * *' for each day at seven"
        ) from error
    return (found.astimezone(UTC) for found in times)


def loud_from(quiet: QuietHours, moment: datetime) -> datetime:
    """The first moment, from this one on, outside the quiet hours, UTC. A span without a length is never quiet."""
    zone, end, moment = _zone(quiet.tz), clock(quiet.end), moment.astimezone(UTC)
    local = moment.astimezone(zone)
    if not _quiet(quiet, local.time()):
        return moment
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    # A clock turned back shows the end twice, one turned forward never: the earliest of the minutes between that is
    # not quiet any more is the end.
    first, last = sorted(datetime.combine(day, end, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    while first < last and (first <= moment or _quiet(quiet, first.astimezone(zone).time())):
        first += MINUTE
    return first


def clock(text: str) -> time:
    """A time of day such as `22:00`. Raises ValueError with what is wrong."""
    hour, colon, minute = text.strip().partition(":")
    if (
        not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2)
        or int(hour) > 23
        or int(minute) > 59
    ):
        raise ValueError(f"{text!r} is no time of day: write it like 22:00 or 06:30")
    return time(int(hour), int(minute))


def _quiet(quiet: QuietHours, at: time) -> bool:
    start, end = clock(quiet.start), clock(quiet.end)
    return start <= at < end if start <= end else at >= start or at < end


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}; use a name like Asia/Jakarta") from error
