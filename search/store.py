"""Writing articles: each exactly once, in the one index that is its home.

The ledger keeps each article's home, set once. Where it has none, a realtime `_mget` over the concrete indices looks
for the article, else it is the present write index; the ledger's set-if-absent then decides between processes. With
only one index there is nothing to look for: the home is that index, found or not.

A new article's write is a `create`. A 409 says that the article is there: by the same entry it means "already written"
(a run was cut off before it could say so), by another one "duplicate", unless the page only claims to be that article
(`search/revisions.py`). What a visit brings is written in two steps (`search/steps.py`).

An index of the family that cannot be read (closed, its shard recovering) is an outage for every article without a
home: it may be in there. A home that is no longer behind the alias is gone for good, and a person has to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.bulk import Action, Item, action, send
from search.client import Deadline, complete, missing_is_outage
from search.documents import source
from search.ports import Document, Homes, Vanished, WriteOutcome, WriteResult
from search.realtime import MISSING, Asked, Found, Realtime
from search.revisions import UNREAD, Step, by_itself, vanished, visited
from search.sample import delete_sample
from search.schema import Names
from search.steps import Steps

TRIES = 3  # entries of one article tried in a batch, where the ones before were refused
HOLDER = {"includes": ["entry_id"]}
TEXTS = {"excludes": UNREAD}


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
        self._names = names = Names(prefix)
        self._client = client
        self._bounded = client.options(request_timeout=request_seconds)
        self._alias = names.articles
        self._homes = homes
        self._articles = Realtime(self._bounded, names.articles)
        self._steps = Steps(self._bounded, names.revisions)
        self._request_seconds, self._write_seconds = request_seconds, write_seconds

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """See `ArticleIndex`. Raises ServiceUnavailable.

        `unavailable` and ServiceUnavailable are the cluster's or its operator's to put right, `rejected` is the
        document's. Takes no longer than `write_seconds`, beside the ledger's own calls and a connection's time to open
        (`request_seconds` more at most); what was written by then is `already-written` next time.
        """
        deadline = Deadline.within(self._write_seconds, each=self._request_seconds)
        results: dict[int, WriteResult] = {}
        refused: Counter[str] = Counter()
        waiting: dict[str, list[tuple[int, Document]]] = {}
        for at, document in enumerate(documents):
            waiting.setdefault(document.id, []).append((at, document))
        while waiting:  # the first entry of each article; the others meet what it wrote
            firsts = [entries.pop(0) for entries in waiting.values()]
            for (at, first), settled in zip(firsts, self._write([one for _, one in firsts], deadline), strict=True):
                if settled.instead:
                    waiting.setdefault(settled.instead.id, []).append((at, settled.instead))
                    continue
                results[at] = settled.result
                refused[first.id] += settled.result.outcome == "rejected"
                others, waiting[first.id] = waiting[first.id], []
                for other, document in others:
                    end = settled.follow(document, refused[first.id])
                    if end:
                        results[other] = end
                    else:
                        waiting[first.id].append((other, document))
            waiting = {id: entries for id, entries in waiting.items() if entries}
        return [results[at] for at in range(len(documents))]

    def vanish(self, gone: Sequence[Vanished]) -> list[WriteResult]:
        """See `ArticleIndex`. Raises ServiceUnavailable."""
        deadline = Deadline.within(self._write_seconds, each=self._request_seconds)
        first = {one.article_id: one for one in reversed(gone)}
        homes = dict(self._homes.get(list(first)))
        if missing := [id for id in first if id not in homes]:
            homes |= self._articles.find(missing, self._articles.indices(deadline)[1], deadline)
        held = self._held([Asked(home, id, TEXTS) for id, home in homes.items()], deadline)
        ends: dict[str, WriteResult] = {}
        steps: list[tuple[Vanished, Found, Step]] = []
        for id, one in first.items():
            found = held.get(id)
            if found is None:
                ends[id] = _result(one, "already-written", "there is no such article any more")
            elif found.source["entry_id"] != one.entry_id:
                ends[id] = _conflict(one, found.source["entry_id"])
            elif step := vanished(found.source, one):
                steps.append((one, found, step))
            else:
                ends[id] = _result(one, "already-written")
        taken = self._steps.take([(found, step) for _, found, step in steps], deadline)
        ends |= {one.article_id: _stepped(one, item) for (one, _, _), item in zip(steps, taken, strict=True)}
        return [ends[one.article_id].model_copy(update={"entry_id": one.entry_id}) for one in gone]

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
        return delete_sample(self._client, self._names)

    def _write(self, documents: list[Document], deadline: Deadline) -> list[Settled]:
        """Documents of as many articles, each article's first."""
        homes = self._home_of([one.id for one in documents], deadline)
        held = self._held([_asked(one, homes) for one in documents if one.visit], deadline)
        settled: dict[str, Settled] = {}
        items = self._create([one for one in documents if one.id not in held], homes, settled, deadline)
        clashes = [one for one in documents if one.id in items and items[one.id].status == 409]
        held |= self._held([_asked(one, homes) for one in clashes], deadline)
        gone = self._gone({homes[id] for id, item in items.items() if item.error == MISSING}, deadline)
        steps: list[tuple[Document, Found, Step]] = []
        for one in documents:
            found = held.get(one.id)
            if one.id in settled:
                continue
            if found is None:
                settled[one.id] = _created(one, items[one.id], homes[one.id], gone)
            elif step := _step(one, found, settled):
                steps.append((one, found, step))
        for (one, _, _), item in zip(steps, self._steps.take([pair[1:] for pair in steps], deadline), strict=True):
            settled[one.id] = Settled(_stepped(one, item), one.entry_id)
        return [settled[one.id] for one in documents]

    def _create(
        self, documents: list[Document], homes: Mapping[str, str], settled: dict[str, Settled], deadline: Deadline
    ) -> dict[str, Item]:
        """What became of each that is not `settled` by then, as one that cannot be sent."""
        actions: dict[str, Action] = {}
        moment = now()
        for one in documents:
            try:
                actions[one.id] = action("create", homes[one.id], one.id, source(one, moment))
            except (TypeError, ValueError) as error:  # no JSON: lone surrogates; no host in the URL
                settled[one.id] = _unwritable(one, error)
        return dict(zip(actions, send(self._bounded, list(actions.values()), deadline=deadline), strict=True))

    def _home_of(self, ids: list[str], deadline: Deadline) -> Mapping[str, str]:
        known = dict(self._homes.get(ids))
        missing = [one for one in ids if one not in known]
        if missing:
            writing, indices = self._articles.indices(deadline)
            found = self._articles.find(missing, indices, deadline) if len(indices) > 1 else {}
            known.update(self._homes.set_if_absent({one: found.get(one, writing) for one in missing}))
        return known

    def _gone(self, homes: set[str], deadline: Deadline) -> set[str]:
        """Those of `homes` that the family no longer has. Without a family set-up is waited for."""
        return homes - set(self._articles.indices(deadline)[1]) if homes else set()

    def _held(self, asked: Iterable[Asked], deadline: Deadline) -> dict[str, Found]:
        """What stands in the index, by id."""
        return {found.id: found for found in self._articles.get(list(asked), deadline)}


