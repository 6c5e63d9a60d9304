"""The followed feeds: how each does, and one tried before it is added."""

from __future__ import annotations

from asyncio import to_thread
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from search.feeddesk import FeedDesk, FeedHealth, Trial, UnwantedError
from search.ports import ServiceUnavailable
from search.web import feedrows
from search.web.figures import size
from search.web.pages.answers import away, done, see
from search.web.pages.forms import read_form, text
from search.web.render import Renderer
from search.web.views import Reader

PAGE = 100  # feeds on one page
STATES = ("", "failing", "quiet", "new", "ok")
KINDS = ("agency", "state", "public", "government", "private", "think-tank")
ABOUT = ("name", "folder", "language", "country", "owner", "kind")
FeedId = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$")]


class Asked(BaseModel):
    """Which feeds are shown, and in which order; a name that is no more shows what is usual."""

    q: str = Field("", max_length=200)
    state: str = Field("", max_length=20)
    folder: str = Field("", max_length=200)
    sort: str = Field("", max_length=20)
    done: str = Field("", max_length=20)
    n: str = Field("", max_length=20)
    page: int = Field(0, ge=0, le=10_000)

    def address(self, **changes: object) -> str:
        """The view's address with these changes, without what is not asked for."""
        values = {**self.model_dump(exclude={"done", "n", "page"}), **changes}
        asked = {name: value for name, value in values.items() if value}
        return "/feeds" + ("?" + urlencode(asked) if asked else "")


class FeedPages:
    """Makes the view's pages. `desk` answers for all feeds."""

    def __init__(self, renderer: Renderer, desk: FeedDesk) -> None:
        self._renderer, self._desk = renderer, desk

    def listed(self, request: Request, asked: Asked) -> HTMLResponse:
        reader = self._renderer.reader(request)
        try:
            every = self._desk.feeds()
        except ServiceUnavailable as why:
            return self._away(request, why)
        chosen = feedrows.selected(every, words=asked.q, state=asked.state, folder=asked.folder)
        found = feedrows.ordered(chosen, feedrows.order_named(asked.sort))
        now, page = datetime.now(UTC), asked.page
        view = {
            "rows": [feedrows.feed_row(one, reader, now) for one in found[page * PAGE : (page + 1) * PAGE]],
            "total": len(every),
            "found": reader.counted("feeds_n", len(found)),
            "asked": asked,
            "states": _states(every, asked, reader),
            "orders": [(name, reader.word(f"feeds_by_{name}")) for name in get_args(feedrows.Order)],
            "order": feedrows.order_named(asked.sort),
            "folders": sorted({one.feed.folder for one in every if one.feed.folder}),
            "before": asked.address(page=page - 1) if page else "",
            "after": asked.address(page=page + 1) if (page + 1) * PAGE < len(found) else "",
            "done": done(request, reader),
        }
        return self._page(request, "feeds.html", view)

    def one(self, request: Request, feed_id: str) -> HTMLResponse:
        try:
            health = self._desk.feed(feed_id)
        except ServiceUnavailable as why:
            return self._away(request, why)
        if health is None:
            return self._page(request, "feed.html", {"row": None, "done": ""}, status=404)
        reader = self._renderer.reader(request)
        row = feedrows.feed_row(health, reader, datetime.now(UTC))
        facts = _facts(row, health, reader)
        return self._page(request, "feed.html", {"row": row, "facts": facts, "done": done(request, reader)})

    async def tried(self, request: Request) -> HTMLResponse:
        url = text(await read_form(request), "url")[:2000]
        try:
            trial = await to_thread(self._desk.try_feed, url)
        except ServiceUnavailable as why:
            return self._away(request, why)
        return self._page(request, self._part(request, "try.html", "_trial.html"), self._trial(request, trial))

    async def add(self, request: Request) -> Response:
        form = await read_form(request)
        about = {name: text(form, name) or None for name in ABOUT}
        try:
            feed, added = await to_thread(lambda: self._desk.follow(text(form, "url"), **about))
        except UnwantedError as error:
            trial = Trial(
                url=text(form, "url")[:2000], error=str(error), error_kind="field" if error.field else "address"
            )
            return self._page(request, "try.html", self._trial(request, trial), status=400)
        except ServiceUnavailable as why:
            return self._away(request, why)
        return see(f"/feeds/{feed.id}?" + urlencode({"done": "added" if added.new else "known"}))

    def _trial(self, request: Request, trial: Trial) -> dict[str, Any]:
        reader, now = self._renderer.reader(request), datetime.now(UTC)
        kind, to_do = feedrows.trial_told(trial, reader)
        entries = [
            (entry.title or entry.url, feedrows.when(entry.published, reader, now) or reader.word("undated"))
            for entry in trial.entries
        ]
        return {
            "trial": trial,
            "kind": kind,
            "to_do": to_do,
            "entries": entries,
            "size": size(trial.size, reader),
            "kinds": [(name, reader.word(f"feeds_source_{name.replace('-', '_')}")) for name in KINDS],
        }

    def _part(self, request: Request, whole: str, part: str) -> str:
        """htmx asks for the part that it puts in place; a browser without it for the page."""
        return part if request.headers.get("hx-request") == "true" else whole

    def _page(self, request: Request, template: str, view: dict[str, Any], *, status: int = 200) -> HTMLResponse:
        return self._renderer.page(request, template, view, status=status, at="feeds")

    def _away(self, request: Request, why: ServiceUnavailable) -> HTMLResponse:
        return away(self._renderer, request, why, at="feeds")


