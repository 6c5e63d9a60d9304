"""Logs of the processes: what a child writes into its pipe goes to `.kawat/logs/NAME.log`, which rotates by size.

Rotation is ours and not the child's: it only ever sees a pipe, so no program has to be told to open its log anew.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

LIMIT = 10_000_000  # bytes a file
KEPT = 3  # files a process, the one in use included
CHUNK = 65536  # a pipe's size on Linux
TAIL = 20  # lines kept in memory, to be shown when the process ends


class RotatingLog:
    """One process's log: NAME.log, NAME.log.1, NAME.log.2. A full disk loses lines (counted), it never blocks."""

    def __init__(self, path: Path, limit: int = LIMIT, kept: int = KEPT) -> None:
        self.path, self._limit, self._kept = path, limit, kept
        self._lock = threading.Lock()
        self._file: int | None = None
        self._size = 0
        self.lost = 0  # bytes that could not be written

    def write(self, data: bytes) -> None:
        """Appends whole lines. Never raises."""
        with self._lock:
            try:
                if self._file is None:
                    self._open()
                elif self._size + len(data) > self._limit and self._size:
                    self._rotate()
                self._append(data)
            except OSError:
                self.lost += len(data)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # 0600: a log can quote what people search for.
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size
        if self._size >= self._limit:
            self._rotate()

    def _rotate(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        for number in range(self._kept - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)
        self._open()

    def _append(self, data: bytes) -> None:
        assert self._file is not None  # noqa: S101  # opened above, under the same lock
        while data:
            written = os.write(self._file, data)
            self._size += written
            data = data[written:]


class Pump:
    """Carries a child's output from its pipe into the log, on a thread of its own, until its last writer ends."""

    def __init__(self, pipe: int, log: RotatingLog) -> None:
        self._pipe, self._log = pipe, log
        self._tail: deque[bytes] = deque(maxlen=TAIL)
        self._thread = threading.Thread(target=self._run, name=f"log of {log.path.stem}", daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        """The last thing it said, for people; empty where it said nothing."""
        return next((line for line in reversed(self.last_lines()) if line.strip()), "")

    def last_lines(self) -> list[str]:
        """The last things it said, oldest first."""
        return [line.decode(errors="replace").rstrip() for line in list(self._tail)]

    def join(self, timeout: float) -> None:
        """Waits for the pipe's end: a process that has ended may have said things still on their way."""
        self._thread.join(timeout)

    def _run(self) -> None:
        rest = b""
        with os.fdopen(self._pipe, "rb", buffering=0) as pipe:
            while data := pipe.read(CHUNK):
                rest += data
                end = rest.rfind(b"\n") + 1 or (len(rest) if len(rest) > CHUNK else 0)  # a line without end is cut
                if end:
                    self._keep(rest[:end])
                    rest = rest[end:]
        if rest:
            self._keep(rest + b"\n")

    def _keep(self, lines: bytes) -> None:
        self._log.write(lines)
        self._tail.extend(line[:2000] for line in lines.splitlines()[-TAIL:])


def headline(text: str) -> bytes:
    """A line of the supervisor's own in a process's log."""
    one_line = text.replace("\n", "\\n")
    return f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%SZ} {one_line}\n".encode()
