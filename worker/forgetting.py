"""Forgetting, in the order that no worker can undo: the note first, then wait for whoever began before it.

A stage that leases its work after the note was written finds it. One that leased before may still write what it read
then: so each lease of that time is waited for, and only then the article is erased, and again the stories.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from ingest.errors import Refused
from ingest.urls import article_id
from search.briefs.forgetting import forget_kept
from search.forgetting import Extent, Forgetting, Target
from search.ports import ServiceUnavailable
from search.suppression import Subject, Suppressed
from worker.homes import LedgerHomes
from worker.ledger import KINDS, Ledger
from worker.services import Services
from worker.turn import turn
from worker.valkey import script

AT_ONCE = 500  # entries a call
WAITED = 600.0  # seconds for a lease: twice what any stage may hold one
ROUNDS = 3
Say = Callable[[str], object]


def forget(services: Services, targets: Sequence[Target], *, kept: bool, say: Say) -> Extent:
    """Erases these articles everywhere, what readers kept of them only if `kept`; what is left of them. Cut off, it is
    begun again. Raises BusyError, ServiceUnavailable, RedisError."""
    s, ledger = services.settings, services.ledger
    cluster = Forgetting(services.elasticsearch, s.index_prefix)
    homes = LedgerHomes(services.redis, s.redis_prefix, days=s.record_days)
    ids = [one.article_id for one in targets]
    texts: dict[str, str] = {}  # also those that went: their pages may come after them

    def erase_kept() -> None:
        if kept:
            texts.update(cluster.kept_texts(ids))
            forget_kept(services.elasticsearch, s.index_prefix, ids, texts)

    with turn(ledger, "forget"):
        cluster.note(targets)
        for _ in range(ROUNDS):
            homes.forget(ids)
            erase_kept()
            wait_for_leases(ledger, ("index", "keep"), say)
            homes.forget(ids)
            cluster.erase_articles(targets)
            wait_for_leases(ledger, ("story", "keep", "compare", "notify"), say)
            erase_kept()
            cluster.erase_the_rest(targets)
            erase_entries(ledger, sorted({*entries_of(ledger, targets), *(one.entry_id for one in targets)}))
            left = cluster.extent(targets)
            if left.gone or (not kept and left.but_kept.gone):
                cluster.note_done(targets)
                return left
    raise ServiceUnavailable("forgetting", "others keep writing what is to be erased: run it again")


def unname(services: Services, who: Subject, *, say: Say) -> int:
    """Nobody is tagged with this name any more; how many articles were. Cut off, it is begun again. Raises BusyError,
    ServiceUnavailable, RedisError."""
    names = Suppressed(services.elasticsearch, services.settings.index_prefix)
    with turn(services.ledger, "forget"):
        names.add(who)
        wait_for_leases(services.ledger, ("index",), say)
        return names.untag(who)


def entries_of(ledger: Ledger, targets: Sequence[Target]) -> set[str]:
    """Every entry that brought one of these articles or waits to: looks through all of the ledger's."""
    ids = {one.article_id for one in targets}
    entries = {one.entry_id for one in targets}
    found = set()
    for id, article, holder, record in _entries(ledger):
        if id in entries or article in ids or holder in entries or (record and _leads_to(record) & (ids | entries)):
            found.add(id)
    return found


def erase_entries(ledger: Ledger, entry_ids: Sequence[str]) -> int:
    """Leaves of these entries nothing but their outcome; how many were known."""
    erase = script(ledger.redis, "erase")
    rows = iter(entry_ids)
    parts = iter(lambda: list(islice(rows, AT_ONCE)), [])
    return sum(int(erase(keys=[ledger.prefix], args=part)) for part in parts)


def wait_for_leases(ledger: Ledger, stages: Collection[str], say: Say, *, seconds: float = WAITED) -> None:
    """Until nobody holds what is under lease now. One that ran out counts as given back: it is not renewed any more.

    Raises ServiceUnavailable after `seconds`.
    """
    held = _leases(ledger, stages)
    deadline, told = time.monotonic() + seconds, time.monotonic() + 2
    while held := held & _leases(ledger, stages):
        if time.monotonic() > deadline:
            names = ", ".join(sorted({stage for stage, _, _ in held}))
            raise ServiceUnavailable("a worker", f"it is still at work on {names}: run this again when it is done")
        if time.monotonic() > told:
            say(f"Waiting for {len(held)} items that workers were at before.")
            told = deadline
        time.sleep(0.1)


def _leases(ledger: Ledger, stages: Collection[str]) -> frozenset[tuple[str, str, str]]:
    """Stage, id and token of all leases that run."""
    seconds, micros = ledger.redis.time()
    found = []
    for stage in stages:
        kind = KINDS.get(stage, "entry")
        ids = ledger.redis.zrangebyscore(ledger.key("leased", stage), seconds * 1000 + micros // 1000, "+inf")
        with ledger.redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hget(ledger.key(kind, id.decode()), "token")
            tokens = pipe.execute()
        found += [(stage, id.decode(), (token or b"").decode()) for id, token in zip(ids, tokens, strict=True)]
    return frozenset(found)


def _entries(ledger: Ledger) -> Iterator[tuple[str, str, str, bytes]]:
    before = ledger.key("entry", "")
    keys = ledger.redis.scan_iter(match=f"{_escaped(before)}*", count=1000)
    parts = iter(lambda: list(islice(keys, AT_ONCE)), [])
    for part in parts:
        with ledger.redis.pipeline(transaction=False) as pipe:
            for key in part:
                pipe.hmget(key, "article", "holder", "record")
            for key, row in zip(part, pipe.execute(), strict=True):
                article, holder, record = (value or b"" for value in row)
                yield key.decode()[len(before) :], article.decode(), holder.decode(), record


def _leads_to(record: bytes) -> set[str]:
    """The id that the entry's own link gives."""
    said: Any = orjson.loads(record)
    try:
        return {article_id(said["url"])} if said.get("url") else set()
    except Refused:
        return set()


def _escaped(text: str) -> str:
    """For a pattern of SCAN."""
    return "".join(f"\\{one}" if one in "*?[]\\" else one for one in text)
