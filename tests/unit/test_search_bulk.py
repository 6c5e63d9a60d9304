"""Bulk bodies are bounded, refused ones halved, outages told from faults: on a transport that answers by size."""

from __future__ import annotations

import json
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch
from elasticsearch import ConnectionError as NotConnected

from search.bulk import Action, Item, action, parts, send
from search.client import outage
from search.ports import ServiceUnavailable

META = ApiResponseMeta(413, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "localhost", 9200))


class SmallServer:
    """Takes bulk bodies up to a size; remembers those it took."""

    def __init__(self, limit: int, refusal: ApiError) -> None:
        self.limit, self.refusal = limit, refusal
        self.taken: list[int] = []

    def bulk(self, *, operations: list[bytes], refresh: bool, filter_path: str) -> dict[str, Any]:
        size = sum(len(line) + 1 for line in operations)
        if size > self.limit:
            raise self.refusal
        self.taken.append(size)
        heads = [json.loads(line) for line in operations[::2]]
        return {"items": [{"create": {**head["create"], "status": 201}} for head in heads]}


def refused(status: int, reason: str = "") -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, META.node)
    return ApiError(
        "refused",
        meta,
        {
            "error": {
                "type": "some_exception",
                "reason": reason,
                "root_cause": [{"type": "some_exception", "reason": reason}],
            }
        },
    )


def sent(server: SmallServer, sizes: list[int]) -> list[int]:
    client: Elasticsearch = server  # type: ignore[assignment]  # it has the one method used
    actions = [action("create", "i", str(n), {"text": "x" * size}) for n, size in enumerate(sizes)]
    return [item.status for item in send(client, actions)]


PRESSURE = "rejected execution of coordinating operation [coordinating_operation_bytes=900, max_coordinating_bytes=500]"


@pytest.mark.parametrize("refusal", [refused(413), refused(429, PRESSURE)])
def test_a_body_too_large_is_halved_until_each_fits_and_a_giant_is_refused_alone(refusal: ApiError) -> None:
    server = SmallServer(1_000, refusal)
    assert sent(server, [300, 300, 300, 300, 2_000, 300]) == [201, 201, 201, 201, 413, 201]
    assert all(size <= 1_000 for size in server.taken)


def test_too_many_requests_means_wait_not_halve() -> None:
    busy = "rejected execution of coordinating operation [coordinating_operation_bytes=400, max_coordinating_bytes=500]"
    server = SmallServer(10, refused(429, busy))
    with pytest.raises(ServiceUnavailable):
        sent(server, [300, 300])
    assert server.taken == []


def test_parts_keep_order_and_stay_within_the_limit() -> None:
    actions = [Action(b"h" * 8, b"b" * size) for size in (10, 40, 200, 10, 10)]
    found = list(parts(actions, limit=100))
    assert [one for part in found for one in part] == actions
    assert [len(part) for part in found] == [2, 1, 2]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_cluster_is_an_outage(status: int) -> None:
    assert outage(refused(status)) is not None
    assert Item(status).waits


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_a_fault_is_not_an_outage(status: int) -> None:
    assert outage(refused(status)) is None
    assert not Item(status).waits


def test_a_block_is_an_outage_and_a_lack_of_rights_is_not() -> None:
    blocked = ApiError("x", refused(403).meta, {"error": {"type": "cluster_block_exception"}})
    assert outage(blocked) is not None
    assert outage(ApiError("x", refused(403).meta, {"error": {"type": "security_exception"}})) is None
    assert Item(403, "blocked", "cluster_block_exception").waits
    assert not Item(403, "no", "security_exception").waits


def test_no_connection_and_no_answer_are_outages() -> None:
    assert outage(NotConnected("refused")) is not None
    assert outage(ConnectionTimeout("late")) is not None
