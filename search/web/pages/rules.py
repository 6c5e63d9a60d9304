"""Rules: those in force with their last 30 days, what one would have caught, a new one, a wrong match taken back."""

from __future__ import annotations

import time
from asyncio import to_thread
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from search.alerts.desk import AlertDesk, AlertWish
from search.ports import IncompleteAnswerError, ServiceUnavailable
from search.prescan import QueryError
from search.query import MAX_CHARS
from search.receipt import Receipt
from search.ruledesk import RuleDesk
from search.rules.records import Match
from search.web import rulerows
from search.web.alertrows import alert_row
from search.web.pages.alerts import HOURS
from search.web.pages.answers import away, done
from search.web.pages.forms import read_form, text
from search.web.pages.ruleforms import Complaint, RuleForms
from search.web.render import Renderer

RuleId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
AlertId = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")]
PAGE = 100  # rules on one page
KEPT = 60.0  # seconds that a receipt is shown before it is made anew
LATEST = 5  # alerts of a rule's own page


class RulePages:
    """Makes the view's pages."""

    def __init__(self, renderer: Renderer, desk: RuleDesk, alerts: AlertDesk) -> None:
        self._renderer, self._desk, self._alerts = renderer, desk, alerts
        self._receipts: dict[str | None, tuple[float, Receipt]] = {}

    def listed(self, request: Request, page: int, q: str) -> HTMLResponse:
        reader, now = self._renderer.reader(request), datetime.now(UTC)
        known = self._desk.listed()
        shown = known.rules[page * PAGE : (page + 1) * PAGE]
        daily = self._alerts.daily([one.id for one in shown], tz=reader.tz)
        mutes = {one.rule: one for one in self._alerts.mutes() if one.rule}
        view = {
            "known": known,
            "rows": [rulerows.rule_row(one, daily.get(one.id, ()), mutes, reader, now) for one in shown],
            "total": reader.counted("rules_n", len(known.rules)),
            "faults": rulerows.fault_lines(known.faults, reader),
            "before": f"/rules?page={page - 1}" if page else "",
            "after": f"/rules?page={page + 1}" if (page + 1) * PAGE < len(known.rules) else "",
            "channels": self._desk.channels(),
            "q": q,
            "caught": self._caught(request, q, "exact") if q else None,
            "done": done(request, reader, "rules"),
        }
        return self.page(request, "rules.html", view)

    def one(self, request: Request, id: str) -> HTMLResponse:
        reader, now = self._renderer.reader(request), datetime.now(UTC)
        rule = self._desk.listed().rule(id)
        if rule is None:
            return self.page(request, "rule.html", {"row": None, "done": ""}, status=404)
        daily = self._alerts.daily([id], tz=reader.tz)
        mutes = {one.rule: one for one in self._alerts.mutes() if one.rule}
        latest = self._alerts.alerts(AlertWish(rule=id), size=LATEST)
        view = {
            "row": rulerows.rule_row(rule, daily.get(id, ()), mutes, reader, now),
            "facts": rulerows.facts(rule, reader),
            "latest": [alert_row(one, reader, now) for one in latest.lines],
            "hours": HOURS,
            "here": f"/rule/{id}",
            "done": done(request, reader, "rules") or done(request, reader, "alerts"),
        }
        return self.page(request, "rule.html", view)

    def tried(self, request: Request, query: str, match: Match) -> HTMLResponse:
        view = self._caught(request, query.strip(), match)
        template = "_caught.html" if request.headers.get("hx-request") == "true" else "rule-try.html"
        status = 400 if view["fault"] and template != "_caught.html" else 200
        return self.page(request, template, {"caught": view, "q": query}, status=status)

    def receipt(self, request: Request, rule: str | None, *, testing: bool) -> HTMLResponse:
        """The strip; made anew once a minute, for it is on every list."""
        kept = self._receipts.get(rule)
        if testing or kept is None or time.monotonic() - kept[0] > KEPT:
            try:
                made = self._desk.receipt(rule, testing=testing)
            except KeyError:
                raise HTTPException(404, "no such rule is in force") from None
            kept = (time.monotonic(), made)
            if len(self._receipts) > 1_000:
                self._receipts.clear()
            self._receipts[rule] = kept
        view = rulerows.receipt_view(kept[1], self._renderer.reader(request))
        return self.page(request, "_receipt.html", {**view, "rule": rule})

    def rung(self, request: Request, channel: str) -> HTMLResponse:
        reader = self._renderer.reader(request)
        try:
            rung = self._desk.ring(channel)
        except KeyError:
            raise HTTPException(404, f"no channel is called {channel[:100]!r}") from None
        name = "rules_rung" if rung.arrived else "rules_not_rung"
        told = reader.word(name, channel=channel, seconds=f"{rung.seconds:.1f}", why=rung.error)
        template = "_rung.html" if request.headers.get("hx-request") == "true" else "rung.html"
        return self.page(request, template, {"told": told, "arrived": rung.arrived})

    def guarded(self, request: Request, work: Callable[[], Response]) -> Response:
        """What `work` answers, an outage as its page."""
        try:
            return work()
        except (ServiceUnavailable, IncompleteAnswerError) as why:
            outage = why if isinstance(why, ServiceUnavailable) else ServiceUnavailable("Elasticsearch", str(why))
            return away(self._renderer, request, outage, at="rules")

    def page(self, request: Request, template: str, view: dict[str, Any], *, status: int = 200) -> HTMLResponse:
        return self._renderer.page(request, template, view, status=status, at="rules")

    def _caught(self, request: Request, query: str, match: Match) -> dict[str, Any]:
        empty: dict[str, Any] = {"fault": None, "bars": (), "told": "", "stories": "", "rows": [], "query": query}
        if not query:
            return empty
        try:
            found = self._desk.caught(query, match=match)
        except QueryError as error:
            return empty | {"fault": error}
        return empty | rulerows.caught_view(found, self._renderer.reader(request))


