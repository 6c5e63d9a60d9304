"""The search: the whole page, the part of it that a refresh replaces, further rows, a folded story's other articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from search.ports import (
    CursorError,
    FlowStatus,
    IncompleteAnswerError,
    SearchPort,
    SearchResult,
    ServiceUnavailable,
    Sort,
)
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.web import narrowing, views
from search.web.asked import Asked
from search.web.render import Renderer
from search.web.wording import ranged

PAGE_SIZE = 30
FOLDED = 20  # articles of a story that are unfolded in the list; its page shows all
EVERY = {"setting-up": 1_000}  # milliseconds between two refreshes by phase
EVERY_OTHERWISE = 4_000
EARLIEST, LATEST = 1000, 9998  # years of a time in an address: strftime writes others in other widths
Kibana = Callable[[str, bool], str]
EXPORTS = (("csv", "/api/search.csv"), ("ndjson", "/api/search.ndjson"), ("atom", "/api/search.atom"))


class SearchView:
    """Makes the parts of the page for one reader. Waits for nothing: what is away is shown as away."""

    def __init__(self, renderer: Renderer, search: SearchPort, status: FlowStatus, kibana: Kibana | None) -> None:
        self._renderer = renderer
        self._search = search
        self._status = status
        self._kibana = kibana

    def whole(self, request: Request, asked: Asked) -> HTMLResponse:
        shown = self._view(request, asked, whole=True)
        return self._renderer.page(
            request, "search.html", shown, status=400 if shown["state"] == "query" else 200, at="search"
        )

    def part(self, request: Request, asked: Asked) -> HTMLResponse:
        """The strip and the list as they are now, without what narrows the search."""
        return self._renderer.page(request, "_fragment.html", self._view(request, asked, whole=False), at="search")

    def older(self, request: Request, asked: Asked) -> HTMLResponse:
        """The rows after those that the cursor stands for."""
        reader = self._renderer.reader(request)
        found = self._list(reader, asked, whole=False)
        template = "_rows.html" if found["state"] == "list" else "_instead.html"
        return self._renderer.page(request, template, self._about(asked, reader) | found)

    def unfolded(self, request: Request, story_id: str, but: str) -> HTMLResponse:
        """The other articles of a story, the newest first."""
        reader = self._renderer.reader(request)
        try:
            result = self._search.search(f'story:"{story_id}"', size=FOLDED + 1)
        except (ServiceUnavailable, IncompleteAnswerError) as error:
            return self._renderer.page(request, "_unfolded.html", {"rows": (), "why": str(error), "story_id": story_id})
        others = [views.row(hit, reader) for hit in result.hits if hit.id != but][:FOLDED]
        view = {"rows": others, "why": "", "story_id": story_id, "further": max(0, result.total - 1 - len(others))}
        return self._renderer.page(request, "_unfolded.html", view)

    def _view(self, request: Request, asked: Asked, *, whole: bool) -> dict[str, Any]:
        reader = self._renderer.reader(request)
        summary = self._summary()
        phase = str(summary.get("phase") or "running")
        steps = views.steps(summary, reader)
        view: dict[str, Any] = self._about(asked, reader) | {
            "phase": phase,
            "every": EVERY.get(phase, EVERY_OTHERWISE),
            "live": asked.cursor is None,
            "steps": steps,
            "setup_failed": any(step.state == "failed" for step in steps),
            "counts": views.counts(summary, reader),
            "feeds": views.feed_counts(summary, reader),
            "paused": summary.get("paused"),
            "status_error": summary.get("error"),
        }
        return view | ({"state": "setting-up"} if phase == "setting-up" else self._list(reader, asked, whole=whole))

    def _about(self, asked: Asked, reader: views.Reader) -> dict[str, Any]:
        return {
            "asked": asked,
            "query": asked.query,
            "kept": asked.how,
            "sorts": [(name, reader.word(f"by_{name}"), asked.address(sort=name)) for name in get_args(Sort)],
            "exports": [(name, asked.address(path)) for name, path in EXPORTS if path in self._renderer.offered],
            "kibana": None,
        }

    def _summary(self) -> Mapping[str, Any]:
        try:
            return self._status.summary()
        except ServiceUnavailable as error:
            return {"error": str(error)}

    def _list(self, reader: views.Reader, asked: Asked, *, whole: bool) -> dict[str, Any]:
        """`state` says which part of the template is shown: list, none, empty, query, away, incomplete, expired."""
        try:
            result = self._search.search(
                asked.query,
                size=PAGE_SIZE,
                sort=asked.sort,
                stemmed=asked.stemmed,
                facets=narrowing.FACETS if whole else (),
                timeline=whole and asked.cursor is None,
                fold=asked.fold,
                cursor=asked.cursor,
            )
        except QueryError as error:
            return {"state": "query", "fault": error, "better": error.mended(asked.query)}
        except CursorError as error:
            return {"state": "expired", "why": str(error)}
        except ServiceUnavailable as error:
            return {"state": "away", "why": str(error)}
        except IncompleteAnswerError as error:
            return {"state": "incomplete", "why": str(error)}
        state = "list" if result.hits else ("none" if asked.query else "empty")
        return {"state": state, "whole": whole} | self._shown(reader, asked, result, whole=whole)

    def _shown(self, reader: views.Reader, asked: Asked, result: SearchResult, *, whole: bool) -> dict[str, Any]:
        days = views.days(result.hits, reader, asked.sort, begun=asked.day)
        last = days[-1].date if days else None
        return {
            "total": reader.counted("articles", result.total),
            "days": days,
            "older": asked.address(cursor=result.cursor, day=last) if result.cursor else None,
            "more": asked.address("/older", cursor=result.cursor, day=last) if result.cursor else None,
            "chosen": narrowing.chosen(result.facets, asked, reader),
            "facets": narrowing.facets(result.facets, asked, reader),
            "kibana": self._kibana(asked.query, asked.stemmed) if whole and self._kibana else None,
            "chart": narrowing.chart(result.timeline, asked, reader),
        }


async def _asked(  # async: a thread for it would cost more than it does
    *, q: str = "", sort: str = "seen", stemmed: str = "", fold: str = "", cursor: str = "", day: str = ""
) -> Asked:
    return Asked.given(q[: MAX_CHARS + 1], sort=sort, stemmed=stemmed, fold=fold, cursor=cursor, day=day)


Wanted = Annotated[Asked, Depends(_asked)]


def make_router(
    renderer: Renderer, search: SearchPort, status: FlowStatus, *, kibana: Kibana | None = None
) -> APIRouter:
    """`/`, `/fragment`, `/older`, `/unfold/{story_id}`."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    view = SearchView(renderer, search, status, kibana)

    @router.get("/")
    def page(
        request: Request, asked: Wanted, since: Annotated[str, Query(alias="from")] = "", to: str = ""
    ) -> Response:
        """The page. `from` and `to` (times) become words of the query: what is searched always stands in the box."""
        zone = renderer.reader(request).tz
        start, end = _moment(since, zone), _moment(to, zone)
        if start or end:
            words = ranged(asked.query, asked.field, start, end, renderer.tz)
            return RedirectResponse(asked.address(query=words), 303)
        return view.whole(request, asked)

    @router.get("/fragment")
    def fragment(request: Request, asked: Wanted) -> HTMLResponse:
        return view.part(request, asked)

    @router.get("/older")
    def older(request: Request, asked: Wanted) -> HTMLResponse:
        return view.older(request, asked)

    @router.get("/unfold/{story_id}")
    def unfold(request: Request, story_id: str, but: str = "") -> HTMLResponse:
        return view.unfolded(request, "".join(sign for sign in story_id[:64] if sign.isalnum()), but)

    return router


def _moment(given: str, tz: str) -> datetime | None:
    """A time as the timeline's script or a form gives it; without a zone it is the reader's."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    if at.year < EARLIEST or at.year > LATEST:  # outside no zone can be changed for another; nothing is that old
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(tz))
