"""The supervisor on small programs of its own: what dies comes back, what is ended leaves nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.local import processes
from worker.local.supervisor import (
    HEALTHY,
    LONGEST_DELAY,
    Program,
    Supervisor,
    end_reason,
    failures_after,
    restart_delay,
)

FOREVER = "import time\nprint('here', flush=True)\ntime.sleep(600)"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('here', flush=True)\ntime.sleep(600)"
)
# Says that it was told to end, and stays.
TOLD = (
    "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print('told', flush=True))\n"
    "print('here', flush=True)\ntime.sleep(600)"
)
# A main process with a child that ignores SIGTERM and outlives it, as a pool of worker processes would.
WITH_CHILD = """
import subprocess, sys, time
script = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)'
child = subprocess.Popen([sys.executable, '-c', script])
print('child', child.pid, flush=True)
time.sleep(600)
"""


class Clock:
    """Stands still until told: restarts are due when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A supervisor with what it said."""

    def __init__(self, state: Path, clock: Callable[[], float]) -> None:
        self.said: list[str] = []
        self.state = state
        self.supervisor = Supervisor(state, self.said.append, clock)

    def start(self, name: str, script: str, grace: float = 5) -> int:
        self.supervisor.start(Program(name, [sys.executable, "-c", script], dict(os.environ), grace=grace))
        return self.pid(name)

    def pid(self, name: str) -> int:
        popen = self.supervisor.processes[name].popen
        assert popen is not None
        return popen.pid

    def log(self, name: str) -> str:
        path = self.state / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def until(self, true: Callable[[], object], why: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s: {why}; said {self.said}"
            self.supervisor.tick()
            time.sleep(0.01)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(tmp_path: Path, clock: Clock) -> Iterator[Bench]:
    bench = Bench(tmp_path, clock)
    yield bench
    bench.supervisor.stop(list(bench.supervisor.processes), hurry=lambda: True)
    assert not processes.leftovers(tmp_path)


def test_the_delay_doubles_from_one_second_up_to_half_a_minute() -> None:
    assert [restart_delay(n) for n in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert restart_delay(10_000) == LONGEST_DELAY


def test_a_minute_of_health_makes_the_next_end_the_first_again() -> None:
    assert failures_after(5, HEALTHY - 1) == 5
    assert failures_after(5, HEALTHY) == 0


def test_how_a_process_ended_is_said_in_words() -> None:
    assert end_reason(-9) == "was killed by SIGKILL"
    assert end_reason(3) == "ended with exit code 3"


def test_a_process_that_is_killed_comes_back_after_the_delay(bench: Bench, clock: Clock) -> None:
    first = bench.start("one", FOREVER)
    bench.until(lambda: "here" in bench.log("one"), "started")
    os.kill(first, signal.SIGKILL)
    bench.until(lambda: bench.said, "the death is told")
    assert "one was killed by SIGKILL" in bench.said[0]
    assert "starting again in 1 s" in bench.said[0]
    (record,) = processes.read_processes(bench.state)
    assert (record.state, record.last_end) == ("restarting", "was killed by SIGKILL")
    bench.supervisor.tick()
    assert not bench.supervisor.running("one")  # the clock stands: not due yet
    clock.now += 1
    bench.until(lambda: bench.supervisor.running("one"), "back")
    assert bench.pid("one") != first
    assert bench.said[1:] == ["one started again"]
    (record,) = processes.read_processes(bench.state)
    assert (record.state, record.restarts, record.pid) == ("running", 1, bench.pid("one"))


def test_a_process_that_keeps_dying_waits_longer_each_time_and_its_last_words_are_told(
    bench: Bench, clock: Clock
) -> None:
    bench.start("bad", "import sys; print('no such colour: greenish'); sys.exit(3)")
    for number, delay in enumerate((1, 2, 4)):
        bench.until(lambda n=number: sum("exit code 3" in line for line in bench.said) > n, "died")  # type: ignore[misc]
        told = [line for line in bench.said if "exit code 3" in line][number]
        assert "no such colour: greenish" in told
        assert told.endswith(f"starting again in {delay} s")
        clock.now += delay
    clock.now += HEALTHY


def test_after_a_healthy_minute_the_delay_starts_at_one_second_again(bench: Bench, clock: Clock) -> None:
    bench.start("one", FOREVER)
    bench.supervisor.processes["one"].failures = 4
    clock.now += HEALTHY
    os.kill(bench.pid("one"), signal.SIGKILL)
    bench.until(lambda: bench.said, "told")
    assert bench.said[0].endswith("starting again in 1 s")


def test_orphans_of_a_dead_main_process_are_ended_before_it_comes_back(bench: Bench, clock: Clock) -> None:
    main = bench.start("pool", WITH_CHILD)
    bench.until(lambda: bench.log("pool").splitlines()[-1].startswith("child "), "child started")
    child = int(bench.log("pool").splitlines()[-1].split()[1])
    assert processes.alive(child)
    os.kill(main, signal.SIGKILL)
    bench.until(lambda: bench.said, "told")
    assert not processes.alive(child)


def test_stop_ends_the_leader_politely_and_its_stubborn_children_after_it(bench: Bench) -> None:
    bench.start("pool", WITH_CHILD)
    bench.until(lambda: bench.log("pool").splitlines()[-1].startswith("child "), "child started")
    child = int(bench.log("pool").splitlines()[-1].split()[1])
    assert bench.supervisor.stop(["pool"]) == []  # the leader ended at SIGTERM
    assert not processes.alive(child)


def test_who_does_not_end_in_its_grace_is_killed_and_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path, time.monotonic)
    pid = bench.start("mule", STUBBORN, grace=0.3)
    bench.until(lambda: bench.log("mule").splitlines()[-1] == "here", "started")
    began = time.monotonic()
    assert bench.supervisor.stop(["mule"]) == ["mule"]
    assert time.monotonic() - began >= 0.3
    assert not processes.alive(pid)


def test_a_hurry_leaves_nobody_any_grace(tmp_path: Path) -> None:
    bench = Bench(tmp_path, time.monotonic)
    bench.start("mule", STUBBORN, grace=120)
    bench.until(lambda: bench.log("mule").splitlines()[-1] == "here", "started")
    began = time.monotonic()
    assert bench.supervisor.stop(["mule"], hurry=lambda: True) == ["mule"]
    assert time.monotonic() - began < 60


def test_several_are_ended_side_by_side(bench: Bench, clock: Clock) -> None:
    """All are told before the grace of any is over."""
    names = [f"mule-{n}" for n in range(4)]
    for name in names:
        bench.start(name, TOLD, grace=1)

    def all_said(word: str) -> bool:
        return all(bench.log(name).splitlines()[-1] == word for name in names)

    bench.until(lambda: all_said("here"), "started")
    began, patience = clock.now, time.monotonic() + 60

    def hurry() -> bool:
        if all_said("told"):
            clock.now = began + 1
        assert time.monotonic() < patience, "somebody was not told"
        return False

    assert sorted(bench.supervisor.stop(names, hurry)) == names


def test_nothing_comes_back_once_it_was_told_to_stop(bench: Bench, clock: Clock) -> None:
    bench.start("one", FOREVER)
    os.kill(bench.pid("one"), signal.SIGKILL)
    bench.until(lambda: bench.said, "told")
    bench.supervisor.stop(["one"])
    clock.now += 100
    bench.supervisor.tick()
    assert not bench.supervisor.running("one")


def test_a_ctrl_c_in_our_terminal_does_not_reach_the_processes(bench: Bench) -> None:
    pid = bench.start("one", FOREVER)
    assert os.getsid(pid) == pid
    assert os.getpgid(pid) != os.getpgid(0)


def test_what_a_process_says_is_in_its_log_with_starts_and_ends(bench: Bench) -> None:
    bench.start("talker", "print('selamat pagi'); import sys; print('to stderr', file=sys.stderr, flush=True)")
    bench.until(lambda: bench.said, "ended")
    log = bench.log("talker")
    assert "selamat pagi" in log
    assert "to stderr" in log
    assert "starting: " in log
    assert "ended with exit code 0" in log


def test_a_program_that_is_not_there_is_an_error_at_once(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bench.supervisor.start(Program("none", [str(tmp_path / "no-such-program")], {}))
