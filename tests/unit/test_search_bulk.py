"""Bulk bodies are bounded, refused ones halved, outages told from faults: on a transport that answers by size."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch
from elasticsearch import ConnectionError as NotConnected

from search.bulk import Action, Item, action, parts, send
from search.client import STATES, Deadline, QuickSerializer, outage
from search.ports import ServiceUnavailable

META = ApiResponseMeta(413, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "localhost", 9200))


class SmallServer:
    """Takes bulk bodies up to a size; remembers those it took."""

    def __init__(self, limit: int, refusal: ApiError) -> None:
        self.limit, self.refusal = limit, refusal
        self.taken: list[int] = []

    def bulk(self, *, operations: list[bytes], **_: object) -> dict[str, Any]:
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


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503, 504])
def test_what_the_cluster_or_its_operator_puts_right_is_an_outage(status: int) -> None:
    assert outage(refused(status)) is not None
    assert Item(status, "away", "some_exception").waits


@pytest.mark.parametrize("status", [400, 404, 409, 413])
def test_a_fault_is_not_an_outage(status: int) -> None:
    assert outage(refused(status)) is None
    assert not Item(status, "wrong", "document_parsing_exception").waits


@pytest.mark.parametrize("name", ["null_pointer_exception", "string_index_out_of_bounds_exception"])
def test_a_document_that_meets_a_defect_of_the_server_does_not_wait_for_ever(name: str) -> None:
    assert not Item(500, "oops", name).waits
    assert Item(500, "disk", "i_o_exception").waits
    assert Item(500, "moving", "already_closed_exception").waits


@pytest.mark.parametrize("name", STATES)
def test_a_state_of_an_index_is_an_outage_under_any_status_and_says_what_to_do(name: str) -> None:
    error = ApiError("x", refused(400).meta, {"error": {"type": name, "reason": "so"}})
    assert STATES[name] in str(outage(error))
    assert Item(400, "so", name).waits


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_say_which_setting(status: int) -> None:
    assert "KAWAT_ELASTICSEARCH_API_KEY" in str(outage(refused(status)))


def test_a_deadline_gives_each_request_what_is_left_and_no_more_than_its_share() -> None:
    client = Elasticsearch("http://localhost:9200", request_timeout=20)
    assert timeout(Deadline.within(60, each=20).over(client)) == 20
    assert 0 < timeout(Deadline.within(5, each=20).over(client)) <= 5
    with pytest.raises(ServiceUnavailable, match="too slow"):
        Deadline.within(0, each=20).over(client)


def timeout(client: Elasticsearch) -> float:
    return float(cast(Any, client)._request_timeout)


def test_no_connection_and_no_answer_are_outages() -> None:
    assert outage(NotConnected("refused")) is not None
    assert outage(ConnectionTimeout("late")) is not None


def test_an_answer_is_read_though_it_is_not_strict_json() -> None:
    reader = QuickSerializer()
    assert reader.loads(b'{"title": "Kantor penghubung", "n": 1}') == {"title": "Kantor penghubung", "n": 1}
    assert reader.loads(b'{"title": "\\ud800", "score": NaN}')["title"] == "\ud800"
