"""Single documents by id, each write on a state that was read: one that comes second changes nothing and is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import ConflictError, Elasticsearch

from search.client import Deadline, missing_is_outage
from search.realtime import Asked, Found, Realtime, Source

EACH, ALL = 10.0, 30.0  # seconds: one request, all of one call


class Shelf:
    """One family of indices, by its alias."""

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self.alias = alias
        self._client = client.options(request_timeout=EACH)
        self._realtime = Realtime(self._client, alias)

    def get(self, ids: Sequence[str], source: Source = True) -> dict[str, Found]:
        """Those that are there, as they are now. Raises ServiceUnavailable."""
        if not ids:
            return {}
        deadline = Deadline.within(ALL, each=EACH)
        _, indices = self._realtime.indices(deadline)
        asked = [Asked(index, id, source) for id in dict.fromkeys(ids) for index in indices]
        return {one.id: one for one in self._realtime.get(asked, deadline)}

    def create(self, id: str, source: Mapping[str, Any], *, refresh: bool = False) -> bool:
        """False where it is there already. Raises ServiceUnavailable."""
        if id in self.get([id], source=False):  # perhaps in an older index than the one that takes new ones
            return False
        with self._writing() as outcome:
            self._client.index(index=self.alias, id=id, document=source, op_type="create", refresh=refresh)
        return outcome[0]

    def replace(self, found: Found, source: Mapping[str, Any], *, refresh: bool = False) -> bool:
        """False where it is another by now than `found`. Raises ServiceUnavailable."""
        seq_no, term = found.version
        with self._writing() as outcome:
            self._client.index(
                index=found.index,
                id=found.id,
                document=source,
                if_seq_no=seq_no,
                if_primary_term=term,
                refresh=refresh,
            )
        return outcome[0]

    def delete(self, id: str) -> bool:
        """Whatever stands there by now; False where nothing does. Raises ServiceUnavailable."""
        found = self.get([id], source=False).get(id)
        if found is None:
            return False
        with missing_is_outage(self.alias):
            self._client.options(ignore_status=404).delete(index=found.index, id=id)
        return True

    @contextmanager
    def _writing(self) -> Iterator[list[bool]]:
        outcome = [True]
        try:
            with missing_is_outage(self.alias):
                yield outcome
        except ConflictError:
            outcome[0] = False


def version_of(found: Found) -> str:
    """The state that a document was read in, for a form: it comes back with the edit that was made on it."""
    return f"{found.version.if_seq_no}-{found.version.if_primary_term}"
