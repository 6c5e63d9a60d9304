"""What the ledger counts: how each stage stands, what became of all entries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageCount:
    """How a stage stands: items ready (of these due now), leased, seconds that the oldest due one has waited.

    `waiting`: why the one that is due next was deferred, empty where it was not.
    """

    ready: int
    due: int
    leased: int
    oldest: float
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """All entries ever seen, by what became of them. They add up unless something was lost."""

    seen: int
    indexed: int
    duplicate: int
    discarded: int
    quarantined: int
    in_flight: int  # counted in the sets, not computed from the others

    @property
    def missing(self) -> int:
        """0, or by how much seen = indexed + duplicate + discarded + quarantined + in flight is off."""
        return self.seen - self.indexed - self.duplicate - self.discarded - self.quarantined - self.in_flight
