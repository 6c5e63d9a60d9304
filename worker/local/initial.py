"""`python -m worker.local.initial`: makes index and ledger ready, in a process of its own that `kawat up` starts early.

It loads what it needs while the services start, waits for a line on stdin, prepares, prints one JSON object
on stdout (`{"warnings": […], "workers": […]}` or `{"what", "where", "to_do"}`), and ends. The supervisor stays small.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from subprocess import PIPE, Popen

from pydantic import BaseModel, ConfigDict, ValidationError

from worker.local.background import Background
from worker.local.children import die_with_parent
from worker.local.errors import SetupError

REPORT = "run `kawat doctor`; if it finds nothing, report this with the log"


class Prepared(BaseModel):
    """What the preparing found: warnings for the operator, and the kinds of workers there are to start."""

    model_config = ConfigDict(frozen=True)

    warnings: tuple[str, ...]
    workers: tuple[str, ...]


class InitialRun:
    """The process, seen from `kawat up`. Its stderr goes to `log`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self._popen = Popen(
                [sys.executable, "-P", "-m", "worker.local.initial"],
                env=dict(environment),
                stdin=PIPE,
                stdout=PIPE,
                stderr=handle,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call, through a function loaded before
            )
        finally:
            os.close(handle)
        self._answer: Background[bytes] | None = None

    def go(self) -> None:
        """The services are up: begin."""
        self._answer = Background(lambda: self._popen.communicate(b"go\n")[0], "initial")

    def ended(self) -> bool:
        """Whether it has ended well or is still at it. Raises SetupError with what it said when it failed."""
        return self._answer is not None and self._answer.ended()

    def prepared(self) -> Prepared:
        """What it found, once ended. Raises SetupError."""
        answer = self._answer.result() if self._answer is not None else b""
        try:
            return Prepared.model_validate_json(answer)
        except ValidationError:
            pass
        try:
            fault = json.loads(answer)
            raise SetupError(fault["what"], where=fault["where"] or str(self._log), to_do=fault["to_do"])
        except (ValueError, KeyError, TypeError):
            said = self._log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            what = f"index and ledger could not be made ready: {said[-1][:300]}"
            raise SetupError(what, where=str(self._log), to_do=REPORT) from None

    def kill(self) -> None:
        """Ends it at once, whatever it does."""
        if self._popen.poll() is None:
            self._popen.kill()


def fault(error: Exception) -> dict[str, str]:
    """What went wrong, for the person at the terminal."""
    if isinstance(error, SetupError):
        return {"what": error.what, "where": error.where, "to_do": error.to_do}
    traceback.print_exception(error)
    return {"what": f"index and ledger could not be made ready: {error}", "where": "", "to_do": REPORT}


def main() -> None:
    """Prepares once told to. Nothing but the answer goes to stdout."""
    answer, sys.stdout = sys.stdout, sys.stderr
    try:
        from worker.logging import configure
        from worker.settings import read_settings
        from worker.start import prepare
        from worker.topology import WORKERS

        settings = read_settings()
        configure(settings, process="setup")
        if not sys.stdin.readline():
            return  # `kawat up` has gone
        said = Prepared(warnings=tuple(prepare(settings)), workers=tuple(WORKERS)).model_dump_json()
    except Exception as error:  # noqa: BLE001  # whatever it is, a person at the terminal waits for the answer
        said = json.dumps(fault(error))
    answer.write(said + "\n")
    answer.flush()


if __name__ == "__main__":
    main()
