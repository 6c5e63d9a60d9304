"""Words and sentences of a text in a script that puts spaces between words, with their places in it."""

from __future__ import annotations

import re
from typing import NamedTuple

# A word with what stands inside it (PDI-P, O'Neil, detik.com, AT&T), or one other sign.
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.&@/][^\W_]+)*|[^\w\s]|_", re.UNICODE)
_END = frozenset(".?!…")
_CLOSING = frozenset("\"'”’)]»")
_LONGEST = 120  # words in a sentence: longer ones are lists and tables, cut where they are
# Before a full stop that ends no sentence; a single letter is an initial.
_SHORTENED = frozenset(
    [
        "dr",
        "drs",
        "dra",
        "ir",
        "prof",
        "mr",
        "mrs",
        "ms",
        "jr",
        "sr",
        "st",
        "jl",
        "jln",
        "no",
        "tel",
        "hlm",
        "gen",
        "col",
        "lt",
        "capt",
        "sgt",
        "gov",
        "sen",
        "rep",
        "rev",
        "hon",
        "inc",
        "corp",
        "co",
        "ltd",
        "tbk",
        "vs",
        "etc",
        "jend",
        "letjen",
        "mayjen",
        "brigjen",
        "kol",
        "kapt",
        "kh",
        "dkk",
        "moh",
        "muh",
        "abd",
        "m.si",
        "s.h",
        "s.e",
        "s.sos",
        "u.s",
        "u.k",
        "u.n",
        "a.s",
    ]
)


class Token(NamedTuple):
    """`text` stands at characters `start` to `end`."""

    text: str
    start: int
    end: int


def tokens_in(text: str) -> list[Token]:
    """Words and single signs, in order; nothing but white space lies between them."""
    return [Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def sentences_in(text: str) -> list[list[Token]]:
    """The tokens of `text` by sentence. A line's end always ends one; a sentence has at most 120 tokens."""
    sentences: list[list[Token]] = []
    for line in re.finditer(r"[^\n]+", text):
        sentence: list[Token] = []
        ending = False
        for found in _TOKEN.finditer(text, line.start(), line.end()):
            word = found.group()
            if (ending and word not in _CLOSING and not word[0].islower()) or len(sentence) == _LONGEST:
                sentences.append(sentence)
                sentence = []
            if word in _END:
                ending = not (word == "." and sentence and _is_short(sentence[-1].text))
            elif word not in _CLOSING:
                ending = False
            sentence.append(Token(word, found.start(), found.end()))
        if sentence:
            sentences.append(sentence)
    return sentences


def _is_short(word: str) -> bool:
    return (len(word) == 1 and word.isalpha()) or word.lower() in _SHORTENED
