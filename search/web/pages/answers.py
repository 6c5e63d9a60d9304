"""What forms of all views answer: where to look next, what was done, that a service is away."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from search.ports import ServiceUnavailable
from search.web.render import Renderer
from search.web.views import Reader
from search.web.words import WORDS


def see(address: str) -> RedirectResponse:
    """After a change: what is seen next, by GET, so that loading it again changes nothing."""
    return RedirectResponse(address, status_code=303)


def done(request: Request, reader: Reader, view: str = "feeds") -> str:
    """What a form of this view has just done, by the address' `done` and `n`; "" for a plain visit."""
    what, n = request.query_params.get("done", ""), request.query_params.get("n", "1")
    name = f"{view}_done_{what}"
    if not what or name not in WORDS[reader.language] or not (n.isascii() and n.isdigit() and len(n) < 9):
        return ""
    return reader.word(name, n=reader.number(int(n)))


def away(renderer: Renderer, request: Request, why: ServiceUnavailable, *, at: str) -> HTMLResponse:
    """The page that says so, in place of one that cannot be made now."""
    return renderer.page(request, "away.html", {"why": str(why), "heading": f"nav_{at}"}, status=503, at=at)
