"""How much work a call does, counted and not timed: the same number on any machine, however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

PROJECT = str(Path(__file__).parents[1])
PACKAGES = tuple(f"{PROJECT}/{name}/" for name in ("ingest", "search", "worker"))


def effort(run: Callable[[], object]) -> int:
    """Bytecode instructions that `run` executes in Kawat's own modules, in this thread.

    What one instruction does in C (a slice, a sort, a pattern) counts as one, so this tells loops that Python runs too
    often, not patterns that backtrack. Running takes some thirty times as long.
    """
    count = 0

    def step(_: FrameType, event: str, __: Any) -> Any:
        nonlocal count
        count += event == "opcode"
        return step

    def enter(frame: FrameType, _: str, __: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGES):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def growth(run: Callable[[int], object], size: int, times: int = 4) -> float:
    """How many times as much work `size * times` takes as `size`: about `times` where it is linear, its square where
    everything is compared with everything. What is loaded once is loaded before."""
    run(size)
    once = effort(lambda: run(size))
    assert once > size, "nothing was counted: what does the work is not Python of Kawat's own"
    return effort(lambda: run(size * times)) / once
