"""Keeps processes running: starts them, carries their output into logs, starts anew what dies, and ends them in time.

Each process leads a session of its own (a Ctrl-C in the terminal does not reach it, its descendants are found by it)
and is told by the kernel when we die. Everything happens on the thread that calls `tick`; only the logs have threads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from worker.local.children import die_with_parent
from worker.local.logs import Pump, RotatingLog, headline
from worker.local.processes import MARK, POLL, ProcessRecord, end, identity, session_members, write_processes

LONGEST_DELAY = 30.0  # seconds between two tries of a process that keeps dying
HEALTHY = 60.0  # seconds after which an end counts as the first again
PIPE_WAIT = 1.0  # seconds for the last lines of a process that has ended
KILL_WAIT = 2.0  # seconds for the kernel to end what got SIGKILL


def restart_delay(failures: int) -> float:
    """Seconds before the next start after that many ends in a row before this one: 1, 2, 4 … 30."""
    return float(min(LONGEST_DELAY, 2 ** min(failures, 10)))


def failures_after(failures: int, uptime: float) -> int:
    """Ends in a row that still count when a process ends after `uptime` seconds."""
    return 0 if uptime >= HEALTHY else failures


def end_reason(code: int) -> str:
    """How a process ended, for people."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


@dataclass(frozen=True)
class Program:
    """What to run. `environment` is all it gets; `grace`: seconds between SIGTERM and SIGKILL, 0: it needs none."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path | None = None
    grace: float = 6.0


@dataclass
class Process:
    """A program as it runs, or waits to be started anew at `due`."""

    program: Program
    log: RotatingLog
    popen: subprocess.Popen[bytes] | None = None
    pump: Pump | None = None
    identity: str = ""
    started: float = 0.0
    failures: int = 0
    restarts: int = 0
    due: float | None = None
    last_end: str = ""

    @property
    def running(self) -> bool:
        return self.popen is not None

    def record(self) -> ProcessRecord:
        pid = self.popen.pid if self.popen else 0
        state = "running" if self.running else "restarting" if self.due is not None else "stopped"
        return ProcessRecord(
            name=self.program.name,
            pid=pid,
            identity=self.identity,
            state=state,
            restarts=self.restarts,
            last_end=self.last_end,
            log=str(self.log.path),
        )


@dataclass
class Supervisor:
    """All processes of one stack. `tell` gets a line for people whenever one dies or is back."""

    state: Path
    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    processes: dict[str, Process] = field(default_factory=dict)

    def start(self, program: Program) -> None:
        """Starts it and keeps it running from now on. Raises OSError where the program cannot be run at all."""
        log = RotatingLog(self.state / "logs" / f"{program.name}.log")
        process = Process(program, log)
        self._launch(process)
        self.processes[program.name] = process
        self._write()

    def running(self, name: str) -> bool:
        """Whether it runs at this moment, as far as the last `tick` saw."""
        process = self.processes.get(name)
        return process is not None and process.running

    def why(self, name: str) -> tuple[str, list[str]]:
        """How it last ended and what it last said."""
        process = self.processes[name]
        return process.last_end, process.pump.last_lines() if process.pump else []

    def tick(self) -> None:
        """Looks after all processes once: what ended is told and planned, what is due is started."""
        changed = False
        for process in self.processes.values():
            if process.popen is not None and process.popen.poll() is not None:
                self._ended(process, process.popen)
                changed = True
            elif process.due is not None and self.clock() >= process.due:
                self._again(process)
                changed = True
        if changed:
            self._write()

    def stop(self, names: Iterable[str], hurry: Callable[[], bool] = lambda: False) -> list[str]:
        """Ends these, all at once, each in its grace, with all that they started. Returns who had to be killed.

        `hurry` is asked all the while; once it says yes, nobody has grace left.
        """
        chosen = [self.processes[name] for name in names if name in self.processes]
        began = self.clock()
        for process in chosen:
            process.due = None  # nothing comes back from here on
            if process.popen is not None and process.popen.poll() is None:
                process.popen.send_signal(signal.SIGTERM)  # the leader alone: it knows how to end its own
        killed = []
        longest = max((one.program.grace for one in chosen), default=0) + KILL_WAIT
        while waiting := [one for one in chosen if one.popen is not None and one.popen.poll() is None]:
            if self.clock() - began > longest:
                break  # the kernel itself holds it (a disk that does not answer): nobody can end it
            for process in waiting:
                if hurry() or self.clock() - began >= process.program.grace:
                    if process.program.grace:
                        killed.append(process.program.name)
                    self._clear_session(process)
            time.sleep(POLL)
        for process in chosen:
            self._clear_session(process)
            self._close(process)
        self._write()
        return list(dict.fromkeys(killed))

    def _launch(self, process: Process) -> None:
        program = process.program
        process.log.write(headline(f"starting: {' '.join(program.command)}"))
        process.popen = subprocess.Popen(
            list(program.command),
            env={**program.environment, MARK: str(self.state)},
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # it only makes one system call, through a function loaded before
        )
        assert process.popen.stdout is not None  # noqa: S101  # asked for above
        process.pump = Pump(os.dup(process.popen.stdout.fileno()), process.log)
        process.popen.stdout.close()
        process.identity = identity(process.popen.pid)
        process.started = self.clock()
        process.due = None

    def _ended(self, process: Process, popen: subprocess.Popen[bytes]) -> None:
        name, uptime = process.program.name, self.clock() - process.started
        self._clear_session(process)  # its children would go on working beside the new ones
        if process.pump is not None:
            process.pump.join(PIPE_WAIT)
        process.failures = failures_after(process.failures, uptime)
        delay = restart_delay(process.failures)
        process.failures += 1
        process.due = self.clock() + delay
        process.last_end = end_reason(popen.returncode)
        process.popen = None  # its number may be another's from now on
        process.log.write(headline(f"{process.last_end}; starting again in {delay:.0f} s"))
        said = process.pump.last_line() if process.pump else ""
        because = f": {said[:300]}" if said and popen.returncode > 0 else ""
        self.tell(f"{name} {process.last_end} after {uptime:.0f} s{because}; starting again in {delay:.0f} s")

    def _again(self, process: Process) -> None:
        try:
            self._launch(process)
        except OSError as error:
            delay = restart_delay(process.failures)
            process.failures += 1
            process.due = self.clock() + delay
            process.last_end = f"cannot be started: {error}"
            self.tell(f"{process.program.name} {process.last_end}; trying again in {delay:.0f} s")
            return
        process.restarts += 1
        self.tell(f"{process.program.name} started again")

    def _clear_session(self, process: Process) -> None:
        """SIGKILL to all that is left of its session."""
        if process.popen is None:
            return
        deadline = time.monotonic() + KILL_WAIT
        while (left := session_members({process.popen.pid})) and time.monotonic() < deadline:
            end(left, 0)
            process.popen.poll()

    def _close(self, process: Process) -> None:
        if process.pump is not None:
            process.pump.join(PIPE_WAIT)
        if process.popen is not None and process.popen.poll() is not None:
            process.last_end = end_reason(process.popen.returncode)
        process.log.write(headline("stopped"))
        process.log.close()
        process.popen = None

    def _write(self) -> None:
        try:
            write_processes(self.state, [process.record() for process in self.processes.values()])
        except OSError:
            return  # a full disk must not end the supervision
