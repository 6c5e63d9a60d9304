"""New articles as they come in: a page that fills itself by server-sent events (HTML Living Standard, 9.2)."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.responses import Response

from search.client import IncompleteAnswerError
from search.live import LivePort, iso
from search.ports import ServiceUnavailable
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.web import views
from search.web.livehub import Event, LiveHub
from search.web.problems import problem
from search.web.render import Renderer

SHOWN = 40  # articles that the page begins with
PLACE = 60  # characters of a place
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second: nginx hands on each event at once


def make_router(renderer: Renderer, port: LivePort) -> APIRouter:
    """`/live` and `/live/stream`."""
    router = APIRouter(include_in_schema=False)
    hub = LiveHub(port)

    @router.get("/live")
    async def live(request: Request, q: str = "") -> HTMLResponse:
        query = q[: MAX_CHARS + 1].strip()
        shown = await _first(hub, port, query, renderer.reader(request))
        status = 400 if shown["state"] == "query" else 200
        return renderer.page(request, "live.html", {"query": query, **shown}, status=status, at="live")

    @router.get("/live/stream")
    async def stream(request: Request, q: str = "", after: str = "") -> Response:
        """Events: `article` (HTML of one row), `gap`, `away` (why), `back`; the id is where to go on from."""
        query = q[: MAX_CHARS + 1].strip()
        place = request.headers.get("last-event-id", "") or after
        if hub.full:
            return problem("busy", 503, "as many readers follow as there may be; try again in a while")
        first = await hub.place(query)

        async def told() -> AsyncIterator[str]:
            async with aclosing(hub.events(query, place[:PLACE] or first)) as events:
                yield "retry: 2000\n: following\n\n"
                async for event in events:
                    yield _told(event, renderer, request)

        return StreamingResponse(told(), media_type="text/event-stream", headers=HEADERS)

    return router


async def _first(hub: LiveHub, port: LivePort, query: str, reader: views.Reader) -> dict[str, Any]:
    """What the page begins with. The place first: what comes in between is shown, and told again, but never missed."""
    try:
        place = await hub.place(query)
        arrivals = await to_thread(port.newest, query, SHOWN)
    except QueryError as error:
        return {"state": "query", "fault": error, "rows": [], "place": ""}
    except (ServiceUnavailable, IncompleteAnswerError) as error:
        return {"state": "away", "why": str(error), "rows": [], "place": ""}
    rows = [views.row(one.hit, reader) for one in arrivals]
    return {"state": "list", "rows": rows, "place": place, "address": views.address, "now": iso(datetime.now(UTC))}


def _told(event: Event, renderer: Renderer, request: Request) -> str:
    if event.kind == "beat":
        return ": still here\n\n"
    if event.arrival is None:
        return f"event: {event.kind}\n{_id(event.place)}{_data(event.why)}\n"
    view: Mapping[str, object] = {
        "row": views.row(event.arrival.hit, renderer.reader(request)),
        "address": views.address,
        "now": iso(datetime.now(UTC)),
    }
    html = bytes(renderer.page(request, "_arrival.html", view, at="live").body).decode()
    return f"event: article\n{_id(event.place)}{_data(html)}\n"


def _id(place: str) -> str:
    return f"id: {place}\n" if place.replace(".", "").isalnum() else ""


def _data(text: str) -> str:
    """`text` as lines of an event: whatever it holds, it ends no line of ours."""
    return "".join(f"data: {line}\n" for line in text.replace("\r", "\n").split("\n"))
