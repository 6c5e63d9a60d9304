"""One index copied into another while it is written to.

Every change of a document gets the next number of its shard (`_seq_no`), so all that changed since a number is found by
asking for higher ones, and copying and catching up are one loop. Only numbers up to the global checkpoint are asked
for: below it none is still on its way. A copy is written under its number as an external version, so an older text
never takes a newer one's place, whatever is repeated or comes late.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from search.bulk import Action, Item, send
from search.client import SERVICE, complete, every_failure_is_outage, walk
from search.ports import ServiceUnavailable

PAGE = 200  # documents a request: 3 MB of usual articles
THERE = frozenset({200, 201, 409})  # 409: this text or a newer one is there

UNKNOWN_FIELD = "strict_dynamic_mapping_exception"  # here the document is at fault: the copy has this Kawat's fields


class UpgradeError(Exception):
    """An index cannot be made over: the message says which, why, and what to do."""


def checkpoint(client: Elasticsearch, index: str) -> tuple[int, int]:
    """Up to which number every change is done on every copy of the shard, and the highest number there is (-1: none).

    Raises UpgradeError for an index of several shards: each would have numbers of its own.
    """
    with every_failure_is_outage(index):
        answer = client.indices.stats(index=index, level="shards", metric=["docs"])
    shards = answer["indices"].get(index, {}).get("shards", {})
    if len(shards) > 1:
        raise UpgradeError(f"index {index} has {len(shards)} shards; Kawat makes its own with one")
    for copies in shards.values():
        for copy in copies:
            if copy["routing"]["primary"] and "seq_no" in copy:
                return int(copy["seq_no"]["global_checkpoint"]), int(copy["seq_no"]["max_seq_no"])
    raise ServiceUnavailable(SERVICE, f"index {index} is not ready: its shard has not started")


def copy(client: Elasticsearch, source: str, target: str, after: int, until: int) -> Iterator[tuple[int, int]]:
    """Copies what has a number above `after`, up to `until`; yields (number reached, documents) for each page.

    Raises ServiceUnavailable; UpgradeError for a document that the target refuses.
    """
    if until <= after:
        return
    refresh(client, source)
    while True:
        with every_failure_is_outage(source):
            answer = client.search(
                index=source,
                query={"range": {"_seq_no": {"gt": after, "lte": until}}},
                sort=[{"_seq_no": "asc"}],
                size=PAGE,
                seq_no_primary_term=True,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        hits = complete(answer.body, f"reading {source}")["hits"]["hits"]
        if not hits:
            return
        _written(hits, send(client, [_action(target, hit) for hit in hits]), target)
        after = hits[-1]["_seq_no"]
        yield after, len(hits)


def without_strays(client: Elasticsearch, source: str, target: str) -> int:
    """Removes from `target` what `source` no longer has; how many. `source` must take no writes, its copy be whole."""
    refresh(client, source)
    refresh(client, target)
    if count(client, source) == count(client, target):
        return 0
    removed = 0
    for hits in walk(client, target, {"match_all": {}}, source=()):
        ids = [hit["_id"] for hit in hits]
        with every_failure_is_outage(source):
            answer = client.search(
                index=source, query={"ids": {"values": ids}}, size=len(ids), source=False, track_total_hits=False,
                allow_partial_search_results=False,
            )  # fmt: skip
        there = {hit["_id"] for hit in complete(answer.body, f"reading {source}")["hits"]["hits"]}
        strays = [Action(_head("delete", target, id), None) for id in ids if id not in there]
        _taken(send(client, strays), frozenset({200, 404}), target)
        removed += len(strays)
    refresh(client, target)
    return removed


def count(client: Elasticsearch, index: str) -> int:
    """Documents that a search sees."""
    with every_failure_is_outage(index):
        answer = client.count(index=index)
    return int(complete(answer.body, f"counting {index}")["count"])


def refresh(client: Elasticsearch, index: str) -> None:
    """Makes all that was written there searchable."""
    with every_failure_is_outage(index):
        answer = client.indices.refresh(index=index)
    complete(answer.body, f"refreshing {index}")


def _action(target: str, hit: dict[str, Any]) -> Action:
    external = {"version": hit["_seq_no"] + 1, "version_type": "external"}
    head = orjson.dumps({"index": {"_index": target, "_id": hit["_id"], **external}})
    return Action(head, orjson.dumps(hit["_source"]))


def _head(operation: str, index: str, id: str) -> bytes:
    return orjson.dumps({operation: {"_index": index, "_id": id}})


def _written(hits: list[dict[str, Any]], items: list[Item], target: str) -> None:
    for hit, item in zip(hits, items, strict=True):
        if item.status not in THERE and (item.error == UNKNOWN_FIELD or not item.waits):
            why = item.reason.partition(";")[0]
            raise UpgradeError(
                f"document {hit['_id']} of {hit['_index']} does not fit this Kawat's mapping: {why}. "
                "Correct or delete it, then run kawat index upgrade again: it goes on where it stopped"
            )
    _taken(items, THERE, target)


def _taken(items: list[Item], fine: frozenset[int], target: str) -> None:
    wrong = next((item for item in items if item.status not in fine), None)
    if wrong is not None:
        raise ServiceUnavailable(SERVICE, f"writing {target}: {wrong.reason}")
