"""The connection to Elasticsearch, and one place that tells an outage from a real error.

Waiting is not failing. `ServiceUnavailable` is whatever the cluster or its operator has to put right: no connection, a
timeout, 429, 5xx, credentials that are refused (401, 403), a blocked or closed index, an index older than this Kawat,
something that is not Elasticsearch. What one request or document is at fault for passes through as it came: 400, 413,
and a bare Java exception (500), which is a defect that this very document met.

The embedded node has no handler for `GET /`: `info()` and `ping()` fail there, so `healthy` asks for cluster health.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from elastic_transport import ConnectionTimeout, Transport, TransportApiResponse
from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.serializer import JsonSerializer

from search.ports import IncompleteAnswerError, ServiceUnavailable, TooSlow

SERVICE = "Elasticsearch"
REFUSED, BUSY = frozenset({401, 403}), 429
# States of the cluster that come as 400 or 403, some of them on one item only, and what an operator does about each.
STATES = {
    "cluster_block_exception": "the index is blocked: a full disk, a copy under way, or its settings",
    "index_closed_exception": "the index is closed: open it, or take it out of its alias",
    "strict_dynamic_mapping_exception": "the index is older than this Kawat, whose set-up adds the field",
    "media_type_header_exception": "the server is of another major version than this Kawat's client",
}
CREDENTIALS = "it does not accept our credentials: see that KAWAT_ELASTICSEARCH_API_KEY is valid and may do this"
# As Elasticsearch names RuntimeExceptions that nobody foresaw; its own and those of input and output are other names.
DEFECT = re.compile(r"^(null_pointer|illegal_state|class_cast|arithmetic|unsupported_operation|\w*out_of_bounds)_exc")
TOO_DEAR = re.compile(r"expanded to too many terms")  # comes as 500; what was asked is at fault
PAGE = 1000  # hits a call when walking through all of them


@dataclass(frozen=True)
class Deadline:
    """What several requests may take: `each` seconds one of them, all until `end` (of the monotonic clock)."""

    each: float
    end: float

    @classmethod
    def within(cls, seconds: float, *, each: float) -> Deadline:
        """One that ends so many seconds from now."""
        return cls(each, time.monotonic() + seconds)

    def over(self, client: Elasticsearch) -> Elasticsearch:
        """`client`, which waits `each` seconds, for one more. Raises TooSlow where no time is left."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TooSlow(SERVICE, "it is too slow: the time for this batch has run out")
        return client if left >= self.each else client.options(request_timeout=left)  # 0.4 ms to make another


class OnlyElasticsearch(Transport):
    """Looks at every answer for who gave it: the client does so once, and a proxy's page can come at any time."""

    def perform_request(self, method: str, target: str, **given: Any) -> TransportApiResponse:
        response = super().perform_request(method, target, **given)
        meta = response.meta
        if 200 <= meta.status < 300 and meta.headers.get("x-elastic-product") != SERVICE:
            raise TransportError("what answers at its address is not Elasticsearch (a proxy? a login page?)")
        return response


class QuickSerializer(JsonSerializer):
    """Reads answers some five times faster than the standard library does."""

    def json_loads(self, data: bytes) -> Any:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:  # stricter than JSON is written: a lone surrogate, NaN
            return super().json_loads(data)


def connect(url: str, api_key: str | None = None, timeout: float = 30.0) -> Elasticsearch:
    """A client for `url`; nothing is sent yet. `timeout` in seconds a request; the ledger retries, not the client."""
    return Elasticsearch(
        url,
        api_key=api_key,
        request_timeout=timeout,
        max_retries=0,
        retry_on_timeout=False,
        transport_class=OnlyElasticsearch,
        serializer=QuickSerializer(),
    )


def is_outage(status: int, error_type: str | None) -> bool:
    """Whether an answer with this HTTP status and error type means: wait, nothing is wrong with the request."""
    if error_type in STATES or status in REFUSED or status == BUSY:
        return True
    return status >= 500 and not DEFECT.match(error_type or "")


def advice(status: int, error_type: str | None) -> str:
    """What an operator does about it, as the end of a sentence; empty where there is nothing better than the error."""
    found = STATES.get(error_type or "") or (CREDENTIALS if status in REFUSED else "")
    return f"; {found}" if found else ""


