"""What a stage says of each item it was handed, and the item itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["indexed", "duplicate", "discarded", "quarantined"]
OUTCOMES: tuple[Outcome, ...] = ("indexed", "duplicate", "discarded", "quarantined")


@dataclass(frozen=True, slots=True)
class Item:
    """One leased item: an entry's id (a feed's id for the stage `poll`), what the ledger keeps of it, its blob."""

    id: str
    attempt: int  # 1 for the first
    fields: Mapping[str, str]
    blob: bytes | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """Done here: on to the next stage, with a new blob in place of the old one."""

    blob: bytes
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """The entry's one named outcome. `reason` says which kind of discard, why it was quarantined, whose duplicate."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """It failed: again after so many seconds, while attempts are left; then it is quarantined with `error`.

    `attempts` where this kind of failure has its own number of them.
    """

    after: float
    error: str
    attempts: int | None = None


@dataclass(frozen=True, slots=True)
class Defer:
    """It has to wait (a service is away, a host is busy): again after so many seconds, no attempt counted."""

    after: float
    why: str


@dataclass(frozen=True, slots=True)
class Again:
    """A feed's next poll, in so many seconds, and what this poll leaves in its record."""

    after: float
    fields: Mapping[str, str] = field(default_factory=dict)


Verdict = Advance | End | Retry | Defer | Again
