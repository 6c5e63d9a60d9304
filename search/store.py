"""Writing articles: each exactly once, in the one index that is its home.

The ledger keeps each article's home, set once. Where it has none, a realtime `_mget` over the concrete indices looks
for the article (a search does not see what was not refreshed, an `_mget` over an alias is refused), else it is the
present write index; the ledger's set-if-absent then decides between processes. With only one index there is nothing
to look for: the home is that index, found or not.

Every write is a `create`. A 409 says that the article is there: by the same entry it means "already written" (a run
was cut off before it could say so), by another one "duplicate".

An index of the family that cannot be read (closed, its shard recovering) is an outage for every article without a
home: it may be in there. A home that is no longer behind the alias is gone for good, and a person has to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.bulk import Action, Item, action, send
from search.client import SERVICE, Deadline, advice, complete, every_failure_is_outage, missing_is_outage, walk
from search.documents import source
from search.ports import Document, Homes, ServiceUnavailable, WriteOutcome, WriteResult
from search.schema import Names
from search.upkeep import SchemaError, write_index

SAMPLE = {"term": {"is": "sample"}}
LOOKUPS = 5_000  # ids × indices asked for in one `_mget`
TRIES = 3  # entries of one article tried in a batch, where the ones before were refused
MISSING = "index_not_found_exception"


class ElasticsearchIndex:
    """`ArticleIndex` on a cluster. Safe to use from many processes; holds no state but its arguments."""

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str,
        homes: Homes,
        *,
        request_seconds: float = 20.0,
        write_seconds: float = 60.0,
    ) -> None:
        self._client = client
        self._bounded = client.options(request_timeout=request_seconds)
        self._alias = Names(prefix).articles
        self._homes = homes
        self._request_seconds, self._write_seconds = request_seconds, write_seconds

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Each document exactly once in its home index; one result each, same order. Raises ServiceUnavailable.

        `unavailable` and ServiceUnavailable are the cluster's or its operator's to put right, `rejected` is the
        document's. Takes no longer than `write_seconds`, beside the ledger's own calls and a connection's time to open
        (`request_seconds` more at most); what was written by then is `already-written` next time.
        """
        deadline = Deadline.within(self._write_seconds, each=self._request_seconds)
        results: dict[int, WriteResult] = {}
        waiting: dict[str, list[tuple[int, Document]]] = {}
        for at, document in enumerate(documents):
            waiting.setdefault(document.tagged.article.id, []).append((at, document))
        for _ in range(TRIES):  # the first entry of each article; the others meet what it wrote
            firsts = [entries.pop(0) for entries in waiting.values()]
            if not firsts:
                break
            for (at, _), settled in zip(firsts, self._write([one for _, one in firsts], deadline), strict=True):
                results[at] = settled.result
                if settled.result.outcome != "rejected":
                    others = waiting.pop(settled.result.article_id)
                    results.update((other, settled.follow(document)) for other, document in others)
            waiting = {id: entries for id, entries in waiting.items() if entries}
        for at, document in (left for entries in waiting.values() for left in entries):
            results[at] = _result(document, "unavailable", f"{TRIES} entries of this article were refused before it")
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

    def _write(self, documents: list[Document], deadline: Deadline) -> list[Settled]:
        """Documents of as many articles, each article's first."""
        homes = self._home_of([document.tagged.article.id for document in documents], deadline)
        settled: dict[str, Settled] = {}
        actions: list[Action] = []
        sent: list[Document] = []
        moment = now()
        for document in documents:
            article_id = document.tagged.article.id
            try:
                actions.append(_create(document, homes[article_id], moment))
                sent.append(document)
            except (TypeError, ValueError) as error:  # no JSON: lone surrogates; no host in the URL
                settled[article_id] = Settled(_result(document, "rejected", f"cannot be written as JSON: {error}"))
        items = dict(
            zip((one.tagged.article.id for one in sent), send(self._bounded, actions, deadline=deadline), strict=True)
        )
        held = self._holders({one: homes[one] for one, item in items.items() if item.status == 409}, deadline)
        gone = self._gone({homes[one] for one, item in items.items() if item.error == MISSING}, deadline)
        for document in sent:
            article_id = document.tagged.article.id
            settled[article_id] = _settled(document, items[article_id], homes[article_id], held.get(article_id), gone)
        return [settled[document.tagged.article.id] for document in documents]

    def _home_of(self, ids: list[str], deadline: Deadline) -> Mapping[str, str]:
        known = dict(self._homes.get(ids))
        missing = [one for one in ids if one not in known]
        if missing:
            writing, indices = self._family(deadline)
            found = self._find(missing, indices, deadline) if len(indices) > 1 else {}
            known.update(self._homes.set_if_absent({one: found.get(one, writing) for one in missing}))
        return known

    def _family(self, deadline: Deadline) -> tuple[str, tuple[str, ...]]:
        with every_failure_is_outage(self._alias):
            try:
                return write_index(deadline.over(self._bounded), self._alias)
            except SchemaError as error:
                raise ServiceUnavailable(SERVICE, str(error)) from error

    def _gone(self, homes: set[str], deadline: Deadline) -> set[str]:
        """Those of `homes` that the family no longer has. Without a family set-up is waited for."""
        return homes - set(self._family(deadline)[1]) if homes else set()

    def _find(self, ids: list[str], indices: Sequence[str], deadline: Deadline) -> dict[str, str]:
        pairs = [(index, one) for one in ids for index in indices]
        return {document["_id"]: document["_index"] for document in self._get(pairs, False, deadline)}

    def _holders(self, homes: Mapping[str, str], deadline: Deadline) -> dict[str, str]:
        """By article, the entry that it is stored with."""
        pairs = [(home, one) for one, home in homes.items()]
        return {found["_id"]: found["_source"]["entry_id"] for found in self._get(pairs, ["entry_id"], deadline)}

    def _get(self, pairs: list[tuple[str, str]], source: list[str] | bool, deadline: Deadline) -> Iterator[Any]:
        """Documents that are there, refreshed or not, by (index, id). ServiceUnavailable where it cannot tell."""
        for start in range(0, len(pairs), LOOKUPS):
            asked = [{"_index": index, "_id": one} for index, one in pairs[start : start + LOOKUPS]]
            with every_failure_is_outage(self._alias):
                answer = deadline.over(self._bounded).mget(docs=asked, source=source, realtime=True)
            for found in answer["docs"]:
                error = found.get("error")
                if error and error["type"] != MISSING:  # HTTP 200, and an error on each document of that index
                    why = f"{error['type']}: {error.get('reason')}{advice(200, error['type'])}"
                    raise ServiceUnavailable(SERVICE, f"index {found['_index']} cannot be read: {why}")
                if not error and found["found"]:
                    yield found


