"""The API's alerts: which were raised, one with its deliveries, seen to or open again; each rule's as a feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import AwareDatetime, Field

from ingest.records import Record
from search.alerts.desk import MOST, NOTE_CHARS, AlertDesk, AlertPage, AlertView, AlertWish
from search.alerts.feed import alerts_atom, alerts_rss
from search.alerts.records import Delivery, DeliveryState
from search.feedxml import Channel
from search.web.access import FEEDS, Access
from search.web.api.exports import FEED, MOST_FED, UNCHANGED, Key, absolute, body, fed

ID = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="An alert's id, 32 hex digits.")]
Size = Annotated[int, Query(ge=1, le=MOST, description="Alerts at most.")]
Fed = Annotated[int, Query(ge=1, le=MOST_FED, description="Alerts at most.")]
Name = Annotated[str | None, Query(max_length=200)]
RuleId = Annotated[str | None, Query(max_length=200, description="Of this rule alone.")]
ABSENT: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such alert."}}


class Asked(AlertWish):
    """Which alerts are asked for, and how many."""

    rule: str | None = Field(None, max_length=200, description="Of this rule alone.")
    owner: str | None = Field(None, max_length=200, description="Of this owner's rules.")
    story: str | None = Field(None, pattern="^[0-9a-f]{32}$", description="Of this story alone.")
    since: AwareDatetime | None = Field(None, description="Raised since then: 2026-03-04T00:00:00Z.")
    size: int = Field(50, ge=1, le=MOST, description="Alerts at most.")
    cursor: str | None = Field(None, max_length=100, description="Leads to the older ones.")


class Acknowledged(Record):
    """Who has seen to it, and what of it."""

    by: str = Field("the API", max_length=200)
    note: str = Field("", max_length=NOTE_CHARS)


class Deliveries(Record):
    """Those asked for, the latest first."""

    deliveries: tuple[Delivery, ...]


def make_router(desk: AlertDesk, tz: str, title: str, access: Access | None = None) -> APIRouter:
    """The routes, on the given port. `tz`: of the times in feeds; `title`: before a feed's own."""
    router = APIRouter(tags=["alerts"])

    @router.get("/api/alerts")
    def alerts(asked: Annotated[Asked, Query()]) -> AlertPage:
        """Alerts, the newest first: what matched, where, why, who was told."""
        wish = AlertWish.model_validate(asked.model_dump(include=set(AlertWish.model_fields)))
        return desk.alerts(wish, size=asked.size, cursor=asked.cursor)

    @router.get("/api/alerts/feeds")
    def address(request: Request, rule: RuleId = None) -> dict[str, str]:
        """Where feed readers find these alerts, as RSS and as Atom; with a key of their own where a token is set."""
        how = _how(rule)
        return {
            path.rpartition(".")[2]: absolute(request, path, [*how, *_key(access, path, how)])
            for path in ("/api/alerts.rss", "/api/alerts.atom")
        }

    @router.get(
        "/api/alerts.rss", response_class=Response, responses=body("application/rss+xml", "RSS 2.0.") | UNCHANGED
    )
    def as_rss(request: Request, rule: RuleId = None, size: Fed = FEED, key: Key = None) -> Response:
        """The newest alerts as a feed: all, or one rule's."""
        lines = desk.alerts(AlertWish(rule=rule), size=size).lines
        page = absolute(request, "", [])
        return fed(request, alerts_rss(_channel(request, rule, title), lines, tz, page), "application/rss+xml")

    @router.get(
        "/api/alerts.atom",
        response_class=Response,
        responses=body("application/atom+xml", "Atom (RFC 4287).") | UNCHANGED,
    )
    def as_atom(request: Request, rule: RuleId = None, size: Fed = FEED, key: Key = None) -> Response:
        """The newest alerts as a feed: all, or one rule's."""
        lines = desk.alerts(AlertWish(rule=rule), size=size).lines
        page = absolute(request, "", [])
        return fed(request, alerts_atom(_channel(request, rule, title), lines, tz, page), "application/atom+xml")

    @router.get("/api/alerts/{id}", responses=ABSENT)
    def alert(id: ID) -> AlertView:
        """One alert with its deliveries."""
        found = desk.alert(id)
        if found is None:
            raise HTTPException(404, f"there is no alert {id}")
        return found

    @router.post("/api/alerts/{id}/acknowledge", responses=ABSENT)
    def acknowledge(id: ID, seen: Acknowledged) -> AlertView:
        """It is seen to; once more changes nothing."""
        desk.acknowledge([id], by=seen.by, note=seen.note)
        return alert(id)

    @router.post("/api/alerts/{id}/reopen", responses=ABSENT)
    def reopen(id: ID) -> AlertView:
        """It is open again."""
        desk.reopen(id)
        return alert(id)

    @router.get("/api/deliveries")
    def deliveries(state: DeliveryState | None = None, channel: Name = None, size: Size = 100) -> Deliveries:
        """What was sent to whom, or is to be, and what went wrong on the way."""
        return Deliveries(deliveries=tuple(desk.deliveries(state=state, channel=channel, size=size)))

    return router


def _how(rule: str | None) -> list[tuple[str, str]]:
    return [("rule", rule)] if rule else []


def _key(access: Access | None, path: str, how: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("key", access.feed_key(how, FEEDS[path]))] if access else []


def _channel(request: Request, rule: str | None, title: str) -> Channel:
    how = _how(rule)
    named = f"{title}: {rule}" if rule else title
    here = absolute(request, request.url.path, how)  # without its key: it is shown to people
    return Channel(named, absolute(request, "/alerts", how), here, "alerts of Kawat's rules")
