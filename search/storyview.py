"""A story as people read it, and the end of the sample's."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch
from pydantic import AwareDatetime

from ingest.records import Record
from ingest.stories import Member, Story, by_time
from search.bulk import action, send
from search.client import complete, missing_is_outage, walk
from search.schema import Names
from search.storybook import TOLD, member, story_of, story_source
from search.storysearch import HOPS


class StoryView(Record):
    """A story, or an article that stands alone. `members` are those it lists (500 at most), the earliest first."""

    id: str
    title: str
    language: str | None = None
    size: int  # articles, copies too
    copies: int
    source_count: int  # independent ones: different owners
    owners: tuple[str, ...]
    sources: tuple[str, ...]
    agencies: tuple[str, ...]
    first: AwareDatetime
    last: AwareDatetime
    members: tuple[Member, ...]


def story(client: Elasticsearch, names: Names, id: str) -> StoryView | None:
    """The story that has this id, or had it before it became part of another; of an article's id, its story.

    None where there is neither. As of the last refresh. Raises ServiceUnavailable, IncompleteAnswerError.
    """
    for _ in range(HOPS):
        found = _one(client, names.stories, {"term": {"story_id": id}}, ["*"])
        if found is not None:
            if "merged_into" not in found["_source"]:
                return _view(found["_source"])
            id = found["_source"]["merged_into"]
            continue
        article = _one(client, names.articles, {"term": {"article_id": id}}, TOLD)
        if article is None:
            return None
        leads = article["_source"].get("story_id", id)
        if leads == id:
            alone = member(article)
            language = article["_source"].get("language")
            return _view(story_source(Story(id=id, language=language, members=(alone,), owners=(alone.owner,))))
        id = leads
    return None


def delete_sample_stories(client: Elasticsearch, names: Names) -> int:
    """Removes the stories of sample articles; how many there were. Raises ServiceUnavailable."""
    with missing_is_outage(names.stories):
        client.indices.refresh(index=names.stories)
    deleted = 0
    for hits in walk(client, names.stories, {"term": {"sample": True}}, source=()):
        items = send(client, [action("delete", hit["_index"], hit["_id"]) for hit in hits])
        wrong = next((item for item in items if item.status not in {200, 404}), None)
        if wrong is not None:
            raise RuntimeError(f"the sample's stories could not be deleted: {wrong.reason}")
        deleted += sum(item.status == 200 for item in items)
    with missing_is_outage(names.stories):
        client.indices.refresh(index=names.stories)
    return deleted


def _one(client: Elasticsearch, alias: str, query: dict[str, Any], source: list[str]) -> Any:
    with missing_is_outage(alias):
        answer = client.search(index=alias, query=query, source={"includes": source}, size=1)
    hits = complete(answer.body, f"searching {alias}")["hits"]["hits"]
    return hits[0] if hits else None


def _view(source: dict[str, Any]) -> StoryView:
    fields = {name: source[name] for name in StoryView.model_fields if name in source and name != "members"}
    return StoryView(id=source["story_id"], members=tuple(sorted(story_of(source).members, key=by_time)), **fields)
