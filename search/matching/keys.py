"""The values of a `query_key`, by which windows are counted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from search.fields import FIELDS
from search.hits import ID, PLACE_ID


def counted_field(key: str) -> str:
    """The document's field in which the values stand whole."""
    target = FIELDS[key].target
    return "source" if target == "source_text" else target.removesuffix(".text")


def ids_among(key: str) -> re.Pattern[str] | None:
    """Ids that stand among the values, which are counted by name then; a country's among
    the places is its code. None where there are none."""
    if FIELDS[key].kind != "entity":
        return None
    return PLACE_ID if counted_field(key) == "place" else ID


def values(source: Mapping[str, Any], key: str | None) -> Iterator[str]:
    """The values that a document has; one empty one where nothing is counted apart."""
    if not key:
        yield ""
        return
    held: str | Iterable[str] = source.get(counted_field(key), ())
    ids = ids_among(key)
    for value in (held,) if isinstance(held, str) else held:
        if not (ids and ids.fullmatch(value)):
            yield value
