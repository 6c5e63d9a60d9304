"""What stands in the state folder: whose processes those are, who holds the lock, how far the set-up is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.local import processes
from worker.local.background import Background
from worker.local.lock import AlreadyUpError, up_holder, up_lock
from worker.local.processes import MARK, ProcessRecord, identity, leftovers, write_processes
from worker.local.setup import Progress, Setup, read_setup
from worker.local.wishes import Wishes

SLEEP = "import time; time.sleep(600)"


def test_a_marked_process_is_found_even_after_it_left_its_session(tmp_path: Path) -> None:
    environ = {**os.environ, MARK: str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", SLEEP], env=environ, start_new_session=True) as child:
        try:
            wait_until(lambda: leftovers(tmp_path) == {child.pid})
        finally:
            processes.end([child.pid], 5)
        assert leftovers(tmp_path) == set()


def test_a_recorded_process_is_found_by_its_session_with_what_it_started(tmp_path: Path) -> None:
    """Valkey overwrites its own environment with its title: the record and the session find it all the same."""
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"
    with subprocess.Popen([sys.executable, "-c", script], start_new_session=True) as child:
        write_processes(tmp_path, [ProcessRecord(name="x", pid=child.pid, identity=identity(child.pid))])
        try:
            wait_until(lambda: len(leftovers(tmp_path)) == 2)
        finally:
            processes.end(leftovers(tmp_path), 5)
        assert leftovers(tmp_path) == set()


def test_a_number_that_was_given_to_another_process_is_not_ours(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as stranger:
        try:
            write_processes(tmp_path, [ProcessRecord(name="x", pid=stranger.pid, identity="an earlier boot:17")])
            assert leftovers(tmp_path) == set()
        finally:
            stranger.kill()


def test_a_broken_record_is_no_record(tmp_path: Path) -> None:
    (tmp_path / processes.NAME).write_text('[{"pid": "?"')
    assert leftovers(tmp_path) == set()


def test_end_kills_who_ignores_the_polite_signal() -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        processes.end([child.pid], 0.1)
        assert child.wait(5) == -signal.SIGKILL


def test_the_second_to_lock_learns_who_was_first(tmp_path: Path) -> None:
    assert up_holder(tmp_path) is None
    with up_lock(tmp_path, "http://127.0.0.1:8000"):
        holder = up_holder(tmp_path)
        assert holder is not None
        assert (holder.pid, holder.page) == (os.getpid(), "http://127.0.0.1:8000")
        with pytest.raises(AlreadyUpError) as caught, up_lock(tmp_path, "http://127.0.0.1:9"):
            pass
        assert caught.value.holder == holder
    assert up_holder(tmp_path) is None


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom worker.local.lock import up_lock\n"
        "with up_lock(Path(sys.argv[1]), 'x'):\n    print('held', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert up_holder(tmp_path) is not None
        holder.kill()
        holder.wait(5)
    assert up_holder(tmp_path) is None
    with up_lock(tmp_path, "y"):
        pass


def test_the_progress_record_is_what_the_page_reads(tmp_path: Path) -> None:
    seen: list[Setup] = []
    now = [0.0]
    progress = Progress(tmp_path, ["page", "valkey"], "http://x", seen.append, clock=lambda: now[0])
    progress.begin("page")
    now[0] = 1.5
    progress.done("page", "http://x")
    progress.begin("valkey")
    progress.called_off()
    assert progress.setup.steps[1].detail == "called off"
    progress.begin("valkey")
    raw = json.loads((tmp_path / "setup.json").read_text())
    assert raw["phase"] == "setting-up"
    assert raw["steps"][0] == {"name": "page", "state": "done", "detail": "http://x", "seconds": 1.5}
    assert raw["steps"][1]["state"] == "running"
    progress.phase("running")
    assert read_setup(tmp_path) == progress.setup == seen[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["setup.json"]  # written aside and renamed: no half file stays


def test_details_that_come_too_often_are_not_all_written(tmp_path: Path) -> None:
    seen: list[Setup] = []
    progress = Progress(tmp_path, ["jars"], "http://x", seen.append, clock=lambda: 0.0)
    progress.begin("jars")
    for number in range(1000):
        progress.say("jars", f"{number} kB")
    assert len(seen) < 5
    progress.done("jars", "all")
    assert seen[-1].steps[0].detail == "all"


def test_a_record_that_is_not_there_or_broken_is_none(tmp_path: Path) -> None:
    assert read_setup(tmp_path) is None
    (tmp_path / "setup.json").write_text("{")
    assert read_setup(tmp_path) is None


def test_the_first_signal_asks_to_stop_and_only_a_second_ctrl_c_to_hurry() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        wishes = Wishes()
        wishes.install()
        assert not wishes.stop
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert (wishes.stop, wishes.hurry) == (True, False)
        signal.raise_signal(signal.SIGINT)
        assert wishes.hurry
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_work_in_the_background_hands_over_its_result_or_its_error() -> None:
    fine = Background(lambda: 7, "fine")
    assert fine.wait(5)
    assert fine.result() == 7

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Background(fail, "bad").wait(5)


def wait_until(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
