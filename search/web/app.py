"""The page and the API as one application. Opens before Elasticsearch is up and shows the way there."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from search.web import openapi, problems
from search.web.access import Access, Door
from search.web.api import alerts as api_alerts
from search.web.api import articles as api_articles
from search.web.api import entities as api_entities
from search.web.api import exports as api_exports
from search.web.api import feeds as api_feeds
from search.web.api import health as api_health
from search.web.api import rules as api_rules
from search.web.api import search as api_search
from search.web.api import status as api_status
from search.web.api import stories as api_stories
from search.web.api.known import known_parameters
from search.web.files import StaticFolder
from search.web.guard import HEADERS, KnownNames, OwnForms, SecurityHeaders
from search.web.pages import alerts as page_alerts
from search.web.pages import article as page_article
from search.web.pages import briefs as page_briefs
from search.web.pages import entity as page_entity
from search.web.pages import faults
from search.web.pages import feeds as page_feeds
from search.web.pages import first as page_first
from search.web.pages import help as page_help
from search.web.pages import live as page_live
from search.web.pages import login as page_login
from search.web.pages import packs as page_packs
from search.web.pages import rules as page_rules
from search.web.pages import search as page_search
from search.web.pages import status as page_status
from search.web.ports import WebPorts
from search.web.render import Renderer

LOOPBACK = ("127.0.0.1", "localhost")


def create_app(
    ports: WebPorts,
    *,
    tz: str = "Asia/Jakarta",
    title: str = "Kawat",
    hosts: tuple[str, ...] = LOOPBACK,
    token: str | None = None,
) -> FastAPI:
    """The app on the given ports. `tz`: the zone of the times shown, for readers who chose none; `hosts`: the names
    that it may be called by; `token`: what one needs to see anything."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    folder = StaticFolder()
    renderer = Renderer(title, tz, folder.addresses)
    problems.install(app, faults.page_for(renderer), {**HEADERS, "Cache-Control": "no-store"})
    access = Access(token) if token else None
    renderer.give(feed_link=access.keyed if access else str)  # what a page hands to feed readers, which cannot log in
    resources = [*_resources(ports), api_exports.make_router(ports.search, tz, title, access)]
    if ports.alerts is not None:
        resources.append(api_alerts.make_router(ports.alerts, tz, title, access))
    if ports.rules is not None:
        resources.append(api_rules.make_router(ports.rules, tz))
    routers = [*_views(renderer, ports), openapi.make_router(renderer, app)]
    if access is not None:
        routers.append(page_login.make_router(renderer, access))
    openapi.install(app, token=access is not None)
    renderer.offer(route.path for one in (*resources, *routers) for route in one.routes if isinstance(route, Route))
    for router in resources:
        app.include_router(router, dependencies=[Depends(known_parameters)])
    for router in routers:
        app.include_router(router)
    app.mount("/static", folder.app, name="static")
    if access is not None:
        app.add_middleware(Door, access=access)
    app.add_middleware(OwnForms)
    app.add_middleware(KnownNames, names=hosts)
    # Lengths tell nobody of feeds' keys (BREACH): a request that another site makes brings no login along.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=3)  # 6 takes twice as long for 6 to 10 %
    app.add_middleware(SecurityHeaders)  # added last: outermost, so refusals carry the headers too
    return app


def _resources(ports: WebPorts) -> Iterator[APIRouter]:
    """What programs ask for, under /api."""
    yield api_search.make_router(ports.search)
    yield api_status.make_router(ports.status)
    if ports.health is not None:
        yield api_health.make_router(ports.health)
    if ports.articles is not None:
        yield api_articles.make_router(ports.articles)
        yield api_stories.make_router(ports.articles)
    if ports.feeds is not None:
        yield api_feeds.make_router(ports.feeds)
    if ports.entities is not None:
        yield api_entities.make_router(ports.entities)


def _views(renderer: Renderer, ports: WebPorts) -> Iterator[APIRouter]:
    """What people look at. The masthead links to those that are there (`render.PLACES`)."""
    if ports.feeds is not None:
        yield page_first.make_router(renderer, ports.feeds)
        yield page_packs.make_router(renderer, ports.feeds)
        yield page_feeds.make_router(renderer, ports.feeds)
    yield page_status.make_router(renderer, ports.status, ports.vitals, ports.quarantine)
    yield page_help.make_router(renderer)
    if ports.entities is not None:
        yield page_entity.make_router(renderer, ports.entities)
    if ports.articles is not None:
        yield page_article.make_router(renderer, ports.articles, ports.search)
    yield page_search.make_router(renderer, ports.search, ports.status, kibana=ports.kibana)
    if ports.live is not None:
        yield page_live.make_router(renderer, ports.live)
    if ports.briefs is not None:
        yield page_briefs.make_router(renderer, ports.briefs)
    if ports.alerts is not None and ports.alert_stream is not None:
        yield page_alerts.make_router(renderer, ports.alerts, ports.alert_stream)
    if ports.alerts is not None and ports.rules is not None:
        yield page_rules.make_router(renderer, ports.rules, ports.alerts)
