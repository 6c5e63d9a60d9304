"""What is left of a brief without articles that are forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from search.briefs.records import Brief, Clipping


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
