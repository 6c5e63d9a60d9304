"""What is older than the operator wants to keep goes: whole indices first, then single articles.

On a full disk Elasticsearch refuses to delete documents, but not to drop an index, and only that gives back room at
once. What readers kept stays: it is copied into the present index before its own goes. An article's age is counted from
when it was first seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from ingest.dates import now
from ingest.records import Record
from search.bulk import Version, action, send
from search.client import SERVICE, complete, missing_is_outage, outages, walk
from search.documents import iso
from search.lifecycle.rollover import begin_next
from search.lifecycle.tombstones import Gone, bury, clean, dig_up
from search.ports import ServiceUnavailable
from search.schema import Names
from search.upkeep import write_index

ROOM = 60.0  # seconds until Elasticsearch sees that a disk has room again: it looks every 10 to 30
TRIES = 3


class Entries(Protocol):
    """The ledger's side of articles that go."""

    def retire(self, articles: Mapping[str, str]) -> None:
        """Entry by article: they are never looked at again, and their homes are forgotten."""
        ...

    def forget(self, article_ids: Sequence[str]) -> None:
        """Their homes are forgotten: they live elsewhere now."""
        ...


class Removal(Record):
    """One index: how many articles went, how many of those due stay because readers kept them.

    `dropped`: the index itself went. `why`: it could not be done now, and nothing of it was.
    """

    index: str
    removed: int
    kept: int
    dropped: bool
    why: str = ""


