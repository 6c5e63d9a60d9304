"""One at a time in the whole fleet: upgrade, retention, backup and restore would spoil each other's work."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import RedisError

from worker.ledger import Ledger

HELD = 30  # seconds after which what a killed process held is free again
KEY = "lifecycle"


class BusyError(Exception):
    """Another process is at such work: the message says who, and at what."""


@contextmanager
def turn(ledger: Ledger, what: str) -> Iterator[None]:
    """Holds the turn for `what`, however long it takes. Raises BusyError, RedisError."""
    redis, key = ledger.redis, ledger.key(KEY)
    mine = f"{what} ({socket.gethostname()}, process {os.getpid()}, {secrets.token_hex(4)})".encode()
    if not redis.set(key, mine, nx=True, ex=HELD):
        holder = (redis.get(key) or b"another one").decode()
        raise BusyError(f"{holder} is at work on the indices; a killed one's turn ends after {HELD} s")
    over = threading.Event()

    def hold() -> None:
        while not over.wait(HELD / 3):
            with suppress(RedisError):
                if redis.get(key) in {mine, None}:
                    redis.set(key, mine, ex=HELD)

    threading.Thread(target=hold, name="turn", daemon=True).start()
    try:
        yield
    finally:
        over.set()
        with suppress(RedisError):
            if redis.get(key) == mine:
                redis.delete(key)
