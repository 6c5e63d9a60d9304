"""The first visit: language, time zone, which packs of feeds to follow, an OPML file. Skipped with one click."""

from __future__ import annotations

from asyncio import to_thread
from functools import cache
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from search.feeddesk import FeedDesk, Pack, UnwantedError
from search.ports import ServiceUnavailable
from search.web.pages.answers import see
from search.web.pages.forms import LARGEST, file, read_form, text, texts
from search.web.render import LANGUAGE_COOKIE, ZONE_COOKIE, Renderer, is_zone
from search.web.words import WORDS

COOKIE = "kawat_welcomed"
YEAR = 365 * 86_400
NAMES = {"en": "English", "id": "Bahasa Indonesia"}  # each in its own words
NEAR = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Singapore", "Asia/Tokyo", "UTC")


class FirstVisit(APIRoute):
    """Matches only a browser that comes to the front page for the first time: programs and links see what they ask."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        if match is Match.FULL and not _comes_first(Request(scope)):
            return Match.NONE, {}
        return match, child


def _comes_first(request: Request) -> bool:
    return (
        request.method == "GET"
        and not request.url.query
        and request.headers.get("sec-fetch-mode") == "navigate"
        and COOKIE not in request.cookies
    )


class Welcome:
    """Makes the page and takes what was chosen."""

    def __init__(self, renderer: Renderer, desk: FeedDesk) -> None:
        self._renderer, self._desk = renderer, desk

    def page(self, request: Request) -> HTMLResponse:
        return self._shown(request)

    async def choose(self, request: Request) -> Response:
        form = await read_form(request, LARGEST)
        opml = await file(form, "file")
        if text(form, "skip"):
            return _welcomed(see("/"), form)
        try:
            shown = frozenset(texts(form, "shown"))  # what was ticked when the page was made
            ticked = frozenset(texts(form, "pack"))
            await to_thread(self._desk.follow_packs, sorted(ticked - shown))
            await to_thread(self._desk.drop_packs, sorted(shown - ticked))
            if opml is not None:
                added = await to_thread(self._desk.import_opml, opml.data, opml.name)
                if added.problems:
                    answer = self._renderer.page(
                        request, "imported.html", {"fault": "", "added": added, "name": opml.name}, at="feeds"
                    )
                    return _welcomed(answer, form)
        except UnwantedError as error:
            return self._shown(request, fault=str(error), status=400)
        except ServiceUnavailable as away:
            return self._shown(request, fault=str(away), status=503)
        return _welcomed(see("/"), form)

    def _shown(self, request: Request, *, fault: str = "", status: int = 200) -> HTMLResponse:
        reader = self._renderer.reader(request)
        packs: list[tuple[Pack, str]] = []
        try:
            packs = [(pack, ", ".join(map(reader.language_name, pack.languages))) for pack in self._desk.packs()]
        except ServiceUnavailable as away:
            fault = fault or str(away)
        near = list(dict.fromkeys((reader.tz, *NEAR)))
        view: dict[str, object] = {"names": NAMES, "near": near, "zones": zones(), "packs": packs, "fault": fault}
        view["own"] = ZONE_COOKIE not in request.cookies  # the reader's device proposes one
        return self._renderer.page(request, "welcome.html", view, status=status, at="welcome")


def make_router(renderer: Renderer, desk: FeedDesk) -> APIRouter:
    """`/welcome`, and the front page of who was never here. To be included before the search view's router."""
    welcome = Welcome(renderer, desk)
    router = APIRouter(include_in_schema=False)
    router.get("/welcome")(welcome.page)
    router.post("/welcome")(welcome.choose)

    def first() -> RedirectResponse:
        return see("/welcome")

    router.add_api_route("/", first, methods=["GET"], route_class_override=FirstVisit)
    return router


@cache
def zones() -> tuple[str, ...]:
    """The zones of the tz database that are places: Asia/Jakarta, not Etc/GMT-7 or Japan."""
    regions = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return tuple(sorted(name for name in available_timezones() if name.startswith(regions)))


def _welcomed(answer: Response, form: FormData) -> Response:
    """`answer` with cookies for what was chosen, and one that ends the first visit."""
    chosen = {COOKIE: "1"}
    if not text(form, "skip"):
        if text(form, "language") in WORDS:
            chosen[LANGUAGE_COOKIE] = text(form, "language")
        if is_zone(text(form, "tz")):
            chosen[ZONE_COOKIE] = text(form, "tz").replace("/", "%2F")  # a slash would be put between quotes
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax")
    return answer
