"""What a search is asked for, as parameters: the same for answers, exports and feeds."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Query

from search.ports import Sort
from search.query import MAX_CHARS


class Wanted(NamedTuple):
    """A search, but not how much of it."""

    query: str
    sort: Sort
    stemmed: bool
    fold: bool


async def _wanted(  # async: see known_parameters
    q: Annotated[
        str, Query(max_length=MAX_CHARS, description="The query: docs/query-language.md. Empty: all articles.")
    ] = "",
    sort: Annotated[
        Sort, Query(description="Newest seen first, newest published first, or best match first.")
    ] = "seen",
    stemmed: Annotated[bool, Query(description="Words in all their forms, not as they are written.")] = False,
    fold: Annotated[bool, Query(description="One article a story.")] = False,
) -> Wanted:
    return Wanted(q, sort, stemmed, fold)


Asked = Annotated[Wanted, Depends(_wanted)]
