"""What readers kept of articles that are to be forgotten: out of their briefs, the texts, the raw pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial

from elasticsearch import Elasticsearch

from search.briefs.changes import BriefError
from search.briefs.records import Brief, Clipping
from search.briefs.store import ElasticsearchBriefs
from search.bulk import action, send
from search.client import SERVICE, missing_is_outage, walk
from search.ports import ServiceUnavailable
from search.schema import Names


def forget_kept(client: Elasticsearch, prefix: str, ids: Collection[str], texts: Mapping[str, str]) -> None:
    """Takes these articles out of all briefs and deletes `texts` (article by text) and their pages; again: the same.

    What a reader wrote beside them goes with a clipping that goes; a brief's own title and note are the reader's and
    stay. Raises ServiceUnavailable, BriefError where a brief is changed by others all the time.
    """
    names, wanted = Names(prefix), sorted(ids)
    briefs = ElasticsearchBriefs(client, prefix)
    with missing_is_outage(names.briefs):
        client.indices.refresh(index=names.briefs)
    for hits in walk(client, names.briefs, {"terms": {"article_ids": wanted}}, source=()):
        for hit in hits:
            try:
                briefs.change(hit["_id"], partial(without, gone=frozenset(ids), texts=frozenset(texts)))
            except BriefError as error:
                if error.reason != "no-brief":
                    raise
    actions = [action("delete", alias, id) for id in texts for alias in (names.clippings, names.pages)]
    items = send(client, actions) if actions else []
    wrong = next((item for item in items if item.status not in {200, 404}), None)
    if wrong is not None:
        raise ServiceUnavailable(SERVICE, f"forgetting what was kept: {wrong.reason}")


def without(brief: Brief, at: datetime, *, gone: Collection[str], texts: Collection[str]) -> Brief:
    """The brief without these articles and texts: neither kept nor to be put back."""
    clippings = tuple(left for one in brief.clippings if (left := _left(one, gone, texts)))
    removed = tuple(
        one.model_copy(update={"clipping": left})
        for one in brief.removed
        if (left := _left(one.clipping, gone, texts)) is not None
    )
    if (clippings, removed) == (brief.clippings, brief.removed):
        return brief
    return brief.model_copy(update={"clippings": clippings, "removed": removed, "updated": at})


def _left(clipping: Clipping, gone: Collection[str], texts: Collection[str]) -> Clipping | None:
    """A kept story goes on with its other articles, as long as one of their texts was kept too."""
    if clipping.story_id is None:
        return None if clipping.article_id in gone else clipping
    members = tuple(one for one in clipping.members if one.article_id not in gone)
    left = tuple(id for id in clipping.texts if id not in texts)
    whole = [one for one in members if one.url is not None]  # their texts were kept, in this order
    if len(members) == len(clipping.members) and clipping.article_id not in gone:
        return clipping
    if not left or not whole:
        return None
    first = next((one for one in whole if one.article_id == clipping.article_id), whole[0])
    less = len(clipping.members) - len(members)
    return clipping.model_copy(
        update={
            "members": members,
            "texts": left,
            "article_id": first.article_id,
            "title": first.title,
            "size": max(len(members), clipping.size - less),
            "sources": min(clipping.sources, max(1, clipping.size - less)),
        }
    )
