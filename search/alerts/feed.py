"""Alerts as feeds: each rule has one. An alert is an item whose id is the same in every feed. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable

from search.alerts.desk import AlertLine
from search.alerts.marks import marked
from search.alerts.records import Alert
from search.feedxml import Channel, FeedItem, atom_feed, rss_feed


def alerts_atom(channel: Channel, lines: Iterable[AlertLine], tz: str, page: str) -> bytes:
    """An Atom feed. `page`: the address before an alert's own, for those of which no article can be opened."""
    return atom_feed(channel, [_item(line.alert, page) for line in lines], tz)


def alerts_rss(channel: Channel, lines: Iterable[AlertLine], tz: str, page: str) -> bytes:
    """An RSS 2.0 feed."""
    return rss_feed(channel, [_item(line.alert, page) for line in lines], tz)


def _item(alert: Alert, page: str) -> FeedItem:
    moment = alert.timestamp.isoformat()
    return FeedItem(
        id=f"urn:kawat:alert:{alert.alert_id}",
        title=f"{alert.rule_name}: {alert.title}" if alert.title else alert.rule_name,
        link=alert.url or f"{page}/alerts/{alert.alert_id}",
        updated=moment,
        published=moment,
        authors=(alert.source_name or alert.source or "Kawat",),
        categories=(alert.rule, alert.priority, *alert.topic, *alert.country),
        summary=_summary(alert),
    )


def _summary(alert: Alert) -> str:
    """HTML: what matched, bold where it did; feed readers take `<mark>` out."""
    matched = " … ".join(marked(one, "b") for one in alert.highlight)
    clause = " · ".join(f"<code>{html.escape(one)}</code>" for one in alert.clause)
    figures = ", ".join(
        f"{html.escape(name)} {html.escape(str(value))}"
        for name, value in (alert.figures or {}).items()
        if isinstance(value, int | float | str)
    )
    return "<br>".join(part for part in (matched, figures, clause) if part)
