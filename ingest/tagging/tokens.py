"""Words and sentences of a text in a script that puts spaces between words, with their places in it."""

from __future__ import annotations

import re
from typing import NamedTuple

# A word with what stands inside it (PDI-P, O'Neil, detik.com, AT&T), or one other sign.
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.&@/][^\W_]+)*|[^\w\s]|_", re.UNICODE)
# The same for a text without a low line, in half the time.
_QUICK = re.compile(r"\w+(?:[-'’.&@/]\w+)*|[^\w\s]")
_END = frozenset(".?!…")
_CLOSING = frozenset("\"'”’)]»")
_LONGEST = 120  # words in a sentence: longer ones are lists and tables, cut where they are
# Before a full stop that ends no sentence; a single letter is an initial.
_SHORT = (
    "dr drs dra ir prof mr mrs ms jr sr st jl jln no tel hlm gen col lt capt sgt gov sen rep rev hon inc corp co ltd "
    "tbk vs etc jend letjen mayjen brigjen kol kapt kh dkk moh muh abd m.si s.h s.e s.sos u.s u.k u.n a.s"
)
_SHORTENED = frozenset(_SHORT.split())


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
    return [[Token(one.group(), one.start(), one.end()) for one in found] for _, found in matches_in(text)]


def matches_in(text: str) -> list[tuple[list[str], list[re.Match[str]]]]:
    """As `sentences_in`: the words of each sentence, and the matches that tell where they stand."""
    token = _TOKEN if "_" in text else _QUICK
    sentences = []
    for line in _LINE.finditer(text):
        found = list(token.finditer(text, line.start(), line.end()))
        words = [one[0] for one in found]
        first = 0
        for end in _ends(words):
            sentences.append((words[first:end], found[first:end]))
            first = end
    return sentences


_LINE = re.compile(r"[^\n]+")


def _ends(words: list[str]) -> list[int]:
    """Before which words of a line a new sentence begins; and the line's end."""
    ends: list[int] = []
    first, count = 0, len(words)
    for at in [at for at, word in enumerate(words) if word in _END] if not _END.isdisjoint(words) else ():
        while at - first >= _LONGEST:
            first += _LONGEST
            ends.append(first)
        if words[at] == "." and at > first and _is_short(words[at - 1]):
            continue
        after = at + 1
        while after < count and words[after] in _CLOSING:
            after += 1
        if after < count and not words[after][0].islower():
            while after - first > _LONGEST:
                first += _LONGEST
                ends.append(first)
            first = after
            ends.append(first)
    ends += range(first + _LONGEST, count, _LONGEST)
    return [*ends, count] if count else ends


def _is_short(word: str) -> bool:
    return (len(word) == 1 and word.isalpha()) or word.lower() in _SHORTENED
