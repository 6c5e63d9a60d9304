"""Bulk requests, read to the last item: bodies of bounded size, one verdict an action.

A body that is refused as a whole for what it holds (413, 400) is halved down to the action at fault: the others are
done. Where none at all is taken, nothing they hold is the reason, and it is an outage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import orjson
from elasticsearch import ApiError, Elasticsearch, TransportError

from search.client import SERVICE, Deadline, advice, answered, error_type, is_outage, outage
from search.ports import ServiceUnavailable

BODY_BYTES = 10_000_000  # what one request may hold; the server's own limit is ten times that
SHARD_SECONDS = 5  # that an item waits for its index's primary copy; the server's own minute would hold up all others
REFUSALS = 30  # bodies refused before any was taken: then it is not the documents
TOO_LARGE = 413
OVER_PRESSURE = re.compile(r"coordinating_operation_bytes=(\d+), max_coordinating_bytes=(\d+)")  # in a 429's reason
ANSWER = "items.*._index,items.*._id,items.*.status,items.*._seq_no,items.*._primary_term"
ANSWER += ",items.*.error.type,items.*.error.reason,items.*.error.caused_by"


@dataclass(frozen=True)
class Action:
    """One line pair of a bulk body, encoded: `head` names what to do where, `body` is the document (none: a delete)."""

    head: bytes
    body: bytes | None

    @property
    def size(self) -> int:
        return len(self.head) + len(self.body or b"") + 2


class Version(NamedTuple):
    """Which state of a document an action is meant for: on any other it fails with 409."""

    if_seq_no: int
    if_primary_term: int


@dataclass(frozen=True)
class Item:
    """What became of one action. `status` is HTTP's; `reason` is empty where it went well, and `version` says which
    state of the document it made."""

    status: int
    reason: str = ""
    error: str | None = None
    version: Version | None = None

    @property
    def waits(self) -> bool:
        """The cluster is at fault, not the document."""
        return is_outage(self.status, self.error)


def action(operation: str, index: str, document_id: str, body: object = None, version: Version | None = None) -> Action:
    """An action on one document. Raises TypeError where `body` is not JSON (lone surrogates among others)."""
    meant = version._asdict() if version else {}
    head = orjson.dumps({operation: {"_index": index, "_id": document_id, **meant}})
    return Action(head, None if body is None else orjson.dumps(body))


def send(
    client: Elasticsearch, actions: Sequence[Action], *, refresh: bool = False, deadline: Deadline | None = None
) -> list[Item]:
    """One item for each action, same order. Raises ServiceUnavailable where a whole request is turned away."""
    sender = _Sender(client, refresh, deadline)
    items = [item for part in parts(actions) for item in sender.send(part)]
    if len(actions) > 1:
        sender.believe()
    return items


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


class _Sender:
    """The requests of one `send`, and whether any of them was taken."""

    def __init__(self, client: Elasticsearch, refresh: bool, deadline: Deadline | None) -> None:
        self._client, self._refresh, self._deadline = client, refresh, deadline
        self._taken = False
        self._refusals: list[ApiError] = []

    def send(self, actions: list[Action]) -> list[Item]:
        try:
            return self._request(actions)
        except (ApiError, TransportError) as error:
            alone = self._alone(error, actions[0])
        if len(actions) == 1:
            return [alone]
        middle = len(actions) // 2
        return self.send(actions[:middle]) + self.send(actions[middle:])

    def believe(self) -> None:
        """Raises ServiceUnavailable where bodies were refused and none was taken."""
        if self._refusals and not self._taken:
            raise answered(self._refusals[-1]) from self._refusals[-1]

    def _request(self, actions: list[Action]) -> list[Item]:
        lines = [line for one in actions for line in (one.head, one.body) if line is not None]
        client = self._deadline.over(self._client) if self._deadline else self._client
        answer = client.bulk(
            operations=cast(Any, lines), refresh=self._refresh, filter_path=ANSWER, timeout=f"{SHARD_SECONDS}s"
        )
        items = [_item(next(iter(entry.values()))) for entry in answer.get("items", ())]
        if len(items) != len(actions):
            raise ServiceUnavailable(SERVICE, f"it answered {len(items)} of {len(actions)} bulk actions")
        self._taken = True
        return items

    def _alone(self, error: ApiError | TransportError, first: Action) -> Item:
        """What `error` means for an action that was sent alone. Raises ServiceUnavailable where it is not its fault."""
        if _never_fits(error):
            return Item(TOO_LARGE, f"the document's {first.size} bytes are more than Elasticsearch takes", "too_large")
        if not isinstance(error, ApiError) or not _holds_the_fault(error):
            gone = outage(error) or answered(cast(ApiError, error))
            raise gone from error
        self._refusals.append(error)
        if len(self._refusals) >= REFUSALS:
            self.believe()
        return Item(error.status_code, " ".join(str(error).split())[:1000], error_type(error))


def _holds_the_fault(error: ApiError) -> bool:
    """Elasticsearch itself refuses what is in the body; a proxy's 400, or a path it does not know, is no such thing."""
    name = error_type(error)
    return name is not None and error.status_code in {400, 500} and not is_outage(error.status_code, name)


def _never_fits(error: ApiError | TransportError) -> bool:
    """Too large for the server now and later: 413, or a 429 because this one request is above what may be in flight."""
    if not isinstance(error, ApiError):
        return False
    over = OVER_PRESSURE.search(str(error))
    return error.status_code == TOO_LARGE or (over is not None and int(over[1]) > int(over[2]))


def _item(entry: dict[str, Any]) -> Item:
    error = entry.get("error")
    if error is None:
        made = "_seq_no" in entry and Version(entry["_seq_no"], entry["_primary_term"])
        return Item(entry["status"], version=made or None)
    cause = error.get("caused_by", {}).get("reason")
    reason = f"{error['type']}: {error.get('reason')}" + (f" ({cause})" if cause else "")
    return Item(entry["status"], reason[:1000] + advice(entry["status"], error["type"]), error["type"])
