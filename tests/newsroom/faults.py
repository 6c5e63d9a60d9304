"""What goes wrong on request: failing and slow paths."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.newsroom.server import Response


@dataclass
class _Fault:
    """`left` None: until it is lifted. `status` None: only slow."""

    pattern: str
    status: int | None = None
    left: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0


@dataclass
class Faults:
    """Rules by path; the newest that fits counts. `*` in a pattern fits anything."""

    _faults: list[_Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(
        self, pattern: str, status: int, times: int | None, headers: Mapping[str, str] | None, body: bytes
    ) -> None:
        self._add(_Fault(pattern, status, times, tuple((headers or {}).items()), body))

    def slow(self, pattern: str, seconds: float, times: int | None) -> None:
        self._add(_Fault(pattern, left=times, seconds=seconds))

    def lift(self, pattern: str) -> None:
        """Forget every fault given for exactly this pattern."""
        with self._lock:
            self._faults = [fault for fault in self._faults if fault.pattern != pattern]

    def on(self, target: str) -> tuple[Response | None, float]:
        """The failure due for this request, if any, and the seconds to wait before any answer."""
        with self._lock:
            failing = self._due(target, slow=False)
            slowing = self._due(target, slow=True)
        seconds = slowing.seconds if slowing else 0.0
        if failing is None or failing.status is None:
            return None, seconds
        headers = failing.headers
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", "text/plain; charset=utf-8"), *headers)
        return Response(failing.status, headers, failing.body or f"failing: {failing.status}\n".encode()), seconds

    def _add(self, fault: _Fault) -> None:
        with self._lock:
            self._faults.insert(0, fault)

    def _due(self, target: str, *, slow: bool) -> _Fault | None:
        for fault in self._faults:
            fits = fault.pattern in {target, target.partition("?")[0]} or fnmatchcase(target, fault.pattern)
            if fits and bool(fault.seconds) is slow and fault.left != 0:
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None
