"""Channels that are down, for the whole fleet, in Valkey: nobody rings where nobody answered just now.

One that times out is left alone at once, because each attempt costs seconds; one that refuses only after three in a
row, because a message may be at fault. The time grows with each failure and is a minute at most, so that all goes on
soon after the channel does. `Retry-After` is obeyed, whatever it says, up to an hour.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from search.notify.sending import Sent
from worker.valkey import Client

TIMEOUTS, REFUSALS = 1, 3  # in a row, before a channel counts as down
FIRST, LONGEST, OBEYED = 5.0, 60.0, 3600.0  # seconds
KEPT = 86_400
OWN = ("no-channel", "fault")  # nothing that the other side did


@dataclass(frozen=True, slots=True)
class Outage:
    """A channel that failed the last so many times. `until`: Unix seconds; in the past: it may be tried."""

    channel: str
    failures: int
    until: float
    why: str


class Outages:
    """By channel, under the ledger's prefix."""

    def __init__(self, redis: Client, prefix: str) -> None:
        self._redis, self._prefix = redis, prefix

    def down(self, channel: str) -> bool:
        """Whether it is to be left alone now."""
        return float(self._redis.hget(self._key(channel), "until") or 0) > time.time()

    def arrived(self, channel: str) -> None:
        """It works."""
        self._redis.delete(self._key(channel))

    def failed(self, channel: str, sent: Sent) -> None:
        """An attempt failed."""
        if sent.kind in OWN:
            return
        key = self._key(channel)
        failures = int(self._redis.hincrby(key, "failures", 1))
        most = TIMEOUTS if sent.kind == "timeout" else REFUSALS
        wait = 0.0 if failures < most else min(FIRST * 2.0 ** min(failures - most, 10), LONGEST)
        if sent.status in {429, 503} and sent.retry_after:
            wait = max(wait, min(sent.retry_after, OBEYED))
        self._redis.hset(key, mapping={"until": time.time() + wait, "why": sent.error[:300]})
        self._redis.expire(key, KEPT)

    def of(self, channels: list[str]) -> dict[str, Outage]:
        """Those of `channels` whose last attempt failed."""
        with self._redis.pipeline(transaction=False) as pipe:
            for channel in channels:
                pipe.hgetall(self._key(channel))
            rows = pipe.execute()
        found = {}
        for channel, row in zip(channels, rows, strict=True):
            if row:
                until, why = float(row.get(b"until", 0)), row.get(b"why", b"").decode()
                found[channel] = Outage(channel, int(row.get(b"failures", 0)), until, why)
        return found

    def _key(self, channel: str) -> str:
        return f"{self._prefix}channel:{channel}"
