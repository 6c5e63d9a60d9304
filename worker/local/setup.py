"""How far the local stack's set-up is: a small record that `kawat up` writes and the page reads.

`.kawat/setup.json`: {"phase": "setting-up" | "running" | "stopping", "steps": [{"name", "state", "detail", "seconds"}],
"pid", "since", "page"}. A step's state is waiting, running, done or failed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

NAME = "setup.json"
DETAIL_EVERY = 0.2  # seconds: a download says how far it is many times a second, a reader looks once

Phase = Literal["setting-up", "running", "stopping"]
StepState = Literal["waiting", "running", "done", "failed"]


class Step(BaseModel):
    """One thing that is set up. `seconds` it took, once it has ended."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: StepState = "waiting"
    detail: str = ""
    seconds: float | None = None


class Setup(BaseModel):
    """All of it. `pid` is the process of `kawat up`, `page` the address of the page."""

    model_config = ConfigDict(frozen=True)

    phase: Phase
    steps: tuple[Step, ...]
    pid: int
    since: AwareDatetime
    page: str


def write_atomically(path: Path, text: str) -> None:
    """A reader sees the old text or the new one, never half of it. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_setup(state: Path, setup: Setup) -> None:
    """Writes the record into the state folder, which must be there."""
    write_atomically(state / NAME, setup.model_dump_json())


def read_setup(state: Path) -> Setup | None:
    """The record as it stands; None where nothing was ever set up or the file is not ours to understand."""
    try:
        return Setup.model_validate_json((state / NAME).read_bytes())
    except (OSError, ValidationError):
        return None


class Progress:
    """Keeps the record while the set-up goes on: may be told from any thread; each change is written and shown."""

    def __init__(
        self,
        state: Path,
        names: Sequence[str],
        page: str,
        show: Callable[[Setup], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state, self._show, self._clock = state, show, clock
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self._shown_at = float("-inf")
        steps = tuple(Step(name=name) for name in names)
        self.setup = Setup(phase="setting-up", steps=steps, pid=os.getpid(), since=datetime.now(UTC), page=page)
        self._publish()

    def begin(self, name: str, detail: str = "") -> None:
        """The step runs from now on."""
        self._began[name] = self._clock()
        self._change(name, "running", detail)

    def say(self, name: str, detail: str) -> None:
        """What a running step is at; said too often, some are left out."""
        now = self._clock()
        self._change(name, "running", detail, publish=now - self._shown_at >= DETAIL_EVERY)

    def done(self, name: str, detail: str = "") -> None:
        """The step has ended well."""
        self._change(name, "done", detail)

    def failed(self, name: str, detail: str) -> None:
        """The step has failed."""
        self._change(name, "failed", detail)

    def called_off(self) -> None:
        """What has begun and not ended will not go on: another step failed."""
        for step in self.setup.steps:
            if step.state == "running":
                self._change(step.name, "waiting", "called off")

    def phase(self, phase: Phase) -> None:
        """The whole is at another phase."""
        with self._lock:
            self.setup = self.setup.model_copy(update={"phase": phase})
            self._publish()

    def _change(self, name: str, state: StepState, detail: str, *, publish: bool = True) -> None:
        with self._lock:
            seconds = None
            if state in ("done", "failed") and name in self._began:
                seconds = round(self._clock() - self._began[name], 2)
            new = Step(name=name, state=state, detail=detail, seconds=seconds)
            steps = tuple(new if step.name == name else step for step in self.setup.steps)
            self.setup = self.setup.model_copy(update={"steps": steps})
            if publish:
                self._publish()

    def _publish(self) -> None:
        self._shown_at = self._clock()
        with contextlib.suppress(OSError):  # a full disk must not stop the supervision: the page shows an older state
            write_setup(self._state, self.setup)
        self._show(self.setup)
