"""Entities as the index counts them. For now the names that no list knows: what a desk adds next."""

from __future__ import annotations

import re

from elasticsearch import Elasticsearch

from ingest.records import Record
from search.client import complete, missing_is_outage
from search.schema import Names

SPAN = re.compile(r"(\d{1,4})([mhdw])")  # 30m, 12h, 7d, 2w


class UnlinkedName(Record):
    """A name found in texts that is in no list: how many articles and how many sources have it."""

    type: str
    name: str
    articles: int
    sources: int
    languages: tuple[str, ...]


def unlinked_names(client: Elasticsearch, prefix: str, *, since: str = "7d", size: int = 50) -> list[UnlinkedName]:
    """The most frequent of the articles first seen since then, most articles first.

    Raises ValueError where `since` is no span of time; ServiceUnavailable, IncompleteAnswerError.
    """
    if not SPAN.fullmatch(since):
        raise ValueError(f"{since!r} is no span of time: write 12h, 7d or 4w")
    alias = Names(prefix).articles
    inside = {
        "sources": {"cardinality": {"field": "source"}},
        "languages": {"terms": {"field": "language", "size": 5}},
    }
    with missing_is_outage(alias):
        answer = client.search(
            index=alias,
            size=0,
            query={"range": {"first_seen": {"gte": f"now-{since}"}}},
            aggs={"names": {"terms": {"field": "unlinked", "size": size}, "aggs": inside}},
            track_total_hits=False,
            allow_partial_search_results=False,
        )
    complete(answer.body, f"counting names in {alias}")
    found = []
    for bucket in answer["aggregations"]["names"]["buckets"]:
        type_, _, name = bucket["key"].partition("/")
        languages = tuple(one["key"] for one in bucket["languages"]["buckets"])
        found.append(
            UnlinkedName(
                type=type_,
                name=name,
                articles=bucket["doc_count"],
                sources=bucket["sources"]["value"],
                languages=languages,
            )
        )
    return found
