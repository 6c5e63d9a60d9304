"""The API's search. Field names are those of the documents and the command line."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from search.ports import SearchPort, Sort
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.search import MAX_SIZE, WINDOW


def make_router(search: SearchPort) -> APIRouter:
    """The routes, on the given port."""
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

    return router
