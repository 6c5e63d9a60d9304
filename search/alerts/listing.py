"""Alerts on a cluster, as a desk handles them (`search/alerts/desk.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.alerts.desk import DAYS, MOST, NOTE_CHARS, AlertLine, AlertPage, AlertView, AlertWish
from search.alerts.records import Alert, AlertState, Delivery, DeliveryState
from search.briefs.shelf import Shelf
from search.client import complete, missing_is_outage
from search.ports import Bucket, CursorError
from search.rules import publishing
from search.rules.publishing import Mute
from search.schema import Names

TRIES = 8  # of a write that others come before: a delivery, a later source
RULES = 500  # rules that a page counts
ALERT = frozenset(field.alias or name for name, field in Alert.model_fields.items())
DELIVERY = frozenset(field.alias or name for name, field in Delivery.model_fields.items())
Source = Mapping[str, Any]


class AlertShelf:
    """`AlertDesk` on a cluster."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._prefix, self._names = client, prefix, Names(prefix)
        self._shelf = Shelf(client, self._names.alerts)

    def alerts(self, wish: AlertWish, *, size: int = 50, cursor: str | None = None) -> AlertPage:
        """See `AlertDesk`."""
        state, rule = _term("state", wish.state), _term("rule", wish.rule)
        body = self._search(
            self._names.alerts,
            query={"bool": {"filter": _narrowing(wish)}},
            post_filter={"bool": {"filter": [*state, *rule]}},
            aggs={
                "states": _among(rule, {"terms": {"field": "state", "size": len(get_args(AlertState))}}),
                "rules": _among(state, {"terms": {"field": "rule", "size": RULES}}),
            },
            sort=[{"@timestamp": "desc"}, {"alert_id": "asc"}],
            search_after=_after(cursor) if cursor else None,
            size=min(size, MOST),
            track_total_hits=True,
        )
        hits, spread = body["hits"]["hits"], body["aggregations"]
        at = hits[-1]["sort"] if len(hits) == min(size, MOST) else None
        return AlertPage(
            total=body["hits"]["total"]["value"],
            lines=tuple(alert_line(hit["_source"]) for hit in hits),
            cursor=f"{at[0]}.{at[1]}" if at else None,
            states={one["key"]: one["doc_count"] for one in spread["states"]["of"]["buckets"]},
            rules=tuple(Bucket(value=one["key"], count=one["doc_count"]) for one in spread["rules"]["of"]["buckets"]),
        )

    def alert(self, id: str) -> AlertView | None:
        """See `AlertDesk`."""
        found = self._shelf.get([id]).get(id)
        if found is None:
            return None
        query = {"term": {"alert_id": id}}
        sort = [{"@timestamp": "asc"}, {"channel": "asc"}]
        body = self._search(self._names.deliveries, query=query, sort=sort, size=MOST)
        told = tuple(delivery(hit["_source"]) for hit in body["hits"]["hits"])
        return AlertView(line=alert_line(found.source), deliveries=told)

    def beginning(self, id: str, most: int = 20) -> list[str]:
        """Ids of the alerts that begin so, as of the last refresh."""
        query = {"prefix": {"alert_id": id}}
        body = self._search(self._names.alerts, query=query, size=most, source=False)
        return [hit["_id"] for hit in body["hits"]["hits"]]

    def deliveries(
        self, *, state: DeliveryState | None = None, channel: str | None = None, size: int = 100
    ) -> Sequence[Delivery]:
        """See `AlertDesk`."""
        query = {"bool": {"filter": [*_term("state", state), *_term("channel", channel)]}}
        sort = [{"@timestamp": "desc"}, {"delivery_id": "asc"}]
        body = self._search(self._names.deliveries, query=query, sort=sort, size=size)
        return [delivery(hit["_source"]) for hit in body["hits"]["hits"]]

    def acknowledge(self, ids: Collection[str], *, by: str, note: str = "") -> int:
        """See `AlertDesk`."""
        noted = {"note": note.strip()[:NOTE_CHARS]} if note.strip() else {}
        at = now().isoformat()
        seen = {"state": "acknowledged", "acknowledged_at": at, "acknowledged_by": by[:200], "updated_at": at, **noted}
        return sum(self._change(id, lambda one: None if one.get("state") == "acknowledged" else seen) for id in ids)

    def reopen(self, id: str) -> bool:
        """See `AlertDesk`."""
        again = {"state": "open", "acknowledged_at": None, "acknowledged_by": None, "updated_at": now().isoformat()}
        return self._change(id, lambda one: again if one.get("state") == "acknowledged" else None)

    def mute(self, wanted: Mute) -> None:
        """See `AlertDesk`."""
        publishing.mute(self._client, self._prefix, wanted)

    def mutes(self) -> Sequence[Mute]:
        """See `AlertDesk`."""
        return publishing.mutes(self._client, self._prefix)

    def daily(self, rules: Collection[str], *, tz: str) -> Mapping[str, Sequence[int]]:
        """See `AlertDesk`."""
        if not rules:
            return {}
        days = last_days(datetime.now(ZoneInfo(tz)))
        by_day = {"date_histogram": {"field": "@timestamp", "calendar_interval": "1d", "time_zone": tz}}
        of_rules = {"terms": {"field": "rule", "size": len(rules)}, "aggs": {"days": by_day}}
        since = {"range": {"@timestamp": {"gte": days[0].astimezone(UTC).isoformat()}}}
        query = {"bool": {"filter": [since, {"terms": {"rule": list(rules)}}]}}
        body = self._search(self._names.alerts, query=query, aggs={"rules": of_rules}, size=0)
        found = {}
        for bucket in body["aggregations"]["rules"]["buckets"]:
            counted = {one["key_as_string"][:10]: one["doc_count"] for one in bucket["days"]["buckets"]}
            found[bucket["key"]] = [counted.get(f"{day:%Y-%m-%d}", 0) for day in days]
        return found

    def _change(self, id: str, changed: Callable[[Source], Source | None]) -> bool:
        """Whether the alert was changed: by compare-and-set, for deliveries and later sources write it too."""
        for _ in range(TRIES):
            found = self._shelf.get([id]).get(id)
            new = changed(found.source) if found else None
            if found is None or new is None:
                return False
            source = {name: value for name, value in {**found.source, **new}.items() if value is not None}
            if self._shelf.replace(found, source, refresh=True):
                return True
        return False

    def _search(self, index: str, **asked: Any) -> Any:
        with missing_is_outage(index):
            answer = self._client.search(index=index, allow_partial_search_results=False, **asked)
        return complete(answer.body, f"searching {index}")