@dataclass
class Retention:
    """Removes articles first seen before `cutoff`. `kept` says which ids of articles and stories readers need."""

    client: Elasticsearch
    prefix: str
    cutoff: datetime
    kept: Callable[[Collection[str]], set[str]]
    entries: Entries
    _late: list[Gone] = field(default_factory=list)  # without a note yet: the disk was full

    def run(self) -> Iterator[Removal]:
        """One index at a time; may be cut off anywhere, and again. Raises ServiceUnavailable."""
        names = Names(self.prefix)
        for index, whole, due in self._due(names):
            if whole:
                yield self._drop(names, index)
            elif due:
                yield self._delete(names, index)
        self._bury_late(names)
        clean(self.client, names, now())
        with missing_is_outage(names.articles):
            self.client.indices.refresh(index=names.articles)

    def plan(self) -> Iterator[Removal]:
        """What `run` would do; changes nothing."""
        names = Names(self.prefix)
        for index, whole, due in self._due(names):
            if due:
                gone = [self._parted(hits) for hits in walk(self.client, index, self._old(), source=TOLD)]
                kept = sum(len(stay) for _, stay in gone)
                yield Removal(index=index, removed=due - kept, kept=kept, dropped=whole)

    def _due(self, names: Names) -> list[tuple[str, bool, int]]:
        """Every article index that has any: its name, whether all of it is due, how many are. Whole ones come first."""
        with missing_is_outage(names.articles):
            self.client.indices.refresh(index=names.articles)
            _, indices = write_index(self.client, names.articles)
        found = []
        for index in indices:
            with outages():
                answer = self.client.search(
                    index=index, size=0, track_total_hits=True, allow_partial_search_results=False,
                    aggs={"due": {"filter": self._old()}},
                )  # fmt: skip
            answer_ = complete(answer.body, f"counting {index}")
            total, due = answer_["hits"]["total"]["value"], answer_["aggregations"]["due"]["doc_count"]
            if due:
                found.append((index, due == total, due))
        return sorted(found, key=lambda one: not one[1])

    def _drop(self, names: Names, index: str) -> Removal:
        removed, stays, late = 0, 0, len(self._late)
        try:
            if index == write_index(self.client, names.articles)[0]:
                begin_next(self.client, names.articles)
            self._block(index, True)
            if self._has_young(index):
                self._block(index, False)
                return self._delete(names, index)
            for hits in walk(self.client, index, {"match_all": {}}, source=TOLD):
                gone, stay = self._parted(hits)
                self._copy(names, index, stay)
                self._bury(names, gone)
                self.entries.retire({one.article_id: one.entry_id for one in gone})
                removed, stays = removed + len(gone), stays + len(stay)
        except ServiceUnavailable as away:
            self._block(index, False)
            del self._late[late:]
            return Removal(index=index, removed=0, kept=stays, dropped=False, why=str(away))
        with outages():
            self.client.indices.delete(index=index)
        return Removal(index=index, removed=removed, kept=stays, dropped=True)

    def _has_young(self, index: str) -> bool:
        """Whether an article came in that is not due, between the count and the block: what was under way then."""
        with outages():
            answer = self.client.search(
                index=index, query={"bool": {"must_not": [self._old()]}}, size=0, track_total_hits=1,
                allow_partial_search_results=False,
            )  # fmt: skip
        return bool(complete(answer.body, f"counting {index}")["hits"]["total"]["value"])

    def _delete(self, names: Names, index: str) -> Removal:
        removed = stays = 0
        try:
            with outages():
                self.client.indices.refresh(index=index)  # what was just copied there counts as kept
            for hits in walk(self.client, index, self._old(), source=TOLD):
                gone, stay = self._parted(hits)
                stays += len(stay)
                if not gone:
                    continue
                bury(self.client, names, gone, now())
                self.entries.retire({one.article_id: one.entry_id for one in gone})
                going = {one.article_id for one in gone}
                left = [hit for hit in hits if hit["_id"] in going]
                items = send(self.client, [action("delete", index, hit["_id"], version=_version(hit)) for hit in left])
                wrong = next((item for item in items if item.status not in {200, 404, 409}), None)
                if wrong is not None:
                    raise ServiceUnavailable(SERVICE, f"deleting from {index}: {wrong.reason}")
                changed = [hit["_id"] for hit, item in zip(left, items, strict=True) if item.status == 409]
                dig_up(self.client, names, changed)  # the next run takes them
                removed += len(left) - len(changed)
        except ServiceUnavailable as away:
            return Removal(index=index, removed=removed, kept=stays, dropped=False, why=str(away))
        return Removal(index=index, removed=removed, kept=stays, dropped=False)

    def _parted(self, hits: Sequence[Any]) -> tuple[list[Gone], list[str]]:
        """Those that go, and the ids of those that readers kept."""
        asked = {hit["_id"] for hit in hits} | {str(hit["_source"].get("story_id", hit["_id"])) for hit in hits}
        kept = self.kept(asked)
        stay = [hit["_id"] for hit in hits if {hit["_id"], hit["_source"].get("story_id")} & kept]
        staying = set(stay)
        return [Gone(hit["_id"], hit["_source"]["entry_id"]) for hit in hits if hit["_id"] not in staying], stay

    def _copy(self, names: Names, index: str, ids: Sequence[str]) -> None:
        """What readers kept, into the present index. There already: a run before this one was cut off."""
        writing, _ = write_index(self.client, names.articles)
        for start in range(0, len(ids), 100):
            part = list(ids[start : start + 100])
            with outages():
                docs = self.client.mget(index=index, ids=part)["docs"]
            items = send(self.client, [action("create", writing, one["_id"], one["_source"]) for one in docs])
            wrong = next((item for item in items if item.status not in {201, 409}), None)
            if wrong is not None:
                raise ServiceUnavailable(SERVICE, f"what readers kept of {index} could not be copied: {wrong.reason}")
            self.entries.forget(part)

    def _block(self, index: str, blocked: bool) -> None:
        """Writers wait while the index is read for the last time. On a full disk it takes none, and not this either."""
        with suppress(ServiceUnavailable), outages():
            if blocked:
                self.client.indices.add_block(index=index, block="write")
            else:
                self.client.indices.put_settings(index=index, settings={"index": {"blocks": {"write": None}}})
        with suppress(ServiceUnavailable), outages():
            self.client.indices.refresh(index=index)

    def _bury(self, names: Names, gone: Sequence[Gone]) -> None:
        try:
            bury(self.client, names, gone, now())
        except ServiceUnavailable:
            self._late += gone  # a full disk: the index that goes makes room for the notes

    def _bury_late(self, names: Names) -> None:
        deadline = time.monotonic() + ROOM
        while self._late:
            try:
                bury(self.client, names, self._late, now())
            except ServiceUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)
            else:
                self._late.clear()

    def _old(self) -> dict[str, Any]:
        return {"range": {"first_seen": {"lt": iso(self.cutoff)}}}


TOLD = ("entry_id", "story_id")


def _version(hit: Mapping[str, Any]) -> Version:
    return Version(hit["_seq_no"], hit["_primary_term"])
