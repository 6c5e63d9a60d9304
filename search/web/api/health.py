"""For machines that watch: whether all is ready, and figures for Prometheus. `/healthz` is beside `/api/status`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from search.flowdesk import HealthPort

EXPOSITION = "text/plain; version=1.0.0; charset=utf-8"


def make_router(health: HealthPort) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter()

    @router.get("/readyz", include_in_schema=False)
    def ready() -> Response:
        """Whether everything that the flow stands on is there: 503 where it is not, with what."""
        states = dict(health.ready())
        whole = all(state != "fail" for state in states.values())
        told = {"status": "ready" if whole else "not ready", "services": states}
        return JSONResponse(told, status_code=200 if whole else 503)

    @router.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        """Prometheus' text format."""
        return Response(health.metrics(), headers={"Content-Type": EXPOSITION})

    return router
