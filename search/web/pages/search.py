"""The page and its fragment: one view, rendered whole for the first look and in part for each refresh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from search.client import IncompleteAnswerError
from search.ports import FlowStatus, SearchPort, ServiceUnavailable, Sort
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.search import WINDOW
from search.web import views
from search.web.render import Renderer

PAGE_SIZE = 50
EVERY = {"setting-up": 1_000}  # milliseconds between two refreshes by phase
EVERY_OTHERWISE = 4_000


class Pages:
    """Makes the page for one reader's request. Waits for nothing: what is away is shown as away."""

    def __init__(self, renderer: Renderer, search: SearchPort, status: FlowStatus) -> None:
        self._renderer = renderer
        self._search = search
        self._status = status

    def render(self, template: str, request: Request, query: str, sort: Sort, from_: int) -> HTMLResponse:
        shown = self._view(self._renderer.reader(request), query.strip(), sort, from_)
        status = 400 if shown["state"] == "query" and template == "search.html" else 200
        return self._renderer.page(request, template, shown, status=status, at="search")

    def _view(self, reader: views.Reader, query: str, sort: Sort, from_: int) -> dict[str, Any]:
        summary = self._summary()
        phase = str(summary.get("phase") or "running")
        steps = views.steps(summary, reader)
        view: dict[str, Any] = {
            "query": query,
            "sort": sort,
            "kept": {"sort": sort} if sort != "seen" else {},
            "sorts": [(name, reader.word(f"by_{name}"), views.address(query, name)) for name in get_args(Sort)],
            "from_": from_,
            "phase": phase,
            "every": EVERY.get(phase, EVERY_OTHERWISE),
            "live": from_ == 0,
            "steps": steps,
            "setup_failed": any(step.state == "failed" for step in steps),
            "counts": views.counts(summary, reader),
            "feeds": views.feed_counts(summary, reader),
            "paused": summary.get("paused"),
            "status_error": summary.get("error"),
            "address": views.address,
        }
        return view | ({"state": "setting-up"} if phase == "setting-up" else self._found(reader, query, sort, from_))

    def _summary(self) -> Mapping[str, Any]:
        try:
            return self._status.summary()
        except ServiceUnavailable as error:
            return {"error": str(error)}

    def _found(self, reader: views.Reader, query: str, sort: Sort, from_: int) -> dict[str, Any]:
        """`state` says which part of the template is shown: list, none, empty, query, away, incomplete, too-far."""
        if from_ + PAGE_SIZE > WINDOW:
            return {"state": "too-far", "window": reader.number(WINDOW)}
        try:
            result = self._search.search(query, size=PAGE_SIZE, from_=from_, sort=sort)
        except QueryError as error:
            return {"state": "query", "fault": error, "better": _better(query, error)}
        except ServiceUnavailable as error:
            return {"state": "away", "why": str(error)}
        except IncompleteAnswerError as error:
            return {"state": "incomplete", "why": str(error)}
        following = from_ + len(result.hits)
        return {
            "state": "list" if result.hits else ("none" if query else "empty"),
            "total": reader.counted("articles", result.total),
            "days": views.days(result.hits, reader, sort),
            "older": views.address(query, sort, following) if following < result.total else None,
        }


def make_router(renderer: Renderer, search: SearchPort, status: FlowStatus) -> APIRouter:
    """`/` and `/fragment`."""
    pages = Pages(renderer, search, status)
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/")
    def page(
        request: Request,
        q: str = "",
        sort: str = "seen",
        from_: Annotated[int, Query(alias="from", ge=0, le=WINDOW)] = 0,
    ) -> HTMLResponse:
        return pages.render("search.html", request, q[: MAX_CHARS + 1], _sort(sort), from_)

    @router.get("/fragment")
    def fragment(
        request: Request,
        q: str = "",
        sort: str = "seen",
        from_: Annotated[int, Query(alias="from", ge=0, le=WINDOW)] = 0,
    ) -> HTMLResponse:
        return pages.render("_fragment.html", request, q[: MAX_CHARS + 1], _sort(sort), from_)

    return router


def _sort(given: str) -> Sort:
    """A link with an order that is no more still shows something."""
    return cast(Sort, given) if given in get_args(Sort) else "seen"


def _better(query: str, fault: QueryError) -> str | None:
    """The query with its misspelt field put right."""
    if fault.suggestion is None:
        return None
    end = query.find(":", fault.position)
    return query[: fault.position] + fault.suggestion + query[end:] if end >= 0 else None
