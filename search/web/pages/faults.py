"""Errors as people read them: what there is not, or cannot be, and a way on. What programs get is in `problems.py`."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from search.web.problems import Shown
from search.web.render import Renderer

KINDS = {404: "absent", 502: "incomplete", 503: "away"}  # `fault_…` in words/faults.py


def page_for(renderer: Renderer) -> Shown:
    """Makes the page of an error. A 404 says nothing more than that: its detail is for programs."""

    def shown(request: Request, status: int, detail: str) -> HTMLResponse:
        kind = KINDS.get(status, "ours" if status >= 500 else "asked")
        view = {
            "state": "away" if status == 503 else "none",
            "headline": f"fault_{kind}_title",
            "advice": f"fault_{kind}_text",
            "why": "" if kind == "absent" else detail,
        }
        return renderer.page(request, "missing.html", view, status=status)

    return shown
