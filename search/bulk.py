"""Bulk requests, read to the last item: bodies of bounded size, a refused body halved, one verdict an action."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from elasticsearch import ApiError, Elasticsearch, TransportError

from search.client import is_outage, outage

BODY_BYTES = 10_000_000  # what one request may hold; the server's own limit is ten times that
TOO_LARGE = 413
OVER_PRESSURE = re.compile(r"coordinating_operation_bytes=(\d+), max_coordinating_bytes=(\d+)")  # in a 429's reason
ANSWER = "items.*._index,items.*._id,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by"


@dataclass(frozen=True)
class Action:
    """One line pair of a bulk body, encoded: `head` names what to do where, `body` is the document (none: a delete)."""

    head: bytes
    body: bytes | None

    @property
    def size(self) -> int:
        return len(self.head) + len(self.body or b"") + 2


@dataclass(frozen=True)
class Item:
    """What became of one action. `status` is HTTP's; `reason` is empty where it went well."""

    status: int
    reason: str = ""
    error: str | None = None

    @property
    def waits(self) -> bool:
        """The cluster is at fault, not the document."""
        return is_outage(self.status, self.error)


def action(operation: str, index: str, document_id: str, body: object = None) -> Action:
    """An action on one document. Raises TypeError where `body` is not JSON (lone surrogates among others)."""
    head = orjson.dumps({operation: {"_index": index, "_id": document_id}})
    return Action(head, None if body is None else orjson.dumps(body))


def send(client: Elasticsearch, actions: Sequence[Action], *, refresh: bool = False) -> list[Item]:
    """One item for each action, same order. Raises ServiceUnavailable where a whole request is turned away."""
    return [item for part in parts(actions) for item in _send(client, part, refresh)]


def parts(actions: Sequence[Action], limit: int = BODY_BYTES) -> Iterator[list[Action]]:
    """`actions` in runs whose bodies stay within `limit` bytes; one that is larger alone goes alone."""
    part: list[Action] = []
    size = 0
    for one in actions:
        if part and size + one.size > limit:
            yield part
            part, size = [], 0
        part.append(one)
        size += one.size
    if part:
        yield part


def _send(client: Elasticsearch, actions: list[Action], refresh: bool) -> list[Item]:
    lines = [line for one in actions for line in (one.head, one.body) if line is not None]
    try:
        answer = client.bulk(operations=cast(Any, lines), refresh=refresh, filter_path=ANSWER)
    except (ApiError, TransportError) as error:
        if not _never_fits(error):
            gone = outage(error)
            if gone is None:
                raise
            raise gone from error
        if len(actions) == 1:
            return [
                Item(
                    TOO_LARGE, f"the document's {actions[0].size} bytes are more than Elasticsearch takes", "too_large"
                )
            ]
        middle = len(actions) // 2
        return _send(client, actions[:middle], refresh) + _send(client, actions[middle:], refresh)
    items = [_item(next(iter(entry.values()))) for entry in answer["items"]]
    if len(items) != len(actions):
        raise RuntimeError(f"Elasticsearch answered {len(items)} of {len(actions)} bulk actions")
    return items


def _never_fits(error: ApiError | TransportError) -> bool:
    """Too large for the server now and later: 413, or a 429 because this one request is above what may be in flight."""
    if not isinstance(error, ApiError):
        return False
    over = OVER_PRESSURE.search(str(error))
    return error.status_code == TOO_LARGE or (over is not None and int(over[1]) > int(over[2]))


def _item(entry: dict[str, Any]) -> Item:
    error = entry.get("error")
    if error is None:
        return Item(entry["status"])
    cause = error.get("caused_by", {}).get("reason")
    reason = f"{error['type']}: {error['reason']}" + (f" ({cause})" if cause else "")
    return Item(entry["status"], reason[:1000], error["type"])
