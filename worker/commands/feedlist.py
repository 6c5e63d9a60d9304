"""How the followed feeds do, as `kawat feeds list` shows it: a table, then what is wrong with which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from worker.commands import options

if TYPE_CHECKING:
    from search.feeddesk import FeedHealth
    from worker.settings import Settings

COLOURS = {"ok": "green", "quiet": "yellow", "failing": "red", "gone": "red", "new": "dim"}
# Columns from which there is room for folders, for rates and the next poll, for the last poll that went well
WIDE, WIDER, WIDEST = 100, 130, 150
FOLDER = 16  # columns
RATES = 23  # columns that a day's entries and the next poll take
GOOD = 13  # … and when the last good poll was
OTHER_COLUMNS = 47  # that id, language, state, new and last new take
PIPED = 160  # columns where it is no terminal


def shown(one: FeedHealth) -> dict[str, Any]:
    """One feed for programs: what it is and how it does."""
    health = one.document()
    return {**one.feed.model_dump(), **health, "error": health.pop("last_error")}


def show_feeds(health: Sequence[FeedHealth], settings: Settings) -> None:
    """The table, and below it each feed that fails, is gone or went quiet, with why and when it is asked again."""
    from rich.table import Table
    from rich.text import Text

    from worker import console

    out = console.output()
    if not out.is_terminal:
        out.width = PIPED
    wide, wider, widest = (out.width >= columns for columns in (WIDE, WIDER, WIDEST))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("id", no_wrap=True, width=8)
    room = out.width - OTHER_COLUMNS - FOLDER * wide - RATES * wider - GOOD * widest
    table.add_column("feed", no_wrap=True, overflow="ellipsis", max_width=room)
    if wide:
        table.add_column("folder", no_wrap=True, overflow="ellipsis", max_width=FOLDER - 2)
    more = (("a day",) if wider else (), ("last good",) if widest else (), ("next",) if wider else ())
    for header in ("lang", "state", "new", *more[0], "last new", *more[1], *more[2]):
        table.add_column(header, no_wrap=True, justify="right" if header in {"new", "a day"} else "left")
    for one in health:
        row: list[str | Text] = [one.feed.id[:8], Text(console.printable(one.feed.name))]
        row += [Text(console.printable(one.feed.folder or ""))] if wide else []
        row += [one.feed.language or "", Text(one.state, COLOURS[one.state]), f"{one.entries:,}"]
        row += [_rates(one)] if wider else []
        row += [options.moment(one.last_new, settings).partition("-")[2] if one.last_new else ""]
        row += [options.moment(one.last_success, settings).partition("-")[2] if one.last_success else ""] * widest
        row += [options.moment(one.next_poll, settings).partition(" ")[2] if one.next_poll else ""] if wider else []
        table.add_row(*row)
    out.print(table)
    off = [one for one in health if one.off is not None]
    if off:
        out.print(Text(f"\n{len(off)} with times that are constantly off", "yellow"))
    for one in off:
        _show_line(one, one.problems)
    for state, told in (("failing", "failing"), ("gone", "gone (410)"), ("quiet", "quiet: nothing came for too long")):
        some = [one for one in health if one.state == state]
        if some:
            out.print(Text(f"\n{len(some)} {told}", COLOURS[state]))
        for one in some:
            _show_one(one, settings)


def _show_one(one: FeedHealth, settings: Settings) -> None:
    _show_line(one, "; ".join(_said(one, settings)))


def _show_line(one: FeedHealth, said: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from worker import console

    out = console.output()
    out.print(Text.assemble((one.feed.id[:8], "dim"), f"  {console.printable(one.feed.name)}"))
    for line in (one.feed.url, said):
        text = Text(console.printable(line), "dim")
        out.print(Padding(text, (0, 0, 0, 10)) if out.is_terminal else Text.assemble(" " * 10, text))


def _said(one: FeedHealth, settings: Settings) -> Iterator[str]:
    from worker.status import without_address

    if one.failures:
        yield without_address(one.error, one.feed.url) + (f" ({one.error_kind})" if one.error_kind else "")
        yield "once" if one.failures == 1 else f"{one.failures} times in a row"
        yield f"last good {options.moment(one.last_success, settings)}" if one.last_success else "never answered well"
    else:
        yield f"last entry {options.moment(one.last_new, settings)}" if one.last_new else "no entry ever"
        yield f"{one.expected:,.1f} a day were usual"
    if one.moved:
        yield f"moved to {one.moved}"
    if one.next_poll:
        yield f"asked again {options.moment(one.next_poll, settings)}"


def _rates(one: FeedHealth) -> str:
    """Seen of late / expected: 11 / 48."""
    if one.expected is None or one.seen is None:
        return ""
    return f"{one.seen:,.0f} / {one.expected:,.0f}" if one.expected >= 10 else f"{one.seen:,.1f} / {one.expected:,.1f}"
