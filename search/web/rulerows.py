"""How the page tells of rules: what each asks, whom it tells, how it did of late. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from search.ports import Hit
from search.receipt import Receipt
from search.receiptwords import receipt_lines
from search.rules.catching import Caught, Lost
from search.rules.faults import Fault
from search.rules.publishing import Mute
from search.rules.records import Condition, Rule
from search.rules.trying import Tried
from search.web.figures import span
from search.web.views import Reader, Row, row

HEIGHT, WIDTH = 40, 10  # of a sparkline's bar at its fullest, in its own units
SCHEDULES = ("", "0 * * * *", "0 7,19 * * *", "0 7 * * *", "0 7 * * 1-5", "0 7 * * 1")
REALERTS = ("", "1h", "6h", "1d", "7d")
LOOKS_BACK = ("", "24h", "7d")


class Bar(NamedTuple):
    """One day."""

    x: int
    y: int
    height: int


@dataclass(frozen=True)
class RuleRow:
    """One rule of a list."""

    rule: Rule
    type: str
    priority: str
    tells: str
    bars: tuple[Bar, ...]
    total: int
    told: str
    muted: str


@dataclass(frozen=True)
class Example:
    """A sentence of the rule's own that would not be as it should."""

    sentence: str
    told: str


def rule_row(rule: Rule, daily: Sequence[int], mutes: Mapping[str, Mute], reader: Reader, now: datetime) -> RuleRow:
    muted, n = mutes.get(rule.id), sum(daily)
    return RuleRow(
        rule=rule,
        type=reader.word(f"rules_type_{rule.type}"),
        priority=reader.word(f"alerts_priority_{rule.priority}"),
        tells=tells(rule, reader),
        bars=bars(daily),
        total=n,
        told=reader.counted("rules_alerts", n),
        muted=reader.word("alerts_muted_until", when=reader.when(muted.until.isoformat(), now.isoformat()))
        if muted
        else "",
    )


def bars(daily: Sequence[int]) -> tuple[Bar, ...]:
    """A day a bar, today's the last; a day without one is a stroke of one unit."""
    most = max(daily, default=0) or 1
    heights = [max(1, round(HEIGHT * n / most)) if n else 1 for n in daily]
    return tuple(Bar(WIDTH * x, HEIGHT - height, height) for x, height in enumerate(heights))


def tells(rule: Rule, reader: Reader) -> str:
    """Whom it tells, and when."""
    if not rule.notify:
        return reader.word("rules_tells_page")
    told = ", ".join(rule.notify)
    return reader.word("rules_tells_digest" if rule.digest else "rules_tells_at_once", channels=told)


def facts(rule: Rule, reader: Reader) -> list[tuple[str, str]]:
    """Everything that a rule says, by name, what is usual left out."""
    windows = {
        "num_events": reader.number(rule.num_events) if rule.num_events else "",
        "timeframe": span(rule.timeframe, reader) if rule.timeframe else "",
        "query_key": rule.query_key or "",
        "spike_height": str(rule.spike_height or ""),
        "days": reader.number(rule.days) if rule.days else "",
        "threshold": reader.number(rule.threshold) if rule.threshold else "",
        "fields": ", ".join(rule.fields),
        "lookback": span(rule.lookback, reader) if rule.lookback else "",
    }
    digest, quiet = rule.digest, rule.quiet_hours
    found = {
        "id": rule.id,
        "owner": rule.owner,
        "type": reader.word(f"rules_type_{rule.type}"),
        "priority": reader.word(f"alerts_priority_{rule.priority}"),
        "match": reader.word(f"alerts_match_{rule.match}"),
        "where": "; ".join(_condition(one, reader) for one in rule.where),
        "together": "; ".join(" + ".join(one.names) for one in rule.together),
        "none_of": " · ".join(rule.none_of),
        "max_age": span(rule.max_age, reader) if rule.max_age else "",
        **windows,
        "dedup": reader.word(f"rules_dedup_{rule.dedup}"),
        "update_after": reader.counted("rules_sources", rule.update_after) if rule.update_after else "",
        "realert": span(rule.realert, reader) if rule.realert else "",
        "tells": tells(rule, reader),
        "digest": f"{schedule(digest.schedule, reader)} ({digest.tz})" if digest else "",
        "quiet_hours": f"{quiet.start}–{quiet.end} ({quiet.tz})" if quiet else "",
    }
    return [(reader.word(f"rules_fact_{name}"), value) for name, value in found.items() if value]


def schedule(cron: str, reader: Reader) -> str:
    """A schedule in words, one of ours; any other as it is written."""
    return reader.word(f"rules_schedule_{SCHEDULES.index(cron)}") if cron in SCHEDULES else cron


def caught_view(caught: Caught, reader: Reader) -> dict[str, object]:
    """What a template shows of what a rule would have caught."""
    return {
        "bars": bars(caught.daily),
        "told": reader.counted("rules_caught", caught.total),
        "stories": reader.counted("rules_stories", caught.stories) if caught.stories else "",
        "rows": rows(caught.hits, reader),
    }


def lost_view(lost: Lost, reader: Reader) -> dict[str, object]:
    """What a template shows of what an exclusion would take."""
    others = lost.lost - (1 if lost.takes else 0)
    return {
        "takes": lost.takes,
        "others": others,
        "told": reader.counted("rules_lost", others) if others else reader.word("rules_lost_none"),
        "of": reader.word("rules_lost_of", n=reader.number(lost.total)),
        "rows": rows(lost.hits, reader),
    }


def rows(hits: Sequence[Hit], reader: Reader) -> list[Row]:
    """As lists of articles have them."""
    return [row(hit, reader) for hit in hits]


def failing(tried: Sequence[Tried], reader: Reader) -> list[Example]:
    """Those that would not be as they should."""
    return [
        Example(one.sentence, reader.word("rules_example_lost" if one.wanted else "rules_example_found"))
        for one in tried
        if not one.holds
    ]


def fault_lines(faults: Sequence[Fault], reader: Reader) -> list[tuple[str, str, str]]:
    """Where, what, what was probably meant."""
    return [
        (
            f"{one.file}:{one.line}:{one.column}",
            one.message,
            reader.word("rules_meant", what=one.suggestion) if one.suggestion else "",
        )
        for one in faults
    ]


def receipt_view(receipt: Receipt, reader: Reader) -> dict[str, object]:
    """What the strip shows: the first line, the others behind it."""
    lines = receipt_lines(receipt, reader.language, reader.tz)
    return {"trusted": receipt.trusted, "lines": lines, "near": receipt.near}


def _condition(one: Condition, reader: Reader) -> str:
    wanted = f"{one.field}: {', '.join(one.include)}" if one.include else ""
    unwanted = reader.word("rules_but", field=one.field, values=", ".join(one.exclude)) if one.exclude else ""
    return "; ".join(part for part in (wanted, unwanted) if part)
