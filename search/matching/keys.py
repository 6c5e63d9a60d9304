"""The values of a `query_key`, by which windows are counted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from search.fields import FIELDS
from search.hits import ID


def counted_field(key: str) -> str:
    """The document's field in which the values stand whole."""
    target = FIELDS[key].target
    return "source" if target == "source_text" else target.removesuffix(".text")


def has_ids(key: str) -> bool:
    """Whether ids stand among the values: names are counted then."""
    return FIELDS[key].kind == "entity"


def values(source: Mapping[str, Any], key: str | None) -> Iterator[str]:
    """The values that a document has; one empty one where nothing is counted apart."""
    if not key:
        yield ""
        return
    held: str | Iterable[str] = source.get(counted_field(key), ())
    for value in (held,) if isinstance(held, str) else held:
        if not (has_ids(key) and ID.fullmatch(value)):
            yield value
