"""Lists in which one article stands for its whole story.

The first page is one search that Elasticsearch collapses by story. It cannot collapse what comes after a hit, so later
pages walk the unfolded hits of a point in time, and keep of each story only its first hit: not those whose story the
first page showed, nor those before which another of their story stands. Which one is first is asked for all stories
of a walk at once; so a page needs to know the stories of the first page alone, however deep it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from search.paging import Position, Values, ahead, story_key
from search.ports import Fold, Sort

WALKED = 200  # hits looked through at once
WALKS = 10  # for one page; where so many stories have so many copies, the page is short and has a next one
HOPS = 3  # from signpost to signpost of merged stories: more than are ever in a row within minutes
STORY = ["story_id", "size", "source_count", "first", "last", "merged_into"]


class Asking(Protocol):
    """A search over the articles of one query, within one point in time; gives its hits."""

    def __call__(self, **body: Any) -> list[Mapping[str, Any]]: ...


class FoldedPage(NamedTuple):
    """Ids of the hits that stand for their stories, in order; where the next page begins, None at the end."""

    ids: list[str]
    after: Values | None


def later_page(ask: Asking, position: Position, size: int, sort: Sort) -> FoldedPage:
    """The page after `position`: never a story that was there, and every one once."""
    found: list[str] = []
    shown = set(position.shown)
    after = position.after
    for _ in range(WALKS):
        hits = ask(size=WALKED, search_after=list(after), docvalue_fields=["story_id"], source=False)
        told = [(hit, story_id(hit)) for hit in hits]
        news = list(dict.fromkeys(story for _, story in told if story_key(story) not in shown))
        first = _first_of(ask, news, position.first_end, sort) if news else {}
        for hit, story in told:
            if first.get(story) == hit["_id"]:
                if len(found) == size:  # one more: there is a next page
                    return FoldedPage(found, after)
                found.append(hit["_id"])
            after = tuple(hit["sort"][: len(after)])
        if len(hits) < WALKED:
            return FoldedPage(found, None)
    return FoldedPage(found, after)


def story_id(hit: Mapping[str, Any]) -> str:
    """Of a hit read with its document value; an article of no story is one by itself."""
    values = (hit.get("fields") or {}).get("story_id")
    return str(values[0]) if values else str(hit["_id"])


def _first_of(ask: Asking, stories: Sequence[str], end: Values, sort: Sort) -> dict[str, str]:
    """By story, the id of the first of its hits after the first page, which ended with `end`."""
    among: dict[str, Any] = {"terms": {"story_id": list(stories)}}
    hits = ask(among=among, size=len(stories), collapse={"field": "story_id"}, source=False)
    first = {story_id(hit): hit for hit in hits}
    late = [story for story, hit in first.items() if not ahead(end, hit["sort"], sort)]
    for story in late:  # an article that came after the first page was made, and would stand on it
        among = {"term": {"story_id": story}}
        rest = ask(among=among, size=1, search_after=list(end), docvalue_fields=["story_id"], source=False)
        first |= {story: rest[0]} if rest else {}
    return {story: str(hit["_id"]) for story, hit in first.items()}


def folds_of(documents: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Fold], dict[str, str]]:
    """The stories in these documents of `stories` by id, and where signposts lead."""
    folds: dict[str, Fold] = {}
    signposts: dict[str, str] = {}
    for one in documents:
        if "merged_into" in one:
            signposts[one["story_id"]] = one["merged_into"]
        else:
            folds[one["story_id"]] = Fold(
                story_id=one["story_id"],
                size=one["size"],
                sources=one["source_count"],
                first=one.get("first"),
                last=one.get("last"),
            )
    return folds, signposts
