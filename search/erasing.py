"""Finding and erasing documents of a family of indices, to the last: what forgetting is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from search.bulk import Action, action, send
from search.client import SERVICE, complete, outages, walk
from search.ports import ServiceUnavailable

ASKED = 1_000  # ids a query; a terms query takes 65,536


class Eraser:
    """Every step may be done again. All raise ServiceUnavailable."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client

    def walk(self, alias: str, query: Mapping[str, Any], source: Sequence[str]) -> Iterator[list[Any]]:
        """What a query finds, with these fields; nothing where there is no such index: an older Kawat made none."""
        with outages():
            there = self._client.indices.exists_alias(name=alias)
        if there:
            yield from walk(self._client, alias, query, source=source)

    def count(self, alias: str, query: Mapping[str, Any]) -> int:
        """How many a query finds."""
        try:
            with outages():
                answer = self._client.count(index=alias, query=query)
        except NotFoundError:
            return 0
        return int(complete(answer.body, f"counting {alias}")["count"])

    def delete(self, alias: str, query: Mapping[str, Any]) -> None:
        """What a query finds."""
        for hits in self.walk(alias, query, ()):
            self.send([action("delete", hit["_index"], hit["_id"]) for hit in hits])

    def send(self, actions: Sequence[Action]) -> None:
        """What another process changed meanwhile (409) the next look finds again."""
        items = send(self._client, actions) if actions else []
        wrong = next((item for item in items if item.status not in {200, 201, 404, 409}), None)
        if wrong is not None:
            raise ServiceUnavailable(SERVICE, f"forgetting: {wrong.reason or wrong.status}")

    def refresh(self, *aliases: str) -> None:
        """What was written is found from now on."""
        for alias in aliases:
            with outages():
                self._client.options(ignore_status=404).indices.refresh(index=alias)


def parts_of(ids: Sequence[str], size: int = ASKED) -> Iterator[list[str]]:
    """As many as a query takes at a time."""
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
