"""Where a reader is in what a search found: the cursor, handed out and taken back. Pure.

A cursor says after which hit to go on, by that hit's sort values, and may name a point in time, which Elasticsearch
keeps for a minute after the last page: without it, or after its end, the same place is found in what is there now. It
is signed, because a point in time's id names indices; and bound to its search, for it means nothing in another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import ValidationError

from ingest.records import Record
from search.ports import CursorError, Sort

MAX_CURSOR = 6_000  # characters: many a proxy takes an address of 8,000
MOST_POINT = 3_000  # characters of a point in time's id, about 20 indices; a longer one is not handed out
SIGNATURE = 16  # bytes
AGAIN = "begin again without a cursor; it is of use in the same search only, as it was given"
# As Elasticsearch compares them: hits of one second, or of one score, have the order of their ids.
SORTS: dict[Sort, list[dict[str, str]]] = {
    "seen": [{"first_seen": "desc"}, {"article_id": "asc"}],
    "published": [{"@timestamp": "desc"}, {"article_id": "asc"}],
    "relevance": [{"_score": "desc"}, {"@timestamp": "desc"}, {"article_id": "asc"}],
}
Values = tuple[int | float | str, ...]  # of a hit's sort


class Position(Record):
    """After which hit to go on. Of a folded list also where its first page ended, and which stories that showed."""

    search: str  # digest of what was searched for, and how
    total: int  # of all its articles, as the first page found them: counted once
    after: Values
    point: str | None = None
    first_end: Values = ()
    shown: tuple[str, ...] = ()  # `story_key` of each


def search_digest(query: str, sort: Sort, *, stemmed: bool, fold: bool, tz: str, index: str) -> str:
    """Tells one search from another."""
    told = orjson.dumps([query, sort, stemmed, fold, tz, index])
    return hashlib.sha256(told).hexdigest()[:16]


def story_key(story_id: str) -> str:
    """Enough of a story's id to tell the hundred of a page apart."""
    return story_id[:12]


def ahead(one: Sequence[Any], other: Sequence[Any], sort: Sort) -> bool:
    """Whether a hit with the sort values `one` comes before one with `other`."""
    for order, mine, its in zip(SORTS[sort], one, other, strict=False):
        if mine != its:
            return bool(mine < its) if "asc" in order.values() else bool(mine > its)
    return False


def written(position: Position, secret: bytes) -> str:
    """The cursor of this position."""
    if position.point and len(position.point) > MOST_POINT:
        position = position.model_copy(update={"point": None})
    body = orjson.dumps(position.model_dump(exclude_defaults=True))
    return base64.urlsafe_b64encode(_signature(body, secret) + body).rstrip(b"=").decode()


def read(cursor: str, secret: bytes, *, search: str, sort: Sort) -> Position:
    """The position that `cursor` says. Raises CursorError where it was not made here, or for another search."""
    if len(cursor) > MAX_CURSOR:
        raise CursorError(f"the cursor is longer than any that was given out: {AGAIN}")
    try:
        given = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise CursorError(f"this is no cursor: {AGAIN}") from None
    signature, body = given[:SIGNATURE], given[SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(body, secret)):
        raise CursorError(f"the cursor was not given by this Kawat, or before it was started anew: {AGAIN}")
    try:
        position = Position.model_validate_json(body)
    except ValidationError:  # of another version of Kawat under the same secret
        raise CursorError(f"the cursor is of another version: {AGAIN}") from None
    if position.search != search or len(position.after) != len(SORTS[sort]):
        raise CursorError(f"the cursor is of another search: {AGAIN}")
    return position


def _signature(body: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"cursor\n" + body, hashlib.sha256).digest()[:SIGNATURE]
