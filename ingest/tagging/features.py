"""What a model looks at: for each word of a sentence, what it is like, what stands around it, the run it belongs to.

Nearly all of it is said of one word in one role (itself, the one before, the last of its run of capitalised words …),
so that a model can keep the sum of weights of a word in each role and add them up: `Frame` gives the places that hold
the roles, `said_of` what is said of a word in a role, and `joint` the little that takes two words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

ROLES = ("0", "-1", "+1", "-2", "+2", "f", "l", "b", "a", "b2", "a2", "q", "r", "h")
BORDER = "\n"  # stands in a role that no word holds

# Written small inside names: Bank of England, Bashar al Assad, Siti binti Ahmad
_INSIDE = frozenset(
    [
        "of",
        "de",
        "van",
        "von",
        "der",
        "al",
        "bin",
        "binti",
        "ibn",
        "el",
        "da",
        "the",
        "di",
        "la",
        "del",
        "&",
        "-",
        "-",
        "'",
        "’",
        "dos",
        "du",
        "le",
    ]
)
_RUN = re.compile(r"(.)\1+")
_LETTERS = re.compile(r"[^\W\d_]+")


class Word(NamedTuple):
    """A distinct word: lower-cased, its shape (`Xx+`, `X+`, `9+`), what the lexicon knows, capitalised or not."""

    lower: str
    shape: str
    known: tuple[str, ...]
    capital: bool


Lexicon = Mapping[str, tuple[str, ...]]


def word_of(text: str, lexicon: Lexicon) -> Word:
    if text == BORDER:
        return _EDGE
    text = text.replace("’", "'").replace("“", '"').replace("”", '"')
    lower = text.lower()
    shape = "".join(_sign(character) for character in text)
    return Word(lower, _RUN.sub(r"\1+", shape), lexicon.get(lower, ()), text[0].isupper())


def _sign(character: str) -> str:
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return "9" if character.isdigit() else character


def said_of(word: Word, role: str) -> list[str]:
    """The attributes that `word` gives to a token for which it holds `role`."""
    lower, shape, known, capital = word
    caps = "C" if capital else "c"
    if role in {"q", "r", "h"}:  # words of other runs: of what sort, not which
        if role == "h":
            return [f"hw={lower}", *(f"hk={one}" for one in known if one[0] == "h")]
        return [f"{role}w={lower}", *(f"{role}k={one}" for one in known if one[0] in "gkctun"), f"{role}s={shape}"]
    said = [f"{role}w={lower}"]
    if role in {"0", "-1", "+1"}:
        said.append(f"{role}s={shape}")
        said += [f"{role}k={one}{caps}" for one in known]
    if role == "0":
        said += [f"{role}p={lower[:size]}" for size in (1, 2, 3, 4) if len(lower) > size]
        said += [f"{role}e={lower[-size:]}" for size in (1, 2, 3, 4) if len(lower) > size]
        if "-" in lower:
            said += [f"{role}h={part}" for part in lower.split("-")]
    elif role in {"-1", "+1", "b", "a"}:
        said += [f"{role}p={lower[:3]}", f"{role}e={lower[-3:]}"]
    elif role in {"f", "l"}:
        said += [f"{role}k={one}" for one in known]
        said.append(f"{role}s={shape}")
    elif role in {"-2", "+2"}:
        said.append(f"{role}s={shape}")
    if role in {"b", "a", "b2", "a2", "-2", "+2"}:
        said += [f"{role}k={one}" for one in known if one[0] in "hcgt"]
    return said


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


def frames(words: Sequence[Word], runs: Sequence[Run | None], first: int, end: int) -> list[Frame]:
    """One for each word from `first` to before `end` of a sentence. `runs`: as `runs_in` gives them."""
    count = len(words)
    quoted = _quoted(words)
    framed = []
    around: tuple[int, ...] = _NOWHERE
    for at in range(first, end):
        word = words[at]
        left = words[at - 1] if at else _EDGE
        right = words[at + 1] if at + 1 < count else _EDGE
        joint = [f"ss={left.shape} {word.shape} {right.shape}"]
        run = runs[at]
        if run:
            start, stop = run
            if at in {start, first}:
                around = _around(words, runs, start, stop)
            joint.append(f"n={min(stop - start, 5)}:{min(at - start, 3)}:{start == 0}")
            if quoted and quoted[at]:
                joint.append(f"q={quoted[at]}:{quoted[start]}:{word.capital}")
        else:
            around = _NOWHERE
        if word.capital or left.capital or right.capital:
            joint.append(f"ws={left.lower} {word.shape}")
            joint.append(f"sw={word.shape} {right.lower}")
        near = (
            at,
            at - 1,
            at + 1 if at + 1 < count else -1,
            at - 2 if at > 1 else -1,
            at + 2 if at + 2 < count else -1,
        )
        framed.append(Frame(near + around, joint))
    return framed


_EDGE = Word("<>", "<>", (), False)
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
        if any(one[0] == "h" for one in words[at].known):
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


def _quoted(words: Sequence[Word]) -> list[int] | None:
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
    for frame in frames(words, runs_in(words), 0, len(words)):
        said = list(frame.joint)
        for role, holder in zip(ROLES, frame.held, strict=True):
            if holder != -2:
                said += said_of(words[holder] if holder >= 0 else border, role)
        out.append(said)
    return out
