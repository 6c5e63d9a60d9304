"""What luqum cannot read, cut out before it reads the rest: `NEAR/n`, `ONEAR/n`, `~stem(…)`, `/regex/`.

luqum takes `NEAR/5` for a word and binds words side by side loosest of all, so that `a NEAR/5 b OR c` would have lost
its meaning afterwards. Each island is found in the text, with its operands, and a word of the same length put in its
place: positions stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from search.fields import CONCEPT
from search.prescan import NO_REGEX, SCHEME, QueryError

FILLER = "\ue002"  # private-use: what an island's place is filled with
MOST_BETWEEN = 100  # words; farther apart they have nothing to do with each other, and cost more
NEAR = re.compile(r"(O?)NEAR/(\d+)")
LIKE_NEAR = re.compile(r"O?NEAR(?:[/~:]?\d*|/.*)|O?[Nn]ear/\d+")
FUNCTION = re.compile(r"~([A-Za-z]+)$")
FIELD = re.compile(r'([^\s"():\\~]+):')
REGEX = re.compile(r"/((?:[^/\\\n]|\\.)*)/(?=[\s)^]|$)")
OPERATORS = frozenset({"AND", "OR", "NOT", "TO"})


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StemIsland(Span):
    """`~stem(inner)`."""

    inner: Span


@dataclass(frozen=True, slots=True)
class NearIsland(Span):
    """Operands joined from the left: `distances[0]` stands between the first two. A distance: words, and if ordered."""

    operands: tuple[Span, ...]
    distances: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class RegexIsland(Span):
    """`/pattern/`."""

    pattern: str


Island = StemIsland | NearIsland | RegexIsland


def without_regexes(text: str, *, allowed: bool) -> tuple[str, list[RegexIsland]]:
    """`text` with regular expressions filled up, and what they were. Raises QueryError unless they are `allowed`."""
    if "/" not in text:
        return text, []
    found: list[RegexIsland] = []
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|\\.|(?:^|(?<=[\s(:+-]))/[^\s/]', text, re.DOTALL):
        start = match.start()
        if match[0][0] != "/" or (found and start < found[-1].end):
            continue
        if SCHEME.search(text[:start]):
            continue  # prescan says what to do with an address
        if not allowed:
            raise QueryError(NO_REGEX, start)
        whole = REGEX.match(text, start)
        if not whole:
            raise QueryError("this regular expression is not closed by a /", start)
        found.append(RegexIsland(start, whole.end(), whole[1]))
    return filled(text, found), found


def islands(text: str, start: int, end: int, partners: Mapping[int, int]) -> list[Island]:
    """The outermost islands within `text[start:end]`, in order. Raises QueryError where NEAR lacks an operand."""
    units = list(_units(text, start, end, partners))
    nears = {at for at, unit in enumerate(units) if _distance(text, unit)}
    found: list[Island] = []
    at = 0
    while at < len(units):
        last = at
        while last + 1 in nears:
            last += 2
        if at in nears or last >= len(units):
            _lonely(text, units[at if at in nears else last - 1])
        if last > at:
            found.append(_near(text, units[at : last + 1]))
        else:
            found.extend(_inside(text, units[at], partners))
        at = last + 1
    return found


def filled(text: str, found: Sequence[Island]) -> str:
    """`text` with each island's place filled."""
    for one in found:
        text = text[: one.start] + FILLER * (one.end - one.start) + text[one.end :]
    return text


def _units(text: str, start: int, end: int, partners: Mapping[int, int]) -> Iterator[Span]:
    """What stands together without a space between; phrases and parentheses are not looked into."""
    begun: int | None = None
    at = start
    while at < end:
        letter = text[at]
        if letter.isspace():
            if begun is not None:
                yield Span(begun, at)
            begun = None
            at += 1
            continue
        begun = at if begun is None else begun
        at = min(end, _after(text, at, partners))
    if begun is not None:
        yield Span(begun, end)


def _after(text: str, at: int, partners: Mapping[int, int]) -> int:
    """The place behind the character, escape, phrase or parenthesis at `at`."""
    if text[at] == "\\":
        return at + 2
    if text[at] == '"':
        at += 1
        while text[at] != '"':
            at += 2 if text[at] == "\\" else 1
        return at + 1
    return partners.get(at, at) + 1


def _inside(text: str, unit: Span, partners: Mapping[int, int]) -> Iterator[Island]:
    """The islands of one unit: a `~stem(…)`, and what its parentheses hold."""
    at = unit.start
    while at < unit.end:
        after = _after(text, at, partners)
        if text[at] == "(":
            called = FUNCTION.search(text, max(unit.start, at - 20), at)
            before = text[called.start() - 1] if called and called.start() > unit.start else ""
            if called and before in {"", "+", "-", ":"}:
                if called[1].lower() != "stem":
                    what = f"~{called[1]}(…) is unknown; did you mean ~stem(…)?"
                    raise QueryError(what, called.start(), suggestion="~stem", end=at)
                yield StemIsland(called.start(), after, Span(at + 1, after - 1))
            else:
                yield from islands(text, at + 1, after - 1, partners)
        at = after


def _distance(text: str, unit: Span) -> tuple[int, bool] | None:
    """How far apart, and whether in order, if the unit is a NEAR. Raises QueryError if it is one misspelt."""
    word = text[unit.start : unit.end]
    if "N" not in word and "/" not in word:
        return None
    match = NEAR.fullmatch(word)
    if match:
        if len(match[2]) > 3 or int(match[2]) > MOST_BETWEEN:
            raise QueryError(
                f"{word} is too far: at most {MOST_BETWEEN} words may stand between; for words anywhere use AND",
                unit.start,
                suggestion=f"{match[1]}NEAR/{MOST_BETWEEN}",
                end=unit.end,
            )
        return int(match[2]), bool(match[1])
    if LIKE_NEAR.fullmatch(word):
        raise QueryError(
            f"{word} is written NEAR/5 (or ONEAR/5, in this order), with the most words that may stand between; "
            f'as a word put it in quotes, "{word}"',
            unit.start,
            suggestion="NEAR/5",
            end=unit.end,
        )
    return None


def _near(text: str, units: list[Span]) -> NearIsland:
    first = units[0]
    if text[first.start] in "+-":  # a sign is for all of it
        units = [Span(first.start + 1, first.end), *units[1:]]
    operands = tuple(units[::2])
    for at, operand in enumerate(operands):
        word = text[operand.start : operand.end]
        if word in OPERATORS or not word:
            _lonely(text, units[max(1, 2 * at - 1)])
        field = FIELD.match(word)
        if field and field[1].lower() != CONCEPT:
            raise QueryError(
                f"a field stands before the whole, in parentheses: {field[1]}:(… {_word(text, units[1])} …)",
                operand.start,
            )
        if word[0] in "+-" and at:
            raise QueryError(f"{word[0]} stands before the first word of {_word(text, units[1])}", operand.start)
    distances = tuple(found for unit in units[1::2] if (found := _distance(text, unit)))
    return NearIsland(units[0].start, units[-1].end, operands, distances)


def _lonely(text: str, near: Span) -> NoReturn:
    raise QueryError(
        f"{_word(text, near)} stands between two words, phrases or parentheses, as kantor NEAR/5 penghubung",
        near.start,
    )


def _word(text: str, unit: Span) -> str:
    return text[unit.start : unit.end]