@dataclass(frozen=True)
class Settled:
    """What became of an article's first entry in a batch, and which entry holds the article now, where one does."""

    result: WriteResult
    holder: str | None = None

    def follow(self, document: Document) -> WriteResult:
        """What becomes of another entry of the same article."""
        if self.holder is None:
            return _result(document, self.result.outcome, self.result.reason)
        return _conflict(document, self.holder)


def _create(document: Document, home: str, moment: datetime) -> Action:
    return action("create", home, document.tagged.article.id, source(document, moment))


def _settled(document: Document, item: Item, home: str, holder: str | None, gone: set[str]) -> Settled:
    if item.status == 201:
        return Settled(_result(document, "written"), document.entry_id)
    if item.status == 409:
        if holder is None:
            return Settled(_result(document, "unavailable", "the article was deleted while it was being written"))
        return Settled(_conflict(document, holder), holder)
    if home in gone:
        return Settled(_result(document, "rejected", f"the article's home, index {home}, is missing: {item.reason}"))
    waits = item.waits or item.status == 404  # its index is on its way back, or its shard moves
    return Settled(_result(document, "unavailable" if waits else "rejected", item.reason))


def _conflict(document: Document, holder: str) -> WriteResult:
    if holder == document.entry_id:
        return _result(document, "already-written")
    return _result(document, "duplicate", f"entry {holder} brought this article first")


def _result(document: Document, outcome: WriteOutcome, reason: str | None = None) -> WriteResult:
    return WriteResult(
        entry_id=document.entry_id, article_id=document.tagged.article.id, outcome=outcome, reason=reason
    )
