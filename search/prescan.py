"""What has to happen to a query before luqum reads it: each character keeps its position.

luqum takes `/` for the beginning of a regular expression anywhere, stumbles over a leading apostrophe, and lets
`NEAR/5`, `&&`, `||` and `!` pass as words. Here the first two are hidden, the others refused.
"""

from __future__ import annotations

import re

SLASH, APOSTROPHE = "\ue000", "\ue001"  # private-use stand-ins, one character each
CURLY_QUOTES = str.maketrans("“”„‟«»", '""""""')  # keyboards and articles one copies from
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[\s()\[\]{}:]+|(?:[^\s()\[\]{}:"\\]|\\.)+|.', re.DOTALL)
NEAR = re.compile(r"NEAR/\d+")
SCHEME = re.compile(r"(https?):$", re.IGNORECASE)
REPLACED = {"&&": "AND", "||": "OR"}


class QueryError(ValueError):
    """The query cannot be read. `position` counts characters from 0; `suggestion` is what was probably meant."""

    def __init__(self, message: str, position: int, *, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion


def prescan(text: str) -> str:
    """`text`, as long as it was, ready for luqum. Raises QueryError for what luqum would misread."""
    text = text.translate(CURLY_QUOTES)
    parts = []
    for match in TOKEN.finditer(text):
        token, at = match[0], match.start()
        if token[0] not in '"\\ ()[]{}:':
            _refuse(token, at, text)
            token = token.replace("/", SLASH)
            lead = len(token) - len(token.lstrip("+-"))
            token = token[:lead] + re.sub("^'", APOSTROPHE, token[lead:])
        parts.append(token)
    return "".join(parts)


def unbalanced(text: str) -> QueryError | None:
    """The fault where a quote or parenthesis has no partner."""
    open_at: list[tuple[str, int]] = []
    for match in TOKEN.finditer(text.translate(CURLY_QUOTES)):
        if match[0] == '"':
            return QueryError("this quote is not closed", match.start())
        if match[0][0] in '"\\':
            continue
        for offset, letter in enumerate(match[0]):
            at = match.start() + offset
            if letter in "([{":
                open_at.append((letter, at))
            elif letter in ")]}":
                if not open_at:
                    return QueryError(f"this {letter} closes nothing", at)
                open_at.pop()
    if open_at:
        letter, at = open_at[-1]
        return QueryError(f"this {letter} is not closed", at)
    return None


def _refuse(token: str, at: int, text: str) -> None:
    if NEAR.fullmatch(token):
        raise QueryError('NEAR/n is not there yet; "two words"~5 finds words at most five apart', at)
    bare = token.lstrip("+-")
    start = at + len(token) - len(bare)
    if bare.startswith("/"):
        scheme = SCHEME.search(text[:start])
        if scheme:
            raise QueryError('a web address goes in quotes, as url:"https://…"', scheme.start())
        raise QueryError("/regular expressions/ are not part of the query language; * and ? stand for letters", start)
    if token in REPLACED:
        raise QueryError(f"{token} is written {REPLACED[token]}", at)
    if bare.startswith("!"):
        raise QueryError("! is written NOT", start)
