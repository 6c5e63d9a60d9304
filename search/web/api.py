"""The API: search, status, health. Field names are those of the documents and the command line."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from search.ports import FlowStatus, SearchPort, Sort
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.search import MAX_SIZE, WINDOW


def make_router(search: SearchPort, status: FlowStatus) -> APIRouter:
    """The routes, on the given ports."""
    router = APIRouter()

    @router.get("/api/search")
    def find(
        q: Annotated[str, Query(max_length=MAX_CHARS)] = "",
        size: Annotated[int, Query(ge=0, le=MAX_SIZE)] = 20,
        from_: Annotated[int, Query(alias="from", ge=0, le=WINDOW)] = 0,
        sort: Sort = "seen",
    ) -> dict[str, Any]:
        """`{total, hits: [{id, url, title, …}]}`, newest seen first."""
        if from_ + size > WINDOW:
            raise QueryError(f"only the first {WINDOW} hits can be paged through; narrow the query", len(q))
        return search.search(q, size=size, from_=from_, sort=sort).model_dump(mode="json", by_alias=True)

    @router.get("/api/status")
    def state() -> dict[str, Any]:
        """The flow's counts, the feeds, the set-up."""
        return dict(status.summary())

    @router.get("/healthz")
    def healthy() -> dict[str, str]:
        """The page answers; what it shows may still be on its way."""
        return {"status": "ok"}

    return router
