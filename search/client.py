"""The connection to Elasticsearch, and one place that tells an outage from a real error.

Waiting is not failing: refused connections, timeouts, 429, 502 to 504 and blocked indices (403
`cluster_block_exception`: a full disk, a copy under way) become `ServiceUnavailable`. Everything else is somebody's
fault and passes through as it came.

The embedded node has no handler for `GET /`: `info()` and `ping()` fail there, so `healthy` asks for cluster health.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch, NotFoundError, TransportError
from elasticsearch import ConnectionError as NotConnected

from search.ports import ServiceUnavailable

SERVICE = "Elasticsearch"
WAIT = frozenset({429, 502, 503, 504})  # too many requests, and what a proxy or a node without a master answers
PAGE = 1000  # hits a call when walking through all of them


class IncompleteAnswerError(Exception):
    """Elasticsearch answered, but not for everything asked: shards failed or the time ran out. Says which."""


def connect(url: str, api_key: str | None = None, timeout: float = 30.0) -> Elasticsearch:
    """A client for `url`; nothing is sent yet. `timeout` in seconds a request; the ledger retries, not the client."""
    return Elasticsearch(url, api_key=api_key, request_timeout=timeout, max_retries=0, retry_on_timeout=False)


def is_outage(status: int, error_type: str | None) -> bool:
    """Whether an answer with this HTTP status and error type means: wait, nothing is wrong with the request."""
    return status in WAIT or (status == 403 and error_type == "cluster_block_exception")


def outage(error: ApiError | TransportError) -> ServiceUnavailable | None:
    """The outage that `error` means; None where it is a real error."""
    if isinstance(error, (NotConnected, ConnectionTimeout)):  # refused, timed out, TLS: the node was not reached
        return ServiceUnavailable(SERVICE, _one_line(error))
    if isinstance(error, ApiError) and is_outage(error.status_code, error_type(error)):
        return ServiceUnavailable(SERVICE, f"HTTP {error.status_code}, {_one_line(error)}")
    return None


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
    """All hits of `query` as they stand now, in pages, by point in time.

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
