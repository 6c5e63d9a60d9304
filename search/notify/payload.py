"""What a webhook is sent: JSON by the schema published in docs/webhook.schema.json. Times are UTC, RFC 3339."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import orjson
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from ingest.records import Record
from search.alerts.records import Alert

URI: JsonDict = {"format": "uri"}
MOMENT: JsonDict = {"format": "date-time"}


class AlertNote(Record):
    """One alert."""

    id: str = Field(description="The alert's id: the same in every message about it.")
    rule: str = Field(description="The rule's id.")
    rule_name: str
    type: Literal["any", "frequency", "spike", "flatline", "new_term"]
    owner: str
    priority: Literal["low", "normal", "high", "critical"]
    raised: str = Field(json_schema_extra=MOMENT)
    episode: int = Field(description="1: the first notice of this rule and story; further ones count up.")
    why: Literal["first", "realert", "update", "window"]
    match: Literal["exact", "stemmed"]
    clause: tuple[str, ...] = Field((), description="The parts of the rule's query that matched, as written.")
    highlight: tuple[str, ...] = Field((), description="Where they did, with ‹ › around what matched.")
    title: str = ""
    url: str | None = Field(None, json_schema_extra=URI, description="The article; none where a window was counted.")
    article_id: str | None = None
    article_ids: tuple[str, ...] = Field((), description="Of a window: the articles that counted.")
    story_id: str | None = None
    source: str | None = Field(None, description="The site: its host without www.")
    source_name: str | None = None
    sources: tuple[str, ...] = Field((), description="All sites that have the story, when the alert was raised.")
    source_count: int = Field(0, description="How many of them are independent.")
    language: str | None = Field(None, description="ISO 639-1.")
    countries: tuple[str, ...] = Field((), description="ISO 3166-1 alpha-2.")
    topics: tuple[str, ...] = ()
    published: str | None = Field(None, json_schema_extra=MOMENT)
    first_seen: str | None = Field(None, json_schema_extra=MOMENT)
    figures: Mapping[str, Any] = Field(default_factory=dict, description="Of a window: what was counted.")
    backfilled: bool = Field(False, description="Found by a new or changed rule that looked back.")


class Coverage(Record):
    """One rule's coverage receipt: what its silence is worth."""

    rule: str
    rule_name: str
    text: tuple[str, ...] = Field(description="For people, a line each.")


class Payload(Record):
    """One message of Kawat to a webhook."""

    version: Literal[1] = Field(1, description="Of this form.")
    kind: Literal["alert", "digest", "test"]
    id: str = Field(description="The delivery's id: also in the header Idempotency-Key. The same id, the same body.")
    channel: str = Field(description="The channel's name in Kawat's settings.")
    owner: str
    due: str = Field(json_schema_extra=MOMENT, description="When it was to be sent.")
    subject: str
    text: str = Field(description="The message for people.")
    alerts: tuple[AlertNote, ...] = ()
    coverage: tuple[Coverage, ...] = Field((), description="In a digest: by rule.")

    model_config = ConfigDict(frozen=True, extra="forbid", title="Kawat webhook")


def note(alert: Alert) -> AlertNote:
    """An alert as a webhook is told of it."""
    about = alert.model_dump(mode="json", by_alias=True)
    given = {
        "id": alert.alert_id,
        "raised": about["@timestamp"],
        "type": alert.rule_type,
        "countries": alert.country,
        "topics": alert.topic,
        "figures": alert.figures or {},
    }
    same = {name: about[name] for name in AlertNote.model_fields if name in about and name not in given}
    return AlertNote(**given, **same)


def encoded(payload: Payload) -> str:
    """The body, to the byte."""
    return orjson.dumps(payload.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS).decode()


def schema() -> dict[str, Any]:
    """JSON Schema of the body, 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Payload.model_json_schema(mode="serialization"),
    }
