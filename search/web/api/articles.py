"""The API's single articles: as they stand, and what they said before."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AwareDatetime

from ingest.records import Record
from ingest.worddiff import Piece, word_diff
from search.articles import ArticlePort, ArticleRecord
from search.history import Event, History, Version

ID = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="An article's id, 32 hex digits.")]
LABEL = r"^[0-9a-z-]{1,40}$"
ABSENT: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such article, or no such version of it."}}


class Text(Record):
    """One text of an article, without its words. `replaced`: when another took its place."""

    label: str
    revision: int
    title: str
    words: int  # separated by white space
    read: AwareDatetime
    replaced: AwareDatetime | None = None
    changed: tuple[str, ...] = ()
    stub: bool = False  # stood on the page while the article was gone from it


class Changed(Record):
    """A run of text: `same` in both versions, `removed` from the old one, `added` in the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


class Difference(Record):
    """What changed between two versions, word by word."""

    old: str
    new: str
    title: tuple[Changed, ...]
    body: tuple[Changed, ...]


class ArticleHistory(Record):
    """What an article said, the earliest first, and what visits to its page found. `difference`: between the versions
    asked for, else between the last two; None where there is one only. `missing`: texts that should be there."""

    id: str
    url: str
    versions: tuple[Text, ...]
    events: tuple[Event, ...]
    missing: tuple[str, ...] = ()
    difference: Difference | None = None


def make_router(articles: ArticlePort) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter(tags=["articles"])

    @router.get("/api/articles/{id}", responses=ABSENT)
    def article(id: ID) -> ArticleRecord:
        """The article with its text, tags, and where each value came from."""
        found = articles.article(id)
        if found is None:
            raise HTTPException(404, f"there is no article {id}")
        return found

    @router.get("/api/articles/{id}/history", responses=ABSENT)
    def history(
        id: ID,
        old: Annotated[str | None, Query(alias="from", pattern=LABEL, description="A version's label: 1, 2, …")] = None,
        new: Annotated[str, Query(alias="to", pattern=LABEL, description="Another's; now: the last.")] = "now",
    ) -> ArticleHistory:
        """Its versions, and what changed between two of them."""
        found = articles.history(id)
        if found is None:
            raise HTTPException(404, f"there is no article {id}")
        return ArticleHistory(
            id=id,
            url=found.article["url"],
            versions=tuple(map(_text, found.versions)),
            events=found.events,
            missing=found.missing,
            difference=_difference(found, old, new),
        )

    return router


def _difference(found: History, old: str | None, new: str) -> Difference | None:
    later = _version(found, new)
    if old is None:
        before = [one for one in found.versions if not one.stub and one.revision < later.revision]
        if not before:
            return None
        earlier = before[-1]
    else:
        earlier = _version(found, old)
    return Difference(
        old=earlier.label,
        new=later.label,
        title=_changed(word_diff(earlier.title, later.title)),
        body=_changed(word_diff(earlier.body, later.body)),
    )


def _version(found: History, label: str) -> Version:
    version = found.version(label)
    if version is None:
        there = ", ".join(one.label for one in found.versions)
        raise HTTPException(404, f"there is no version {label}; there are: {there}, now")
    return version


def _changed(pieces: tuple[Piece, ...]) -> tuple[Changed, ...]:
    return tuple(Changed(kind=one.kind, text=one.text) for one in pieces)


def _text(version: Version) -> Text:
    kept = {name: getattr(version, name) for name in Text.model_fields if name != "words"}
    return Text(**kept, words=len(version.body.split()))
