"""What placing articles in stories asks of Elasticsearch: articles, candidates, stories. Reads only.

Searches see what was refreshed, and each hit comes with its version: a write that was decided on an older state fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from elasticsearch import Elasticsearch

from ingest.stories import Story
from search.bulk import Version
from search.client import SERVICE, Deadline, every_failure_is_outage
from search.ports import ServiceUnavailable
from search.schema import Names
from search.storybook import ASKED, CANDIDATES, COLUMNS, PLACED, Place, candidates_query, place, story_of, told

IDS = 1_000  # asked for in one search
SEARCHES = 50  # in one request
HOPS = 50  # from signpost to signpost: more is a circle
Hit = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Stored:
    """A story's document: `story` is None where it is a signpost."""

    id: str
    index: str
    version: Version
    source: Mapping[str, Any]
    story: Story | None


class StorySearch:
    """The reading side, within one deadline. Every method raises ServiceUnavailable."""

    def __init__(self, client: Elasticsearch, names: Names, deadline: Deadline) -> None:
        self._client, self._names, self._deadline = client, names, deadline

    def articles(self, ids: Sequence[str], entries: Sequence[str] = ()) -> list[Hit]:
        """The articles of these ids, and those that these entries brought."""
        found = self._articles("article_id", ids, ASKED) + self._articles("entry_id", entries, ASKED)
        return list({hit["_id"]: hit for hit in found}.values())

    def candidates(self, hits: Sequence[Hit]) -> tuple[dict[str, list[str]], list[Hit]]:
        """By article, the ids of those that may belong to it, at most 200, those with the most in common first; and
        those of them that are not among `hits`. Articles of one batch have much the same ones: each is read once."""
        queries = {hit["_id"]: query for hit in hits if (query := candidates_query(hit))}
        bodies = [_columns(self._body(query, False, CANDIDATES), ["article_id"]) for query in queries.values()]
        found = self._search(self._names.articles, bodies)
        ids = {id: [_id(other) for other in others] for id, others in zip(queries, found, strict=True)}
        others = {other for found in ids.values() for other in found} - {hit["_id"] for hit in hits}
        asked = ({"terms": {"article_id": part}} for part in parts(sorted(others)))
        bodies = [_columns(self._body(query, False, 2 * IDS), COLUMNS) for query in asked]
        return ids, [told(hit) for hits in self._search(self._names.articles, bodies) for hit in hits]

    def places(self, ids: Sequence[str]) -> dict[str, Place]:
        """What articles say of their story: read without their texts."""
        bodies = [
            _columns(self._body({"terms": {"article_id": part}}, False, 2 * IDS), ["article_id", *PLACED])
            for part in parts(ids)
        ]
        found = (hit for hits in self._search(self._names.articles, bodies) for hit in hits)
        return {_id(hit): place({**hit, "_id": _id(hit)}, hit["fields"]) for hit in found}

    def stories(self, article_ids: Sequence[str], story_ids: Sequence[str]) -> dict[str, Stored]:
        """The stories that list any of these articles or have one of these ids, and where their signposts lead."""
        asked = [("article_ids", part) for part in parts(article_ids)]
        found: dict[str, Stored] = {}
        for _ in range(HOPS):
            asked += [("story_id", part) for part in parts(story_ids)]
            bodies = [self._body({"terms": {field: part}}, True, 10_000) for field, part in asked]
            for hits in self._search(self._names.stories, bodies):
                found |= {hit["_id"]: _stored(hit) for hit in hits}
            leads = {one.source["merged_into"] for one in found.values() if one.story is None}
            asked, story_ids = [], sorted(leads - set(found))
            if not story_ids:
                break
        return found

    def refresh(self, alias: str) -> None:
        """Makes what was written there searchable."""
        with every_failure_is_outage(alias):
            self._deadline.over(self._client).indices.refresh(index=alias)

    def _articles(self, field: str, values: Sequence[str], source: Sequence[str]) -> list[Hit]:
        bodies = [self._body({"terms": {field: part}}, source, 2 * IDS) for part in parts(values)]
        return [hit for hits in self._search(self._names.articles, bodies) for hit in hits]

    def _body(self, query: Mapping[str, Any], source: Sequence[str] | bool, size: int) -> dict[str, Any]:
        return {
            "query": query,
            **({} if source is False else {"_source": source}),
            "size": size,
            "seq_no_primary_term": True,
            "track_total_hits": False,
        }

    def _search(self, alias: str, bodies: Sequence[Mapping[str, Any]]) -> Iterator[list[Hit]]:
        """The hits of each; no shard may be missing."""
        head = {"index": alias, "allow_partial_search_results": False}
        for part in parts(bodies, SEARCHES):
            with every_failure_is_outage(alias):
                lines = [line for body in part for line in (head, body)]
                answer = self._deadline.over(self._client).msearch(searches=lines)
            for response in answer["responses"]:
                if "error" in response or response.get("timed_out"):
                    error = response.get("error", {"type": "timeout", "reason": "the time ran out"})
                    raise ServiceUnavailable(SERVICE, f"searching {alias}: {error['type']}: {error.get('reason')}")
                yield response["hits"]["hits"]


def parts(values: Sequence[T], size: int = IDS) -> Iterator[Sequence[T]]:
    """`values` in runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _columns(body: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """`body` for these fields only, from their columns: even an `_id` would have to be unpacked with the whole text."""
    return {**body, "stored_fields": "_none_", "docvalue_fields": fields}


def _id(hit: Hit) -> str:
    return str(hit["fields"]["article_id"][0])


def _stored(hit: Hit) -> Stored:
    source = hit["_source"]
    story = None if "merged_into" in source else story_of(source)
    return Stored(hit["_id"], hit["_index"], Version(hit["_seq_no"], hit["_primary_term"]), source, story)
