"""Keeping the index `entities`: the lists' entities whenever the lists changed, and how often each was named lately.

Names that no list knows come in once enough articles name them, and go a month after the last ones did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from ingest.dates import now
from search.bulk import Action, Version, action, send
from search.client import complete, every_failure_is_outage, missing_is_outage, walk
from search.entitydocs import counted, digest, document, listed, weight
from search.entityfields import ENTITY_FIELDS
from search.entityrecords import TYPES
from search.schema import Names
from search.suppression import Suppressed, forgets

STATE = "state"  # id of the one document that is no entity
DAYS = 30  # that a count looks back
NAMED = 3  # articles that must name what no list knows
MOST_UNLINKED = 5_000  # of these, the most frequent
MOST_COUNTED = 12_000  # values of one field: ids and names of all listed entities, and as many others
MOST_CHARS = 100  # of a name that no list knows: longer ones are no names
WRITTEN = 1_000  # documents a request
STORED = [name for name in ENTITY_FIELDS if name != "suggest"]  # that is made of the others


class EntityIndex:
    """Writes the index. Safe to use from many processes: they write the same."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._prefix, self._names = prefix, Names(prefix)

    def load(self, gazetteer: Path | None = None) -> int:
        """Writes what the lists and the user's own hold, if they changed since the last time; how many, or 0.

        Cut off, it does all of it the next time. Raises ServiceUnavailable, NamesError, OSError (no such file).
        """
        data = digest(gazetteer)
        if self._state().get("data") == data:
            return 0
        counts = {hit["_id"]: int(hit["_source"].get("articles", 0)) for hit in self._all(["articles"])}
        forgotten = Suppressed(self._client, self._prefix).keys()
        documents = ({**one, "data": data} for one in listed(gazetteer) if not forgets(forgotten, one))
        written = 0
        for part in _parts(counted(one, counts.get(_id(one), 0)) for one in documents):
            self._send(action("index", self._names.entities, _id(one), one) for one in part)
            written += len(part)
        self._refresh()
        old = {"bool": {"filter": {"term": {"linked": True}}, "must_not": {"term": {"data": data}}}}
        for hits in walk(self._client, self._names.entities, old, source=()):
            self._send(action("delete", hit["_index"], hit["_id"]) for hit in hits)
        self._write_state({"data": data})  # without `counted_at`: a count is due
        self._refresh()
        return written

    def count(self, at: datetime | None = None) -> int:
        """Counts the articles first seen in the last 30 days by who is named; how many documents that changed.

        Two requests and those that write. Raises ServiceUnavailable, IncompleteAnswerError.
        """
        at = at or now()
        moment = at.isoformat()
        known, unknown = self._counts(at)
        seen: set[str] = set()
        written = 0
        for part in _parts(self._all(STORED)):
            counts = [(known if hit["_source"]["linked"] else unknown).get(hit["_id"], 0) for hit in part]
            changes = [one for hit, n in zip(part, counts, strict=True) if (one := _change(hit, n, moment))]
            seen |= {hit["_id"] for hit in part}
            written += len(changes)
            self._send(changes)
        new = {id: n for id, n in unknown.items() if id not in seen and len(id) <= MOST_CHARS}
        for some in _parts(_unlinked(id, n, moment) for id, n in new.items()):
            self._send(action("index", self._names.entities, _id(one), one) for one in some)
            written += len(some)
        self._write_state({**self._state(), "counted_at": moment})
        return written

    def counted_at(self) -> datetime | None:
        """When the last count was; None where there was none since the lists were loaded. Raises ServiceUnavailable."""
        last = self._state().get("counted_at")
        return datetime.fromisoformat(last) if last else None

    def _counts(self, at: datetime) -> tuple[dict[str, int], dict[str, int]]:
        """Articles by document id: of those that a list knows, and of names that none does."""
        aggs = {type: {"terms": {"field": type, "size": MOST_COUNTED}} for type in TYPES}
        unlinked = {"terms": {"field": "unlinked", "size": MOST_UNLINKED, "min_doc_count": NAMED}}
        with every_failure_is_outage(self._names.articles):
            answer = self._client.search(
                index=self._names.articles,
                size=0,
                query={"range": {"first_seen": {"gte": (at - timedelta(days=DAYS)).isoformat()}}},
                aggs={**aggs, "unlinked": unlinked},
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        complete(answer.body, f"counting names in {self._names.articles}")
        found = {
            name: {bucket["key"]: int(bucket["doc_count"]) for bucket in one["buckets"]}
            for name, one in answer["aggregations"].items()
        }
        known = {f"{type}/{id}": n for type in TYPES for id, n in found[type].items()}
        return known, found["unlinked"]

    def _state(self) -> dict[str, Any]:
        with missing_is_outage(self._names.entities):
            try:
                return dict(self._client.get(index=self._names.entities, id=STATE)["_source"])
            except NotFoundError as error:
                if "found" not in error.body:  # the index is not there
                    raise
                return {}

    def _write_state(self, state: Mapping[str, Any]) -> None:
        self._send([action("index", self._names.entities, STATE, state)])

    def _all(self, source: list[str]) -> Iterator[dict[str, Any]]:
        for hits in walk(self._client, self._names.entities, {"exists": {"field": "type"}}, source=source):
            yield from hits

    def _send(self, actions: Iterable[Action]) -> None:
        """A conflict or a document that is gone means that another process was here: its write is as good."""
        for item in send(self._client, list(actions)):
            if item.status >= 300 and item.status not in {404, 409}:
                raise RuntimeError(f"an entity could not be written: {item.reason}")

    def _refresh(self) -> None:
        with missing_is_outage(self._names.entities):
            self._client.indices.refresh(index=self._names.entities)


def _id(document: Mapping[str, Any]) -> str:
    return f"{document['type']}/{document['entity_id']}"


def _change(hit: Mapping[str, Any], articles: int, moment: str) -> Action | None:
    """What is to be written where the count gives the entity another weight; a name long forgotten goes."""
    one, version = hit["_source"], Version(hit["_seq_no"], hit["_primary_term"])
    if not one["linked"] and articles < NAMED:
        limit = datetime.fromisoformat(moment) - timedelta(days=DAYS)
        if datetime.fromisoformat(one["counted_at"]) < limit:
            return action("delete", hit["_index"], hit["_id"], version=version)
    if weight(one, articles) == weight(one, int(one.get("articles", 0))):
        return None
    named = {"counted_at": moment} if not one["linked"] and articles >= NAMED else {}
    return action("index", hit["_index"], hit["_id"], counted({**one, **named}, articles), version)


def _unlinked(id: str, articles: int, moment: str) -> dict[str, Any]:
    type, _, name = id.partition("/")
    made = document(type, name, {"*": [name]}, linked=False, articles=articles)
    return {**made, "counted_at": moment}


def _parts(documents: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    for one in documents:
        part.append(one)
        if len(part) == WRITTEN:
            yield part
            part = []
    if part:
        yield part
