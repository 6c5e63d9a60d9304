"""One function on a thread of its own that holds up nobody's end: a download, a name server that does not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Runs `work` at once. A thread pool would be waited for when Python ends; this one is not."""

    def __init__(self, work: Callable[[], Result], name: str) -> None:
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ended(self) -> bool:
        """Whether it has ended. Raises what the work raised."""
        if self._thread.is_alive():
            return False
        if self._error is not None:
            raise self._error
        return True

    def wait(self, seconds: float) -> bool:
        """Waits that long at most, then as `ended`."""
        self._thread.join(max(0.0, seconds))
        return self.ended()

    def result(self) -> Result:
        """What the work gave; only once it has ended well."""
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001  # handed to whoever asks
            self._error = error
