"""Regular expressions, for who asks for them: the part of Lucene's that every cluster reads alike, and not too dear."""

from __future__ import annotations

import re

from search.prescan import QueryError

MOST_CHARS = 100
MOST_REPEATS = 20
_CLASS = r"\[\^?(?:[^\W_](?:-[^\W_])?)+\]"
_ATOM = re.compile(rf"{_CLASS}|\\[^\w\s]|[^\W_]|[.'_-]")
_REPEAT = re.compile(r"[*+?]|\{(\d{1,2})(?:,(\d{1,2})?)?\}")


def checked(pattern: str, at: int) -> str:
    """The pattern, if it is letters, `.`, `[a-z]`, `(a|b)`, `*`, `+`, `?`, `{1,3}`. Raises QueryError, else."""
    at += 1  # behind the /
    if len(pattern) > MOST_CHARS:
        raise QueryError(f"a regular expression has {MOST_CHARS} characters at most", at + MOST_CHARS)
    if not re.match(r"[^\W_]{2}(?![*?{])", pattern):
        raise QueryError("a regular expression begins with two letters: any other reads every word there is", at)
    depth, position, repeatable, empty = 0, 0, False, True
    while position < len(pattern):
        here = at + position
        atom = _ATOM.match(pattern, position)
        repeat = _REPEAT.match(pattern, position)
        letter = pattern[position]
        if atom:
            position, repeatable, empty = atom.end(), True, False
        elif repeat:
            if not repeatable:
                raise QueryError(f"{repeat[0]} repeats nothing", here)
            _bounded(repeat, here)
            position, repeatable = repeat.end(), False
        elif letter in "(|)":
            if letter != "(" and empty:
                raise QueryError(f"nothing stands before this {letter}", here)
            depth += (letter == "(") - (letter == ")")
            if depth < 0:
                raise QueryError("this ) closes nothing", here)
            position, repeatable, empty = position + 1, letter == ")", letter != ")"
        else:
            raise QueryError(
                f"{letter!r} has no meaning in a regular expression; with a \\ before it, it means itself", here
            )
    if depth or empty:
        raise QueryError("this regular expression ends too early", at + len(pattern))
    return pattern


def _bounded(repeat: re.Match[str], at: int) -> None:
    low, high = int(repeat[1] or 0), int(repeat[2] or repeat[1] or 0)
    if max(low, high) > MOST_REPEATS or high < low:
        raise QueryError(f"{repeat[0]} is no number of times up to {MOST_REPEATS}", at)
