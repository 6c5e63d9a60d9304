"""Escapes and wildcards as typed, and the pattern they make: `*`, `?`, and `\\` before one that means itself."""

from __future__ import annotations

import re
import unicodedata

WILD = re.compile(r"(?<!\\)(?:\\\\)*[*?]")
UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")  # soft hyphens, directions
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SPECIAL = re.compile(r'[+\-=&|!(){}\[\]^"~:/<>\s]')
WORDLESS = re.compile(  # scripts in which a token is one character, or words have few
    r"[\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
IDEOGRAPH = re.compile(  # a token by itself, unlike those of Katakana and Hangul
    r"[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u309f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
LETTER = re.compile(r"[\w.]")
ONE_WORD = re.compile(r"[\w.*?]+")  # to the analyzer, unless it has ideographs
PIECE = re.compile(r"\\.|.", re.DOTALL)


def composed(value: str) -> str:
    """`value` in the form texts are indexed in: accents with their letters, no marks that are not seen.

    Turkish İ in lower case is i and a dot above in Unicode, a plain i for the analyzer.
    """
    return unicodedata.normalize("NFC", UNSEEN.sub("", value)).replace("i\u0307", "i")


def unescaped(value: str) -> str:
    """What was meant: the character after each backslash."""
    return ESCAPED.sub(r"\1", value)


def has_wildcards(value: str) -> bool:
    """Whether `value`, as typed, has a `*` or `?` that stands for letters."""
    return WILD.search(value) is not None


def pattern_of(value: str) -> str:
    """`value`, as typed, with backslashes only where they are needed, before `*`, `?` and `\\`."""
    return "".join(piece if len(piece) == 1 or piece[1] in "*?\\" else piece[1] for piece in PIECE.findall(value))


def literal(value: str) -> str:
    """`value` as a pattern that only it fits."""
    return re.sub(r"([*?\\])", r"\\\1", value)


def beginning(pattern: str) -> str:
    """What stands before the first wildcard."""
    found = []
    for piece in PIECE.findall(pattern):
        if piece in {"*", "?"}:
            break
        found.append(piece[-1])
    return "".join(found)


def last_word(text: str) -> tuple[str, str]:
    """What stands before the last word the analyzer would make of `text`, and that word: none behind an ideograph."""
    at = len(text)
    while at and LETTER.fullmatch(text[at - 1]) and not IDEOGRAPH.fullmatch(text[at - 1]):
        at -= 1
    return text[:at], text[at:]


def is_prefix(pattern: str) -> bool:
    """Whether its only wildcard is a `*` at the end."""
    return pattern.endswith("*") and not has_wildcards(pattern[:-1])


def in_query_string(pattern: str) -> str:
    """The pattern for Lucene's own syntax, which must not read anything else into it."""
    return SPECIAL.sub(r"\\\g<0>", pattern)
