"""The API's feeds: which are followed, and how each does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AwareDatetime

from ingest.health import State
from ingest.records import Feed, Record
from search.feeddesk import FeedDesk, FeedHealth

ID = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="A feed's id, 16 hex digits.")]


class FeedStatus(Record):
    """A feed and how it does. Times are null until there was one; `error` is empty while the last poll went well."""

    feed: Feed
    state: State
    polls: int
    entries: int  # new ones it brought, ever
    last_poll: AwareDatetime | None
    last_success: AwareDatetime | None
    last_new: AwareDatetime | None
    next_poll: AwareDatetime | None
    failures: int  # in a row
    error: str
    error_kind: str
    problems: str
    expected: float | None  # entries a day, by its past
    seen: float | None  # of late
    moved: str


class Feeds(Record):
    """Those asked for, by folder and name; `total` of all that are followed."""

    total: int
    feeds: tuple[FeedStatus, ...]


def make_router(desk: FeedDesk) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter(tags=["feeds"])

    @router.get("/api/feeds")
    def feeds(
        state: Annotated[
            list[Literal["new", "ok", "quiet", "failing", "gone"]] | None, Query(description="Only these states.")
        ] = None,
    ) -> Feeds:
        """The feeds that are followed."""
        every = desk.feeds()
        chosen = [one for one in every if not state or one.state in state]
        return Feeds(total=len(every), feeds=tuple(map(_status, chosen)))

    @router.get("/api/feeds/{id}", responses={404: {"description": "No such feed is followed."}})
    def feed(id: ID) -> FeedStatus:
        """One feed."""
        found = desk.feed(id)
        if found is None:
            raise HTTPException(404, f"no feed {id} is followed")
        return _status(found)

    return router


def _status(health: FeedHealth) -> FeedStatus:
    fields: dict[str, Any] = {name: getattr(health, name) for name in FeedStatus.model_fields}
    return FeedStatus(**fields)
