"""What changed between two texts, word by word. Pure, and bounded in time whatever the texts are.

Lines that stand once in both texts are anchors (patience diff); between them words are compared by Myers' greedy
algorithm ("An O(ND) difference algorithm", 1986), as long as they differ in few places; else words that stand once in
both are anchors, too. Where nothing of that helps, all of it is shown as taken out and put in.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

Kind = Literal["same", "removed", "added"]

MOST_EDITS = 300  # words in and out between two anchors; their square is what a comparison costs
TORN = 3  # times as many words on either side of what is the same, and it is so by chance
STEPS = 3_000_000  # for all of it: about two seconds

_LETTERWISE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_ABOVE = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3"
_MARKS = (  # parts of words that Python does not count as letters; in India's scripts whole blocks but the full stops
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    "\u00ad\u200c\u200d"
)
_WORD = re.compile(
    rf"\s+|(?:\d+(?:[.,:]\d+)*(?![^\W{_LETTERWISE}])|[{_LETTERWISE}][{_ABOVE}]*|(?:[^\W{_LETTERWISE}]|[{_MARKS}])+|.)\s*",
    re.DOTALL,
)


class Piece(NamedTuple):
    """A run of text. Those `same` and `added` make up the new text, `same` and `removed` the old one but for spaces."""

    kind: Kind
    text: str


class _Run(NamedTuple):
    """`length` equal words, at `old` in the one text and at `new` in the other."""

    old: int
    new: int
    length: int


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """What was taken out of `old` and put into `new`, in the order of reading; white space alone is no difference."""
    lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    keys = [[line.strip() for line in side] for side in lines]
    steps = [STEPS]
    found: list[Piece] = []
    for gone, come, same in _gaps(_anchors(*keys), len(lines[0]), len(lines[1])):
        found += _words("".join(lines[0][slice(*gone)]), "".join(lines[1][slice(*come)]), steps)
        found.append(Piece("same", "".join(lines[1][slice(*same)])))
    return _joined(found)


def _words(old: str, new: str, steps: list[int]) -> Iterator[Piece]:
    words = _WORD.findall(old), _WORD.findall(new)
    keys = [[word.strip() for word in side] for side in words]
    runs = _telling(_runs(keys[0], keys[1], steps), keys)
    for gone, come, same in _gaps(runs, len(words[0]), len(words[1])):
        yield Piece("removed", "".join(words[0][slice(*gone)]))
        yield Piece("added", "".join(words[1][slice(*come)]))
        yield Piece("same", "".join(words[1][slice(*same)]))


def _telling(runs: Sequence[_Run], keys: Sequence[Sequence[str]]) -> list[_Run]:
    """Without those that two changes have between them by chance, which would only tear them apart: a comma, or a word
    or two where much more was taken out or put in on either side."""
    found: list[_Run] = []
    old = new = 0
    for run, after in pairwise((*runs, _Run(len(keys[0]), len(keys[1]), 0))):
        end, stop = run.old + run.length, run.new + run.length
        outside = run.old + run.new == 0 or (end == len(keys[0]) and stop == len(keys[1]))
        says = any(character.isalnum() for word in keys[1][run.new : stop] for character in word)
        around = min(max(run.old - old, run.new - new), max(after.old - end, after.new - stop))
        if outside or (says and around < TORN * run.length):
            found.append(run)
            old, new = end, stop
    return found


Span = tuple[int, int]


def _gaps(runs: Sequence[_Run], old_length: int, new_length: int) -> Iterator[tuple[Span, Span, Span]]:
    """What stands before each run in either text, then the run in the new one; the last run is empty."""
    old = new = 0
    for run in (*runs, _Run(old_length, new_length, 0)):
        yield (old, run.old), (new, run.new), (run.new, run.new + run.length)
        old, new = run.old + run.length, run.new + run.length


def _runs(old: Sequence[str], new: Sequence[str], steps: list[int]) -> list[_Run]:
    found = _myers(old, new, steps)
    if found is not None:
        return found
    found = []
    old_at = new_at = 0
    for run in (*_anchors(old, new), _Run(len(old), len(new), 0)):
        between = _myers(old[old_at : run.old], new[new_at : run.new], steps) or []
        found += [_Run(one.old + old_at, one.new + new_at, one.length) for one in between]
        found += [run] if run.length else []
        old_at, new_at = run.old + run.length, run.new + run.length
    return found


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[_Run]:
    """Runs around what stands once in each, and at both ends, in the longest order that both share."""
    counts = Counter(old), Counter(new)
    places = {one: at for at, one in enumerate(new) if counts[1][one] == 1 and counts[0][one] == 1}
    pairs = [(at, places[one]) for at, one in enumerate(old) if one in places]
    runs: list[_Run] = []
    old_from = new_from = 0
    for old_at, new_at in ((-1, -1), *_rising(pairs), (len(old), len(new))):
        if old_at >= 0 and old_at < old_from:
            continue  # within the run before
        start, begin = max(old_at, 0), max(new_at, 0)
        while start > old_from and begin > new_from and old[start - 1] == new[begin - 1]:
            start, begin = start - 1, begin - 1
        end, stop = max(old_at, 0), max(new_at, 0)
        while end < len(old) and stop < len(new) and old[end] == new[stop]:
            end, stop = end + 1, stop + 1
        if end > start:
            runs.append(_Run(start, begin, end - start))
            old_from, new_from = end, stop
    return runs


def _rising(pairs: Sequence[Span]) -> list[Span]:
    """The longest series of `pairs` (rising in the first) that rises in the second, too."""
    ends: list[int] = []  # of the best series of each length, the place in the new text that it ends with
    at_end: list[int] = []
    before: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(at_end[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        at_end[length : length + 1] = [at]
    found = []
    at = at_end[-1] if at_end else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _myers(old: Sequence[str], new: Sequence[str], steps: list[int]) -> list[_Run] | None:
    """What is equal on a shortest way from `old` to `new`; None where it takes too many edits or steps."""
    furthest = {1: 0}  # by diagonal
    trace: list[dict[int, int]] = []
    for edits in range(min(MOST_EDITS, len(old) + len(new)) + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
            x = start = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            steps[0] -= 1 + x - start
            if x >= len(old) and x - diagonal >= len(new):
                return _way_back(trace, len(old), len(new))
        if steps[0] < 0:
            return None
    return None


def _way_back(trace: list[dict[int, int]], x: int, y: int) -> list[_Run]:
    found: list[_Run] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], x - y
        down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
        came_from = diagonal + 1 if down else diagonal - 1
        old, new = furthest[came_from], furthest[came_from] - came_from
        start = old if down else old + 1
        if x > start:
            found.append(_Run(start, start - diagonal, x - start))
        x, y = old, new
    return found[::-1]


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Without empty ones; between two that are the same, first what was removed, then what was added."""
    found: list[Piece] = []
    for changed, group in groupby((one for one in pieces if one.text), lambda one: one.kind != "same"):
        run = list(group)
        kinds: tuple[Kind, ...] = ("removed", "added") if changed else ("same",)
        texts = ((kind, "".join(one.text for one in run if one.kind == kind)) for kind in kinds)
        found += [Piece(kind, text) for kind, text in texts if text]
    return tuple(found)
