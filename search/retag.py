"""New names and topics applied to what is indexed already. Each document says what tagged it, so a retag that was cut
off goes on where it stopped, and one that is done finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from ingest.records import Article, TaggedArticle
from search.bulk import Action, send
from search.client import complete, missing_is_outage, walk
from search.schema import Names
from search.tagfields import TAG_FIELDS, tag_fields

TRIES = 3  # of one document that somebody else changes at the same time


@dataclass(frozen=True)
class Retagged:
    """How many documents a page of the walk had, how many of them got new tags, how many must be tried again."""

    seen: int
    changed: int
    conflicts: int


def stale_query(tagger: str, since: str | None = None) -> dict[str, Any]:
    """Documents that something else tagged; `since`: first seen from then on, a date or date math."""
    query: dict[str, Any] = {"bool": {"must_not": [{"term": {"tagger": tagger}}]}}
    if since is not None:
        query["bool"]["filter"] = [{"range": {"first_seen": {"gte": since}}}]
    return query


def stale_count(client: Elasticsearch, prefix: str, tagger: str, since: str | None = None) -> int:
    """How many there are. Raises ServiceUnavailable, IncompleteAnswerError."""
    alias = Names(prefix).articles
    with missing_is_outage(alias):
        client.indices.refresh(index=alias)
        answer = client.count(index=alias, query=stale_query(tagger, since))
    complete(answer.body, f"counting {alias}")
    return int(answer["count"])


def retag(
    client: Elasticsearch,
    prefix: str,
    tag: Callable[[Article], TaggedArticle],
    tagger: str,
    since: str | None = None,
) -> Iterator[Retagged]:
    """Tags every stale document anew with `tag`, a page at a time. Text, story and alerts are not touched.

    A document that changes meanwhile (a revision, its story) is read again. Raises ServiceUnavailable.
    """
    for _ in range(TRIES):
        conflicts = 0
        for hits in walk(client, Names(prefix).articles, stale_query(tagger, since), source=("*",)):
            done = _page(client, hits, tag)
            conflicts += done.conflicts
            yield done
        if not conflicts:
            return
        client.indices.refresh(index=Names(prefix).articles)


def _page(client: Elasticsearch, hits: list[Any], tag: Callable[[Article], TaggedArticle]) -> Retagged:
    actions = [_replace(hit, tag_fields(tag(article_of(hit["_source"])))) for hit in hits]
    items = send(client, actions)
    wrong = next((item for item in items if item.status >= 300 and item.status not in {404, 409}), None)
    if wrong is not None:
        raise RuntimeError(f"a document's tags could not be written: {wrong.reason}")
    return Retagged(
        len(hits), sum(item.status in {200, 201} for item in items), sum(item.status == 409 for item in items)
    )


def _replace(hit: dict[str, Any], fields: dict[str, Any]) -> Action:
    """The document with new tags, if nobody wrote it since it was read. No partial update: it would merge the objects
    among the tags, so that old reasons stayed."""
    document = {name: value for name, value in hit["_source"].items() if name not in TAG_FIELDS}
    where = {"_index": hit["_index"], "_id": hit["_id"]}
    version = {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}
    return Action(orjson.dumps({"index": {**where, **version}}), orjson.dumps({**document, **fields}))


def article_of(source: dict[str, Any]) -> Article:
    """As much of the article as its tags need, from its document."""
    return Article(
        id=source["article_id"],
        url=source["url"],
        title=source.get("title", ""),
        body=source.get("body", ""),
        language=source.get("language"),
        content_hash=source.get("content_hash", ""),
    )
