"""What a backfill has walked, in the ledger: a run that was killed goes on where it was."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from worker.ledger import Ledger

KEPT = 7 * 86_400  # seconds after which a run that was never ended is forgotten


class Notes(Protocol):
    """How far a walk is."""

    def read(self, url: str) -> str | None:
        """None where this document was not walked whole; else the address it led to, "" for none."""
        ...

    def done(self, url: str, led_to: str = "") -> None: ...

    def end(self) -> None: ...


class NoNotes:
    """Of a dry run: nothing is kept."""

    def read(self, url: str) -> str | None:
        return None

    def done(self, url: str, led_to: str = "") -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class LedgerNotes:
    """In one hash for each site. One that reached less far back than is asked for now is begun anew."""

    def __init__(self, ledger: Ledger, host: str, since: datetime) -> None:
        self._redis, self._key = ledger.redis, ledger.key("backfill", host)
        began = (self._redis.hget(self._key, "since") or b"").decode()
        if began and datetime.fromisoformat(began) > since:
            self._redis.delete(self._key)
            began = ""
        self.resumed = bool(began)
        if not began:
            self._redis.hset(self._key, "since", since.isoformat())
        self._redis.expire(self._key, KEPT)

    def read(self, url: str) -> str | None:
        led = self._redis.hget(self._key, _field(url))
        return None if led is None else led.decode()

    def done(self, url: str, led_to: str = "") -> None:
        self._redis.hset(self._key, _field(url), led_to)

    def end(self) -> None:
        self._redis.delete(self._key)


def _field(url: str) -> str:
    return "at:" + hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:24]
