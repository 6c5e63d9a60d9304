"""What rules of windows tell of: many articles within a span, more or fewer than usual, none any more. Pure.

A window is of when articles were first seen: that never runs backwards, whatever date a page gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from search.rules.records import Direction, Rule


class Seen(NamedTuple):
    """An article that counts, and when it was first seen."""

    at: datetime
    id: str


class Window(NamedTuple):
    """Articles that stand within one span, the earliest first."""

    articles: tuple[Seen, ...]

    @property
    def end(self) -> datetime:
        return self.articles[-1].at


@dataclass(frozen=True, slots=True)
class Usual:
    """How many articles a window had, and the same hours of past days. `whole`: how many of all there were then: a day
    without any says nothing, Kawat did not run."""

    count: int
    past: tuple[int, ...]
    whole: tuple[int, ...]

    @property
    def judged(self) -> tuple[int, ...]:
        return tuple(count for count, whole in zip(self.past, self.whole, strict=True) if whole)

    @property
    def expected(self) -> float | None:
        """Articles in the same hours of a past day, on average; None where nothing is known of any."""
        return sum(self.judged) / len(self.judged) if self.judged else None


def frequent(articles: Sequence[Seen], rule: Rule) -> list[Window]:
    """The windows of `timeframe` in which `num_events` articles came, one after the other: none counts twice."""
    most, span = rule.num_events or 1, timedelta(seconds=rule.timeframe or 0)
    found: list[Window] = []
    waiting: list[Seen] = []
    for one in sorted(set(articles)):
        waiting = [*(before for before in waiting if one.at - before.at <= span), one]
        if len(waiting) >= most:
            found.append(Window(tuple(waiting)))
            waiting = []
    return found


def unusual(usual: Usual, rule: Rule) -> Mapping[str, Any] | None:
    """The figures of a spike or a dip, None where there is none, or where nothing is known of what is usual."""
    expected, height = usual.expected, rule.spike_height or 0.0
    if expected is None or expected < (rule.threshold_ref or 0):
        return None
    enough = usual.count >= (rule.threshold_cur or 0)
    up = wants(rule, "up") and enough and usual.count > 0 and usual.count >= height * expected
    down = wants(rule, "down") and expected > 0 and usual.count * height <= expected
    if not (up or down):
        return None
    return {
        "count": usual.count,
        "expected": round(expected, 2),
        "height": round(usual.count / expected, 2) if expected else None,
        "direction": "up" if up else "down",
        "days": len(usual.judged),
        "timeframe": rule.timeframe,
    }


def wants(rule: Rule, direction: Direction) -> bool:
    """Whether a spike of this direction is to be told."""
    return rule.spike_type in {direction, "both"}


def hours_of_past_days(end: datetime, rule: Rule) -> list[tuple[datetime, datetime]]:
    """The present window (after its start, up to its end), then the same hours of each past day."""
    span = timedelta(seconds=rule.timeframe or 0)
    ends = [end - timedelta(days=day) for day in range((rule.days or 0) + 1)]
    return [(one - span, one) for one in ends]
