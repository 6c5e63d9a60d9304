"""Writing articles: each exactly once, in the one index that is its home.

The ledger keeps each article's home, set once. Where it has none, a realtime `_mget` over the concrete indices looks
for the article (a search does not see what was not refreshed, an `_mget` over an alias is refused), else it is the
present write index; the ledger's set-if-absent then decides between processes. With only one index there is nothing
to look for: the home is that index, found or not.

Every write is a `create`. A 409 says that the article is there: by the same entry it means "already written" (a run
was cut off before it could say so), by another one "duplicate".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.bulk import Action, Item, action, send
from search.client import complete, missing_is_outage, outages, walk
from search.documents import source
from search.ports import Document, Homes, WriteOutcome, WriteResult
from search.schema import Names
from search.upkeep import write_index

SAMPLE = {"term": {"is": "sample"}}
LOOKUPS = 5_000  # ids × indices asked for in one `_mget`


class ElasticsearchIndex:
    """`ArticleIndex` on a cluster. Safe to use from many processes; holds no state but its arguments."""

    def __init__(self, client: Elasticsearch, prefix: str, homes: Homes) -> None:
        self._client = client
        self._alias = Names(prefix).articles
        self._homes = homes

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Each document exactly once in its home index; one result each, same order. Raises ServiceUnavailable."""
        results: dict[int, WriteResult] = {}
        waiting = list(enumerate(documents))
        while waiting:  # an article that comes twice in a batch: its second entry meets what the first one wrote
            wave = {document.tagged.article.id: (at, document) for at, document in reversed(waiting)}
            taken = {at for at, _ in wave.values()}
            for (at, _), result in zip(wave.values(), self._write([d for _, d in wave.values()]), strict=True):
                results[at] = result
            waiting = [(at, document) for at, document in waiting if at not in taken]
        return [results[at] for at in range(len(documents))]

    def count(self) -> int:
        """Articles that a search can see now."""
        with missing_is_outage(self._alias):
            answer = self._client.count(index=self._alias)
        complete(answer.body, f"counting {self._alias}")
        return int(answer["count"])

    def refresh(self) -> None:
        """Makes everything written searchable now instead of within a second."""
        with missing_is_outage(self._alias):
            self._client.indices.refresh(index=self._alias)

    def delete_sample(self) -> int:
        """Removes the sample articles; how many there were."""
        self.refresh()
        deleted = 0
        for hits in walk(self._client, self._alias, SAMPLE, source=()):
            items = send(self._client, [action("delete", hit["_index"], hit["_id"]) for hit in hits])
            wrong = [item for item in items if item.status not in {200, 404}]
            if wrong:
                raise RuntimeError(f"{len(wrong)} sample articles could not be deleted: {wrong[0].reason}")
            deleted += sum(item.status == 200 for item in items)
        self.refresh()
        return deleted

    def _write(self, documents: list[Document]) -> list[WriteResult]:
        homes = self._home_of([document.tagged.article.id for document in documents])
        results: dict[str, WriteResult] = {}
        actions: list[Action] = []
        sent: list[Document] = []
        moment = now()
        for document in documents:
            article_id = document.tagged.article.id
            try:
                actions.append(_create(document, homes[article_id], moment))
                sent.append(document)
            except (TypeError, ValueError) as error:  # no JSON: lone surrogates; no host in the URL
                results[article_id] = _result(document, "rejected", f"cannot be written as JSON: {error}")
        conflicts: list[Document] = []
        for document, item in zip(sent, send(self._client, actions), strict=True):
            if item.status == 409:
                conflicts.append(document)
            else:
                results[document.tagged.article.id] = _verdict(document, item, homes[document.tagged.article.id])
        stored = self._stored_entries([(homes[d.tagged.article.id], d.tagged.article.id) for d in conflicts])
        for document in conflicts:
            results[document.tagged.article.id] = _conflict(document, stored.get(document.tagged.article.id))
        return [results[document.tagged.article.id] for document in documents]

    def _home_of(self, ids: list[str]) -> Mapping[str, str]:
        known = dict(self._homes.get(ids))
        missing = [one for one in ids if one not in known]
        if missing:
            with missing_is_outage(self._alias):
                writing, indices = write_index(self._client, self._alias)
            found = self._find(missing, indices) if len(indices) > 1 else {}
            known.update(self._homes.set_if_absent({one: found.get(one, writing) for one in missing}))
        return known

    def _find(self, ids: list[str], indices: Sequence[str]) -> dict[str, str]:
        pairs = [(index, one) for one in ids for index in indices]
        return {document["_id"]: document["_index"] for document in self._get(pairs, source=False)}

    def _stored_entries(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        return {found["_id"]: found["_source"]["entry_id"] for found in self._get(pairs, source=["entry_id"])}

    def _get(self, pairs: list[tuple[str, str]], source: list[str] | bool) -> Iterator[Any]:
        """Documents that are there, refreshed or not, by (index, id)."""
        for start in range(0, len(pairs), LOOKUPS):
            asked = [{"_index": index, "_id": one} for index, one in pairs[start : start + LOOKUPS]]
            with outages():
                answer = self._client.mget(docs=asked, source=source, realtime=True)
            for found in answer["docs"]:
                if "error" in found:
                    raise RuntimeError(f"looking up {found['_id']} in {found['_index']}: {found['error']['reason']}")
                if found["found"]:
                    yield found


def _create(document: Document, home: str, moment: datetime) -> Action:
    return action("create", home, document.tagged.article.id, source(document, moment))


def _verdict(document: Document, item: Item, home: str) -> WriteResult:
    if item.status == 201:
        return _result(document, "written")
    if item.status == 404:
        return _result(document, "rejected", f"the article's home, index {home}, is missing: {item.reason}")
    return _result(document, "unavailable" if item.waits else "rejected", item.reason)


def _conflict(document: Document, stored_entry: str | None) -> WriteResult:
    if stored_entry is None:
        return _result(document, "unavailable", "the article was deleted while it was being written; try again")
    if stored_entry == document.entry_id:
        return _result(document, "already-written")
    return _result(document, "duplicate", f"entry {stored_entry} brought this article first")


def _result(document: Document, outcome: WriteOutcome, reason: str | None = None) -> WriteResult:
    return WriteResult(
        entry_id=document.entry_id, article_id=document.tagged.article.id, outcome=outcome, reason=reason
    )
