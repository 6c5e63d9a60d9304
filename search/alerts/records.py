"""Alerts, the notices they are episodes of, deliveries: as they stand in Elasticsearch (`search/alertfields.py`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from ingest.records import Record
from search.rules.records import Dedup, Match, Priority, RuleType

Why = Literal["first", "realert", "update", "window"]
AlertState = Literal["open", "acknowledged", "muted"]
DeliveryKind = Literal["alert", "digest", "test"]
DeliveryState = Literal["waiting", "sending", "retrying", "delivered", "dead"]


class Alert(Record):
    """One episode of (rule, dedup key): what matched, where, why, who is to be told."""

    alert_id: str
    timestamp: AwareDatetime = Field(alias="@timestamp")
    updated_at: AwareDatetime | None = None
    rule: str
    rule_name: str
    rule_set: str
    rule_type: RuleType
    owner: str
    priority: Priority
    match: Match
    dedup: Dedup
    dedup_key: str
    episode: int
    why: Why
    backfilled: bool = False
    sample: bool = False
    article_id: str | None = None
    article_ids: tuple[str, ...] = ()
    story_id: str | None = None
    title: str = ""
    url: str | None = None
    clause: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()  # plain text with ‹ › around what matched
    source: str | None = None
    source_name: str | None = None
    sources: tuple[str, ...] = ()
    source_count: int = 0
    language: str | None = None
    country: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    first_seen: AwareDatetime | None = None
    figures: Mapping[str, Any] | None = None
    state: AlertState = "open"
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str | None = None
    muted_until: AwareDatetime | None = None
    note: str = ""
    channels: tuple[str, ...] = ()
    due: AwareDatetime  # when it is to be sent: at once, or at the end of what defers it
    bundled: bool = False  # goes with the others of its owner, channel and `due`, as one digest
    message_language: Literal["id", "en"] = "id"
    tz: str = "UTC"  # of the times in what is sent


class Delivery(Record):
    """One thing to bring to one channel: an alert, or a digest of several. What is sent never changes (`body`)."""

    delivery_id: str  # hash: the receiver's idempotency key
    timestamp: AwareDatetime = Field(alias="@timestamp")
    alert_id: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    owner: str
    priority: Priority
    channel: str
    kind: DeliveryKind
    state: DeliveryState = "waiting"
    attempts: int = 0
    due: AwareDatetime
    last_attempt: AwareDatetime | None = None
    next_attempt: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    gives_up_at: AwareDatetime
    seconds: float | None = None
    error_kind: str | None = None
    status: int | None = None
    last_error: str | None = None
    body_hash: str = ""
    body: Mapping[str, Any] = {}  # empty: an article in it was forgotten, and with it what was rendered


def notice_id(rule: str, dedup_key: str) -> str:
    """The id of the one state document of a rule and a dedup key."""
    return _hashed(rule, dedup_key)


def alert_id(rule: str, dedup_key: str, episode: int) -> str:
    """The same for the same episode, whoever raises it however often."""
    return _hashed(rule, dedup_key, str(episode))


def delivery_id(of: str, channel: str) -> str:
    """`of`: an alert's id, or a digest's. The same however often it is made."""
    return _hashed("delivery", of, channel)


def source_of(record: Alert | Delivery) -> dict[str, Any]:
    """The document: without what says nothing."""
    fields = record.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in fields.items() if value not in (None, [], "", False)}


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
