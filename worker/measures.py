"""What processes count while they work, in Valkey: one set of figures for the whole fleet, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search.notify.sending import Sent
from worker.valkey import Client

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
MICRO = 1_000_000  # sums are whole microseconds: Valkey adds them up without losing any


@dataclass(frozen=True, slots=True)
class Matching:
    """All that was matched so far. `buckets`: batches that took at most so many seconds, cumulative."""

    seconds: float
    batches: int
    articles: int
    candidates: int
    alerts: int
    buckets: Mapping[float, int]


class Measures:
    """Under the ledger's prefix."""

    def __init__(self, redis: Client, prefix: str) -> None:
        self._redis = redis
        self._matching, self._attempts = f"{prefix}measures:match", f"{prefix}measures:attempts"

    def matched(self, seconds: float, *, articles: int, candidates: int, alerts: int) -> None:
        """A batch went through the stage `match`; `candidates`: pairs of rule and article that were confirmed."""
        counted = {"batches": 1, "micros": int(seconds * MICRO), "articles": articles, "candidates": candidates}
        counted["alerts"] = alerts
        if bucket := next((one for one in BUCKETS if seconds <= one), None):
            counted[f"le:{bucket}"] = 1
        with self._redis.pipeline(transaction=False) as pipe:
            for name, value in counted.items():
                pipe.hincrby(self._matching, name, value)
            pipe.execute()

    def attempted(self, channel: str, sent: Sent) -> None:
        """An attempt at a channel came to its end."""
        self._redis.hincrby(self._attempts, f"{sent.kind or 'delivered'}\n{channel}", 1)

    def matching(self) -> Matching:
        """What `matched` has added up."""
        found = {name.decode(): int(value) for name, value in self._redis.hgetall(self._matching).items()}
        so_far, buckets = 0, {}
        for one in BUCKETS:
            so_far += found.get(f"le:{one}", 0)
            buckets[one] = so_far
        counts = {name: found.get(name, 0) for name in ("batches", "articles", "candidates", "alerts")}
        return Matching(seconds=found.get("micros", 0) / MICRO, buckets=buckets, **counts)

    def attempts(self) -> dict[tuple[str, str], int]:
        """By (channel, outcome)."""
        found = {}
        for name, value in self._redis.hgetall(self._attempts).items():
            outcome, _, channel = name.decode().partition("\n")
            found[channel, outcome] = int(value)
        return found
