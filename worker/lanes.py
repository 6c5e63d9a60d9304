"""Room to send: each channel has a few lanes in a process, and one that hangs fills only its own.

An attempt that does not come back within its time is given up: its thread is left behind, for no library promises that
it ends, and the lane is free again. A channel that has left too many threads behind gets no further ones.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong

from search.notify.sending import Sent

AT_ONCE = 4  # attempts of one channel at a time, in one process
LEFT_BEHIND = 32  # threads of one channel that never came back


class Lanes:
    """`seconds`: what one attempt may take."""

    def __init__(self, at_once: int = AT_ONCE, seconds: float = 30.0) -> None:
        self._at_once, self._seconds = at_once, seconds
        self._taken: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, channel: str) -> bool:
        """Whether there is room; then `free` gives it back."""
        with self._lock:
            room = self._taken[channel] < self._at_once
            self._taken[channel] += room
            return room

    def free(self, channel: str) -> None:
        with self._lock:
            self._taken[channel] -= 1

    def sent(self, channel: str, send: Callable[[], Sent]) -> Sent:
        """What `send` gives, in its time; never raises."""
        if self._left[channel] >= LEFT_BEHIND:
            return Sent("timeout", error=f"{LEFT_BEHIND} attempts hang and do not end; start the worker again")
        outcome: Future[Sent] = Future()

        def run() -> None:
            try:
                found = send()
            except Exception as error:  # noqa: BLE001  # whatever it is, this attempt has failed and no other
                found = Sent("fault", error=f"{type(error).__name__}: {error}")
            finally:
                with self._lock:
                    self._left[channel] -= 1
            outcome.set_result(found)

        with self._lock:
            self._left[channel] += 1
        threading.Thread(target=run, name=f"send-{channel}", daemon=True).start()
        try:
            return outcome.result(self._seconds)
        except TookTooLong:
            return Sent("timeout", error=f"no end within {self._seconds:g} s")
