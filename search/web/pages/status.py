"""How the flow stands: what became of everything, what waits where and for how long, the services, the quarantine."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from search.flowdesk import QuarantineDesk, Vitals
from search.ports import FlowStatus, ServiceUnavailable
from search.web import flowrows
from search.web.feedrows import when
from search.web.pages.answers import done, see
from search.web.pages.forms import read_form, text, texts
from search.web.render import Renderer
from search.web.views import Reader

HELD = 100  # quarantined entries on the page
ENTRY = re.compile(r"[0-9a-f]{32}")


class StatusPages:
    """Makes the view's pages. What is away is shown as away, beside what is there."""

    def __init__(
        self, renderer: Renderer, status: FlowStatus, vitals: Vitals | None, quarantine: QuarantineDesk | None
    ) -> None:
        self._renderer, self._status, self._vitals, self._quarantine = renderer, status, vitals, quarantine

    def page(self, request: Request) -> HTMLResponse:
        reader = self._renderer.reader(request)
        view = {**self._now(reader), **self._held(reader), "done": done(request, reader, "status")}
        return self._renderer.page(request, "status.html", view, at="status")

    def now(self, request: Request) -> HTMLResponse:
        """The part that keeps itself up to date."""
        return self._renderer.page(request, "_status.html", self._now(self._renderer.reader(request)), at="status")

    async def act(self, request: Request) -> Response:
        """Sends chosen entries on again, or gives them up; `all` means all there are."""
        if self._quarantine is None:
            raise HTTPException(404, "this page has no quarantine")
        form = await read_form(request)
        what, ids = text(form, "act"), [id for id in texts(form, "id") if ENTRY.fullmatch(id)]
        chosen = None if what.endswith("-all") else ids
        match what.removesuffix("-all"):
            case "replay":
                n = await to_thread(self._quarantine.replay, chosen)
            case "discard":
                n = await to_thread(self._quarantine.discard, chosen)
            case _:
                raise HTTPException(400, "act is replay, replay-all, discard or discard-all")
        asked = urlencode({"done": what.removesuffix("-all") if n else "nothing", "n": n})
        return see(f"/status?{asked}#quarantine")

    def _now(self, reader: Reader) -> dict[str, Any]:
        try:
            summary: Mapping[str, Any] = self._status.summary()
        except ServiceUnavailable as away:
            summary = {"error": str(away)}
        minutes = self._vitals.throughput() if self._vitals else ()
        return {
            "at_moment": datetime.now(UTC).isoformat(timespec="seconds"),
            "error": summary.get("error"),
            "paused": summary.get("paused"),
            "phase": summary.get("phase"),
            "sum": flowrows.outcomes(summary, reader),
            "discards": flowrows.discards(summary, reader),
            "stages": flowrows.stages(summary, reader),
            "revisits": flowrows.revisits(summary, reader),
            "bars": flowrows.bars(minutes),
            "throughput": flowrows.throughput(minutes, reader),
            "scale": [reader.clock(minutes[0].at), reader.clock(minutes[-1].at)] if minutes else [],
            "vitals": [flowrows.vital_row(one, reader) for one in (self._vitals.vitals() if self._vitals else ())],
        }

    def _held(self, reader: Reader) -> dict[str, Any]:
        """What is in quarantine; `held` None where this page has none."""
        if self._quarantine is None:
            return {"held": None}
        try:
            total, entries = self._quarantine.total(), self._quarantine.listed(HELD)
        except ServiceUnavailable as away:
            return {"held": [], "held_total": 0, "held_n": "", "held_error": str(away)}
        now = datetime.now(UTC)
        rows: Sequence[dict[str, Any]] = [
            {
                "entry": one,
                "since": when(one.since, reader, now),
                "href": one.url if urlsplit(one.url).scheme in {"http", "https"} else None,
                "stage": flowrows.stage_name(one.stage, reader),
            }
            for one in entries
        ]
        return {"held": rows, "held_total": total, "held_n": reader.counted("status_held", total), "held_error": ""}


def make_router(
    renderer: Renderer, status: FlowStatus, vitals: Vitals | None, quarantine: QuarantineDesk | None
) -> APIRouter:
    """`/status`, its part `/status/now`, and `/status/quarantine` where entries are sent on or given up."""
    pages = StatusPages(renderer, status, vitals, quarantine)
    router = APIRouter(include_in_schema=False)
    router.get("/status")(pages.page)
    router.get("/status/now")(pages.now)
    router.post("/status/quarantine")(pages.act)
    return router
