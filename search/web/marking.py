"""A text with its names marked: paragraphs of runs, each plain or a mention's. Pure; escaping is the template's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol


class Named(Protocol):
    """What a mention must have to be marked. Offsets are in characters of the body."""

    @property
    def type(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def spans(self) -> Sequence[tuple[int, int]]: ...


class Run(NamedTuple):
    """A piece of a paragraph; `mention` is what it names, None of plain text."""

    text: str
    mention: Named | None = None


def paragraphs(body: str, mentions: Iterable[Named]) -> list[list[Run]]:
    """The paragraphs of `body`, in runs. Where names overlap the one that begins first, then the longest is marked;
    a name across two paragraphs, or outside the text, is not."""
    marks = sorted(
        ((start, end, one) for one in mentions for start, end in one.spans), key=lambda mark: (mark[0], -mark[1])
    )
    found, at, upcoming = [], 0, iter([*marks, (len(body) + 1, len(body) + 1, None)])
    mark = next(upcoming)
    for line in body.splitlines(keepends=True):
        end = at + len(line.rstrip())
        runs: list[Run] = []
        done = at
        while mark[2] is not None and mark[0] < at + len(line):
            start, stop, one = mark
            if done <= start < stop <= end:
                runs += [*_plain(body, done, start), Run(body[start:stop], one)]
                done = stop
            mark = next(upcoming)
        runs += _plain(body, done, end)
        if runs:
            found.append(runs)
        at += len(line)
    return found


def _plain(body: str, start: int, end: int) -> Iterator[Run]:
    if end > start:
        yield Run(body[start:end])
