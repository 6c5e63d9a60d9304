"""What comes in, as server-sent events (HTML Living Standard, 9.2): rows of HTML, each with the place to go on from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import TypeVar

from fastapi.responses import StreamingResponse
from starlette.responses import Response

from search.live import Arriving
from search.web.livehub import Event, LiveHub
from search.web.problems import problem

PLACE = 60  # characters of a place
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second: nginx hands on each event at once
A = TypeVar("A", bound=Arriving)


async def streamed(hub: LiveHub[A], query: str, place: str, row: Callable[[A], str]) -> Response:
    """Events: `article` (`row`, HTML), `gap`, `away` (why), `back`; the id is where to go on from."""
    if hub.full:
        return problem("busy", 503, "as many readers follow as there may be; try again in a while")
    first = await hub.place(query)

    async def told() -> AsyncIterator[str]:
        async with aclosing(hub.events(query, place[:PLACE] or first)) as events:
            yield "retry: 2000\n: following\n\n"
            async for event in events:
                yield _told(event, row)

    return StreamingResponse(told(), media_type="text/event-stream", headers=HEADERS)


def _told(event: Event[A], row: Callable[[A], str]) -> str:
    if event.kind == "beat":
        return ": still here\n\n"
    if event.arrival is None:
        return f"event: {event.kind}\n{_id(event.place)}{_data(event.why)}\n"
    return f"event: article\n{_id(event.place)}{_data(row(event.arrival))}\n"


def _id(place: str) -> str:
    return f"id: {place}\n" if place.replace(".", "").isalnum() else ""


def _data(text: str) -> str:
    """`text` as lines of an event: whatever it holds, it ends no line of ours."""
    return "".join(f"data: {line}\n" for line in text.replace("\r", "\n").split("\n"))
