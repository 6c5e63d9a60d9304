"""Errors as machines read them: RFC 9457, `application/problem+json`."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from search.client import IncompleteAnswerError
from search.ports import CursorError, ServiceUnavailable
from search.prescan import QueryError

RETRY_AFTER = 5  # seconds; the page asks as often
MEDIA_TYPE = "application/problem+json"


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


def install(app: FastAPI) -> None:
    """Every error that a route raises becomes a problem document."""

    @app.exception_handler(QueryError)
    def bad_query(_: Request, error: QueryError) -> JSONResponse:
        return problem("query", 400, error.message, position=error.position, suggestion=error.suggestion)

    @app.exception_handler(CursorError)
    def bad_cursor(_: Request, error: CursorError) -> JSONResponse:
        return problem("cursor", 400, str(error))

    @app.exception_handler(ParameterError)
    def bad_parameter(_: Request, error: ParameterError) -> JSONResponse:
        faults = [{"parameter": error.parameter, "detail": str(error)}]
        return problem("parameter", 400, str(error), errors=faults)

    @app.exception_handler(ServiceUnavailable)
    def away(_: Request, error: ServiceUnavailable) -> JSONResponse:
        return problem("unavailable", 503, str(error), service=error.service)

    @app.exception_handler(IncompleteAnswerError)
    def incomplete(_: Request, error: IncompleteAnswerError) -> JSONResponse:
        return problem("incomplete", 502, str(error))

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {"parameter": str(fault["loc"][-1]), "detail": fault["msg"], "given": str(fault.get("input"))[:100]}
            for fault in error.errors()
        ]
        detail = "; ".join(f"{fault['parameter']}={fault['given']!r}: {fault['detail']}" for fault in faults)
        return problem("parameter", 400, detail, errors=faults)

    @app.exception_handler(HTTPException)
    def other(_: Request, error: HTTPException) -> JSONResponse:
        answer = problem("http", error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})  # Allow, of a 405
        return answer

    @app.exception_handler(Exception)
    def fault(_: Request, error: Exception) -> JSONResponse:  # the traceback goes to the log, not to the reader
        return problem("fault", 500, f"Kawat made a mistake ({type(error).__name__}); its log says more")
