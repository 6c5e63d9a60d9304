"""Entities: found by the beginning of a name, each with a page of its own, two of them together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from search.entityrecords import TYPES, EntityPort, EntityProfile
from search.ports import IncompleteAnswerError, ServiceUnavailable
from search.web import entityviews as views
from search.web.render import Renderer
from search.web.views import Reader

SUGGESTED = 8
LISTED = 60
MAX_CHARS = 200
SINCE = re.compile(r"\d{1,4}[mhdw]")


def make_router(renderer: Renderer, port: EntityPort) -> APIRouter:
    """`/entities`, `/entities/suggest` and `/entity/…`."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/entities")
    def found(request: Request, q: str = "", type: str = "") -> HTMLResponse:
        query, types = q[:MAX_CHARS].strip(), (type,) if type in TYPES else ()
        return renderer.page(request, "entities.html", _list(port, query, types), at="entities")

    @router.get("/entities/suggest")
    def suggest(request: Request, q: str = "", view: str = "") -> HTMLResponse:
        """Options for a list under a search box; `view=list`: the rows of the view itself."""
        query = q[:MAX_CHARS].strip()
        if view == "list":
            return renderer.page(request, "_entities.html", _list(port, query, ()))
        try:
            names = port.suggest(query, size=SUGGESTED)
        except (ServiceUnavailable, IncompleteAnswerError):
            names = ()  # a box that suggests nothing still searches
        return renderer.page(
            request, "_suggested.html", {"names": names, "called": views.called, "link": views.address}
        )

    @router.get("/entity/{type}/{id:path}")
    def entity(request: Request, type: str, id: str, since: str = "", also: str = "") -> Response:
        """`with`: type/id of another one; `also`: its name, as it is typed without a list to choose from."""
        reader, span = renderer.reader(request), since if SINCE.fullmatch(since) else None
        other, _, id_of_other = request.query_params.get("with", "")[: 2 * MAX_CHARS].partition("/")
        unknown = ""
        try:
            if named := also[:MAX_CHARS].strip():
                best = next(iter(port.suggest(named, size=1)), None)
                here = port.profile(type, id, since=span) if best else None
                if best and here:
                    return RedirectResponse(views.address(here.entity, beside=best, since=span), 303)
                unknown = named
            beside = (other, id_of_other) if other and id_of_other else None
            profile = port.profile(type, id, beside=beside, since=span)
            if profile is None and beside:
                unknown, profile = id_of_other, port.profile(type, id, since=span)
        except (ServiceUnavailable, IncompleteAnswerError) as error:
            view: dict[str, Any] = {"state": "away", "why": str(error), "name": id}
            return renderer.page(request, "entity.html", view, status=503, at="entities")
        if profile is None:
            view = {"state": "unknown", "name": id, "search": views.searched(f'"{id}"')}
            return renderer.page(request, "entity.html", view, status=404, at="entities")
        return renderer.page(request, "entity.html", _view(profile, reader, unknown), at="entities")

    return router


def _list(port: EntityPort, query: str, types: tuple[str, ...]) -> dict[str, Any]:
    """`state`: found, lately, none, empty, away."""
    view: dict[str, Any] = {"q": query, "type": types[0] if types else "", "types": TYPES, "called": views.called}
    view |= {"link": views.address, "search": views.searched(query), "names": ()}
    try:
        names = port.suggest(query, size=LISTED, types=types) if query else port.lately(size=LISTED, types=types)
    except (ServiceUnavailable, IncompleteAnswerError) as error:
        return {**view, "state": "away", "why": str(error)}
    most = max((one.count for one in names), default=0) or 1
    state = ("found" if query else "lately") if names else ("none" if query else "empty")
    return {**view, "state": state, "names": names, "parts": [round(100 * one.count / most) for one in names]}


def _view(profile: EntityProfile, reader: Reader, unknown: str) -> Mapping[str, Any]:
    entity, beside = profile.entity, profile.beside
    name = views.called(entity, reader)
    also, more = views.also(profile, name)
    sides = ((entity, beside), (beside, entity)) if beside else ()
    return {
        "state": "shown",
        "profile": profile,
        "name": name,
        "beside": views.called(beside, reader) if beside else "",
        "sides": [(views.called(one, reader), views.address(one, since=profile.since)) for one, _ in sides if one],
        "also": also if not beside else [],
        "more": more,
        "unknown": unknown,
        "pair": views.pair(profile, reader),
        "search": views.searched(profile.query),
        "called": views.called,
        "periods": [
            (
                reader.word(f"entity_{period}" if period else "entity_ever"),
                views.address(entity, beside=beside, since=period),
                period == (profile.since or ""),
            )
            for period in views.PERIODS
        ],
        "bars": views.bars(profile, reader),
        "axis": views.axis(profile, reader),
        "groups": views.together(profile, reader),
        "points": views.points(profile.places, reader),
        "countries": views.rows(profile, profile.countries[:10], "about", reader),
        "sources": views.rows(profile, profile.sources[:10], "source", reader),
        "languages": views.rows(profile, profile.languages[:8], "lang", reader),
        "topics": views.rows(profile, profile.topics[:8], "topic", reader),
    }
