"""Entries that a person has to look at: listed, shown, sent on again, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.records import Entry
from search.flowdesk import Quarantined
from worker.ledger import Ledger
from worker.valkey import script


class Quarantine:
    """The quarantine of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.redis = ledger, ledger.redis
        self._release = script(self.redis, "release")

    def total(self) -> int:
        return int(self.redis.zcard(self.ledger.key("quarantine")))

    def ids(self, n: int = 1_000_000) -> list[str]:
        """Newest first."""
        rows = self.redis.zrevrange(self.ledger.key("quarantine"), 0, n - 1)
        return [row.decode() for row in rows]

    def show(self, entry_id: str) -> Quarantined | None:
        """None where no such entry is in quarantine. A unique beginning of the id does."""
        found = [id for id in self.ids() if id.startswith(entry_id)] if len(entry_id) < 32 else [entry_id]
        fields = self.ledger.entry(found[0]) if len(found) == 1 else None
        if fields is None or fields.get("state") != "quarantined":
            return None
        return Quarantined(
            id=found[0],
            url=Entry.model_validate_json(fields["record"]).url,
            feed_id=fields.get("feed", ""),
            stage=fields["stage"],
            since=datetime.fromtimestamp(int(fields["ended"]) / 1000, UTC),
            attempts=int(fields["attempts"]),
            why=fields.get("reason", ""),
        )

    def listed(self, n: int = 100) -> list[Quarantined]:
        return [entry for id in self.ids(n) if (entry := self.show(id))]

    def replay(self, entry_ids: Sequence[str]) -> int:
        """Sends them on again from the stage where they stopped, attempts at 0; how many were there."""
        return sum(self._release(keys=[self.ledger.prefix], args=["replay", *entry_ids]))

    def discard(self, entry_ids: Sequence[str]) -> int:
        """Gives them up for good (outcome discarded, reason by-hand); how many were there."""
        return sum(self._release(keys=[self.ledger.prefix], args=["discard", *entry_ids]))
