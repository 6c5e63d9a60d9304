"""What a model looks at: for each word of a sentence, what it is like, what stands around it, the run it belongs to.

Nearly all of it is said of one word in one role (itself, the one before, the last of its run of capitalised words …),
so that a model can keep the sum of weights of a word in each role and add them up: `Frame` gives the places that hold
the roles, `roles.said_of` what is said of a word in a role, and `joint` the little that takes two words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ingest.tagging.roles import BORDER, EDGE, ROLES, Word, said_of, word_of
from ingest.tagging.roles import Lexicon as Lexicon  # noqa: PLC0414 - trainers have it from here

_SMALL = "of de van von der al bin binti ibn el da the di la del & - ' ’ dos du le"
_INSIDE = frozenset(_SMALL.split())  # inside names: Bank of England, Bashar al Assad, Siti binti Ahmad


class Frame(NamedTuple):
    """Which word holds which role for a token (-1: the border, -2: none), and what takes more than one word to say."""

    held: tuple[int, ...]  # as ROLES, indices of the sentence
    joint: list[str]


Run = tuple[int, int]  # from, to: capitalised words that follow each other
_MARGIN = 1  # words to either side of a run that may belong to its name: "desa Suren", "Israel utara"


def islands_of(runs: Sequence[Run | None]) -> list[Run]:
    """Where names may be: the runs of capitalised words and what stands next to them. All else is none."""
    found: list[Run] = []
    for run in dict.fromkeys(filter(None, runs)):
        first, end = max(run[0] - _MARGIN, 0), min(run[1] + _MARGIN, len(runs))
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return found


def frames(
    words: Sequence[Word], runs: Sequence[Run | None], first: int, end: int, quoted: Sequence[int] | None
) -> list[Frame]:
    """One for each word from `first` to before `end` of a sentence. `runs`: as `runs_in` gives them; `quoted`: as
    `quoted_in`."""
    count = len(words)
    framed = []
    around: tuple[int, ...] = _NOWHERE
    left = words[first - 1] if first else EDGE
    word = words[first]
    for at in range(first, end):
        right = words[at + 1] if at + 1 < count else EDGE
        shape = word.shape
        joint = [f"ss={left.shape} {shape} {right.shape}"]
        run = runs[at]
        if run:
            start, stop = run
            if at in {start, first}:
                around = _around(words, runs, start, stop)
            joint.append(_place(stop - start, at - start, start == 0))
            if quoted and quoted[at]:
                joint.append(f"q={quoted[at]}:{quoted[start]}:{word.capital}")
        else:
            around = _NOWHERE
        if word.capital or left.capital or right.capital:
            joint.append(f"ws={left.lower} {shape}")
            joint.append(f"sw={shape} {right.lower}")
        near = (
            at,
            at - 1,
            at + 1 if at + 1 < count else -1,
            at - 2 if at else -1,
            at + 2 if at + 2 < count else -1,
        )
        framed.append(Frame(near + around, joint))
        left, word = word, right
    return framed


@lru_cache(maxsize=4096)
def _place(size: int, at: int, opens: bool) -> str:
    return f"n={min(size, 5)}:{min(at, 3)}:{opens}"


_NOWHERE = (-2,) * 9
_JOINING = frozenset({",", "dan", "and", "serta", "atau", "or", "(", "/", "-", "&"})
_REACH = 4  # words before a run in which the last kind (ketua, film, desa) is looked for


def _around(words: Sequence[Word], runs: Sequence[Run | None], first: int, end: int) -> tuple[int, ...]:
    """First and last word of a run, two before and after it, the runs it is listed with, the kind named before."""
    count = len(words)
    before = after = -2
    gap = first - 1
    while gap >= 0 and gap >= first - 2 and words[gap].lower in _JOINING:
        gap -= 1
    if gap < first - 1 and gap >= 0 and runs[gap]:
        before = gap
    gap = end
    while gap < count and gap < end + 2 and words[gap].lower in _JOINING:
        gap += 1
    if gap > end and gap < count and (run := runs[gap]):
        after = run[1] - 1
    kind = -2
    for at in range(first - 1, max(first - 1 - _REACH, -1), -1):
        if words[at].kind:
            kind = at
            break
    return (
        first,
        end - 1,
        first - 1,
        end if end < count else -1,
        max(first - 2, -1),
        end + 1 if end + 1 < count else -1,
        before,
        after,
        kind,
    )


def quoted_in(words: Sequence[Word]) -> list[int] | None:
    """For each word, its place after a quotation mark that another closes: 1 the first, at most 4; nought outside."""
    marks = [at for at, word in enumerate(words) if word.lower == '"']
    if not marks:
        return None
    quoted = [0] * len(words)
    for first, last in zip(marks[::2], marks[1::2], strict=False):
        for at in range(first + 1, last):
            quoted[at] = min(at - first, 4)
    return quoted


def runs_in(words: Sequence[Word]) -> list[Run | None]:
    """For each word the run of capitalised words that it stands in, from and to."""
    runs: list[Run | None] = [None] * len(words)
    at, count = 0, len(words)
    while at < count:
        if not words[at].capital:
            at += 1
            continue
        end = at + 1
        while end < count:
            if words[end].capital:
                end += 1
            elif (
                end + 1 < count
                and words[end + 1].capital
                and ((words[end].lower == "." and _initial(words[end - 1].lower)) or words[end].shape in {"9", "9+"})
            ) or (words[end].lower in _INSIDE and end + 1 < count and words[end + 1].capital):
                end += 2
            else:
                break
        runs[at:end] = [(at, end)] * (end - at)
        at = end
    return runs


def _initial(lower: str) -> bool:
    return len(lower) == 1 or lower in _TITLES


_TITLES = frozenset({"dr", "prof", "ir", "drs", "st", "jr", "sr", "kh", "hj", "moh", "muh", "abd"})


def attributes(texts: Sequence[str], lexicon: Lexicon) -> list[list[str]]:
    """All attributes of each word of a sentence: what a model is trained on, and what its quick reading must equal."""
    words = [word_of(text, lexicon) for text in texts]
    border = word_of(BORDER, lexicon)
    out = []
    for frame in frames(words, runs_in(words), 0, len(words), quoted_in(words)) if words else ():
        said = list(frame.joint)
        for role, holder in zip(ROLES, frame.held, strict=True):
            if holder != -2:
                said += said_of(words[holder] if holder >= 0 else border, role)
        out.append(said)
    return out
