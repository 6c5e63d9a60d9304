"""What goes to a person's terminal, or to nobody any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_what_goes_on_though_nobody_reads_any_more_is_not_ended_by_it(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    program = f"""
import pathlib, sys, time
from worker import console
out = console.lasting_output()
sys.stdin.read()
for _ in range(3):
    out.print("Stopping …")
pathlib.Path({str(ended)!r}).write_text("in order")
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdout.close()  # the reader is gone before anything is said
    process.stdin.close()
    assert process.wait(60) == 0
    assert ended.read_text() == "in order"
