"""Documents by id as they are now, refreshed or not: a search does not see what was not refreshed.

An `_mget` over an alias is refused, so each concrete index of the family is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from search.bulk import Version
from search.client import SERVICE, Deadline, advice, every_failure_is_outage
from search.ports import ServiceUnavailable
from search.upkeep import SchemaError, write_index

LOOKUPS = 5_000  # ids × indices asked for in one `_mget`
WHOLE = 100  # the same, where texts come with it
MISSING = "index_not_found_exception"
Source = bool | Mapping[str, Sequence[str]]  # all, nothing, or `{"includes": […]}`


@dataclass(frozen=True)
class Asked:
    """A document that is asked for, and which of its fields."""

    index: str
    id: str
    source: Source = False


@dataclass(frozen=True)
class Found:
    """A document that is there, in the state that it was read in."""

    index: str
    id: str
    version: Version
    source: Mapping[str, Any]


class Realtime:
    """One family of indices, by its alias."""

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self._client, self._alias = client, alias

    def indices(self, deadline: Deadline) -> tuple[str, tuple[str, ...]]:
        """The index that takes new documents, and all there are. Raises ServiceUnavailable."""
        with every_failure_is_outage(self._alias):
            try:
                return write_index(deadline.over(self._client), self._alias)
            except SchemaError as error:
                raise ServiceUnavailable(SERVICE, str(error)) from error

    def names(self, deadline: Deadline) -> set[str]:
        """Every name that leads to an index of the family: an index that was made over is known by its old ones too.
        Raises ServiceUnavailable."""
        _, indices = self.indices(deadline)
        with every_failure_is_outage(self._alias):
            answer = deadline.over(self._client).indices.get_alias(index=list(indices)).body
        return {name for index, about in answer.items() for name in (index, *about["aliases"])}

    def find(self, ids: Sequence[str], indices: Sequence[str], deadline: Deadline) -> dict[str, str]:
        """In which of `indices` each document is, where it is in any. Raises ServiceUnavailable."""
        return {one.id: one.index for one in self.get([Asked(index, id) for id in ids for index in indices], deadline)}

    def get(self, asked: Sequence[Asked], deadline: Deadline) -> Iterator[Found]:
        """Those that are there. Raises ServiceUnavailable where it cannot tell."""
        size = WHOLE if any(one.source is True or isinstance(one.source, Mapping) for one in asked) else LOOKUPS
        for start in range(0, len(asked), size):
            docs = [{"_index": one.index, "_id": one.id, "_source": one.source} for one in asked[start : start + size]]
            with every_failure_is_outage(self._alias):
                answer = deadline.over(self._client).mget(docs=docs, realtime=True)
            for found in answer["docs"]:
                error = found.get("error")
                if error and error["type"] != MISSING:  # HTTP 200, and an error on each document of that index
                    why = f"{error['type']}: {error.get('reason')}{advice(200, error['type'])}"
                    raise ServiceUnavailable(SERVICE, f"index {found['_index']} cannot be read: {why}")
                if not error and found["found"]:
                    version = Version(found["_seq_no"], found["_primary_term"])
                    yield Found(found["_index"], found["_id"], version, found.get("_source", {}))
