"""Snapshots of Kawat's indices in a folder, by Elasticsearch's own `fs` repository, and back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from search.client import outages
from search.lifecycle.state import look
from search.ports import ServiceUnavailable

NAME = "kawat"  # of the one snapshot in a backup's repository
POLL = 0.2  # seconds
REFUSED = frozenset({400, 500})  # how a folder outside of path.repo is refused, by version


class SnapshotError(Exception):
    """No snapshot can be taken or restored: the message says why, and what to do."""


@contextmanager
def repository(client: Elasticsearch, prefix: str, location: str, *, readonly: bool = False) -> Iterator[str]:
    """A repository at `location` (a folder as Elasticsearch sees it), registered for as long as this lasts; its name.

    Raises SnapshotError where Elasticsearch may not write there, ServiceUnavailable.
    """
    name = f"{prefix}kawat-{secrets.token_hex(4)}"
    register(client, name, location, readonly=readonly)
    try:
        yield name
    finally:
        with suppress(ApiError, ServiceUnavailable), outages():
            client.snapshot.delete_repository(name=name)


def register(client: Elasticsearch, name: str, location: str, *, readonly: bool = False) -> None:
    """See `repository`; stays registered."""
    body = {"type": "fs", "settings": {"location": location, "readonly": readonly, "compress": True}}
    try:
        client.snapshot.create_repository(name=name, repository=body)
    except ApiError as error:
        if error.status_code not in REFUSED:
            with outages():
                raise
        raise SnapshotError(
            f"Elasticsearch takes no snapshots in {location}: {_reason(error)}. Name the folder in path.repo of its "
            "elasticsearch.yml, on every node, and in KAWAT_SNAPSHOT_DIR"
        ) from error


def take(client: Elasticsearch, repository: str, indices: Sequence[str], name: str = NAME) -> int:
    """Takes a snapshot of these indices, aliases and all; how many shards. Raises SnapshotError, ServiceUnavailable."""
    with outages():
        client.snapshot.create(
            repository=repository, snapshot=name, indices=list(indices), include_global_state=False,
            wait_for_completion=False,
        )  # fmt: skip
    while True:
        with outages():
            found = client.snapshot.get(repository=repository, snapshot=name)["snapshots"][0]
        if found["state"] == "SUCCESS":
            return int(found["shards"]["total"])
        if found["state"] != "IN_PROGRESS":
            why = found.get("failures") or found.get("reason")
            raise SnapshotError(f"the snapshot ended as {found['state']}: {why}")
        time.sleep(POLL)


def restore(client: Elasticsearch, repository: str, name: str = NAME, *, seconds: float = 600) -> list[str]:
    """Brings back every index of the snapshot, none of which may be there; their names, once they can be searched.

    Raises SnapshotError, ServiceUnavailable.
    """
    with outages():
        found = client.snapshot.get(repository=repository, snapshot=name)["snapshots"][0]
        indices: list[str] = found["indices"]
        try:
            client.snapshot.restore(
                repository=repository, snapshot=name, include_global_state=False, wait_for_completion=False
            )
        except ApiError as error:
            raise SnapshotError(f"the snapshot cannot be restored: {_reason(error)}") from error
    deadline = time.monotonic() + seconds
    while True:
        with outages():
            health: dict[str, Any] = dict(client.cluster.health(index=indices, level="indices"))
        if len(health["indices"]) == len(indices) and health["status"] in {"green", "yellow"}:
            return indices
        if time.monotonic() > deadline:
            raise SnapshotError(f"the indices were not all there after {seconds:g} s: look at the cluster's health")
        time.sleep(POLL)


def ours(client: Elasticsearch, prefix: str) -> dict[str, int]:
    """Documents by index, of all that serve, as of now. Raises ServiceUnavailable."""
    serving = [one.name for one in look(client, prefix) if one.role == "serving"]
    with outages():
        client.indices.refresh(index=serving or [f"{prefix}none"], ignore_unavailable=True)
    return {one.name: one.documents for one in look(client, prefix) if one.role == "serving"}


def delete_all(client: Elasticsearch, prefix: str) -> None:
    """Every index of Kawat's. Raises ServiceUnavailable."""
    for one in look(client, prefix):
        if one.role != "apart":
            with outages():
                client.options(ignore_status=404).indices.delete(index=one.name)


def _reason(error: ApiError) -> str:
    return " ".join(str(error).split())[:300]
