"""What rules found: a list that fills itself, one alert with its reasons and deliveries; seen to, muted."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from search.alerts.desk import AlertDesk, AlertLine, AlertPage, AlertWish
from search.alerts.live import AlertArrival
from search.live import ArrivalPort
from search.ports import IncompleteAnswerError, ServiceUnavailable
from search.rules.publishing import Mute
from search.web import alertrows
from search.web.livehub import LiveHub
from search.web.pages.answers import away, done, see
from search.web.pages.forms import read_form, text, texts
from search.web.render import Renderer
from search.web.streaming import streamed

PAGE = 40  # alerts on one page
HOURS = (1, 8, 24, 168, 720)  # that a mute may last
LONGEST = 8_760.0  # hours
AlertId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class Asked(AlertWish):
    """Which alerts the address asks for."""

    rule: str | None = Field(None, max_length=200)
    owner: str | None = Field(None, max_length=200)
    story: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")
    cursor: str | None = Field(None, max_length=100)
    done: str = Field("", max_length=20)
    n: str = Field("", max_length=20)

    @property
    def wish(self) -> AlertWish:
        return AlertWish.model_validate(self.model_dump(include=set(AlertWish.model_fields)))


class AlertPages:
    """Makes the view's pages."""

    def __init__(self, renderer: Renderer, desk: AlertDesk, hub: LiveHub[AlertArrival]) -> None:
        self._renderer, self._desk, self._hub = renderer, desk, hub

    async def listed(self, request: Request, wish: AlertWish, cursor: str | None) -> HTMLResponse:
        try:
            # the place first: what comes in between is shown, and told again, but never missed
            place = "" if cursor else await self._hub.place(wish.query)
            page = await to_thread(self._desk.alerts, wish, size=PAGE, cursor=cursor)
            mutes = await to_thread(self._mutes, request)
        except (ServiceUnavailable, IncompleteAnswerError) as why:
            return self._away(request, why)
        return self._page(request, "alerts.html", self._list(request, wish, page, cursor, place) | {"mutes": mutes})

    def one(self, request: Request, id: str) -> HTMLResponse:
        try:
            view = self._desk.alert(id)
        except (ServiceUnavailable, IncompleteAnswerError) as why:
            return self._away(request, why)
        if view is None:
            return self._page(request, "alert.html", {"row": None, "done": ""}, status=404)
        reader, now = self._renderer.reader(request), datetime.now(UTC)
        row = alertrows.alert_row(view.line, reader, now)
        told = {
            "row": row,
            "facts": alertrows.facts(row, reader, now),
            "deliveries": alertrows.delivery_rows(view, reader, now),
            "hours": HOURS,
            "done": done(request, reader, "alerts"),
        }
        return self._page(request, "alert.html", told)

    async def seen(self, request: Request) -> Response:
        """Some alerts are seen to; htmx gets the row of one anew."""
        form = await read_form(request)
        ids = texts(form, "id")[:200]
        by = text(form, "by")[:100] or self._renderer.reader(request).word("alerts_page")
        n = await to_thread(lambda: self._desk.acknowledge(ids, by=by, note=text(form, "note")))
        if request.headers.get("hx-request") == "true" and len(ids) == 1:
            return await to_thread(self._again, request, ids[0], text(form, "back"))
        return see(_back(form, f"done=acknowledged&n={n}"))

    async def reopened(self, request: Request) -> Response:
        form = await read_form(request)
        await to_thread(lambda: self._desk.reopen(text(form, "id")))
        if request.headers.get("hx-request") == "true":
            return await to_thread(self._again, request, text(form, "id"), text(form, "back"))
        return see(_back(form, "done=reopened"))

    async def muted(self, request: Request) -> Response:
        """A rule or a story, for so many hours; none: no longer."""
        form = await read_form(request)
        what = text(form, "what") or ("rule" if text(form, "rule") else "story")
        target = text(form, what)[:200] if what in {"rule", "story"} else ""
        if not target:
            raise HTTPException(400, "say which rule or story is to be muted")
        until = datetime.now(UTC) + timedelta(hours=_hours(text(form, "hours")))
        chosen: Mapping[str, Any] = {"rule" if what == "rule" else "story_id": target}
        by = self._renderer.reader(request).word("alerts_page")
        await to_thread(self._desk.mute, Mute(**chosen, until=until, published_by=by))
        return see(_back(form, "done=muted" if _hours(text(form, "hours")) > 0 else "done=unmuted"))

    def row_html(self, request: Request, arrival: AlertArrival) -> str:
        return bytes(self._row(request, arrival.line, "/alerts").body).decode()

    def _again(self, request: Request, id: str, back: str) -> HTMLResponse:
        """The row of one alert as it is now."""
        view = self._desk.alert(id)
        if view is None:
            raise HTTPException(404, "there is no such alert")
        return self._row(request, view.line, back)

    def _row(self, request: Request, line: AlertLine, back: str) -> HTMLResponse:
        row = alertrows.alert_row(line, self._renderer.reader(request), datetime.now(UTC))
        return self._page(request, "_alert.html", {"row": row, "hours": HOURS, "here": back})

    def _list(
        self, request: Request, wish: AlertWish, page: AlertPage, cursor: str | None, place: str
    ) -> dict[str, Any]:
        reader, now = self._renderer.reader(request), datetime.now(UTC)
        names = alertrows.names(page.lines)
        return {
            "wish": wish,
            "rows": [alertrows.alert_row(one, reader, now) for one in page.lines],
            "open_ids": [one.alert.alert_id for one in page.lines if one.alert.state == "open"],
            "total": reader.counted("alerts_n", page.total),
            "states": alertrows.states(page, wish, reader),
            "rules": alertrows.rules(page, wish, names, reader),
            "rule_name": names.get(wish.rule or "", wish.rule or ""),
            "every_rule": alertrows.address(wish, rule=None),
            "here": alertrows.address(wish),
            "older": alertrows.address(wish, cursor=page.cursor) if page.cursor else "",
            "cursor": cursor,
            "place": place,
            "hours": HOURS,
            "done": done(request, reader, "alerts"),
        }

    def _mutes(self, request: Request) -> list[tuple[str, str, str]]:
        """What is muted: kind, id, words."""
        reader, beside = self._renderer.reader(request), datetime.now(UTC).isoformat()
        told = []
        for one in self._desk.mutes():
            kind, id = ("rule", one.rule) if one.rule else ("story", one.story_id or "")
            when = reader.when(one.until.isoformat(), beside)
            told.append((kind, id, reader.word(f"alerts_mutes_{kind}", id=id, when=when)))
        return told

    def _page(self, request: Request, template: str, view: dict[str, Any], *, status: int = 200) -> HTMLResponse:
        return self._renderer.page(request, template, view, status=status, at="alerts")

    def _away(self, request: Request, why: Exception) -> HTMLResponse:
        outage = why if isinstance(why, ServiceUnavailable) else ServiceUnavailable("Elasticsearch", str(why))
        return away(self._renderer, request, outage, at="alerts")