def alert_line(source: Source) -> AlertLine:
    """From an alert's document."""
    alert = Alert.model_validate({name: value for name, value in source.items() if name in ALERT})
    return AlertLine(alert=alert, queued=source.get("queued", ()), delivered=source.get("delivered", ()))


def delivery(source: Source) -> Delivery:
    """From a delivery's document."""
    return Delivery.model_validate({name: value for name, value in source.items() if name in DELIVERY})


def wanted(wish: AlertWish) -> list[dict[str, Any]]:
    """The filters that a wish is."""
    return [*_narrowing(wish), *_term("state", wish.state), *_term("rule", wish.rule)]


def last_days(at: datetime) -> list[datetime]:
    """The beginnings of the last DAYS days by the clocks of `at`, today's the last."""
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]


def _narrowing(wish: AlertWish) -> list[dict[str, Any]]:
    since = [{"range": {"@timestamp": {"gte": wish.since.isoformat()}}}] if wish.since else []
    terms = {"priority": wish.priority, "owner": wish.owner, "story_id": wish.story}
    return [*since, *(one for name, value in terms.items() for one in _term(name, value))]


def _term(field: str, value: str | None) -> list[dict[str, Any]]:
    return [{"term": {field: value}}] if value else []


def _among(narrowed: list[dict[str, Any]], counted: dict[str, Any]) -> dict[str, Any]:
    return {"filter": {"bool": {"filter": narrowed}}, "aggs": {"of": counted}}


def _after(cursor: str) -> list[object]:
    moment, _, id = cursor.partition(".")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 15 and id.isalnum() and len(id) <= 64):
        raise CursorError("this is no cursor of a list of alerts: begin again without one")
    return [int(moment), id]
