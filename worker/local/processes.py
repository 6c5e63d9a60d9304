"""Which processes are ours: recorded with their start time, so that a reused number is never mistaken for one of them.

A process is known again by its number and its start (a number alone is given out anew), its descendants by the session
that the supervisor made for it, and by a mark in their environment where they have left that session.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from worker.local.setup import write_atomically

NAME = "processes.json"
MARK = "_KAWAT_STACK"  # in the children's environment: the state folder. The underscore: it is no setting.
POLL = 0.02  # seconds

ProcessState = Literal["running", "restarting", "stopped"]


class ProcessRecord(BaseModel):
    """One supervised process. `identity` says which start of that number; `session` is the number itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int
    identity: str
    state: ProcessState = "running"
    restarts: int = 0
    last_end: str = ""  # why it last ended, for people
    log: str = ""


Records = TypeAdapter(tuple[ProcessRecord, ...])


def identity(pid: int) -> str:
    """What tells this process from a later one of the same number; empty where there is none."""
    try:
        if sys.platform == "linux":  # psutil's start time moves with the wall clock, the kernel's ticks do not
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            return f"{boot}:{after_name[19]}"  # proc_pid_stat(5), field 22: starttime; two fields are cut off before
        return f"{psutil.Process(pid).create_time():.2f}"
    except (OSError, IndexError, psutil.Error):
        return ""


def write_processes(state: Path, records: Iterable[ProcessRecord]) -> None:
    """Writes the record into the state folder. Raises OSError."""
    write_atomically(state / NAME, Records.dump_json(tuple(records)).decode())


def read_processes(state: Path) -> tuple[ProcessRecord, ...]:
    """The record as it stands; empty where there is none or it cannot be understood."""
    try:
        return Records.validate_json((state / NAME).read_bytes())
    except (OSError, ValidationError):
        return ()


def alive(pid: int) -> bool:
    """Whether it runs: one that has ended and waits for its parent to look does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def session_members(sessions: set[int]) -> set[int]:
    """The living processes of these sessions."""
    found = set()
    for pid in psutil.pids():
        try:
            if os.getsid(pid) in sessions and alive(pid):
                found.add(pid)
        except OSError:
            continue  # ended meanwhile, or not ours to ask
    return found


def marked(state: Path) -> set[int]:
    """The living processes that carry this state folder's mark, ourselves left out."""
    found = set()
    wanted = str(state)
    for process in psutil.process_iter():
        try:
            mine = process.uids().real == os.getuid() and process.environ().get(MARK) == wanted
        except (psutil.Error, OSError):
            continue
        if mine and process.pid != os.getpid() and alive(process.pid):
            found.add(process.pid)
    return found


def leftovers(state: Path) -> set[int]:
    """What an earlier `kawat up` on this state left running when it was killed."""
    sessions = {one.pid for one in read_processes(state) if one.identity and identity(one.pid) == one.identity}
    return session_members(sessions) | marked(state)


def end(pids: Iterable[int], grace: float) -> None:
    """SIGTERM to all, SIGKILL to those still there after `grace` seconds; returns when none is left, or 2 s later."""
    known = {pid: identity(pid) for pid in pids}

    def left() -> list[int]:
        return [pid for pid, which in known.items() if alive(pid) and identity(pid) == which]

    for number, wait in ((signal.SIGTERM, grace), (signal.SIGKILL, 2.0)):
        for pid in left():
            send(pid, number)
        deadline = time.monotonic() + wait
        while left() and time.monotonic() < deadline:
            time.sleep(POLL)


def send(pid: int, number: signal.Signals) -> None:
    """A signal to one process, if it is still there."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
