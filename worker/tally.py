"""What matching did so far, counted in the ledger: for metrics, and for the receipt."""

from __future__ import annotations

from collections.abc import Mapping

from worker.ledger import Ledger

MATCHED = "matched"


class Tally:
    """What matching did since the ledger began: articles, candidates, alerts, batches, seconds."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, more: Mapping[str, float]) -> None:
        with self._ledger.redis.pipeline(transaction=False) as pipe:
            for name, number in more.items():
                pipe.hincrbyfloat(self._ledger.key(MATCHED), name, number)
            pipe.execute()

    def read(self) -> dict[str, float]:
        found = self._ledger.redis.hgetall(self._ledger.key(MATCHED))
        return {name.decode(): float(number) for name, number in found.items()}
