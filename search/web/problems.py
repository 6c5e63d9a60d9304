"""Errors as machines read them: RFC 9457, `application/problem+json`. Who opens a page with a browser gets a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from search.ports import CursorError, IncompleteAnswerError, ServiceUnavailable
from search.prescan import QueryError

RETRY_AFTER = 5  # seconds; the page asks as often
MEDIA_TYPE = "application/problem+json"
FOR_PROGRAMS = ("/api/", "/static/", "/live/stream", "/alerts/stream", "/healthz", "/readyz", "/metrics")
Shown = Callable[[Request, int, str], Response]  # an error as a page: of this status, with this detail


class ParameterError(ValueError):
    """A parameter that is well-formed by itself, but cannot be had. Becomes a 400 that names it."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


def problem(kind: str, status: int, detail: str, **more: object) -> JSONResponse:
    """A problem document; `kind` names it among ours, `more` are its extension members."""
    body = {"type": f"urn:kawat:problem:{kind}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else None
    extra = {name: value for name, value in more.items() if value is not None}
    return JSONResponse({**body, **extra}, status, headers=headers, media_type=MEDIA_TYPE)


def is_for_people(request: Request) -> bool:
    """Whether a browser asks for a whole page. htmx, which wants a part of one, and programs ask otherwise."""
    wants = "text/html" in request.headers.get("accept", "") and "hx-request" not in request.headers
    return wants and not request.url.path.startswith(FOR_PROGRAMS)


def install(app: FastAPI, shown: Shown, headers: Mapping[str, str]) -> None:
    """Every error that a route raises becomes a problem document, or what `shown` makes of it for people. `headers`:
    of answers to faults of ours, which pass no middleware."""

    def answer(request: Request, kind: str, status: int, detail: str, **more: Any) -> Response:
        plain = problem(kind, status, detail, **more)
        if not is_for_people(request):
            return plain
        page = shown(request, status, detail)
        if "retry-after" in plain.headers:
            page.headers["Retry-After"] = plain.headers["retry-after"]
        return page

    @app.exception_handler(QueryError)
    def bad_query(request: Request, error: QueryError) -> Response:
        return answer(request, "query", 400, error.message, position=error.position, suggestion=error.suggestion)

    @app.exception_handler(CursorError)
    def bad_cursor(request: Request, error: CursorError) -> Response:
        return answer(request, "cursor", 400, str(error))

    @app.exception_handler(ParameterError)
    def bad_parameter(request: Request, error: ParameterError) -> Response:
        faults = [{"parameter": error.parameter, "detail": str(error)}]
        return answer(request, "parameter", 400, str(error), errors=faults)

    @app.exception_handler(ServiceUnavailable)
    def away(request: Request, error: ServiceUnavailable) -> Response:
        return answer(request, "unavailable", 503, str(error), service=error.service)

    @app.exception_handler(IncompleteAnswerError)
    def incomplete(request: Request, error: IncompleteAnswerError) -> Response:
        return answer(request, "incomplete", 502, str(error))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"parameter": str(fault["loc"][-1]), "detail": fault["msg"], "given": str(fault.get("input"))[:100]}
            for fault in error.errors()
        ]
        detail = "; ".join(f"{fault['parameter']}={fault['given']!r}: {fault['detail']}" for fault in faults)
        return answer(request, "parameter", 400, detail, errors=faults)

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        told = answer(request, "http", error.status_code, str(error.detail))
        told.headers.update(error.headers or {})  # Allow, of a 405
        return told

    @app.exception_handler(Exception)
    def fault(request: Request, error: Exception) -> Response:  # the traceback goes to the log, not to the reader
        told = answer(request, "fault", 500, f"Kawat made a mistake ({type(error).__name__}); its log says more")
        told.headers.update(headers)
        return told
