"""How the page tells of alerts: what matched, where, why now, who was told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from markupsafe import Markup

from search.alerts.desk import AlertLine, AlertPage, AlertView, AlertWish
from search.alerts.marks import marked
from search.alerts.records import Alert, Delivery
from search.web.figures import decimal, span
from search.web.views import Reader

STATES = ("open", "acknowledged", "muted")
SHOWN_RULES = 12  # of a strip; the list of rules has all


@dataclass(frozen=True)
class Reached:
    """One channel of an alert. `state`: delivered, waiting, later (its digest, or the end of quiet hours)."""

    channel: str
    state: str
    told: str


@dataclass(frozen=True)
class AlertRow:
    """One alert of a list."""

    alert: Alert
    href: str
    article: str  # address, "" of a window rule's
    title: str
    at: str  # ISO 8601
    when: str
    priority: str
    why: str
    matched: str
    marks: tuple[Markup, ...]
    others: str  # sources beside the one that raised it
    figures: tuple[tuple[str, str], ...]
    state: str
    told: str
    reached: tuple[Reached, ...]


def alert_row(line: AlertLine, reader: Reader, now: datetime) -> AlertRow:
    alert = line.alert
    at = alert.timestamp.isoformat()
    beside = now.isoformat()
    others = max(alert.source_count, len(alert.sources)) - 1
    return AlertRow(
        alert=alert,
        href=f"/alerts/{alert.alert_id}",
        article=f"/article/{quote(alert.article_id, safe='')}" if alert.article_id else "",
        title=alert.title or alert.rule_name,
        at=at,
        when=reader.when(at, beside),
        priority=reader.word(f"alerts_priority_{alert.priority}"),
        why=reader.word(f"alerts_why_{alert.why}") if alert.why != "first" else "",
        matched=reader.word(f"alerts_match_{alert.match}"),
        marks=tuple(Markup(marked(one)) for one in alert.highlight),  # noqa: S704 - escaped there
        others=reader.counted("alerts_others", others) if others > 0 else "",
        figures=tuple(figures(alert.figures or {}, reader)),
        state=reader.word(f"alerts_state_{alert.state}"),
        told=_told(alert, reader, beside),
        reached=tuple(_reached(one, line, reader, now) for one in alert.channels),
    )


def figures(found: Mapping[str, object], reader: Reader) -> list[tuple[str, str]]:
    """What a window rule counted: name and figure, those that can be told in a word."""
    told = []
    for name, value in found.items():
        word = reader.word_or(f"alerts_figure_{name}", name.replace("_", " "))
        if isinstance(value, bool) or value is None:
            continue
        if name == "direction":
            told.append((word, reader.word_or(f"alerts_direction_{value}", str(value))))
            continue
        if name == "last" and isinstance(value, str):
            told.append((word, reader.full(value)))
            continue
        if name in {"timeframe", "lookback"} and isinstance(value, int | float):
            told.append((word, span(value, reader)))
        elif isinstance(value, int):
            told.append((word, reader.number(value)))
        elif isinstance(value, float):
            told.append((word, decimal(value, 1, reader)))
        elif isinstance(value, str) and value:
            told.append((word, value))
        elif isinstance(value, list | tuple) and value and all(isinstance(one, str) for one in value):
            told.append((word, ", ".join(value)))
    return told


@dataclass(frozen=True)
class DeliveryRow:
    """One attempt after another to bring it to one channel."""

    delivery: Delivery
    kind: str
    state: str
    bad: bool
    when: str
    detail: str


def delivery_rows(view: AlertView, reader: Reader, now: datetime) -> list[DeliveryRow]:
    return [_delivery(one, reader, now.isoformat()) for one in view.deliveries]


def _delivery(one: Delivery, reader: Reader, beside: str) -> DeliveryRow:
    moment = one.delivered_at or one.last_attempt or one.due
    parts = [reader.counted("alerts_attempts", one.attempts)] if one.attempts else []
    if one.state == "delivered" and one.seconds is not None:
        parts.append(reader.word("alerts_took", span=span(one.seconds, reader) or reader.word("alerts_at_once")))
    if one.state != "delivered":
        if one.last_error:
            parts.append(one.last_error)
        if one.next_attempt and one.state == "retrying":
            parts.append(reader.word("alerts_next", when=reader.when(one.next_attempt.isoformat(), beside)))
    return DeliveryRow(
        delivery=one,
        kind=reader.word(f"alerts_kind_{one.kind}"),
        state=reader.word(f"alerts_delivery_{one.state}"),
        bad=one.state in {"retrying", "dead"},
        when=reader.when(moment.isoformat(), beside),
        detail=" · ".join(parts),
    )


def address(wish: AlertWish, *, cursor: str = "", **changes: str | None) -> str:
    """Where the alerts of this wish are shown, with these changes."""
    asked = wish.model_copy(update=changes).query
    asked = "&".join(part for part in (asked, urlencode({"cursor": cursor}) if cursor else "") if part)
    return f"/alerts?{asked}" if asked else "/alerts"


class Choice(NamedTuple):
    """One of the ways to narrow the list: word, figure, address, whether it is the one shown."""

    word: str
    n: str
    link: str
    chosen: bool


def states(page: AlertPage, wish: AlertWish, reader: Reader) -> list[Choice]:
    """Those that some alert is in, all of them first."""
    every = reader.number(sum(page.states.values()))
    found = [Choice(reader.word("alerts_every"), every, address(wish, state=None), wish.state is None)]
    for name in STATES:
        n, chosen = page.states.get(name, 0), name == wish.state
        if n or chosen:
            link = address(wish, state=name)
            found.append(Choice(reader.word(f"alerts_states_{name}"), reader.number(n), link, chosen))
    return found


def rules(page: AlertPage, wish: AlertWish, names: Mapping[str, str], reader: Reader) -> list[Choice]:
    """The rules that most alerts are of; the one shown is always there."""
    shown = [one for n, one in enumerate(page.rules) if n < SHOWN_RULES or one.value == wish.rule]
    return [
        Choice(
            names.get(one.value, one.value),
            reader.number(one.count),
            address(wish, rule=one.value),
            one.value == wish.rule,
        )
        for one in shown
    ]


def _told(alert: Alert, reader: Reader, beside: str) -> str:
    if alert.state == "acknowledged" and alert.acknowledged_at:
        when = reader.when(alert.acknowledged_at.isoformat(), beside)
        return reader.word("alerts_acknowledged_by", by=alert.acknowledged_by or "?", when=when)
    if alert.state == "muted" and alert.muted_until:
        return reader.word("alerts_muted_until", when=reader.when(alert.muted_until.isoformat(), beside))
    return ""


def _reached(channel: str, line: AlertLine, reader: Reader, now: datetime) -> Reached:
    alert = line.alert
    if channel in line.delivered:
        return Reached(channel, "delivered", reader.word("alerts_reached", channel=channel))
    if alert.state == "muted":
        return Reached(channel, "muted", reader.word("alerts_reached_muted", channel=channel))
    if alert.due > now:
        when = reader.when(alert.due.isoformat(), now.isoformat())
        return Reached(channel, "later", reader.word("alerts_reached_later", channel=channel, when=when))
    return Reached(channel, "waiting", reader.word("alerts_reached_waiting", channel=channel))


def names(lines: Sequence[AlertLine]) -> dict[str, str]:
    """The rules' names, by id, as the latest of these alerts know them."""
    return {one.alert.rule: one.alert.rule_name for one in reversed(lines)}


def facts(row: AlertRow, reader: Reader, now: datetime) -> list[tuple[str, str]]:
    """Everything known of one alert, by name."""
    alert, beside = row.alert, now.isoformat()
    found = {
        "owner": alert.owner,
        "raised": reader.full(row.at),
        "why": reader.word(f"alerts_why_{alert.why}"),
        "matched": row.matched,
        "source": alert.source_name or alert.source or "",
        "sources": ", ".join(alert.sources),
        "episode": reader.number(alert.episode),
        "due": reader.when(alert.due.isoformat(), beside) if alert.due > alert.timestamp else "",
        "set": alert.rule_set,
    }
    told = [(reader.word(f"alerts_fact_{name}"), value) for name, value in found.items() if value]
    return [*told, *row.figures]