def make_router(renderer: Renderer, desk: AlertDesk, live: ArrivalPort[AlertArrival]) -> APIRouter:
    """`/alerts` and what is done there."""
    router = APIRouter(include_in_schema=False)
    hub = LiveHub(live)
    pages = AlertPages(renderer, desk, hub)

    @router.get("/alerts")
    async def listed(request: Request, asked: Annotated[Asked, Query()]) -> HTMLResponse:
        return await pages.listed(request, asked.wish, asked.cursor)

    @router.get("/alerts/stream")
    async def stream(request: Request, q: Annotated[str, Query(max_length=1000)] = "", after: str = "") -> Response:
        try:
            query = AlertWish.of(q).query
        except ValueError:
            raise HTTPException(400, "q is no choice of alerts") from None
        place = request.headers.get("last-event-id", "") or after
        return await streamed(hub, query, place, lambda one: pages.row_html(request, one))

    router.post("/alerts/acknowledge")(pages.seen)
    router.post("/alerts/reopen")(pages.reopened)
    router.post("/alerts/mute")(pages.muted)

    @router.get("/alerts/{id}")
    def one(request: Request, id: AlertId) -> HTMLResponse:
        return pages.one(request, id)

    return router


def _hours(given: str) -> float:
    try:
        hours = float(given)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= LONGEST:
        raise HTTPException(400, f"a mute lasts 0 (no longer) to {LONGEST:.0f} hours")
    return hours


def _back(form: FormData, said: str) -> str:
    """Where the form stood, told what became of it."""
    back = text(form, "back")
    path, _, query = back.partition("?")
    known = path.startswith(("/alerts", "/rule")) and back.isprintable() and "\\" not in back and "//" not in path
    path, query = (path, query) if known and len(back) < 2_000 else ("/alerts", "")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith(("done=", "n=")))
    return f"{path}?{'&'.join(part for part in (kept, said) if part)}"
