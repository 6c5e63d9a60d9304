"""The flow as an operator sees it on the page: what waits in quarantine, how the services do. The worker answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import Field

from ingest.records import Record


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One quarantined entry: which, since when, at which stage, why."""

    id: str
    url: str
    feed_id: str
    stage: str
    since: datetime
    attempts: int
    why: str


class QuarantineDesk(Protocol):
    """What failed for good until a person looks. Every method may raise ServiceUnavailable."""

    def total(self) -> int: ...

    def listed(self, n: int = 100) -> Sequence[Quarantined]:
        """Newest first."""
        ...

    def replay(self, entry_ids: Sequence[str] | None) -> int:
        """Sends them (None: all) on again from the stage where they stopped; how many were there."""
        ...

    def discard(self, entry_ids: Sequence[str] | None) -> int:
        """Gives them (None: all) up for good, outcome discarded, reason by-hand; how many were there."""
        ...


class Vital(Record):
    """One finding about what everything stands on. `to_do` is empty where nothing is to be done."""

    name: Literal["elasticsearch", "valkey", "durability", "disk", "ledger", "version"]
    state: Literal["ok", "warn", "fail"]
    values: dict[str, str | int | float] = Field(
        default_factory=dict
    )  # by the names that the page's words have blanks for
    detail: str = ""
    to_do: str = ""


class Minute(Record):
    """How many articles were indexed in the minute that begins `at` (UTC, ISO 8601)."""

    at: str
    indexed: int


class HealthPort(Protocol):
    """For machines that watch. Neither method raises."""

    def ready(self) -> Mapping[str, str]:
        """ok, warn or fail of each service that the flow stands on."""
        ...

    def metrics(self) -> bytes:
        """Figures in Prometheus' text format."""
        ...


class Vitals(Protocol):
    """How the services do. Neither method raises: what is away is said to be."""

    def vitals(self) -> Sequence[Vital]: ...

    def throughput(self, minutes: int = 60) -> Sequence[Minute]:
        """The last minutes, oldest first, those without an article too; empty where Elasticsearch does not say."""
        ...