@dataclass(frozen=True)
class Settled:
    """What became of an article's first entry in a batch, and which entry holds the article now, where one does.

    `instead` is what is to be written in its place: the page is not believed to be that article.
    """

    result: WriteResult
    holder: str | None = None
    instead: Document | None = None

    def follow(self, document: Document, refused: int) -> WriteResult | None:
        """What becomes of another entry of the same article; None where it has to be tried for itself."""
        if self.result.outcome == "rejected":
            why = f"{TRIES} entries of this article were refused before it"
            return _result(document, "unavailable", why) if refused >= TRIES else None
        if self.holder is None or self.result.outcome == "unavailable":
            return _result(document, self.result.outcome, self.result.reason)
        return None if _needs_text(document) else _conflict(document, self.holder)


def _needs_text(document: Document) -> bool:
    """What becomes of it may depend on the text that stands there."""
    return document.visit or document.tagged.article.page_url is not None


def _asked(document: Document, homes: Mapping[str, str]) -> Asked:
    return Asked(homes[document.id], document.id, TEXTS if _needs_text(document) else HOLDER)


def _step(document: Document, found: Found, settled: dict[str, Settled]) -> Step | None:
    """What is to be written of an article that is there; None where it is settled."""
    holder = str(found.source["entry_id"])
    step = None
    try:
        if holder != document.entry_id:
            instead = by_itself(document, found.source["body"]) if document.tagged.article.page_url else None
            settled[document.id] = Settled(_conflict(document, holder), holder, instead)
            return None
        step = visited(found.source, document, now()) if document.visit else None
    except (TypeError, ValueError) as error:
        settled[document.id] = _unwritable(document, error)
        return None
    if step is None:
        settled[document.id] = Settled(_conflict(document, holder), holder)
    return step


def _created(document: Document, item: Item, home: str, gone: set[str]) -> Settled:
    if item.status == 201:
        return Settled(_result(document, "written"), document.entry_id)
    if item.status == 409:
        return Settled(_result(document, "unavailable", "the article was deleted while it was being written"))
    if home in gone:
        return Settled(_result(document, "rejected", f"the article's home, index {home}, is missing: {item.reason}"))
    waits = item.waits or item.status == 404  # its index is on its way back, or its shard moves
    return Settled(_result(document, "unavailable" if waits else "rejected", item.reason))


def _stepped(one: Document | Vanished, item: Item) -> WriteResult:
    if item.status == 200:
        return _result(one, "revised")
    if item.status == 409:
        return _result(one, "unavailable", "the article was changed by another process at the same time")
    return _result(one, "unavailable" if item.waits or item.status == 404 else "rejected", item.reason)


def _unwritable(document: Document, error: Exception) -> Settled:
    return Settled(_result(document, "rejected", f"cannot be written as JSON: {error}"))


def _conflict(one: Document | Vanished, holder: str) -> WriteResult:
    if holder == one.entry_id:
        return _result(one, "already-written")
    return _result(one, "duplicate", f"entry {holder} brought this article first")


def _result(one: Document | Vanished, outcome: WriteOutcome, reason: str | None = None) -> WriteResult:
    id = one.id if isinstance(one, Document) else one.article_id
    return WriteResult(entry_id=one.entry_id, article_id=id, outcome=outcome, reason=reason)
