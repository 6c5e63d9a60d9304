"""How the page tells of the flow: outcomes that add up, stages, throughput, services. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.flowdesk import Minute, Vital
from search.web.figures import decimal, size, span
from search.web.views import Reader
from search.web.words import WORDS

PARTS = ("indexed", "duplicate", "discarded", "quarantined", "in_flight")
LATE = 900.0  # seconds after which what is due and waits is told in red
BYTES = frozenset({"free", "used", "limit", "total", "size"})
HEIGHT = 60.0  # of the chart, in its own units; a bar is 10 wide


@dataclass(frozen=True)
class Outcomes:
    """seen = indexed + …, as names and figures; `missing` is "" where they add up."""

    seen: str
    parts: tuple[tuple[str, str, str], ...]  # name, word, figure
    missing: str


@dataclass(frozen=True)
class StageRow:
    """One stage: what is ready now, what waits for later, what a worker holds, how long the oldest has waited."""

    name: str
    due: str
    later: str
    leased: str
    oldest: str
    late: bool
    waiting: str


@dataclass(frozen=True)
class Bar:
    """One minute of the chart, in its own units."""

    x: int
    y: float
    height: float
    title: str


@dataclass(frozen=True)
class VitalRow:
    """One finding in words."""

    name: str
    state: str
    word: str
    detail: str
    to_do: str


def outcomes(summary: Mapping[str, Any], reader: Reader) -> Outcomes | None:
    counts = summary.get("counts") or {}
    if counts.get("seen") is None:
        return None
    known = {name: int(counts.get(name) or 0) for name in PARTS}
    missing = int(counts["seen"]) - sum(known.values())
    return Outcomes(
        seen=reader.number(int(counts["seen"])),
        parts=tuple((name, reader.word(f"count_{name}"), reader.number(n)) for name, n in known.items()),
        missing=reader.number(missing) if missing else "",
    )


def discards(summary: Mapping[str, Any], reader: Reader) -> list[tuple[str, str]]:
    """Reason and how many, the most frequent first."""
    found = summary.get("discarded_by_reason") or {}
    return [
        (_word("status_reason", reason, reader), reader.number(int(n)))
        for reason, n in sorted(found.items(), key=lambda one: (-int(one[1]), one[0]))
    ]


def stages(summary: Mapping[str, Any], reader: Reader) -> list[StageRow]:
    rows = []
    for name, count in (summary.get("stages") or {}).items():
        oldest = float(count.get("oldest") or 0)
        due = int(count.get("due") or 0)
        rows.append(
            StageRow(
                name=stage_name(name, reader),
                due=reader.number(due),
                later=reader.number(int(count.get("ready") or 0) - due),
                leased=reader.number(int(count.get("leased") or 0)),
                oldest=span(oldest, reader) if due else "",
                late=bool(due) and oldest > LATE,
                waiting=str(count.get("waiting") or ""),
            )
        )
    return rows


def stage_name(stage: str, reader: Reader) -> str:
    return _word("status_stage", stage, reader)


def revisits(summary: Mapping[str, Any], reader: Reader) -> list[tuple[str, str]]:
    """What is known of pages that are looked at again, by name."""
    found = summary.get("revisits") or {}
    return [(_word("status_revisits", name, reader), reader.number(int(n))) for name, n in found.items() if n]


def throughput(minutes: Sequence[Minute], reader: Reader) -> str:
    """Articles in the last hour, and a minute of the last five whole ones."""
    if not minutes:
        return ""
    whole = minutes[-6:-1] or minutes
    rate = sum(one.indexed for one in whole) / len(whole)
    total = sum(one.indexed for one in minutes)
    return reader.word("status_throughput", n=reader.number(total), rate=decimal(rate, 0 if rate >= 10 else 1, reader))


def bars(minutes: Sequence[Minute]) -> list[Bar]:
    most = max([one.indexed for one in minutes], default=0)
    return [
        Bar(
            x=10 * at,
            y=round(HEIGHT - (height := max(1.0, HEIGHT * one.indexed / most if most else 0.0)), 1),
            height=round(height, 1),
            title=str(one.indexed),
        )
        for at, one in enumerate(minutes)
    ]


def vital_row(vital: Vital, reader: Reader) -> VitalRow:
    values = {name: size(float(n), reader) if name in BYTES else _shown(n, reader) for name, n in vital.values.items()}
    if "began" in vital.values:
        values["began"] = reader.full(str(vital.values["began"]))
    name = f"status_vital_{vital.name}"
    if vital.name == "valkey" and not vital.values.get("limit"):
        name += "_unbounded"
    return VitalRow(
        name=reader.word(f"status_name_{vital.name}"),
        state=vital.state,
        word=reader.word(f"status_is_{vital.state}"),
        detail=reader.word(name, **values) if vital.values else vital.detail,
        to_do=vital.to_do,
    )


def _shown(value: str | float, reader: Reader) -> str:
    return value if isinstance(value, str) else decimal(float(value), 0, reader)


def _word(group: str, name: str, reader: Reader) -> str:
    """The word for `name`; a name that has none is shown as it is."""
    key = f"{group}_{name.replace('-', '_')}"
    return reader.word(key) if key in WORDS[reader.language] else name
