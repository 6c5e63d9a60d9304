"""How everything that the flow stands on does, for the status page: services, disk, ledger, this version."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from redis.exceptions import RedisError

from search.flowdesk import Minute, Vital
from search.schema import Names
from worker.ledger import Ledger
from worker.settings import Settings
from worker.valkey import Client, durability_faults

BOUND = 2.0  # seconds a question: the page asks every few
FULL = 0.85  # share of Valkey's memory limit from which it is told
GLOOM = {"green": "ok", "yellow": "ok", "red": "fail"}  # yellow: a single node has no copy to give, and needs none
RED = "some index cannot be read: look at the cluster's log; kawat doctor says more"
AWAY = "kawat doctor says what is wrong; nothing is lost meanwhile, what comes in waits"


class ServiceVitals:
    """`search.flowdesk.Vitals` on the services in force."""

    def __init__(self, settings: Settings, redis: Client, ledger: Ledger, elasticsearch: Elasticsearch) -> None:
        self._settings, self._redis, self._ledger = settings, redis, ledger
        self._client = elasticsearch.options(request_timeout=BOUND)

    def vitals(self) -> Sequence[Vital]:
        return [
            _asked("elasticsearch", self._elasticsearch),
            _asked("valkey", self._valkey),
            _asked("durability", self._durability),
            _asked("disk", self._disk),
            _asked("ledger", self._began),
            Vital(name="version", state="ok", values={"version": kawat_version()}),
        ]

    def throughput(self, minutes: int = 60) -> Sequence[Minute]:
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        first = now - timedelta(minutes=minutes - 1)
        try:
            answer = self._client.search(
                index=Names(self._settings.index_prefix).articles,
                query={"range": {"indexed_at": {"gte": first.isoformat()}}},
                size=0,
                aggs={"minutes": {"date_histogram": {"field": "indexed_at", "fixed_interval": "1m"}}},
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        except (ApiError, TransportError):
            return []
        counted = {
            int(bucket["key"]) // 60_000: int(bucket["doc_count"])
            for bucket in answer["aggregations"]["minutes"]["buckets"]
        }
        starts = [first + timedelta(minutes=n) for n in range(minutes)]
        return [
            Minute(at=f"{at:%Y-%m-%dT%H:%M:%SZ}", indexed=counted.get(int(at.timestamp()) // 60, 0)) for at in starts
        ]

    def _elasticsearch(self) -> Vital:
        health = self._client.cluster.health()
        nodes = self._client.nodes.stats(metric="fs", filter_path="nodes.*.fs.total.available_in_bytes")["nodes"]
        versions = self._client.nodes.info(filter_path="nodes.*.version")["nodes"]
        index = Names(self._settings.index_prefix).articles
        asking = self._client.options(ignore_status=404)  # before set-up has made it
        values: dict[str, str | int | float] = {
            "version": ", ".join(sorted({str(node["version"]) for node in versions.values()})),
            "nodes": int(health["number_of_nodes"]),
            "health": str(health["status"]),
            "free": min(int(node["fs"]["total"]["available_in_bytes"]) for node in nodes.values()),
            "articles": int(asking.count(index=index).get("count", 0)),
        }
        bad = GLOOM.get(str(health["status"]), "warn") == "fail"
        return Vital(name="elasticsearch", state="fail" if bad else "ok", values=values, to_do=RED if bad else "")

    def _valkey(self) -> Vital:
        info = {**self._redis.info("server"), **self._redis.info("memory")}
        used, limit = int(info["used_memory"]), int(info.get("maxmemory", 0))
        full = bool(limit) and used > FULL * limit
        values: dict[str, str | int | float] = {
            "version": str(info.get("valkey_version") or info.get("redis_version", "?")),
            "used": used,
            "limit": limit,
        }
        to_do = "its memory is nearly full: raise maxmemory, or look why so much waits" if full else ""
        return Vital(name="valkey", state="warn" if full else "ok", values=values, to_do=to_do)

    def _durability(self) -> Vital:
        """Whether what Valkey acknowledged outlives it."""
        info = self._redis.info("persistence")
        faults = list(durability_faults(self._redis))
        if info.get("aof_enabled") and info.get("aof_last_write_status", "ok") != "ok":
            faults.append("its last write to the append-only file failed: is its disk full?")
        values: dict[str, str | int | float] = {"size": int(info.get("aof_current_size", 0))}
        return Vital(name="durability", state="fail" if faults else "ok", values=values, to_do="; ".join(faults))

    def _disk(self) -> Vital:
        folder = self._settings.state
        while not folder.exists():
            folder = folder.parent
        usage = shutil.disk_usage(folder)
        low = usage.free < self._settings.disk_pause
        values: dict[str, str | int | float] = {
            "free": usage.free,
            "total": usage.total,
            "limit": self._settings.disk_pause,
        }
        to_do = "make room: intake goes on by itself then (KAWAT_DISK_PAUSE is the limit)" if low else ""
        return Vital(name="disk", state="fail" if low else "ok", values=values, to_do=to_do)

    def _began(self) -> Vital:
        began = datetime.fromtimestamp(self._ledger.began(), UTC)
        return Vital(name="ledger", state="ok", values={"began": f"{began:%Y-%m-%dT%H:%M:%SZ}"})


def kawat_version() -> str:
    try:
        return version("kawat")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "?"


def _asked(name: Any, ask: Callable[[], Vital]) -> Vital:
    """The finding; where its service is away, that."""
    try:
        return ask()
    except (ApiError, TransportError, RedisError, OSError, KeyError, ValueError) as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return Vital(name=name, state="fail", detail=why, to_do=AWAY)
