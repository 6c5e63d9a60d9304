"""A text as the words it is made of, and as the short runs of them by which copies are known.

Folded away: case, width and composition of letters (NFKC), quotes, dashes and all other signs, vowel points, joiners,
the script that digits are written in, what stands between thousands. So a text whose punctuation another newsroom set
in its own way gives the same words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ingest.rarewords import UNSPACED, is_unspaced

# Longer runs than the usual three: reports made from one template (quakes, prices, courts) share half of those. Cuts,
# headers and moved paragraphs cost long runs no more than short ones.
SHINGLE_WORDS = 5
SHINGLE_CHARACTERS = 9  # in scripts without spaces: about as much text
LONGEST_BODY = 200_000  # characters looked at; the longest report of a wire has a tenth

_MARKS = (  # that belong to letters: Latin's in their decomposed form, and India's vowels
    "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0a01-\u0a4d"
    "\u0a81-\u0acd\u0b01-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c4d\u0c81-\u0ccd\u0d00-\u0d4d\u0d82-\u0ddf"
)
_PLAIN = re.compile(r"\w+")  # three times as fast as the next one
_WORD = re.compile(rf"[{UNSPACED}]+|(?:[^\W{UNSPACED}]|[{_MARKS}])+")
_NOT_PLAIN = re.compile(f"[{UNSPACED}{_MARKS}]")
_NOT_WRITTEN = re.compile(
    "[\u00ad\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u200b-\u200f\u2060\ufeff]"
)
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_WITHIN_NUMBER = re.compile("[.,'’\u066b\u066c](?<=[0-9].)(?=[0-9])")
_WITHIN_WORD = re.compile(r"['’ʼ`](?<=[^\W\d_].)(?=[^\W\d_])")


def folded(text: str) -> str:
    """`text` as it is compared: NFKC and lower case, digits 0-9 and without separators, no points or joiners."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_BODY]).casefold()
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # lone surrogates
        text = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), _NOT_WRITTEN.sub("", text))
    return _WITHIN_WORD.sub("", _WITHIN_NUMBER.sub("", text))


def words(text: str) -> list[str]:
    """The words of a folded `text`; a run of characters of a script without spaces is one."""
    plain = text.isascii() or not _NOT_PLAIN.search(text)
    return (_PLAIN if plain else _WORD).findall(text)


def paragraphs(body: str) -> list[list[str]]:
    """The words of each paragraph that has any."""
    return [found for line in folded(body).split("\n") if (found := words(line))]


def shingles(paragraphs: Iterable[list[str]]) -> set[str]:
    """Runs of five words (of nine characters where no spaces are), none across a paragraph's end."""
    found: set[str] = set()
    for paragraph in paragraphs:
        tokens, length = paragraph, SHINGLE_WORDS
        if any(token[0] >= "\u0e00" and is_unspaced(token) for token in paragraph):
            tokens = [one for token in paragraph for one in (token if is_unspaced(token) else (token,))]
            length = SHINGLE_CHARACTERS
        if len(tokens) >= length:
            found.update(map(" ".join, zip(*(tokens[at:] for at in range(length)), strict=False)))
        else:
            found.add(" ".join(tokens))
    return found