def make_router(renderer: Renderer, desk: FeedDesk) -> APIRouter:
    """`/feeds`, `/feeds/{id}`, and what is done there. To be included after the router of `pages/packs.py`."""
    pages = FeedPages(renderer, desk)
    router = APIRouter(include_in_schema=False)

    @router.get("/feeds")
    def listed(request: Request, asked: Annotated[Asked, Query()]) -> HTMLResponse:
        return pages.listed(request, asked)

    router.post("/feeds/try")(pages.tried)
    router.post("/feeds")(pages.add)

    @router.get("/feeds/new")
    def new(request: Request, url: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
        """The form alone, for who comes from elsewhere with an address."""
        return renderer.page(request, "try.html", {"trial": None, "url": url}, at="feeds")

    @router.get("/feeds/{feed_id}")
    def one(request: Request, feed_id: FeedId) -> HTMLResponse:
        return pages.one(request, feed_id)

    @router.post("/feeds/{feed_id}/poll")
    def poll(feed_id: FeedId) -> Response:
        _known(desk.feed(feed_id))
        n = desk.poll_now([feed_id])
        return see(f"/feeds/{feed_id}?done=" + ("polled" if n else "polling"))

    @router.post("/feeds/{feed_id}/remove")
    def remove(feed_id: FeedId) -> Response:
        return see("/feeds?" + urlencode({"done": "removed", "n": desk.remove([feed_id])}))

    return router


def _known(health: FeedHealth | None) -> None:
    if health is None:
        raise HTTPException(404, "no feed is followed under this id")


def _states(every: Sequence[FeedHealth], asked: Asked, reader: Reader) -> list[tuple[str, str, int, str]]:
    """Name, words, how many and address of each state that some feed is in, all of them first."""
    counts = Counter[str]("failing" if one.state == "gone" else one.state for one in every)
    counts[""] = len(every)
    shown = [name for name in STATES if not name or counts[name] or name == asked.state]
    return [
        (name, reader.word(f"feeds_show_{name or 'all'}"), counts[name], asked.address(state=name)) for name in shown
    ]


def _facts(row: feedrows.FeedRow, health: FeedHealth, reader: Reader) -> Sequence[tuple[str, str]]:
    """Everything known of one feed, by name."""
    feed, now = health.feed, datetime.now(UTC)
    kind = f"feeds_source_{feed.kind.replace('-', '_')}" if feed.kind else ""
    facts = {
        "address": feed.url,
        "moved": health.moved,
        "site": feed.site_url or "",
        "about": row.about,
        "owner": feed.owner or "",
        "kind": reader.word(kind) if kind else "",
        "last_new": row.last_new,
        "rate": row.rate,
        "entries": reader.number(health.entries),
        "polls": reader.number(health.polls),
        "last_poll": feedrows.when(health.last_poll, reader, now) or reader.word("feeds_never"),
        "last_success": feedrows.when(health.last_success, reader, now) or reader.word("feeds_never"),
        "next_poll": row.next_poll,
        "failures": reader.number(health.failures) if health.failures else "",
        "problems": health.problems,
    }
    return [(reader.word(f"feeds_fact_{name}"), value) for name, value in facts.items() if value]
