"""Many feeds at once: the packs that come with Kawat, OPML in and out."""

from __future__ import annotations

from asyncio import to_thread
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from search.feeddesk import FeedDesk, UnwantedError
from search.ports import ServiceUnavailable
from search.web.pages.answers import away, done, see
from search.web.pages.forms import LARGEST, file, read_form, text, texts
from search.web.render import Renderer


class PackPages:
    """Makes the pages. `desk` answers for all feeds."""

    def __init__(self, renderer: Renderer, desk: FeedDesk) -> None:
        self._renderer, self._desk = renderer, desk

    async def imported(self, request: Request) -> HTMLResponse:
        given = await file(await read_form(request, LARGEST), "file")
        reader = self._renderer.reader(request)
        if given is None:
            return self._page(request, "imported.html", {"fault": reader.word("feeds_no_file")}, status=400)
        try:
            added = await to_thread(self._desk.import_opml, given.data, given.name)
        except UnwantedError as error:
            return self._page(request, "imported.html", {"fault": str(error)}, status=400)
        except ServiceUnavailable as why:
            return away(self._renderer, request, why, at="feeds")
        return self._page(request, "imported.html", {"fault": "", "added": added, "name": given.name})

    async def packs(self, request: Request) -> Response:
        """Follows a pack (`follow`), or no longer (`drop`)."""
        form = await read_form(request)
        try:
            if text(form, "drop"):
                n = await to_thread(self._desk.drop_packs, [text(form, "drop")])
                return see("/feeds/packs?" + urlencode({"done": "removed", "n": n}))
            added = await to_thread(self._desk.follow_packs, texts(form, "follow"))
        except ServiceUnavailable as why:
            return away(self._renderer, request, why, at="feeds")
        return see("/feeds/packs?" + urlencode({"done": "packs", "n": added.new}))

    def packed(self, request: Request) -> HTMLResponse:
        reader = self._renderer.reader(request)
        try:
            packs = self._desk.packs()
        except ServiceUnavailable as why:
            return away(self._renderer, request, why, at="feeds")
        rows = [(pack, ", ".join(map(reader.language_name, pack.languages))) for pack in packs]
        return self._page(request, "packs.html", {"packs": rows, "done": done(request, reader)})

    def _page(self, request: Request, template: str, view: dict[str, Any], *, status: int = 200) -> HTMLResponse:
        return self._renderer.page(request, template, view, status=status, at="feeds")


def make_router(renderer: Renderer, desk: FeedDesk) -> APIRouter:
    """`/feeds/packs`, `/feeds/import`, `/feeds.opml`."""
    pages = PackPages(renderer, desk)
    router = APIRouter(include_in_schema=False)
    router.get("/feeds/packs")(pages.packed)
    router.post("/feeds/packs")(pages.packs)
    router.post("/feeds/import")(pages.imported)

    @router.get("/feeds.opml")
    def export() -> Response:
        name = f"kawat-feeds-{datetime.now(UTC):%Y-%m-%d}.opml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(desk.export_opml(), media_type="text/x-opml; charset=utf-8", headers=headers)

    return router
