"""How a feed does: by what kind it fails, whether it went quiet, what its dates give away. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable, IngestError, NotAFeed, Refused
from ingest.rhythm import DAY, FEW, HOUR, SLACK, Rates, Rhythm, long_run, same_date

State = Literal["new", "ok", "quiet", "failing", "gone"]
UNLIKELY = 0.001  # chance of as long a silence, from which on a feed went quiet
LEAST_SILENCE = DAY / 2  # a break over night is none
WIDER = (
    1.5  # times the widest gap of its past, in entries to be expected: some bring much at a time, some rest on Sunday
)
_KINDS = {
    "dns": "dns",
    "tls": "tls",
    "timeout": "timeout",
    "refused": "connection",
    "unreachable": "connection",
    "cut-off": "connection",
    "redirects": "redirect",
}


def kind_of(error: Exception) -> str:  # noqa: PLR0911  # one return a kind of failure
    """The kind of failure by which a feed's next poll is put off: a key of `ingest.schedule.WEIGHTS`."""
    match error:
        case HostBusy():
            return "busy"
        case HostUnreachable() if error.reason.startswith("http-5"):
            return "5xx"
        case Gone():
            return "gone" if str(error).endswith(" 410") else "4xx"
        case Forbidden():
            return "4xx"
        case NotAFeed():
            return error.reason if error.reason in {"empty", "no-match"} else "not-a-feed"
        case Refused():
            return "refused"
        case IngestError() if error.reason.startswith("http-"):
            return "5xx" if error.reason.startswith("http-5") else "4xx"
        case IngestError():
            return _KINDS.get(error.reason, "other")
        case _:
            return "other"


def state_of(*, answered: bool, failures: int, kind: str, rhythm: Rhythm, now: float) -> State:
    """`new` until it first answered; `gone` after a 410; `failing`; `quiet`; else `ok`."""
    if failures:
        return "gone" if kind == "gone" else "failing"
    if not answered:
        return "new"
    return "quiet" if went_quiet(rhythm, now) else "ok"


def went_quiet(rhythm: Rhythm, now: float) -> bool:
    """Whether it is silent for longer than its own past lets expect; a feed that always was slow is not.

    Entries that came by chance at the feed's rate would keep away as long as `missed` says with a chance of e^-missed
    (Poisson); feeds that bring much at a time have longer gaps, so the widest of the past counts too.
    """
    if rhythm.last_new is None or rhythm.entries < FEW:
        return False
    silent = now - rhythm.last_new
    unlikely = max(-math.log(UNLIKELY), WIDER * rhythm.widest)
    return silent > LEAST_SILENCE and rhythm.missed > unlikely


def expected_a_day(rhythm: Rhythm, now: float) -> float | None:
    """Entries that its past lets expect in a day from now on; None while it says nothing."""
    if not sum(rhythm.watched):
        return None
    if now - (rhythm.last_new or now) > DAY:
        return long_run(rhythm, now) * DAY / HOUR
    return Rates(rhythm).expected(now, now + DAY)


def seen_a_day(rhythm: Rhythm, now: float) -> float:
    """New entries of late, brought to a day: those of the last day count most."""
    return rhythm.lately * math.exp(-max(0.0, now - (rhythm.until or now)) / DAY)


def date_problems(dates: Sequence[float | None], now: float) -> list[str]:
    """What is wrong with the dates that a feed's entries carry (Unix seconds): for its operator."""
    found = []
    ahead = [date - now for date in dates if date is not None and date > now + SLACK]
    if ahead:
        found.append(
            f"{len(ahead)} of {len(dates)} entries are dated in the future, by up to {max(ahead) / HOUR:.1f} hours:"
            " is its time zone wrong?"
        )
    if same_date(dates):
        found.append(f"all {len(dates)} entries carry one and the same date: it says nothing of when they came")
    return found
