"""A found name with its short form behind it in brackets is two names: "Bursa Efek Indonesia (BEI)".

The labelled news takes both for one; readers, lists of names and the search take them for two of one body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.tagging.found import Found

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
