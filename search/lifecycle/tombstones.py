"""What is left of an article that retention removed: a note that it was there, so that no feed brings it back.

The note is written before the article goes, and says until when more has to go with it: what the article said before,
and its place in stories. Whoever is cut off in between, the next run finds the notes and does the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch

from ingest.stories import Story
from search.bulk import Action, Version, action, send
from search.client import SERVICE, missing_is_outage, walk
from search.documents import iso
from search.ports import ServiceUnavailable
from search.schema import Names
from search.storybook import story_of, story_source

LASTING = timedelta(days=365)  # a feed that lists an article for longer than that is known to the ledger anyway
AT_ONCE = 500  # articles cleaned up after together
TRIES = 5  # where a story is being changed


class Gone(NamedTuple):
    """An article that is to go."""

    article_id: str
    entry_id: str


def bury(
    client: Elasticsearch, names: Names, gone: Sequence[Gone], moment: datetime, *, forgotten: str | None = None
) -> None:
    """Notes that these articles go; again changes nothing that counts. Raises ServiceUnavailable.

    `forgotten`: begun or done, where a person wants it; such a note stays for good.
    """
    note = {"removed": iso(moment), "cleaned": False} | ({"forgotten": forgotten} if forgotten else {})
    _done(client, [action("index", names.tombstones, one.article_id, {**one._asdict(), **note}) for one in gone])


def dig_up(client: Elasticsearch, names: Names, ids: Collection[str]) -> None:
    """These articles stay after all. Raises ServiceUnavailable."""
    _done(client, [action("delete", names.tombstones, id) for id in ids])


def clean(client: Elasticsearch, names: Names, moment: datetime) -> int:
    """Removes what removed articles said before, and their places in stories; how many articles. Raises
    ServiceUnavailable.

    Notes that are a year old go themselves, but those of what a person had forgotten.
    """
    _refresh(client, names.tombstones, names.revisions, names.stories)
    cleaned = 0
    for hits in walk(client, names.tombstones, {"term": {"cleaned": False}}, source=()):
        for start in range(0, len(hits), AT_ONCE):
            ids = [hit["_id"] for hit in hits[start : start + AT_ONCE]]
            for records in walk(client, names.revisions, {"terms": {"article_id": ids}}, source=()):
                _done(client, [action("delete", hit["_index"], hit["_id"]) for hit in records])
            _out_of_stories(client, names, frozenset(ids))
            _done(client, [action("update", names.tombstones, id, {"doc": {"cleaned": True}}) for id in ids])
            cleaned += len(ids)
    year_old = {"range": {"removed": {"lt": iso(moment - LASTING)}}}
    old = {"bool": {"filter": year_old, "must_not": {"exists": {"field": "forgotten"}}}}
    for hits in walk(client, names.tombstones, old, source=()):
        dig_up(client, names, [hit["_id"] for hit in hits])
    return cleaned


def _out_of_stories(client: Elasticsearch, names: Names, gone: frozenset[str]) -> None:
    """Stories that list any of these articles list the others only; one that is left empty goes, signposts too."""
    for _ in range(TRIES):
        again = False
        empty: list[str] = []
        for hits in walk(client, names.stories, {"terms": {"article_ids": sorted(gone)}}, source=("*",)):
            writes = [write for hit in hits for write in _without(hit, gone)]
            empty += [hit["_id"] for hit in hits if not _left(hit, gone)]
            again = again or bool(_done(client, writes, frozenset({200, 404, 409})))
        while empty:  # signposts to what is gone, and those that lead to them
            part = empty[:AT_ONCE]
            del empty[:AT_ONCE]
            for hits in walk(client, names.stories, {"terms": {"merged_into": part}}, source=()):
                _done(client, [action("delete", hit["_index"], hit["_id"]) for hit in hits])
                empty += [hit["_id"] for hit in hits]
        if not again:
            return
        _refresh(client, names.stories)
    raise ServiceUnavailable(SERVICE, "another process keeps changing the same stories")


def _without(hit: dict[str, Any], gone: frozenset[str]) -> Iterator[Action]:
    story: Story = story_of(hit["_source"])
    version = Version(hit["_seq_no"], hit["_primary_term"])
    members = _left(hit, gone)
    if not members and story.unlisted:
        return  # only of more than 500: what it counts cannot be told apart any more
    if not members:
        yield action("delete", hit["_index"], hit["_id"], version=version)
        return
    owners = {one.owner for one in members}
    left = story.model_copy(
        update={
            "members": members,
            "owners": story.owners if story.unlisted else tuple(one for one in story.owners if one in owners),
        }
    )
    yield action("index", hit["_index"], hit["_id"], story_source(left), version)


def _left(hit: dict[str, Any], gone: frozenset[str]) -> tuple[Any, ...]:
    return tuple(one for one in story_of(hit["_source"]).members if one.article_id not in gone)


def _done(client: Elasticsearch, actions: list[Action], fine: frozenset[int] = frozenset({200, 201, 404})) -> int:
    """How many met another state than they were meant for. Raises ServiceUnavailable."""
    items = send(client, actions) if actions else []
    wrong = next((item for item in items if item.status not in fine | {200, 201}), None)
    if wrong is not None:
        raise ServiceUnavailable(SERVICE, f"retention: {wrong.reason or wrong.status}")
    return sum(item.status == 409 for item in items)


def _refresh(client: Elasticsearch, *aliases: str) -> None:
    for alias in aliases:
        with missing_is_outage(alias):
            client.indices.refresh(index=alias)
