"""The page's own scripts, styles and pictures: kept for good under an address that carries their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
YEAR = "public, max-age=31536000, immutable"
HOUR = "public, max-age=3600"


class StaticFolder:
    """The files of `folder`, as an application to mount and as addresses to link to."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self.app = CachedFiles(directory=folder)

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """Each file's address, by name, with the digest of what it holds."""
        return {
            file.name: f"/static/{file.name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
            for file in self._folder.iterdir()
            if file.is_file()
        }


class CachedFiles(StaticFiles):
    """Static files, kept for good under an address that carries their digest, an hour under any other."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = YEAR if scope["query_string"].startswith(b"v=") else HOUR
        return response
