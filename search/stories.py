"""Placing articles in their stories. Every step may be cut off, and done again by the next run of the same batch.

What two articles say decides (`ingest/stories.py`); Elasticsearch finds which ones to compare. First the stories are
written, then the signposts of those that were merged, then what articles say of their story: a story's document is
what holds, and each run brings the articles in line with it. All writes are meant for the state that was read: where
another process was faster (there should be none), everything is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from ingest.relation import related
from ingest.stories import Article, Link, Settled, settle
from search.bulk import Action, action, send
from search.client import SERVICE, Deadline
from search.ports import Document, ServiceUnavailable
from search.realtime import Realtime
from search.schema import Names
from search.storybook import Aim, Place, member, place, signpost, story_source, telling
from search.storysearch import Hit, Stored, StorySearch, parts

ATTEMPTS = 10  # where another process is in the way
TOGETHER = 100  # articles placed at once


class _OvertakenError(Exception):
    """Another process changed what was read; `articles` are to be read too when all is read again."""

    def __init__(self, articles: Iterable[str] = ()) -> None:
        super().__init__()
        self.articles = frozenset(articles)


class ElasticsearchStories:
    """`Stories` on a cluster. Holds no state but its arguments."""

    def __init__(
        self, client: Elasticsearch, prefix: str, *, request_seconds: float = 20.0, place_seconds: float = 60.0
    ) -> None:
        self._client = client.options(request_timeout=request_seconds)
        self._names = Names(prefix)
        self._request_seconds, self._place_seconds = request_seconds, place_seconds

    def place(self, documents: Sequence[Document]) -> None:
        """See `Stories`. Raises ServiceUnavailable."""
        if not documents:
            return
        for part in parts(documents, TOGETHER):
            self._place_together(part)

    def _place_together(self, documents: Sequence[Document]) -> None:
        """Each part has its own time: one that is slow, because many articles look alike, is not begun from new."""
        deadline = Deadline.within(self._place_seconds, each=self._request_seconds)
        ids = {one.id for one in documents}
        entries = {one.entry_id for one in documents}
        for _ in range(ATTEMPTS):
            try:
                return self._place(sorted(ids), sorted(entries), deadline)
            except _OvertakenError as overtaken:
                ids |= overtaken.articles
        raise ServiceUnavailable(SERVICE, "another process keeps changing the same stories")

    def _place(self, ids: Sequence[str], entries: Sequence[str], deadline: Deadline) -> None:
        search = StorySearch(self._client, self._names, deadline)
        search.refresh(self._names.articles)
        batch = search.articles(ids, entries)
        hits, links = _links(batch, *search.candidates(batch))
        places = {id: place(hit, hit["_source"]) for id, hit in hits.items()}
        search.refresh(self._names.stories)  # after the articles: the stories that these name can be seen now
        named = sorted({one.story_id for id, one in places.items() if one.story_id != id})
        stored = search.stories(sorted(hits), named)
        articles = {
            id: Article(telling(hit), member(hit), _resolved(places[id].story_id, stored)) for id, hit in hits.items()
        }
        settled = settle([one.story for one in stored.values() if one.story], articles, links)
        self._write_stories(settled, stored, deadline)
        aims = {hit["_id"]: Aim(hit["_id"]) for hit in batch} | _aims(settled)
        self._move(aims, places | search.places(sorted(set(aims) - set(places))), set(hits), stored, deadline)

    def _write_stories(self, settled: Sequence[Settled], stored: Mapping[str, Stored], deadline: Deadline) -> None:
        """Stories that grew, then signposts: cut off in between, two stories list the same articles and merge again."""
        writing = Realtime(self._client, self._names.stories).indices(deadline)[0]
        grown = [write for one in settled if (write := _grown(story_source(one.story), stored, writing))]
        signposts = [
            action("index", stored[id].index, id, signpost(stored[id].source, one.story.id), stored[id].version)
            for one in settled
            for id in one.merged
        ]
        self._send(grown, deadline)
        self._send(signposts, deadline)

    def _move(
        self,
        aims: Mapping[str, Aim],
        places: Mapping[str, Place],
        read: set[str],
        stored: Mapping[str, Stored],
        deadline: Deadline,
    ) -> None:
        """Brings articles in line with their stories. Those `read` in full had a say in it, the others may since have
        been placed elsewhere."""
        strange = {
            id
            for id, now in places.items()
            if id in aims and id not in read and now.story_id not in {id, aims[id].story_id, *stored}
        }
        if strange:
            raise _OvertakenError(strange)
        self._send(
            [
                action("update", now.home, id, {"doc": fields}, now.version)
                for id, now in places.items()
                if id in aims and (fields := now.moved(aims[id]))
            ],
            deadline,
        )

    def _send(self, actions: Sequence[Action], deadline: Deadline) -> None:
        """Raises _OvertakenError where any of them met another state than the one read."""
        items = send(self._client, actions, deadline=deadline)
        wrong = next((item for item in items if item.status not in {200, 201, 404, 409}), None)
        if wrong is not None:
            if wrong.waits:
                raise ServiceUnavailable(SERVICE, f"writing a story: {wrong.reason}")
            raise RuntimeError(f"a story could not be written: {wrong.reason}")
        if any(item.status not in {200, 201} for item in items):
            raise _OvertakenError


def _links(
    batch: Sequence[Hit], candidates: Mapping[str, Sequence[str]], others: Sequence[Hit]
) -> tuple[dict[str, Hit], list[Link]]:
    """The articles of the batch and those that belong to them, by id; and how."""
    all_hits = {hit["_id"]: hit for hit in (*batch, *others)}
    tellings = {id: telling(hit) for id, hit in all_hits.items()}
    pairs = {
        (min(id, other), max(id, other)) for id, found in candidates.items() for other in found if other in tellings
    }
    links = [
        Link(one, other, relation)
        for one, other in sorted(pairs)
        if (relation := related(tellings[one], tellings[other]))
    ]
    linked = {id for link in links for id in link[:2]}
    return {id: hit for id, hit in all_hits.items() if id in linked} | {hit["_id"]: hit for hit in batch}, links


def _aims(settled: Iterable[Settled]) -> dict[str, Aim]:
    """For every article of a story."""
    found: dict[str, Aim] = {}
    for one in settled:
        originals = set(one.originals.values())
        found |= {id: Aim(one.story.id, of, id in originals) for id, of in one.originals.items()}
    return found


def _resolved(story_id: str, stored: Mapping[str, Stored]) -> str:
    """Where `story_id` leads by the signposts there are."""
    for _ in range(len(stored)):
        found = stored.get(story_id)
        if found is None or found.story is not None:
            break
        story_id = found.source["merged_into"]
    return story_id


def _grown(source: dict[str, Any], stored: Mapping[str, Stored], writing: str) -> Action | None:
    """The write that makes a story's document say `source`; None where it does."""
    found = stored.get(source["story_id"])
    if found is None:
        return action("create", writing, source["story_id"], source)
    return None if found.source == source else action("index", found.index, found.id, source, found.version)
