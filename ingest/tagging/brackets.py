"""Short forms in brackets behind a found name: "Bursa Efek Indonesia (BEI)".

The labelled news takes both for one name; readers, lists of names and the search take them for two of one body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ingest.tagging.names import ANY, Name

if TYPE_CHECKING:
    from ingest.tagging.found import Found
    from ingest.tagging.known import Known

Names = Callable[[str], Iterable[Name]]
Place = tuple[int, int]
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_JOINING = re.compile(r"[ &]*")
_SMALL = frozenset(["of", "and", "for", "the", "in", "on", "dan", "untuk", "de", "del", "la", "da", "do", "dos", "das", "du", "des", "et", "y", "e", "für", "und", "der"])  # fmt: skip # noqa: E501
_LONGEST = 120  # characters of a full name

_WITH_SHORT = re.compile(r"(?P<name>.*[^\W_]['’\"”]?)\s?\((?P<short>\w[\w./&-]{1,14})\)?", re.DOTALL)
_SHORT_ALONE = re.compile(r"\((?P<short>\w[\w./&-]{1,14})\)?")


def apart(text: str, names: Iterable[Found]) -> Iterator[Found]:
    """The same names, each with a short form of capitals behind it as two; a bracket is part of neither."""
    for name in names:
        match = _WITH_SHORT.fullmatch(text, name.start, name.end) or _SHORT_ALONE.fullmatch(text, name.start, name.end)
        if match is None or not any(map(str.isupper, match["short"])):
            yield name
            continue
        for part in match.groupdict():
            yield name._replace(start=match.start(part), end=match.end(part))


def others_in(text: str, known: Iterable[Known], language: str | None, names: Names) -> dict[str, list[Place]]:
    """Known short forms that this text gives to another body, and the places of that body's full name.

    "Namibian Broadcasting Corporation (NBC)" is not NBC: none of NBC's names has these first letters. Where one has,
    in the text's own language, most words must be the same ("World Health Organisation"). `names`: of an entity's id.
    """
    others: dict[str, list[Place]] = {}
    for one in known:
        if not one.surface.isupper() or text[one.start - 2 : one.start] != " (" or text[one.end : one.end + 1] != ")":
            continue
        start = _spelled_out(text, one.start - 2, one.surface)
        if start is not None and not _is_own(text[start : one.start - 2], one.surface, language, names(one.id)):
            others.setdefault(one.surface, []).append((start, one.start - 2))
    return others


def _spelled_out(text: str, end: int, short: str) -> int | None:
    """Where the name begins whose capitals, up to `end`, are those of `short`."""
    first = max(0, end - _LONGEST)
    left = short
    for word in reversed(list(_WORD.finditer(text, first, end))):
        if not _JOINING.fullmatch(text, word.end(), end):
            return None
        if word[0][0] == left[-1:]:
            left = left[:-1]
        elif word[0] not in _SMALL:
            return None
        end = word.start()
        if not left:
            return end
    return None


def _is_own(full: str, short: str, language: str | None, names: Iterable[Name]) -> bool:
    same = [name for name in names if _initials(name.text) == short]
    here = [name for name in same if name.language in {language, ANY}]
    words = set(map(str.lower, _WORD.findall(full)))
    shared = [2 * len(words & set(map(str.lower, _WORD.findall(name.text)))) for name in here]
    return any(count > len(words) for count in shared) if here else bool(same)


def _initials(text: str) -> str:
    return "".join(word[0] for word in _WORD.findall(text) if word[0].isupper())
