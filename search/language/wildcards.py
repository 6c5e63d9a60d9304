"""Escapes and wildcards as typed, and the pattern they make: `*`, `?`, and `\\` before one that means itself."""

from __future__ import annotations

import re

WILD = re.compile(r"(?<!\\)(?:\\\\)*[*?]")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SPECIAL = re.compile(r'[+\-=&|!(){}\[\]^"~:/<>\s]')
PIECE = re.compile(r"\\.|.", re.DOTALL)


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


def is_prefix(pattern: str) -> bool:
    """Whether its only wildcard is a `*` at the end."""
    return pattern.endswith("*") and not has_wildcards(pattern[:-1])


def in_query_string(pattern: str) -> str:
    """The pattern for Lucene's own syntax, which must not read anything else into it."""
    return SPECIAL.sub(r"\\\g<0>", pattern)
