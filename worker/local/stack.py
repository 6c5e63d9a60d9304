"""`kawat up`: checks, starts, watches and stops the local stack.

Order: the page first (it shows the progress of the rest), Valkey and Elasticsearch side by side, index and ledger, the
sample site, beat and workers. The other way round at the end. A step that fails stops all that has been started.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from worker.local import processes
from worker.local.background import Background
from worker.local.doctor import Check, before_start
from worker.local.errors import SetupError
from worker.local.initial import InitialRun, Prepared
from worker.local.programs import (
    Part,
    child_environment,
    flow_programs,
    has_sample,
    log_file,
    page_part,
    sample_part,
    service_parts,
)
from worker.local.service import notify
from worker.local.setup import NAME as SETUP
from worker.local.setup import Progress
from worker.local.supervisor import Supervisor
from worker.settings import Settings

TURN = 0.05  # seconds between two looks while setting up: readiness is seen at once
WATCH = 0.2  # seconds between two looks afterwards
LEFTOVER_GRACE = 5.0  # seconds
LEFTOVER_WAIT = 2.0  # seconds at the end, for what no process of ours answers for any more
DATA, FLOW = "index and ledger", "beat and workers"


class StoppedError(Exception):
    """The set-up was called off."""


class UnfitError(Exception):
    """Something is in the way: `checks` are the findings that failed. Nothing was started."""

    def __init__(self, checks: Sequence[Check]) -> None:
        super().__init__("; ".join(f"{check.name}: {check.detail}" for check in checks))
        self.checks = checks


def check_before(settings: Settings) -> None:
    """Raises UnfitError with all that is in the way, so that it can be mended in one go."""
    failed = [check for check in before_start(settings) if check.state == "fail"]
    if failed:
        raise UnfitError(failed)


def clear_leftovers(state: Path, tell: Callable[[str], None]) -> None:
    """Ends what an earlier `kawat up` left when it was killed. The caller holds the lock."""
    left = processes.leftovers(state)
    if left:
        tell(f"An earlier kawat up was killed: ending {len(left)} of its processes first.")
        processes.end(left, LEFTOVER_GRACE)
    for name in (processes.NAME, SETUP):
        (state / name).unlink(missing_ok=True)


class Stack:
    """One run. `stop` and `hurry` are asked all the time; `tell` gets lines for people."""

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        tell: Callable[[str], None],
        *,
        stop: Callable[[], bool],
        hurry: Callable[[], bool],
    ) -> None:
        self.settings, self.progress, self._tell = settings, progress, tell
        self._stop, self._hurry = stop, hurry
        self._setting_up = True
        self.supervisor = Supervisor(settings.state, self._told)
        self._initial: InitialRun | None = None

    @staticmethod
    def steps(settings: Settings) -> list[str]:
        """The names of the steps, in order."""
        sample = ["sample site"] if has_sample(settings) else []
        return ["page", *(part.name for part in service_parts(settings)), DATA, *sample, FLOW]

    def set_up(self) -> list[str]:
        """Starts everything. Returns warnings. Raises SetupError, StoppedError; the caller then calls `end`."""
        environ = {**child_environment(self.settings), processes.MARK: str(self.settings.state)}
        with self._failing("page"):
            page = page_part(self.settings)
            self.supervisor.start(page.program())  # before anything else: it is what people look at
            self._initial = InitialRun(environ, log_file(self.settings.state, "setup"))
        self._bring_up([page, *service_parts(self.settings)])
        with self._failing(DATA):
            prepared = self._prepare(self._initial)
        if has_sample(self.settings):
            self._bring_up([sample_part(self.settings)])
        with self._failing(FLOW):
            self.progress.begin(FLOW)
            for program in flow_programs(self.settings, prepared.workers):
                self.supervisor.start(program)
            self.progress.done(FLOW, ", ".join(prepared.workers))
        self._setting_up = False
        self.progress.phase("running")
        notify("READY=1")
        return list(prepared.warnings)

    def watch(self) -> None:
        """Keeps everything running until asked to stop."""
        while not self._stop():
            self.supervisor.tick()
            time.sleep(WATCH)

    def end(self) -> set[int]:
        """Stops everything, in order. Returns what is left all the same: nothing. Takes 12 s and some at most."""
        notify("STOPPING=1")
        self.progress.phase("stopping")
        if self._initial is not None:
            self._initial.kill()
        services = {"valkey", "elasticsearch"}
        killed = self.supervisor.stop([name for name in self.supervisor.processes if name not in services], self._hurry)
        killed += self.supervisor.stop(services, self._hurry)
        if killed:
            self._tell(f"Did not end in time and was killed: {', '.join(killed)}.")
        began = time.monotonic()
        # What was preparing may start one more program when its last one is killed: until nothing is left.
        while (left := processes.leftovers(self.settings.state)) and time.monotonic() - began < LEFTOVER_WAIT:
            processes.end(left, 0)
        for name in (processes.NAME, SETUP):
            (self.settings.state / name).unlink(missing_ok=True)
        return left

    def _bring_up(self, parts: list[Part]) -> None:
        """All at once: each is prepared, started, and waited for."""
        jobs = {}
        for part in parts:
            self.progress.begin(part.name)
            jobs[part.name] = Background(partial(part.prepare, partial(self.progress.say, part.name)), part.name)
        started: dict[str, float] = {}
        left = list(parts)
        while left:
            self._turn()
            for part in list(left):
                with self._failing(part.name):
                    if part.name not in started:
                        if jobs[part.name].ended():
                            self._start(part)
                            started[part.name] = time.monotonic()
                    elif self._is_ready(part, time.monotonic() - started[part.name]):
                        self.progress.done(part.name, part.detail)
                        left.remove(part)

    def _start(self, part: Part) -> None:
        program = part.program()
        if program.name not in self.supervisor.processes:  # the page is there already
            self.progress.say(part.name, "starting")
            self.supervisor.start(program)

    def _is_ready(self, part: Part, waited: float) -> bool:
        name = part.program().name
        log = log_file(self.settings.state, name)
        if not self.supervisor.running(name):
            how, said = self.supervisor.why(name)
            what = "\n".join([f"{part.name} {how} while starting", *said[-8:]])
            raise SetupError(what, where=str(log), to_do="read its log, mend what it says, then start again")
        if part.ready():
            return True
        if waited > part.patience:
            what = f"{part.name} is not ready after {part.patience:.0f} s"
            raise SetupError(what, where=str(log), to_do="read its log; on a busy machine, start again")
        return False

    def _prepare(self, initial: InitialRun) -> Prepared:
        """Makes index and ledger ready, in the process that was started for it."""
        self.progress.begin(DATA)
        initial.go()
        while not initial.ended():
            self._turn()
        prepared = initial.prepared()
        self.progress.done(DATA)
        return prepared

    def _turn(self) -> None:
        if self._stop():
            raise StoppedError
        self.supervisor.tick()
        time.sleep(TURN)

    def _told(self, line: str) -> None:
        if not self._setting_up:  # while setting up a death ends it, with more to say than this line
            self._tell(line)

    @contextlib.contextmanager
    def _failing(self, step: str) -> Iterator[None]:
        """Marks the step as failed, the others as called off. A program that cannot be run is a SetupError too."""
        try:
            yield
        except SetupError as error:
            self.progress.failed(step, error.what.splitlines()[0])
            self.progress.called_off()
            raise
        except OSError as error:
            self.progress.failed(step, str(error))
            self.progress.called_off()
            where, to_do = str(error.filename or self.settings.state), "mend that, then start again"
            raise SetupError(f"{step} cannot be set up: {error.strerror}", where=where, to_do=to_do) from error
