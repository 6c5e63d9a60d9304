"""`kawat up --detach`: the same `kawat up`, without a terminal; we look on until it is up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from worker.console import StepsView
from worker.local.errors import SetupError
from worker.local.setup import read_setup

LOOK = 0.1  # seconds


def start_detached(state: Path, environment: Mapping[str, str], view: StepsView) -> str:
    """Returns the page's address once everything is up. Raises SetupError with what the process said when it failed.

    A Ctrl-C meanwhile only ends the looking on.
    """
    log = state / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    command = [sys.executable, "-P", "-m", "worker.cli", "up"]
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            start_new_session=True,
        )
    finally:
        os.close(handle)
    while process.poll() is None:
        setup = read_setup(state)
        if setup is not None and setup.pid == process.pid:
            view(setup)
            if setup.phase == "running":
                return setup.page
        time.sleep(LOOK)
    said = log.read_text(errors="replace").strip()
    raise SetupError(f"kawat up ended with exit code {process.returncode}\n{said}", where=str(log), to_do="see above")