def outage(error: ApiError | TransportError) -> ServiceUnavailable | None:
    """The outage that `error` means; None where it is a real error."""
    if isinstance(error, ConnectionTimeout):
        return TooSlow(SERVICE, _one_line(error))
    if isinstance(error, TransportError):  # refused, TLS, a login page: the node was not reached
        return ServiceUnavailable(SERVICE, _one_line(error))
    if TOO_DEAR.search(str(error)) or not is_outage(error.status_code, error_type(error)):
        return None
    return answered(error)


def answered(error: ApiError) -> ServiceUnavailable:
    """`error` as an outage, whatever it is: of a request that holds nothing of any article's."""
    status = error.status_code
    return ServiceUnavailable(SERVICE, f"HTTP {status}, {_one_line(error)}{advice(status, error_type(error))}")


def error_type(error: ApiError) -> str | None:
    """Elasticsearch's own name for the error, e.g. `cluster_block_exception`."""
    body = error.body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found.get("type") if isinstance(found, Mapping) else None


@contextmanager
def outages() -> Iterator[None]:
    """Raises ServiceUnavailable for every outage inside; other errors pass."""
    try:
        yield
    except (ApiError, TransportError) as error:
        gone = outage(error)
        if gone is None:
            raise
        raise gone from error


@contextmanager
def missing_is_outage(what: str) -> Iterator[None]:
    """As `outages`, and an index that is not there (404) is waited for too: set-up makes it."""
    with outages():
        try:
            yield
        except NotFoundError as error:
            raise ServiceUnavailable(SERVICE, f"{what} is not set up yet (`kawat up` does that)") from error


@contextmanager
def every_failure_is_outage(what: str) -> Iterator[None]:
    """As `missing_is_outage`, and any other error too: for requests on which no article can be at fault."""
    with missing_is_outage(what):
        try:
            yield
        except NotFoundError:
            raise
        except ApiError as error:
            raise (outage(error) or answered(error)) from error


def healthy(client: Elasticsearch) -> bool:
    """Whether a node answers and has what it needs to search (yellow or green) within two seconds."""
    try:
        answer = client.options(request_timeout=4).cluster.health(wait_for_status="yellow", timeout="2s")
    except (ApiError, TransportError):
        return False
    return answer["status"] in {"yellow", "green"} and not answer["timed_out"]


def complete(answer: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    """`answer` where all of it is there; else IncompleteAnswerError (one broken index still gives HTTP 200)."""
    shards = answer.get("_shards", {})
    if shards.get("failed"):
        first = (shards.get("failures") or [{}])[0]
        why = (first.get("reason") or {}).get("reason", "no reason given")
        raise IncompleteAnswerError(
            f"{what}: {shards['failed']} of {shards['total']} shards failed ({first.get('index')}: {why})"
        )
    if answer.get("timed_out"):
        raise IncompleteAnswerError(f"{what}: the time ran out before all shards had answered")
    return answer


def walk(client: Elasticsearch, index: str, query: Mapping[str, Any], source: Sequence[str]) -> Iterator[list[Any]]:
    """All hits of `query` as they stand now, in pages, by point in time, each with the version that was read.

    Raises ServiceUnavailable, IncompleteAnswerError.
    """
    with missing_is_outage(index):
        pit = client.open_point_in_time(index=index, keep_alive="2m")["id"]
    try:
        after = None
        while True:
            with outages():
                answer = client.search(
                    pit={"id": pit, "keep_alive": "2m"},
                    query=query,
                    source={"includes": list(source)} if source else False,
                    size=PAGE,
                    sort=[{"_shard_doc": "asc"}],
                    search_after=after,
                    seq_no_primary_term=True,
                    track_total_hits=False,
                )
            complete(answer.body, f"walking through {index}")
            hits = answer["hits"]["hits"]
            if not hits:
                return
            yield hits
            pit, after = answer["pit_id"], hits[-1]["sort"]
    finally:
        with suppress(ApiError, TransportError):  # it ends by itself in two minutes
            client.close_point_in_time(id=pit)


def _one_line(error: ApiError | TransportError) -> str:
    return " ".join(str(error).split())[:300]
