"""Kliping's pages, made for one reader. What was written and could not be saved stays in the form."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from ingest.dates import now
from search.briefs.changes import BriefError
from search.briefs.desk import BriefPort, DamagedPageError
from search.briefs.exports import FORMATS, Format, exported
from search.briefs.records import MOST_CLIPPINGS, BriefView, Kept
from search.briefs.wording import Wording
from search.ports import ServiceUnavailable
from search.web import briefrows
from search.web.guard import SANDBOX
from search.web.pages.answers import away, done, see
from search.web.render import Renderer

AT = "kliping"
LISTED = 60
RAW = {  # bytes that no browser renders: a page of somebody else's must not run as ours
    "Content-Type": "application/octet-stream",
    "Content-Security-Policy": SANDBOX,
    "X-Content-Type-Options": "nosniff",
}


class BriefPages:
    """Makes the view's pages."""

    def __init__(self, renderer: Renderer, port: BriefPort) -> None:
        self._renderer, self.port = renderer, port

    def listed(self, request: Request, before: str | None, fault: str = "") -> HTMLResponse:
        reader = self._renderer.reader(request)
        lines = self.port.listed(size=LISTED + 1, before=before)
        view = {
            "rows": [briefrows.brief_row(line, reader) for line in lines[:LISTED]],
            "older": lines[LISTED - 1].id if len(lines) > LISTED else "",
            "first": before is None,
            "today": self.port.today().isoformat(),
            "fault": fault,
        }
        return self._page(request, "briefs.html", view, status=400 if fault else 200)

    def brief(self, request: Request, id: str) -> HTMLResponse:
        view = self.port.brief(id)
        return self.shown(request, view) if view else self.missing(request)

    def missing(self, request: Request) -> HTMLResponse:
        return self._page(request, "brief.html", {"view": None}, status=404)

    def shown(
        self,
        request: Request,
        view: BriefView,
        *,
        status: int = 200,
        drafts: Mapping[str, tuple[str, str]] | None = None,
        about: tuple[str, str] | None = None,
        outrun: str = "",
        fault: str = "",
    ) -> HTMLResponse:
        """The brief; with `drafts` and `about` (its title and note) as somebody wrote them and could not save them."""
        reader, brief = self._renderer.reader(request), view.brief
        title, note = about or (brief.title, brief.note)
        gone = request.query_params.get("removed", "")
        return self._page(
            request,
            "brief.html",
            {
                "view": view,
                "brief": brief,
                "name": briefrows.brief_name(view, reader),
                "day": reader.day(brief.date),
                "count": reader.counted("briefs_pieces", len(brief.clippings)),
                "rows": briefrows.clipping_rows(view, reader, drafts),
                "removed": next((one.clipping for one in brief.removed if one.clipping.id == gone), None),
                "out": brief.removed,
                "formats": FORMATS,
                "title_draft": title,
                "note_draft": note,
                "about_open": about is not None or bool(not brief.title and brief.note),
                "outrun": outrun,
                "fault": fault,
                "done": done(request, reader, "briefs"),
            },
            status=status,
        )

    def kept(self, request: Request, kept: Kept) -> Response:
        """To the clipping in its brief; where only a part of a page asked, that part."""
        if request.headers.get("hx-request") != "true":
            return see(f"/kliping/{kept.brief_id}?done=kept#c-{kept.clipping_id}")
        view = self.port.brief(kept.brief_id)
        name = briefrows.brief_name(view, self._renderer.reader(request)) if view else kept.brief_id
        return self._page(request, "_kept.html", {"kept": kept, "name": name})

    def fault(self, request: Request, error: BriefError) -> str:
        reader = self._renderer.reader(request)
        return reader.word(f"briefs_fault_{error.reason}", n=reader.number(MOST_CLIPPINGS))

    def refused(self, request: Request, error: BriefError, id: str = "") -> HTMLResponse:
        said, view = self.fault(request, error), self.port.brief(id) if id else None
        if request.headers.get("hx-request") == "true":  # htmx puts only a good answer in place
            return self._page(request, "_kept.html", {"kept": None, "name": said})
        return self.shown(request, view, status=400, fault=said) if view else self.listed(request, None, said)

    def exported(self, request: Request, id: str, format: Format, language: str) -> Response:
        view = self.port.brief(id)
        if view is None:
            return self.missing(request)
        reader = self._renderer.reader(request)
        words = Wording(language or reader.language, reader.tz)
        file = exported(view, format, words, now())
        return Response(file.body, media_type=file.content_type, headers=_attached(file.name))

    def raw(self, request: Request, text_id: str) -> Response:
        reader = self._renderer.reader(request)
        try:
            page = self.port.page(text_id)
        except DamagedPageError as error:
            return self.listed_with(request, f"{reader.word('briefs_page_damaged')}: {error}", 500)
        if page is None:
            return self.listed_with(request, reader.word("briefs_page_none"), 404)
        name = f"page-{text_id[:12]}-{page.fetched:%Y%m%dT%H%M%SZ}.bin"
        digest = {"Repr-Digest": f"sha-256=:{_base64(page.sha256)}:"}  # RFC 9530
        return Response(page.body, headers={**RAW, **_attached(name), **digest})

    def listed_with(self, request: Request, fault: str, status: int) -> HTMLResponse:
        answer = self.listed(request, None, fault)
        answer.status_code = status
        return answer

    def away(self, request: Request, why: ServiceUnavailable) -> HTMLResponse:
        return away(self._renderer, request, why, at=AT)

    def _page(self, request: Request, template: str, view: Mapping[str, object], *, status: int = 200) -> HTMLResponse:
        return self._renderer.page(request, template, view, status=status, at=AT)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"}


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()
