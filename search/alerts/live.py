"""Alerts as they are raised: those since a moment, in their order, for readers who follow (`search/web/livehub.py`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from ingest.records import Record
from search.alerts.desk import AlertLine, AlertWish
from search.alerts.listing import alert_line, wanted
from search.client import complete, missing_is_outage
from search.live import BATCH, MOST_KNOWN, TIMEOUT, iso
from search.schema import Names


class AlertArrival(Record):
    """An alert, and when it was raised (UTC, ISO 8601)."""

    line: AlertLine
    at: str

    @property
    def id(self) -> str:
        return self.line.alert.alert_id


class LiveAlerts:
    """`search.live.ArrivalPort` for alerts, on a cluster. A query is that of an `AlertWish`."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._alias = client, Names(prefix).alerts

    def newest(self, query: str, size: int) -> Sequence[AlertArrival]:
        return [_arrival(hit) for hit in self._ask(_wanted(query), size, "desc")]

    def known(self, query: str, since: datetime) -> Mapping[str, datetime]:
        hits = self._ask(_wanted(query, since), MOST_KNOWN, "desc", fields=("@timestamp",))
        return {hit["_id"]: datetime.fromisoformat(hit["_source"]["@timestamp"]) for hit in hits}

    def since(self, query: str, since: datetime, known: Collection[str]) -> Sequence[AlertArrival]:
        wanted = _wanted(query, since)
        wanted["bool"]["must_not"] = [{"ids": {"values": list(known)}}] if known else []
        return [_arrival(hit) for hit in self._ask(wanted, BATCH, "asc")]

    def _ask(self, query: dict[str, Any], size: int, order: str, *, fields: Sequence[str] = ("*",)) -> list[Any]:
        with missing_is_outage(self._alias):
            answer = self._client.search(
                index=self._alias,
                query=query,
                size=size,
                sort=[{"@timestamp": order}, {"alert_id": "asc"}],
                source={"includes": list(fields)},
                track_total_hits=False,
                allow_partial_search_results=False,
                timeout=TIMEOUT,
            )
        hits: list[Any] = complete(answer.body, "looking for new alerts")["hits"]["hits"]
        return hits


def _wanted(query: str, since: datetime | None = None) -> dict[str, Any]:
    later = [{"range": {"@timestamp": {"gte": iso(since)}}}] if since else []
    return {"bool": {"filter": [*wanted(AlertWish.of(query)), *later]}}


def _arrival(hit: Mapping[str, Any]) -> AlertArrival:
    return AlertArrival(line=alert_line(hit["_source"]), at=hit["_source"]["@timestamp"])
