"""What has to happen to a query before luqum reads it: each character keeps its position.

luqum takes `/` for the beginning of a regular expression anywhere, stumbles over a leading apostrophe, and lets `&&`,
`||` and `!` pass as words. Here the first two are hidden, the others refused; a sign that stands alone is a dash, as in
`Jakarta - Tokyo`. What luqum does not know at all (`NEAR/5`, `~stem(…)`) is cut out before, in
`search/language/islands.py`.
"""

from __future__ import annotations

import re

SLASH, APOSTROPHE = "\ue000", "\ue001"  # private-use stand-ins, one character each
CURLY_QUOTES = str.maketrans("“”„‟«»", '""""""')  # keyboards and articles one copies from
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[\s()\[\]{}:]+|(?:[^\s()\[\]{}:"\\]|\\.)+|.', re.DOTALL)
SCHEME = re.compile(r"(https?):$", re.IGNORECASE)
REPLACED = {"&&": "AND", "||": "OR"}
CLOSES = {")": "(", "]": "[{", "}": "[{"}  # a range may close otherwise than it opens: [a TO b}
NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
# ~ may stand without a number; what follows either is another one of them, or nothing.
ODD_NUMBER = re.compile(rf"\\.|(\^)(?!{NUMBER}(?:[~^]|$))|(~)(?!{NUMBER}?(?:[~^]|$))", re.DOTALL)
NO_REGEX = "/regular expressions/ are not part of the query language; * and ? stand for letters"


class QueryError(ValueError):
    """The query cannot be read. `position` counts characters from 0.

    `suggestion` is what was probably meant in place of the characters up to `end`.
    """

    def __init__(self, message: str, position: int, *, suggestion: str | None = None, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion
        self.end = end

    def mended(self, text: str) -> str | None:
        """The query with what was probably meant; None where that is not known."""
        if self.suggestion is None or self.end is None:
            return None
        meant = f'"{self.suggestion}"' if " " in self.suggestion else self.suggestion
        return text[: self.position] + meant + text[self.end :]


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
            lone = lead == len(token) and text[match.end() : match.end() + 1].strip() == ""
            token = " " * lead if lone else token[:lead] + re.sub("^'", APOSTROPHE, token[lead:])
        parts.append(token)
    return "".join(parts)


def restored(value: str) -> str:
    """With the characters that `prescan` hid."""
    return value.replace(SLASH, "/").replace(APOSTROPHE, "'")


def partners(text: str) -> dict[int, int]:
    """Where each opening parenthesis or bracket is closed. Raises QueryError at one, or a quote, without a partner."""
    found: dict[int, int] = {}
    open_at: list[int] = []
    for match in TOKEN.finditer(text):
        if match[0] == '"':
            raise QueryError("this quote is not closed", match.start())
        if match[0][0] not in "()[]{}:" and not match[0][0].isspace():
            continue
        for at, letter in enumerate(match[0], match.start()):
            if letter in "([{":
                open_at.append(at)
            elif letter in CLOSES:
                if not open_at or text[open_at[-1]] not in CLOSES[letter]:
                    raise QueryError(f"this {letter} closes nothing", at)
                found[open_at.pop()] = at
    if open_at:
        raise QueryError(f"this {text[open_at[-1]]} is not closed", open_at[-1])
    return found


def _refuse(token: str, at: int, text: str) -> None:
    bare = token.lstrip("+-")
    start = at + len(token) - len(bare)
    if bare.startswith("/"):
        scheme = SCHEME.search(text[:start])
        if scheme:
            raise QueryError('a web address goes in quotes, as url:"https://…"', scheme.start())
        raise QueryError(NO_REGEX, start)
    if token in REPLACED:
        raise QueryError(f"{token} is written {REPLACED[token]}", at)
    if bare.startswith("!"):
        raise QueryError("! is written NOT", start)
    for odd in ODD_NUMBER.finditer(token):
        sign, leads = odd[1] or odd[2], not odd.start() and not text[:at].endswith(('"', ")"))
        if sign and not leads:  # luqum would take what follows for a word of its own
            told = f"what stands after {sign} cannot be read: a number belongs there, as in kantor{sign}2"
            raise QueryError(told, at + odd.start())
