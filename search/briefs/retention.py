"""What readers kept outlives retention."""

from __future__ import annotations

from collections.abc import Collection

from elasticsearch import Elasticsearch

from search.client import missing_is_outage, walk
from search.schema import Names

ASKED = 10_000  # ids a query; a terms query takes 65,536


def kept_ids(client: Elasticsearch, prefix: str, ids: Collection[str]) -> set[str]:
    """Those of `ids` (of articles or stories) that a brief needs: kept by themselves, or as a member of a kept story,
    and what was taken out of a brief but can still be put back.

    What was kept before the call counts, refreshed or not. Raises ServiceUnavailable, IncompleteAnswerError: then
    nothing may be deleted, for it cannot be told.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return set()
    alias = Names(prefix).briefs
    with missing_is_outage(alias):
        client.indices.refresh(index=alias)
    kept: set[str] = set()
    for start in range(0, len(wanted), ASKED):
        part = wanted[start : start + ASKED]
        query = {"bool": {"should": [{"terms": {name: part}} for name in ("article_ids", "story_ids")]}}
        for hits in walk(client, alias, query, source=("article_ids", "story_ids")):
            for hit in hits:
                found = hit["_source"]
                kept.update(found.get("article_ids", ()), found.get("story_ids", ()))
    return kept.intersection(wanted)
