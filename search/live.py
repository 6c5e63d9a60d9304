"""Articles as they come in: those indexed since a moment, in the order in which they were.

A document can be searched only a while after its `indexed_at`: its bulk request took time, the index refreshes once a
second, clocks of workers differ. So whoever follows asks again from OVERLAP seconds before the last one that came, and
names those that are known. An article whose page changed later is not new, though it is indexed anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from elasticsearch import BadRequestError, Elasticsearch

from ingest.records import Record
from search.client import complete, missing_is_outage
from search.ports import Hit
from search.prescan import QueryError
from search.query import compile_query
from search.schema import Names
from search.search import CLOSE, OPEN, balanced

OVERLAP = 120.0  # seconds: a bulk request may take 60, and clocks within a fleet differ by less than the rest
REVISED = timedelta(days=1)  # between the first look at an entry and its text in the index lies less
BATCH = 100  # arrivals a request
MOST_KNOWN = 10_000  # ids that one request excludes: Elasticsearch takes 65,536
TIMEOUT = "5s"
SHOWN = (
    "url",
    "title",
    "source",
    "source_name",
    "language",
    "published",
    "first_seen",
    "indexed_at",
    "country",
    "is",
)
MARKED: dict[str, Any] = {
    "type": "unified",
    "pre_tags": [OPEN],
    "post_tags": [CLOSE],
    "max_analyzed_offset": 200_000,
    "fields": {
        "title": {"number_of_fragments": 0},
        "body": {"number_of_fragments": 1, "fragment_size": 170, "no_match_size": 220},
    },
}


class Arrival(Record):
    """An article, and when it was indexed (UTC, ISO 8601)."""

    hit: Hit
    at: str

    @property
    def id(self) -> str:
        return self.hit.id


class Arriving(Protocol):
    """What a reader can follow: anything with an id and the moment when it came (UTC, ISO 8601)."""

    @property
    def id(self) -> str: ...

    @property
    def at(self) -> str: ...


Came_co = TypeVar("Came_co", bound=Arriving, covariant=True)


class ArrivalPort(Protocol[Came_co]):
    """What has come in. Each method raises QueryError, ServiceUnavailable, IncompleteAnswerError."""

    def newest(self, query: str, size: int) -> Sequence[Came_co]:
        """The newest first."""
        ...

    def known(self, query: str, since: datetime) -> Mapping[str, datetime]:
        """When each of those that came since then did, by id: the newest MOST_KNOWN."""
        ...

    def since(self, query: str, since: datetime, known: Collection[str]) -> Sequence[Came_co]:
        """The first BATCH that came since then and are not `known`, the oldest first."""
        ...


LivePort = ArrivalPort[Arrival]


class LiveArticles:
    """`LivePort` on a cluster. `tz`, `own_names`, `concepts`: as of `Searcher`, so that a query finds the same here."""

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str = "",
        *,
        tz: str = "UTC",
        own_names: Path | None = None,
        concepts: Mapping[str, str] | None = None,
    ) -> None:
        self._client, self._alias, self._tz, self._own_names = client, Names(prefix).articles, tz, own_names
        self._concepts = concepts

    def newest(self, query: str, size: int) -> Sequence[Arrival]:
        return [arrival(hit) for hit in self._ask(self._query(query), size, "desc", highlight=MARKED)]

    def known(self, query: str, since: datetime) -> Mapping[str, datetime]:
        hits = self._ask(self._query(query, since), MOST_KNOWN, "desc", fields=("indexed_at",))
        return {hit["_id"]: moment(hit["_source"]["indexed_at"]) for hit in hits}

    def since(self, query: str, since: datetime, known: Collection[str]) -> Sequence[Arrival]:
        hits = self._ask(self._query(query, since, known), BATCH, "asc", highlight=MARKED)
        return [arrival(hit) for hit in hits]

    def _query(self, query: str, since: datetime | None = None, known: Collection[str] = ()) -> dict[str, Any]:
        compiled = compile_query(query, tz=self._tz, own_names=self._own_names, concepts=self._concepts)
        wanted: dict[str, Any] = {"must": [compiled]}
        if since is None:
            return {"bool": wanted}
        old = {"range": {"first_seen": {"lt": iso(since - REVISED)}}}
        revised = {"bool": {"filter": [{"range": {"revision": {"gt": 1}}}, old]}}
        wanted["filter"] = [{"range": {"indexed_at": {"gte": iso(since)}}}]
        wanted["must_not"] = [revised, *([{"ids": {"values": list(known)}}] if known else [])]
        return {"bool": wanted}

    def _ask(
        self,
        query: dict[str, Any],
        size: int,
        order: str,
        *,
        fields: Sequence[str] = SHOWN,
        highlight: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        try:
            with missing_is_outage(self._alias):
                answer = self._client.search(
                    index=self._alias,
                    query=query,
                    size=size,
                    sort=[{"indexed_at": order}, {"article_id": "asc"}],
                    source={"includes": list(fields)},
                    highlight=highlight,
                    track_total_hits=False,
                    allow_partial_search_results=False,
                    timeout=TIMEOUT,
                )
        except BadRequestError as error:
            raise QueryError(f"Elasticsearch does not take this query: {error.message}"[:400], 0) from error
        complete(answer.body, "looking for new articles")
        found: list[dict[str, Any]] = answer["hits"]["hits"]
        return found


def arrival(found: Mapping[str, Any]) -> Arrival:
    """From a search's hit."""
    source, marks = found["_source"], found.get("highlight", {})
    title = source.get("title", "")
    names = ("url", "source_name", "language", "published", "first_seen")
    hit = Hit.model_validate(
        {
            "id": found["_id"],
            "title": title,
            "title_html": balanced(marks.get("title", [title])[0]),
            "source": source.get("source", ""),
            "countries": source.get("country", ()),
            "highlight": [balanced(fragment) for fragment in marks.get("body", ())],
            "is": source.get("is", ()),
            **{name: source.get(name) for name in names},
        }
    )
    return Arrival(hit=hit, at=source["indexed_at"])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def iso(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