def make_router(renderer: Renderer, desk: RuleDesk, alerts: AlertDesk) -> APIRouter:
    """`/rules`, `/rule/{id}` and what is done there."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    pages = RulePages(renderer, desk, alerts)
    forms = RuleForms(renderer, desk, alerts)

    @router.get("/rules")
    def listed(
        request: Request,
        page: Annotated[int, Query(ge=0, le=10_000)] = 0,
        q: Annotated[str, Query(max_length=MAX_CHARS)] = "",
    ) -> Response:
        return pages.guarded(request, lambda: pages.listed(request, page, q.strip()))

    @router.get("/rules/try")
    def tried(
        request: Request, query: Annotated[str, Query(max_length=MAX_CHARS)] = "", match: Match = "exact"
    ) -> Response:
        return pages.guarded(request, lambda: pages.tried(request, query, match))

    @router.get("/rules/receipt")
    def receipt(
        request: Request, rule: Annotated[str | None, Query(max_length=80)] = None, testing: bool = False
    ) -> Response:
        return pages.guarded(request, lambda: pages.receipt(request, rule, testing=testing))

    @router.post("/rules/ring")
    async def ring(request: Request) -> Response:
        channel = text(await read_form(request), "channel")
        return await to_thread(pages.guarded, request, lambda: pages.rung(request, channel))

    @router.get("/rules/new")
    def new(request: Request, q: Annotated[str, Query(max_length=MAX_CHARS)] = "", stemmed: str = "") -> Response:
        return pages.guarded(request, lambda: forms.new(request, q.strip(), stemmed=stemmed == "1"))

    @router.post("/rules")
    async def add(request: Request) -> Response:
        form = await read_form(request)
        return await to_thread(pages.guarded, request, lambda: forms.added(request, form))

    @router.get("/rule/{id}")
    def one(request: Request, id: RuleId) -> Response:
        return pages.guarded(request, lambda: pages.one(request, id))

    @router.get("/rule/{id}/no-match")
    def wrong(
        request: Request,
        id: RuleId,
        alert: AlertId = "",
        sentence: Annotated[str, Query(max_length=1_000)] = "",
        none_of: Annotated[str, Query(max_length=MAX_CHARS)] = "",
    ) -> Response:
        given = Complaint(id, alert, sentence.strip(), none_of.strip())
        return pages.guarded(request, lambda: forms.wrong(request, given))

    @router.post("/rule/{id}/no-match")
    async def taken_back(request: Request, id: RuleId) -> Response:
        form = await read_form(request)
        given = Complaint(id, text(form, "alert"), text(form, "sentence")[:1_000], text(form, "none_of")[:MAX_CHARS])
        return await to_thread(pages.guarded, request, lambda: forms.taken_back(request, given))

    return router
