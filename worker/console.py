"""Where a person's output goes: colour and progress on a terminal alone, plain lines elsewhere, JSON on request."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from worker.local.setup import Setup, Step

# What a step's state looks like; a running one is a spinner on a terminal.
MARKS = {"waiting": ("·", "dim"), "running": ("…", "cyan"), "done": ("✓", "green"), "failed": ("✗", "red")}
# DEL and C1, line and paragraph separators, marks of direction; and surrogates, which no stream takes.
ACTING = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
PIPED = 10_000  # columns: for a program a table's cells are whole, however long
UNITS = ("B", "kB", "MB", "GB", "TB")


def output() -> Console:
    """For results, on stdout. rich itself leaves colour out where it is no terminal or NO_COLOR is set."""
    return _on_stdout(Console)


def lasting_output() -> Console:
    """The same, for what goes on and ends in order though nobody reads any more (`kawat up | head`)."""
    return _on_stdout(Lasting)


def _on_stdout(kind: type[Console]) -> Console:
    terminal = sys.stdout.isatty()
    return kind(highlight=False, soft_wrap=not terminal, width=None if terminal else PIPED)


class Lasting(Console):
    def on_broken_pipe(self) -> None:
        """rich would end the process here, in the midst of whatever it does."""
        with suppress(SystemExit):
            super().on_broken_pipe()


def errors() -> Console:
    """For what went wrong, on stderr."""
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_json(value: object) -> None:
    """One JSON object on one line, readable by a program: text as it is, escaped what a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False, default=str)  # escapes C0 itself; what is left stands within strings
    sys.stdout.write(ACTING.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n")
    sys.stdout.flush()


def print_failure(what: str, *, where: str = "", to_do: str = "") -> None:
    """Red on stderr: what went wrong, where, what to do. Never markup: the text may come from outside."""
    console = errors()
    lines = printable(what).splitlines() or [""]
    console.print(Text.assemble(("✗ ", "bold red"), (lines[0], "red")))
    for line in lines[1:]:
        console.print(Text(f"  {line}", "red"))
    if where:
        console.print(Text.assemble(("  where       ", "dim"), printable(where)))
    if to_do:
        console.print(Text.assemble(("  what to do  ", "dim"), printable(to_do)))


def printable(text: str) -> str:
    """`text` without the control characters that could move a terminal's cursor or hide what was said."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def counted(number: int, what: str) -> str:
    """1 article, 1,200 articles."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def size(count: float) -> str:
    """A number of bytes for people: 44 MB."""
    unit = 0
    while count >= 1000 and unit < len(UNITS) - 1:
        count /= 1000
        unit += 1
    return f"{count:.0f} {UNITS[unit]}" if count >= 10 or unit == 0 else f"{count:.1f} {UNITS[unit]}"


class StepsView:
    """The set-up's steps as they go: a live list on a terminal, elsewhere one line a finished step."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self._clock = clock
        self._live: Live | None = None
        self._began: dict[str, float] = {}
        self._spinner = Spinner("dots", style="cyan")
        self._told: set[str] = set()
        self._steps: Sequence[Step] = ()
        self._closed = False

    def __call__(self, setup: Setup) -> None:
        """Shows the record's present state; nothing more once closed."""
        if self._closed:
            return
        for step in setup.steps:
            if step.state == "running":
                self._began.setdefault(step.name, self._clock())
        if self.console.is_terminal:
            self._steps = setup.steps
            if self._live is None:
                self._live = Live(console=self.console, refresh_per_second=8, get_renderable=self._grid)
                self._live.start()
            return
        for step in setup.steps:
            if step.state in ("done", "failed") and step.name not in self._told:
                self._told.add(step.name)
                took = "" if step.seconds is None else f" ({step.seconds:.1f} s)"
                self.say(f"{MARKS[step.state][0]} {step.name}{took}{': ' if step.detail else ''}{step.detail}")

    def say(self, line: str, style: str = "") -> None:
        """A line of its own, above the list."""
        self.console.print(Text(printable(line), style), soft_wrap=True)

    def close(self) -> None:
        """The list stays as it is, further lines come below."""
        self._closed = True
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _grid(self) -> Table:
        """Drawn anew at each refresh: the time of what runs goes on."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(min_width=14)
        grid.add_column(justify="right", min_width=6)
        grid.add_column(style="dim", overflow="ellipsis", no_wrap=True)
        for step in self._steps:
            mark, style = MARKS[step.state]
            seconds = step.seconds
            if step.state == "running":
                seconds = self._clock() - self._began[step.name]
            took = "" if seconds is None else f"{seconds:.1f} s"
            first: RenderableType = self._spinner if step.state == "running" else Text(mark, style)
            name = Text(step.name, "dim" if step.state == "waiting" else "")
            grid.add_row(first, name, Text(took, "dim"), Text(printable(step.detail).replace("\n", " ")))
        return grid


def pairs(console: Console, rows: Mapping[str, str]) -> None:
    """Names and values, aligned, the values cut nowhere."""
    width = max(map(len, rows), default=0)
    for name, value in rows.items():
        console.print(f"  [dim]{escape(name.ljust(width))}[/]  {escape(printable(value))}", soft_wrap=True)
