"""Help: the query language by example and the keys, in a dialog on every page and as a page by itself."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from search.web.render import Renderer

EXAMPLES = (  # query, its explanation in words/help.py
    ('"kantor penghubung"', "help_phrase"),
    ("nikel (smelter OR tambang)", "help_or"),
    ("Tokyo -olimpiade", "help_not"),
    ("kantor NEAR/5 penghubung", "help_near"),
    ("title:NATO", "help_field"),
    ("about:JP", "help_about"),
    ("person:Kishida", "help_entity"),
    ("source:antaranews.com lang:id", "help_source"),
    ("published:7d", "help_time"),
    ("published:[2026-01-01 TO 2026-01-31]", "help_range"),
    ("diplo*", "help_star"),
    ("Zelensky~", "help_fuzzy"),
    ("-is:copy -is:paywalled", "help_is"),
)
SHORTCUTS = (
    (("/",), "keys_search"),
    (("j", "k"), "keys_move"),
    (("o",), "keys_open"),
    (("?",), "keys_help"),
    (("←", "→", "Shift", "Enter"), "keys_chart"),
    (("Esc",), "keys_leave"),
)


def make_router(renderer: Renderer) -> APIRouter:
    """`/help`. Every template can include `_help.html`."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    renderer.give(examples=EXAMPLES, shortcuts=SHORTCUTS)

    @router.get("/help")
    def show(request: Request) -> HTMLResponse:
        return renderer.page(request, "help.html", {}, at="help")

    return router
