"""What a rule would have told, given the articles that met it in the order in which they came: the live decisions
(`search/alerts/episodes.py`), each at the moment when its article was first seen. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from search.alerts.episodes import Circumstances, Match, Notice, decide
from search.alerts.records import Alert
from search.matching.confirming import Evidence
from search.matching.keys import values
from search.matching.matches import Asked, article_match, window_match
from search.matching.windows import Seen, Usual, frequent, hours_of_past_days, unusual, wants
from search.rules.records import Rule

Moment = tuple[datetime, Match]
Whole = Callable[[datetime, datetime], int]  # how many articles of all came after the one moment, up to the other


def replayed(rule: Rule, moments: Iterable[Moment], *, tz: str = "UTC") -> list[Alert]:
    """The alerts of these matches, each decided at its moment."""
    notices: dict[str, Notice] = {}
    alerts: list[Alert] = []
    for at, match in sorted(moments, key=lambda one: one[0]):
        notices[match.key], alert = decide(notices.get(match.key), rule, match, Circumstances(at, tz))
        alerts += [alert] if alert else []
    return alerts


def moments(
    asked: Asked, found: Sequence[Evidence], since: datetime, until: datetime, whole: Whole
) -> Iterator[Moment]:
    """When the rule would have been met, by what it is of. `found`: what met its query, the earliest first, from before
    `since` on where its windows reach back so far."""
    match asked.rule.type:
        case "frequency":
            made = _frequent(asked, found)
        case "spike":
            made = _spikes(asked, found, since, until, whole)
        case "flatline":
            made = _silences(asked, found, since, until)
        case _:
            made = ((_at(one), article_match(asked, one)) for one in found)
    return (one for one in made if since <= one[0] <= until)


def reach(rule: Rule) -> timedelta:
    """How far before the first day the rule's windows look."""
    span = timedelta(seconds=rule.timeframe or 0)
    return span + timedelta(days=rule.days or 0) if rule.type == "spike" else span


def _frequent(asked: Asked, found: Sequence[Evidence]) -> Iterator[Moment]:
    for value, these in _by_value(asked.rule, found).items():
        by_id = {_id(one): one for one in these}
        for window in frequent([_seen(one) for one in these], asked.rule):
            figures = {"count": len(window.articles), "num_events": asked.rule.num_events}
            last = by_id[window.articles[-1].id]
            yield window.end, window_match(asked, value, window.articles, figures, last)


def _spikes(
    asked: Asked, found: Sequence[Evidence], since: datetime, until: datetime, whole: Whole
) -> Iterator[Moment]:
    for value, these in _by_value(asked.rule, found).items():
        times = [_at(one) for one in these]
        for one in these:
            figures = _unusual(asked.rule, times, _at(one), whole) if _at(one) >= since else None
            if figures and figures["direction"] == "up":
                yield _at(one), window_match(asked, value, [_seen(one)], figures, one)
        if wants(asked.rule, "down"):
            for at in _minutes(since, until, 10):
                figures = _unusual(asked.rule, times, at, whole)
                if figures and figures["direction"] == "down":
                    yield at, window_match(asked, value, (), figures)


def _unusual(rule: Rule, times: Sequence[datetime], end: datetime, whole: Whole) -> Mapping[str, object] | None:
    spans = hours_of_past_days(end, rule)
    counts = [bisect_right(times, stop) - bisect_right(times, start) for start, stop in spans]
    return unusual(Usual(counts[0], tuple(counts[1:]), tuple(whole(*span) for span in spans[1:])), rule)


def _silences(asked: Asked, found: Sequence[Evidence], since: datetime, until: datetime) -> Iterator[Moment]:
    """A window has too few from when one leaves it until so many are in again."""
    rule, span = asked.rule, timedelta(seconds=asked.rule.timeframe or 0)
    fewest = rule.threshold or 1
    by_value = _by_value(rule, found) or ({} if rule.query_key else {"": []})
    for value, these in by_value.items():
        times = [_at(one) for one in these]
        for moment in (since, *(at + span for at in times)):
            if not since <= moment <= until:
                continue
            first, last = bisect_right(times, moment - span), bisect_right(times, moment)
            if last - first >= fewest:
                continue
            since_when = times[last - 1].isoformat() if last else "ever"
            figures = {"count": last - first, "threshold": rule.threshold}
            silent = window_match(asked, value, (), figures).model_copy(update={"marks": (f"since {since_when}",)})
            end = min(until, times[last] if last < len(times) else until)
            again = moment
            while again <= end:
                yield again, silent
                if rule.realert is None:
                    break
                again += timedelta(seconds=max(rule.realert, 60))


def _by_value(rule: Rule, found: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    by_value: dict[str, list[Evidence]] = {}
    for one in found:
        for value in values(one.source, rule.query_key):
            by_value.setdefault(value, []).append(one)
    return by_value


def _minutes(since: datetime, until: datetime, step: int) -> Iterator[datetime]:
    while since <= until:
        yield since
        since += timedelta(minutes=step)


def _id(one: Evidence) -> str:
    return str(one.source["article_id"])


def _at(one: Evidence) -> datetime:
    return datetime.fromisoformat(one.source["first_seen"])


def _seen(one: Evidence) -> Seen:
    return Seen(_at(one), _id(one))
