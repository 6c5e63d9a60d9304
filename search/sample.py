"""The sample site's articles leave the index, and with them what they said before and their stories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from elasticsearch import Elasticsearch

from search.bulk import action, send
from search.client import missing_is_outage, walk
from search.schema import Names
from search.storyview import delete_sample_stories

SAMPLE = {"term": {"is": "sample"}}


def delete_sample(client: Elasticsearch, names: Names) -> int:
    """How many articles there were. Raises ServiceUnavailable."""
    aliases = (names.articles, names.revisions)
    _refresh(client, aliases)
    deleted = 0
    for hits in walk(client, names.articles, SAMPLE, source=()):
        before = {"terms": {"article_id": [hit["_id"] for hit in hits]}}
        for records in walk(client, names.revisions, before, source=()):
            _delete(client, records)
        deleted += _delete(client, hits)
    delete_sample_stories(client, names)
    _refresh(client, aliases)
    return deleted


def _delete(client: Elasticsearch, hits: Sequence[Any]) -> int:
    items = send(client, [action("delete", hit["_index"], hit["_id"]) for hit in hits])
    wrong = [item for item in items if item.status not in {200, 404}]
    if wrong:
        raise RuntimeError(f"{len(wrong)} sample articles could not be deleted: {wrong[0].reason}")
    return sum(item.status == 200 for item in items)


def _refresh(client: Elasticsearch, aliases: Sequence[str]) -> None:
    for alias in aliases:
        with missing_is_outage(alias):
            client.indices.refresh(index=alias)
