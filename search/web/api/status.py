"""The API's look at the flow, and the health check."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from search.ports import FlowStatus


def make_router(status: FlowStatus) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter()

    @router.get("/api/status")
    def state() -> dict[str, Any]:
        """The flow's counts, the feeds, the set-up."""
        return dict(status.summary())

    @router.get("/healthz")
    def healthy() -> dict[str, str]:
        """The page answers; what it shows may still be on its way."""
        return {"status": "ok"}

    return router
