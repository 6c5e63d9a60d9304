"""Writing articles: each exactly once, in the one index that is its home.

The ledger keeps each article's home, set once. Where it has none, a realtime `_mget` over the concrete indices looks
for the article, else it is the present write index; the ledger's set-if-absent then decides between processes. With
only one index there is nothing to look for: the home is that index, found or not.

A new article's write is a `create`. A 409 says that the article is there: by the same entry it means "already written"
(a run was cut off before it could say so), by another one "duplicate", unless the page only claims to be that article
(`search/revisions.py`). What a visit brings is written in two steps (`search/steps.py`).

A home is a name, and stays: of an index that was made over (`search/lifecycle/`) it is an alias of the new one. An
index of the family that cannot be read (closed, its shard recovering) is an outage for every article without a home: it
may be in there. A home whose name leads nowhere any more is gone for good, and a person has to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.bulk import Action, Item, action, send
from search.client import Deadline, complete, missing_is_outage
from search.documents import source
from search.outcomes import Settled, buried, claims, conflict, created, result_of, stepped, unwritable
from search.ports import Document, Homes, Vanished, WriteResult
from search.realtime import MISSING, Asked, Found, Realtime
from search.revisions import UNREAD, Step, by_itself, vanished, visited
from search.sample import delete_sample
from search.schema import Names
from search.steps import Steps

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
                ends[id] = result_of(one, "already-written", "there is no such article any more")
            elif found.source["entry_id"] != one.entry_id:
                ends[id] = conflict(one, found.source["entry_id"])
            elif step := vanished(found.source, one):
                steps.append((one, found, step))
            else:
                ends[id] = result_of(one, "already-written")
        taken = self._steps.take([(found, step) for _, found, step in steps], deadline)
        ends |= {one.article_id: stepped(one, item) for (one, _, _), item in zip(steps, taken, strict=True)}
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
        settled = {one.id: buried(one) for one in documents if one.id not in homes}
        there = [one for one in documents if one.id in homes]
        held = self._held([_asked(one, homes) for one in there if one.visit], deadline)
        items = self._create([one for one in there if one.id not in held], homes, settled, deadline)
        clashes = [one for one in there if one.id in items and items[one.id].status == 409]
        held |= self._held([_asked(one, homes) for one in clashes], deadline)
        lost = [id for id, item in items.items() if item.error == MISSING]
        gone = self._gone({homes[id] for id in lost}, deadline)
        removed = self._buried(lost, deadline) if gone else set()
        settled |= {one.id: buried(one) for one in there if one.id in removed}
        steps: list[tuple[Document, Found, Step]] = []
        for one in documents:
            found = held.get(one.id)
            if one.id in settled:
                continue
            if found is None:
                settled[one.id] = created(one, items[one.id], homes[one.id], gone)
            elif step := _step(one, found, settled):
                steps.append((one, found, step))
        for (one, _, _), item in zip(steps, self._steps.take([pair[1:] for pair in steps], deadline), strict=True):
            settled[one.id] = Settled(stepped(one, item), one.entry_id, claims(one))
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
                settled[one.id] = unwritable(one, error)
        return dict(zip(actions, send(self._bounded, list(actions.values()), deadline=deadline), strict=True))

    def _home_of(self, ids: list[str], deadline: Deadline) -> Mapping[str, str]:
        """Of each that retention did not remove."""
        known = dict(self._homes.get(ids))
        missing = [one for one in ids if one not in known]
        if missing:
            writing, indices = self._articles.indices(deadline)
            removed = self._buried(missing, deadline)
            missing = [one for one in missing if one not in removed]
            found = self._articles.find(missing, indices, deadline) if len(indices) > 1 else {}
            known.update(self._homes.set_if_absent({one: found.get(one, writing) for one in missing}))
        return known

    def _gone(self, homes: set[str], deadline: Deadline) -> set[str]:
        """Those of `homes` that the family no longer has. Without a family set-up is waited for."""
        return homes - self._articles.names(deadline) if homes else set()

    def _buried(self, ids: Sequence[str], deadline: Deadline) -> set[str]:
        """Those that retention removed, by the notes it left (`search/lifecycle/tombstones.py`)."""
        return {one.id for one in self._articles.get([Asked(self._names.tombstones, id) for id in ids], deadline)}

    def _held(self, asked: Iterable[Asked], deadline: Deadline) -> dict[str, Found]:
        """What stands in the index, by id."""
        return {found.id: found for found in self._articles.get(list(asked), deadline)}


def _asked(document: Document, homes: Mapping[str, str]) -> Asked:
    return Asked(homes[document.id], document.id, TEXTS)


def _step(document: Document, found: Found, settled: dict[str, Settled]) -> Step | None:
    """What is to be written of an article that is there; None where it is settled."""
    holder = str(found.source["entry_id"])
    step = None
    try:
        if holder != document.entry_id:
            instead = by_itself(document, found.source)
            settled[document.id] = Settled(conflict(document, holder), holder, "page_url" in found.source, instead)
            return None
        step = visited(found.source, document, now()) if document.visit else None
    except (TypeError, ValueError) as error:
        settled[document.id] = unwritable(document, error)
        return None
    if step is None:
        settled[document.id] = Settled(conflict(document, holder), holder, "page_url" in found.source)
    return step
