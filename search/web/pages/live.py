"""New articles as they come in: a page that fills itself by server-sent events (HTML Living Standard, 9.2)."""

from __future__ import annotations

from asyncio import to_thread
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from search.live import Arrival, LivePort, iso
from search.ports import IncompleteAnswerError, ServiceUnavailable
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.web import views
from search.web.livehub import LiveHub
from search.web.render import Renderer
from search.web.streaming import streamed

SHOWN = 40  # articles that the page begins with


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
        query = q[: MAX_CHARS + 1].strip()

        def row(arrival: Arrival) -> str:
            shown = views.row(arrival.hit, renderer.reader(request))
            view = {"row": shown, "address": views.address, "now": iso(datetime.now(UTC))}
            return bytes(renderer.page(request, "_arrival.html", view, at="live").body).decode()

        return await streamed(hub, query, request.headers.get("last-event-id", "") or after, row)

    return router


async def _first(hub: LiveHub[Arrival], port: LivePort, query: str, reader: views.Reader) -> dict[str, Any]:
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
