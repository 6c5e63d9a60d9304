"""What an operator has to know of without being asked: feeds that broke, deliveries given up, a disk that fills, work
that stands still, rules that are not in force. Each is a match of a built-in rule, told as any alert is. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from search.alerts.episodes import Match
from search.alerts.records import Delivery
from search.feeddesk import FeedHealth
from search.rules.records import Priority, Rule
from worker.counts import StageCount

PREFIX = "kawat-"
OWNER = "operator"
BROKEN_AFTER = timedelta(hours=6)  # without a poll that went well
BROKEN_POLLS = 3  # in a row, at least
STALLED = 900.0  # seconds that something due waits for a worker
FLOWING = ("extract", "index", "story", "match", "notify")  # `fetch` waits for hosts, as it should
LISTED = 20
DAY = 86_400


class Finding(NamedTuple):
    """Something that is so now. `marks`: of a list that grows, what is on it: only more of it is news; () where it is
    a state, which is told again each day that it lasts."""

    rule: str
    key: str
    title: str
    lines: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    figures: Mapping[str, int] | None = None


def built_in(channels: Sequence[str]) -> dict[str, Rule]:
    """The rules, by id: `channels` are told."""

    def rule(id: str, name: str, priority: Priority) -> Rule:
        known = {"id": PREFIX + id, "name": name, "owner": OWNER, "priority": priority, "language": "en"}
        return Rule.model_validate({**known, "dedup": "article", "realert": DAY, "notify": tuple(channels)})

    rules = (
        rule("feeds", "Kawat: feeds are broken", "normal"),
        rule("deliveries", "Kawat: deliveries were given up", "high"),
        rule("disk", "Kawat: a disk is full", "critical"),
        rule("stalled", "Kawat: work stands still", "critical"),
        rule("rules", "Kawat: rules are not in force", "high"),
    )
    return {one.id: one for one in rules}


def broken_feeds(feeds: Iterable[FeedHealth], now: datetime) -> list[Finding]:
    """Feeds that were not heard for hours, all in one."""
    followed = [one for one in feeds if not one.feed.sample]
    broken = [one for one in followed if _broken(one, now)]
    if not broken:
        return []
    broken.sort(key=lambda one: (one.last_success is None, one.last_success or now, one.feed.name), reverse=True)
    lines = [f"{one.feed.name}, since {_since(one)}: {one.error_kind or one.state}" for one in broken[:LISTED]]
    lines += [f"and {len(broken) - LISTED} more"] if len(broken) > LISTED else []
    marks = tuple(sorted(f"{one.feed.id}:{_since(one)}" for one in broken))
    title = f"{len(broken)} of {len(followed)} feeds are broken: kawat feeds says why"
    figures = {"broken": len(broken), "followed": len(followed)}
    return [Finding("feeds", "feeds", title, tuple(lines), marks, figures)]


def dead_deliveries(dead: Iterable[Delivery]) -> list[Finding]:
    """Deliveries that were given up; not those of these very alerts, which would go on for ever."""
    lost = [one for one in dead if not all(rule.startswith(PREFIX) for rule in one.rule or ("",))]
    if not lost:
        return []
    last = {one.channel: one.last_error or "" for one in reversed(lost)}
    lines = tuple(f"{channel}: {why}" for channel, why in list(last.items())[:LISTED])
    title = f"{len(lost)} deliveries were given up: kawat alerts deliveries --dead"
    marks = tuple(sorted(one.delivery_id for one in lost))
    return [Finding("deliveries", "deliveries", title, lines, marks, {"dead": len(lost)})]


def full_disks(paused: Mapping[str, str]) -> list[Finding]:
    """Machines whose disk pauses intake, by what the ledger says."""
    return [
        Finding("disk", what, "intake is paused: a disk is nearly full", (why,))
        for what, why in sorted(paused.items())
        if what.startswith("disk:")
    ]


def stalled_stages(stages: Mapping[str, StageCount]) -> list[Finding]:
    """Stages whose oldest due item waits for a worker, or for a service, far too long."""
    return [
        Finding(
            "stalled",
            name,
            f"{count.due} items wait for the stage {name}, the oldest for {count.oldest / 60:.0f} minutes",
            (count.waiting,) if count.waiting else (),
        )
        for name, count in stages.items()
        if name in FLOWING and count.due and count.oldest >= STALLED
    ]


def match_of(finding: Finding, occasion: str) -> Match:
    """As the alerts' store takes it. `occasion` tells this time from others: when it began, what is new on the list.
    The same occasion is told once, however often it is looked at."""
    return Match(
        rule=PREFIX + finding.rule,
        rule_set="built-in",
        key=f"{finding.key}@{occasion}",
        marks=(),
        title=finding.title,
        highlight=finding.lines,
        figures=finding.figures,
    )


def of_marks(marks: Iterable[str]) -> str:
    """An occasion: these came onto the list."""
    return hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()[:16]


def _broken(one: FeedHealth, now: datetime) -> bool:
    if one.failures < BROKEN_POLLS:
        return False
    return one.last_success is None or now - one.last_success >= BROKEN_AFTER


def _since(one: FeedHealth) -> str:
    return f"{one.last_success:%Y-%m-%d %H:%M} UTC" if one.last_success else "ever"
