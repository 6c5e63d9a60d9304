"""What is sent, to what, and what became of it: the seam between deliveries and the channels behind them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson

from ingest.records import Record

Kind = Literal["timeout", "refused", "status", "unreachable", "no-channel", "fault"]


class Message(Record):
    """One message in each form that a channel may want. It is made once, and never changes: a receiver that gets it
    twice, under the same key, gets the same bytes."""

    subject: str
    text: str
    html: str
    json_: str  # what a webhook is sent, to the byte

    @property
    def hash(self) -> str:
        """Of all of it: sha256."""
        return hashlib.sha256(orjson.dumps(self.model_dump(), option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one attempt. `kind` is empty where it arrived; refused: by an answer that says no (4xx), status:
    by one that tells of trouble there (5xx), fault: whatever nobody foresaw. `retry_after`: seconds, as asked for."""

    kind: Kind | Literal[""] = ""
    status: int | None = None
    retry_after: float | None = None
    error: str = ""

    @property
    def arrived(self) -> bool:
        return not self.kind


class Sender(Protocol):
    """One channel as the stage sees it."""

    def send(self, message: Message, key: str) -> Sent:
        """One attempt, under an idempotency key. Ends within the channel's timeout; never raises."""
        ...
