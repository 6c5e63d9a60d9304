"""What is said of one word in each role that it may hold for another: itself, the one before, the last of its run …

In three parts, so that a model can look each up once: of the word alone, of all of its sort, of how it is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

ROLES = ("0", "-1", "+1", "-2", "+2", "f", "l", "b", "a", "b2", "a2", "q", "r", "h")
BORDER = "\n"  # stands in a role that no word holds

_RUN = re.compile(r"(.)\1+")
_LETTERS = re.compile(r"[^\W\d_]+")


class Word(NamedTuple):
    """A distinct word: lower-cased, its shape (`Xx+`, `X+`, `9+`), what the lexicon knows, capitalised or not.

    `kind`: it says what the name after it is of (ketua, film, desa).
    """

    lower: str
    shape: str
    known: tuple[str, ...]
    capital: bool
    kind: bool


Lexicon = Mapping[str, tuple[str, ...]]
EDGE = Word("<>", "<>", (), False, False)  # the border


def word_of(text: str, lexicon: Lexicon) -> Word:
    if text == BORDER:
        return EDGE
    text = text.replace("’", "'").replace("“", '"').replace("”", '"')
    lower = text.lower()
    known = lexicon.get(lower, ())
    kind = any(one[0] == "h" for one in known) if known else False
    return Word(lower, _shortened(text.translate(_SIGNS)), known, text[0].isupper(), kind)


class _Signs(dict[int, str]):
    """What stands for a character in a shape; of those after Latin ones none is kept."""

    def __missing__(self, character: int) -> str:
        return _sign(chr(character))


def _sign(character: str) -> str:
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return "9" if character.isdigit() else character


_SIGNS = _Signs((character, _sign(chr(character))) for character in range(0x250))


@lru_cache(maxsize=4096)
def _shortened(signs: str) -> str:
    return _RUN.sub(r"\1+", signs)


def said_of(word: Word, role: str) -> list[str]:
    """The attributes that `word` gives to a token for which it holds `role`."""
    own, sort, spelling = own_of(word.lower, role), sort_of(word, role), spelling_of(word.lower, role)
    return [own, *spelling, *sort] if role in SPELLED_FIRST else [own, *sort, *spelling]


SPELLED = frozenset({"0", "-1", "+1", "b", "a"})
SPELLED_FIRST = frozenset({"b", "a"})


def own_of(lower: str, role: str) -> str:
    return f"{role}w={lower}"


def sort_of(word: Word, role: str) -> list[str]:
    """What is said of every word of the same shape of which the same is known."""
    _, shape, known, capital, _ = word
    shaped = f"{role}s={shape}"
    if role in {"0", "-1", "+1"}:
        caps = "C" if capital else "c"
        return [shaped, *(f"{role}k={one}{caps}" for one in known)]
    if role == "h":  # words of other runs: of what sort, not which
        return [f"{role}k={one}" for one in known if one[0] == "h"]
    if role in {"q", "r"}:
        return [*(f"{role}k={one}" for one in known if one[0] in "gkctun"), shaped]
    if role in {"f", "l"}:
        return [*(f"{role}k={one}" for one in known), shaped]
    told = [f"{role}k={one}" for one in known if one[0] in "hcgt"]
    return [shaped, *told] if role in {"-2", "+2"} else told


def spelling_of(lower: str, role: str) -> list[str]:
    """What is said of the letters a word begins and ends with, and of its parts."""
    if role == "0":
        said = [f"0p={lower[:size]}" for size in (1, 2, 3, 4) if len(lower) > size]
        said += [f"0e={lower[-size:]}" for size in (1, 2, 3, 4) if len(lower) > size]
        return said + [f"0h={part}" for part in lower.split("-")] if "-" in lower else said
    return [f"{role}p={lower[:3]}", f"{role}e={lower[-3:]}"] if role in SPELLED else []
