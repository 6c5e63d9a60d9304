"""What a visit brought, written in two steps: what the article said before, and once that stands, the article.

Killed in between, the next run creates the same record again (409: it is there) and overwrites once. An article that
another process changed since it was read is not overwritten: 409 comes back, and the caller reads it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from search.bulk import Action, Item, action, send
from search.client import Deadline
from search.realtime import Asked, Found, Realtime
from search.revisions import Step

THERE = frozenset({201, 409})
HASH = {"includes": ["content_hash"]}


@dataclass(frozen=True)
class _Record:
    id: str
    content_hash: str
    body: dict[str, object]

    @property
    def second_id(self) -> str:
        """Where the id is taken by another text: of an article that was removed, and came again."""
        return f"{self.id}-{self.content_hash[:12]}"


class Steps:
    """Takes steps on articles; `revisions` is the alias of what they said before."""

    def __init__(self, client: Elasticsearch, revisions: str) -> None:
        self._client = client
        self._revisions = Realtime(client, revisions)

    def take(self, steps: Sequence[tuple[Found, Step]], deadline: Deadline) -> list[Item]:
        """One item each, same order: 200, 409 where the article is another by now, or what else was in the way.

        Raises ServiceUnavailable.
        """
        articles: dict[int, Action] = {}
        records: dict[int, _Record] = {}
        items: dict[int, Item] = {}
        for at, (found, step) in enumerate(steps):
            try:
                articles[at] = _article(found, step)
            except TypeError as error:
                items[at] = Item(400, f"cannot be written as JSON: {error}", "not_json")
                continue
            if step.record is not None:
                records[at] = _Record(step.record_id, str(step.record.get("content_hash")), step.record)
        items.update((at, item) for at, item in self._record(records, deadline).items() if item.status not in THERE)
        free = [at for at in articles if at not in items]
        items.update(zip(free, send(self._client, [articles[at] for at in free], deadline=deadline), strict=True))
        return [items[at] for at in range(len(steps))]

    def _record(self, records: Mapping[int, _Record], deadline: Deadline) -> dict[int, Item]:
        if not records:
            return {}
        writing, indices = self._revisions.indices(deadline)
        ids = [one.id for one in records.values()]
        known = self._revisions.find(ids, indices, deadline) if len(indices) > 1 else {}
        items = {at: Item(409) for at, one in records.items() if one.id in known}
        new = {at: one for at, one in records.items() if at not in items}
        items |= self._create({at: (one.id, one) for at, one in new.items()}, writing, deadline)
        taken = {at: records[at] for at, item in items.items() if item.status == 409}
        asked = [Asked(known.get(one.id, writing), one.id, HASH) for one in taken.values()]
        hashes = {found.id: found.source.get("content_hash") for found in self._revisions.get(asked, deadline)}
        others = {at: one for at, one in taken.items() if hashes.get(one.id) != one.content_hash}
        return items | self._create({at: (one.second_id, one) for at, one in others.items()}, writing, deadline)

    def _create(self, records: Mapping[int, tuple[str, _Record]], index: str, deadline: Deadline) -> dict[int, Item]:
        actions = [action("create", index, id, one.body) for id, one in records.values()]
        return dict(zip(records, send(self._client, actions, deadline=deadline), strict=True))


def _article(found: Found, step: Step) -> Action:
    if step.whole:
        return action("index", found.index, found.id, step.fields, found.version)
    return action("update", found.index, found.id, {"doc": step.fields}, found.version)
