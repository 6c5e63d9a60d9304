"""What a newsroom was asked: the log that politeness and conditional requests are tested on."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from typing import NamedTuple

KEPT = 50_000  # requests remembered, about 1 kB each; the counters go on beyond


class Seen(NamedTuple):
    """One request. `time` in seconds since the epoch, `path` with its query, header names in lower case."""

    time: float
    method: str
    path: str
    host: str
    status: int
    headers: Mapping[str, str]
    peer: str


class RequestLog:
    """Requests in order of arrival, and how many were under way at once. Safe to read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._seen: deque[Seen] = deque(maxlen=KEPT)
            self._under_way: Counter[str] = Counter()
            self._highest: Counter[str] = Counter()
            self.by_status: Counter[int] = Counter()
            self.bytes_sent = 0

    def requests(self) -> list[Seen]:
        with self._lock:
            return list(self._seen)

    def max_concurrent(self, host: str | None = None) -> int:
        """The most requests under way at once: for one Host header, or over all."""
        with self._lock:
            return self._highest[host or ""]

    def begin(self, seen: Seen, size: int) -> None:
        with self._lock:
            self._seen.append(seen)
            self.by_status[seen.status] += 1
            self.bytes_sent += size
            for key in ("", seen.host):
                self._under_way[key] += 1
                self._highest[key] = max(self._highest[key], self._under_way[key])

    def end(self, host: str) -> None:
        with self._lock:
            for key in ("", host):
                self._under_way[key] = max(0, self._under_way[key] - 1)
