"""Publishing on a beat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Published(NamedTuple):
    """A page and when it appeared in its feed, in seconds since the epoch."""

    url: str
    feed: str
    at: float


class Publisher:
    """Lists prepared pages, (feed, URL) each, `per_second` of them, in a thread of its own.

    The n-th is due n/per_second after the start, however long the ones before took: a late beat is caught up, the rate
    does not drift. `published` grows as it goes.
    """

    def __init__(
        self, list_in_feed: Callable[[str, str], object], prepared: Sequence[tuple[str, str]], per_second: float
    ) -> None:
        if per_second <= 0:
            raise ValueError(f"cannot publish {per_second} articles a second")
        self.published: list[Published] = []
        self._list_in_feed = list_in_feed
        self._prepared = prepared
        self._per_second = per_second
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="newsroom-rate", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No more after this returns."""
        self._stopping.set()
        self._thread.join()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether everything is out, after at most `timeout` seconds."""
        self._thread.join(timeout)
        return not self.running

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def left(self) -> int:
        return len(self._prepared) - len(self.published)

    def _run(self) -> None:
        started = time.monotonic()
        for number, (feed, url) in enumerate(self._prepared):
            due = started + number / self._per_second
            if self._stopping.wait(max(0.0, due - time.monotonic())):
                return
            self._list_in_feed(feed, url)
            self.published.append(Published(url, feed, time.time()))
