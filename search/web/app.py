"""The page and the API as one application. Opens before Elasticsearch is up and shows the way there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from search.ports import FlowStatus, SearchPort
from search.web import api, pages, problems
from search.web.guard import SecurityHeaders

HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost")
YEAR = "public, max-age=31536000, immutable"
HOUR = "public, max-age=3600"


class CachedFiles(StaticFiles):
    """Static files, kept for good under an address that carries their digest, an hour under any other."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = YEAR if scope["query_string"].startswith(b"v=") else HOUR
        return response


def create_app(
    *,
    search: SearchPort,
    status: FlowStatus,
    tz: str = "Asia/Jakarta",
    title: str = "Kawat",
    hosts: tuple[str, ...] = LOOPBACK,
) -> FastAPI:
    """The app on the given ports. `tz` is the zone of all times shown; `hosts` are the names it may be called by."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    problems.install(app)
    app.include_router(api.make_router(search, status))
    app.include_router(pages.make_router(pages.Pages(search, status, _templates(title), tz)))
    app.mount("/static", CachedFiles(directory=HERE / "static"), name="static")
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(SecurityHeaders)  # added last: outermost, so refusals carry the headers too
    return app


def _templates(title: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _addresses(HERE / "static")
    environment.globals["title"] = title
    return environment


def _addresses(folder: Path) -> dict[str, str]:
    """Each static file's address, by name, with the digest of what it holds."""
    return {
        file.name: f"/static/{file.name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
        for file in folder.iterdir()
        if file.is_file()
    }
