"""Kliping: briefs by date, one brief with its clippings, keeping, moving, noting, taking out and putting back, exports.

Every change is a form that works without script; it names the state of the brief that it was made on. Where somebody
else was faster, the page says so, shows how the brief stands, and keeps in the form what was written.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from search.briefs.changes import BriefError
from search.briefs.desk import BriefPort, OutrunError
from search.briefs.exports import Format
from search.briefs.records import Kept
from search.ports import IncompleteAnswerError, ServiceUnavailable
from search.web.briefacts import ACTS, Act
from search.web.briefview import BriefPages
from search.web.pages.answers import see
from search.web.pages.forms import read_form, text
from search.web.render import Renderer

BRIEF = r"^\d{4}-\d\d-\d\d(-[0-9a-f]{8})?$"
BriefId = Annotated[str, Path(pattern=BRIEF)]
TextId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def make_router(renderer: Renderer, port: BriefPort) -> APIRouter:
    """Everything under `/kliping`."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    pages = BriefPages(renderer, port)

    @router.get("/kliping")
    async def listed(request: Request, before: Annotated[str | None, Query(pattern=BRIEF)] = None) -> Response:
        return await _answered(pages, request, lambda: pages.listed(request, before))

    @router.post("/kliping/begin")
    async def begin(request: Request) -> Response:
        form = await read_form(request)
        return await _answered(pages, request, lambda: see(f"/kliping/{_begun(port, form)}"))

    @router.post("/kliping/keep")
    async def keep(request: Request) -> Response:
        form = await read_form(request)
        return await _answered(pages, request, lambda: pages.kept(request, _kept(port, form)))

    @router.get("/kliping/page/{text_id}")
    async def raw(request: Request, text_id: TextId) -> Response:
        return await _answered(pages, request, lambda: pages.raw(request, text_id))

    @router.get("/kliping/{id}")
    async def brief(request: Request, id: BriefId) -> Response:
        return await _answered(pages, request, lambda: pages.brief(request, id))

    @router.get("/kliping/{id}/export.{format}")
    async def export(
        request: Request, id: BriefId, format: Format, lang: Annotated[str, Query(pattern="^(en|id)?$")] = ""
    ) -> Response:
        return await _answered(pages, request, lambda: pages.exported(request, id, format, lang))

    @router.post("/kliping/{id}/again")
    async def again(request: Request, id: BriefId) -> Response:
        form = await read_form(request)

        def work() -> Response:
            asked = port.ask_again(text(form, "text"))
            return see(f"/kliping/{id}" + ("?done=again" if asked else ""))

        return await _answered(pages, request, work, id)

    @router.post("/kliping/{id}/{act}")
    async def change(request: Request, id: BriefId, act: Act) -> Response:
        form = await read_form(request)
        return await _answered(pages, request, lambda: _changed(pages, request, id, act=act, form=form), id)

    return router


async def _answered(pages: BriefPages, request: Request, work: Callable[[], Response], id: str = "") -> Response:
    """What `work` gives, beside the loop, for it waits for Elasticsearch; its failures are pages too."""

    def guarded() -> Response:
        try:
            try:
                return work()
            except BriefError as error:
                return pages.refused(request, error, id)
        except ServiceUnavailable as why:
            return pages.away(request, why)
        except IncompleteAnswerError as error:
            return pages.away(request, ServiceUnavailable("Elasticsearch", str(error)))

    return await to_thread(guarded)


def _begun(port: BriefPort, form: FormData) -> str:
    try:
        day = date.fromisoformat(text(form, "date")) if text(form, "date") else None
    except ValueError:
        raise BriefError("date", f"{text(form, 'date')!r} is no date") from None
    return port.begin(day, text(form, "title"))


def _kept(port: BriefPort, form: FormData) -> Kept:
    return port.keep(
        article=text(form, "article") or None,
        story=text(form, "story") or None,
        brief=text(form, "brief") or None,
        note=text(form, "note"),
        concerns=text(form, "concerns"),
    )


def _changed(pages: BriefPages, request: Request, id: str, *, act: Act, form: FormData) -> Response:
    """The change of a form, then the place where it was made."""
    wanted = ACTS[act](form)
    one = wanted.clipping
    try:
        pages.port.change(id, wanted.change, version=text(form, "version") or None)
    except OutrunError as late:
        note = text(form, "note")
        drafts = {one: (note, text(form, "concerns"))} if act == "note" else None
        about = (text(form, "title"), note) if act == "about" else None
        outrun = "order" if wanted.done == "moved" else "text"
        return pages.shown(request, late.now, status=409, drafts=drafts, about=about, outrun=outrun)
    if wanted.done == "removed":
        return see(f"/kliping/{id}?removed={quote(one)}")
    return see(f"/kliping/{id}?done={wanted.done}" + (f"#c-{quote(one)}" if one else ""))
