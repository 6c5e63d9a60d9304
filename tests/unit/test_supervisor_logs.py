"""Logs of the processes: nothing is lost but what is too old, and nothing blocks the writer."""

from __future__ import annotations

import os
from pathlib import Path

from worker.local.logs import Pump, RotatingLog


def test_a_log_rotates_by_size_and_keeps_three_files(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "logs" / "x.log", limit=100, kept=3)
    for number in range(20):
        log.write(b"%03d %s\n" % (number, b"." * 35))  # 40 bytes: two a file
    log.close()
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["x.log", "x.log.1", "x.log.2"]
    kept = b"".join((tmp_path / "logs" / name).read_bytes() for name in ("x.log.2", "x.log.1", "x.log"))
    assert [int(line[:3]) for line in kept.splitlines()] == list(range(14, 20))
    assert all(path.stat().st_size <= 100 for path in (tmp_path / "logs").iterdir())


def test_a_log_goes_on_where_it_ended_and_is_ours_alone(tmp_path: Path) -> None:
    for word in (b"one\n", b"two\n"):
        log = RotatingLog(tmp_path / "x.log")
        log.write(word)
        log.close()
    assert (tmp_path / "x.log").read_bytes() == b"one\ntwo\n"
    assert (tmp_path / "x.log").stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_loses_lines_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    log = RotatingLog(tmp_path / "file" / "x.log")
    log.write(b"12345\n")
    assert log.lost == 6


def test_a_full_device_blocks_nobody(tmp_path: Path) -> None:
    """/dev/full answers each write as a full disk does."""
    (tmp_path / "x.log").symlink_to("/dev/full")
    log = RotatingLog(tmp_path / "x.log")
    read, write = os.pipe()
    pump = Pump(read, log)
    for _ in range(100):
        os.write(write, b"x" * 9999 + b"\n")  # a pipe holds 64 kB: a pump that stood still would block us here
    os.close(write)
    pump.join(10)
    assert log.lost == 1_000_000
    assert pump.last_line().startswith("xxx")


def test_lines_arrive_whole_and_the_last_one_is_remembered(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "x.log")
    read, write = os.pipe()
    pump = Pump(read, log)
    os.write(write, b"half a ")
    os.write(write, "line \u2026\nsecond\n\nno newline at the end".encode())
    os.close(write)
    pump.join(10)
    assert (tmp_path / "x.log").read_text() == "half a line …\nsecond\n\nno newline at the end\n"
    assert pump.last_line() == "no newline at the end"


def test_a_line_without_end_does_not_grow_in_memory(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "x.log")
    read, write = os.pipe()
    pump = Pump(read, log)
    for _ in range(40):
        os.write(write, b"y" * 10_000)
    os.close(write)
    pump.join(10)
    assert (tmp_path / "x.log").read_bytes().replace(b"\n", b"") == b"y" * 400_000
    assert len(pump.last_line()) <= 2000
