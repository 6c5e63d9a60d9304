"""The deliveries as they stand in Elasticsearch: made once, each step by compare-and-set on what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from elasticsearch import ConflictError, Elasticsearch
from pydantic import ValidationError

from search.alerts.records import Delivery, source_of
from search.briefs.shelf import Shelf
from search.bulk import Version, action, send
from search.client import SERVICE, complete, missing_is_outage
from search.documents import iso
from search.ports import ServiceUnavailable
from search.realtime import Found
from search.schema import Names

log = structlog.get_logger(__name__)

OPEN = ("waiting", "sending", "retrying")
CONFLICT = 409
CHANNELS = 1000  # at most, in counts
NEWEST_FIRST = [{"@timestamp": {"order": "desc"}}, {"delivery_id": {"order": "asc"}}]


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery in the state that it was read or written in."""

    delivery: Delivery
    index: str
    version: Version


@dataclass(frozen=True, slots=True)
class Tally:
    """How one channel's deliveries stand. `oldest`: when the longest waiting one was due."""

    channel: str
    states: Mapping[str, int]
    oldest: datetime | None = None


class Deliveries:
    """Everything raises ServiceUnavailable where Elasticsearch is away."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._alias = client, Names(prefix).deliveries
        self._shelf = Shelf(client, self._alias)

    def create(self, deliveries: Sequence[Delivery]) -> list[bool]:
        """Those that are not there yet; True for each that this call made. One that is there stays as it is."""
        there = self._shelf.get([one.delivery_id for one in deliveries], source=False)
        new = [one for one in deliveries if one.delivery_id not in there]
        actions = [action("create", self._alias, one.delivery_id, source_of(one)) for one in new]
        made = set()
        for one, item in zip(new, send(self._client, actions) if actions else [], strict=True):
            if item.status not in {201, CONFLICT}:
                raise ServiceUnavailable(SERVICE, f"a delivery could not be written: {item.reason or item.status}")
            if item.status != CONFLICT:
                made.add(one.delivery_id)
        return [one.delivery_id in made for one in deliveries]

    def get(self, ids: Sequence[str]) -> dict[str, Held]:
        """Those that are there, as they are now."""
        held = {id: _held(found) for id, found in self._shelf.get(ids).items()}
        return {id: one for id, one in held.items() if one is not None}

    def put(self, held: Held, delivery: Delivery) -> Held | None:
        """`delivery` in place of what was read; None where that is another by now: then nothing was changed."""
        try:
            with missing_is_outage(self._alias):
                answer = self._client.index(
                    index=held.index,
                    id=delivery.delivery_id,
                    document=source_of(delivery),
                    if_seq_no=held.version.if_seq_no,
                    if_primary_term=held.version.if_primary_term,
                )
        except ConflictError:
            return None
        return Held(delivery, held.index, Version(answer["_seq_no"], answer["_primary_term"]))

    def due(self, at: datetime, most: int, *, but: Iterable[str] = ()) -> list[str]:
        """Ids of those whose next attempt has come, the longest waiting first, none of the channels `but`; as of the
        last refresh."""
        query = {
            "bool": {
                "filter": [{"terms": {"state": list(OPEN)}}, {"range": {"next_attempt": {"lte": iso(at)}}}],
                "must_not": [{"terms": {"channel": sorted(but)}}],
            }
        }
        return [hit["_id"] for hit in self._search(query, most, [{"next_attempt": "asc"}], source=False)]

    def listed(
        self,
        size: int = 50,
        *,
        alert: str | None = None,
        channel: str | None = None,
        states: Sequence[str] = (),
    ) -> list[Delivery]:
        """The newest first."""
        filters: list[dict[str, Any]] = [{"terms": {"state": list(states)}}] if states else []
        filters += [{"term": {name: value}} for name, value in (("alert_id", alert), ("channel", channel)) if value]
        hits = self._search({"bool": {"filter": filters}}, size, NEWEST_FIRST, source=True)
        return [Delivery.model_validate(hit["_source"]) for hit in hits]

    def tallies(self) -> list[Tally]:
        """By channel, as of the last refresh."""
        oldest = {"filter": {"terms": {"state": list(OPEN)}}, "aggs": {"oldest": {"min": {"field": "due"}}}}
        with missing_is_outage(self._alias):
            answer = self._client.search(
                index=self._alias,
                size=0,
                aggs={
                    "channels": {
                        "terms": {"field": "channel", "size": CHANNELS},
                        "aggs": {"states": {"terms": {"field": "state"}}, "open": oldest},
                    }
                },
                allow_partial_search_results=False,
            )
        buckets = complete(answer.body, "counting deliveries")["aggregations"]["channels"]["buckets"]
        return [_tally(bucket) for bucket in buckets]

    def _search(self, query: Mapping[str, Any], size: int, sort: Any, *, source: bool) -> list[Mapping[str, Any]]:
        with missing_is_outage(self._alias):
            answer = self._client.search(
                index=self._alias,
                query=query,
                size=size,
                sort=sort,
                source=source,
                allow_partial_search_results=False,
            )
        hits: list[Mapping[str, Any]] = complete(answer.body, "looking for deliveries")["hits"]["hits"]
        return hits


def _held(found: Found) -> Held | None:
    """None where it cannot be read, which is told: the others go on."""
    try:
        return Held(Delivery.model_validate(dict(found.source)), found.index, found.version)
    except ValidationError as error:
        log.error("a delivery cannot be read", id=found.id, index=found.index, why=str(error.errors()[:3]))
        return None


def _tally(bucket: Mapping[str, Any]) -> Tally:
    states = {one["key"]: int(one["doc_count"]) for one in bucket["states"]["buckets"]}
    oldest = bucket["open"]["oldest"].get("value_as_string")
    return Tally(bucket["key"], states, datetime.fromisoformat(oldest) if oldest else None)
