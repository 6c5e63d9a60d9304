"""Makes a page for one reader: the template, the reader's language and time zone, the addresses of static files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from search.web.views import Reader, address
from search.web.words import WORDS, preferred

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "kawat_language"
ZONE_COOKIE = "kawat_tz"
PLACES = {  # what the masthead links to, by name (`nav_…` in words/shell.py)
    "search": "/",
    "live": "/live",
    "alerts": "/alerts",
    "rules": "/rules",
    "entities": "/entities",
    "kliping": "/kliping",
    "feeds": "/feeds",
    "status": "/status",
}
ZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")  # so that no cookie names a path elsewhere


class Renderer:
    """Renders templates. `tz`: the zone of readers who chose none; `static`: addresses of static files by name."""

    def __init__(self, title: str, tz: str, static: Mapping[str, str]) -> None:
        self.tz = tz
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # else every use of a template asks the disk for its time
        )
        self.give(static=static, title=title, address=address, leads=self.leads)
        self.offer(())

    def offer(self, paths: Iterable[str]) -> None:
        """The views that are there, by the paths of their routes: the masthead links to those of its places, and
        templates ask `"/kliping/keep" in offered`."""
        self.offered = frozenset(paths)
        there = {name: path for name, path in PLACES.items() if path in self.offered}
        self.give(offered=self.offered, places=there)

    def leads(self, path: str) -> bool:
        """Whether there are views whose path begins so."""
        return any(one.startswith(path) for one in self.offered)

    def give(self, **values: object) -> None:
        """What every template can use from now on."""
        self._templates.globals |= values

    def reader(self, request: Request) -> Reader:
        """Whom the answer is for: by the cookies that the first visit sets, else by Accept-Language and the setting."""
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        language = chosen if chosen in WORDS else preferred(request.headers.get("accept-language", ""))
        zone = request.cookies.get(ZONE_COOKIE, "").strip('"').replace("%2F", "/")
        return Reader(language, zone if is_zone(zone) else self.tz)

    def page(
        self, request: Request, template: str, view: Mapping[str, object], *, status: int = 200, at: str = ""
    ) -> HTMLResponse:
        """`template`, a whole page or a part of one, with `view`, and with `reader`, `t` (its words), `static`
        (addresses by name), `title`, `places` of the masthead, and which of them this is `at`."""
        reader = self.reader(request)
        given = {"reader": reader, "t": reader.word, "at": at, **view}
        text = self._templates.get_template(template).render(given)
        return HTMLResponse(text, status, headers={"Vary": "Accept-Language, Cookie"})


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone of the tz database."""
    if not ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # unknown, or a folder of the database
        return False
    return True
