"""The login, where a token is set: a form that changes the token for a cookie, and the way out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from search.web.access import COOKIE, LASTS, Access, onward, session_of
from search.web.render import Renderer

MOST = 500  # characters of what is tried as a token


def make_router(renderer: Renderer, access: Access) -> APIRouter:
    """`/login` and `/logout`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def form(request: Request, next: str = "/") -> HTMLResponse:
        known = access.is_session(session_of(request.headers))
        return renderer.page(request, "login.html", {"next": onward(next), "wrong": False, "known": known})

    @router.post("/login")
    def log_in(
        request: Request, token: Annotated[str, Form(max_length=MOST)] = "", next: Annotated[str, Form()] = "/"
    ) -> Response:
        if not access.is_token(token.strip()):
            view = {"next": onward(next), "wrong": True, "known": False}
            return renderer.page(request, "login.html", view, status=403)
        answer = RedirectResponse(onward(next), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, access.session(), max_age=LASTS, httponly=True, samesite="strict", secure=secure)
        return answer

    @router.post("/logout")
    def log_out() -> Response:
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router
