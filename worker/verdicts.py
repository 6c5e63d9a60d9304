"""What a stage says of each item it was handed, and the item itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
    """Done here: on to the next stage, with a new blob in place of the old one; None keeps the old one.

    `to` names another stage than the one that follows in the table, `after` the seconds that it waits there.
    """

    blob: bytes | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    to: str | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class End:
    """The entry's one named outcome. `reason` says which kind of discard, why it was quarantined, whose duplicate.

    A visit ends as it stood before, indexed: any other outcome is only noted (`worker/lua/prelude.lua`).
    """

    outcome: Outcome
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Leave:
    """What is no entry (a page that a reader keeps) is done with here: what became of it stands elsewhere."""


Verdict = Advance | End | Retry | Defer | Again | Leave


def spelled(verdict: Verdict) -> list[Any]:  # noqa: PLR0911  # one return a verdict
    """A verdict as `advance.lua` reads it: verb, milliseconds, text, blob, then its fields, counted."""
    match verdict:
        case Advance(None, fields, to, after):
            return ["pass", int(after * 1000), to or "", "", *_flat(fields)]
        case Advance(blob, fields, to, after):
            return ["advance", int(after * 1000), to or "", blob, *_flat(fields)]
        case End(outcome, reason, fields):
            return ["end", 0, outcome, reason, *_flat(fields)]
        case Retry(after, error, attempts):
            return ["retry", int(after * 1000), error, str(attempts or ""), 0]
        case Defer(after, why):
            return ["defer", int(after * 1000), why, "", 0]
        case Again(after, fields):
            return ["again", int(after * 1000), "", "", *_flat(fields)]
        case Leave():
            return ["leave", 0, "", "", 0]


def _flat(fields: Mapping[str, str]) -> list[Any]:
    return [len(fields), *(part for pair in fields.items() for part in pair)]
