"""The ledger: what is known of each entry, where it stands, what comes next. The queue wakes, the ledger decides.

An entry is, per stage, `ready` (a sorted set by not-before) or `leased` (by lease end), until it ends in one outcome.
Each step is one Lua script (`worker/lua/`), so it happens whole or not at all, on the server's clock. Feeds stand in
the same sets at the stage `poll`; they never end.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.records import Entry, Feed
from worker.counts import Counts, StageCount
from worker.digest import entry_digest
from worker.valkey import Client, script
from worker.verdicts import OUTCOMES, Advance, Item, Verdict, spelled

POLL = "poll"
# What stands at these stages; entries at all others.
KINDS = {POLL: "feed", "keep": "kept", "compare": "kept", "notify": "delivery"}
KINDS |= {"windows": "window", "lookback": "lookback"}
CLAIM_CHUNK = 500  # entries a call: some 2 ms of the server's time


@dataclass(frozen=True, slots=True)
class Behind:
    """Stages that go first, and how many due there are too many. Waited for so many seconds at most, 0: for ever."""

    stages: tuple[tuple[str, int], ...] = ()
    seconds: float = 0.0


FREE = Behind()


@dataclass(frozen=True, slots=True)
class Lease:
    """A batch in one worker's hands until its token runs out."""

    stage: str
    token: str
    items: tuple[Item, ...]
    more: int  # how many stay due at this stage


def _kind(stage: str) -> str:
    return KINDS.get(stage, "entry")


def _text(fields: Sequence[bytes]) -> dict[str, str]:
    return {fields[i].decode(): fields[i + 1].decode() for i in range(0, len(fields), 2)}


class Ledger:
    """In Valkey or Redis. `stages` in order, `poll` first; `attempts`: counted ones before quarantine;

    `lease`: seconds; `bytes_limit`: of blobs in flight; `entries_limit`: that wait to be fetched before polls pause;
    `revisit_every`, `revisit_after`: seconds, see `worker/revisits.py`.
    """

    def __init__(
        self,
        redis: Client,
        prefix: str,
        *,
        stages: Sequence[str],
        attempts: int,
        lease: float,
        bytes_limit: int,
        entries_limit: int = 50_000,
        revisit_every: float = 600,
        revisit_after: Sequence[float] = (3600, 21_600, 86_400, 259_200),
    ) -> None:
        self.redis, self.prefix, self.stages = redis, prefix, tuple(stages)
        self.attempts, self.lease_ms, self.bytes_limit = attempts, int(lease * 1000), bytes_limit
        self.entries_limit = entries_limit
        self.looks = ",".join(str(int(seconds * 1000)) for seconds in (revisit_every, *revisit_after))
        names = ("claim", "lease", "advance", "sweep", "renew", "forget")
        self._scripts = {name: script(redis, name) for name in names}

    def _call(self, name: str, *args: Any) -> Any:
        return self._scripts[name](keys=[self.prefix], args=args)

    def key(self, *parts: str) -> str:
        return self.prefix + ":".join(parts)

    # the flow

    def claim(self, entries: Iterable[Entry], *, stage: str, feed: Feed | None = None) -> list[bool]:
        """Writes each entry's record and makes it ready for `stage`; True for each that was not known before.

        A known one that changed since is looked at again. `feed` is the one that lists them: kept with each, so that
        its removal takes no source from what is in flight.
        """
        digests: dict[str, str] = {}  # the first one's: a feed may list a link twice, worded otherwise
        rows = [
            (one.id, one.model_dump_json(exclude_defaults=True), digests.setdefault(one.id, entry_digest(one)))
            for one in entries
        ]
        source = feed.model_dump_json(exclude_defaults=True) if feed else ""
        head = (stage, feed.id if feed else "", source, self.looks)
        new: list[bool] = []
        for start in range(0, len(rows), CLAIM_CHUNK):
            flat = [value for row in rows[start : start + CLAIM_CHUNK] for value in row]
            new += [bool(flag) for flag in self._call("claim", *head, *flat)]
        return new

    def touch(self, entry_ids: Sequence[str]) -> None:
        """These entries still stand in their feed (it was unchanged): their records live on."""
        if entry_ids:
            now = self.redis.time()[0] * 1000
            self.redis.zadd(self.key("sightings"), dict.fromkeys(entry_ids, now), xx=True)

    def lease(  # a stage's row of the table says how
        self,
        stage: str,
        n: int,
        *,
        intake: bool = False,
        alone: bool = False,
        single: bool = False,
        behind: Behind = FREE,
    ) -> Lease:
        """Up to `n` due items of `stage`, each attempt counted; none while an intake stage is paused.

        With `alone`, an item that failed before comes by itself. With `single`, none while anybody holds some. None
        while what it stands `behind` has.
        """
        token = secrets.token_hex(8)
        limit = self.bytes_limit if intake else 0
        crowd = (self.stages[1], self.entries_limit)
        flags = (int(alone), int(single))
        first = [int(behind.seconds * 1000), *(part for pair in behind.stages for part in pair)]
        more, *rows = self._call("lease", stage, _kind(stage), token, n, self.lease_ms, limit, *flags, *crowd, *first)
        items = tuple(Item(id.decode(), int(tried), _text(fields), blob or None) for id, tried, fields, blob in rows)
        return Lease(stage, token, items, int(more))

    def renew(self, lease: Lease) -> None:
        """The stage is still at work on this batch."""
        ids = [item.id for item in lease.items]
        self._call("renew", lease.stage, _kind(lease.stage), lease.token, self.lease_ms, *ids)

    def apply(self, lease: Lease, verdicts: Iterable[tuple[Item, Verdict]], *, following: str | None) -> list[bool]:
        """Moves each item as its verdict says; False for each whose lease was lost: nothing of it was changed."""
        args: list[Any] = []
        for item, verdict in verdicts:
            if isinstance(verdict, Advance) and verdict.to and verdict.to not in self.stages:
                raise ValueError(f"no stage is called {verdict.to!r}: {item.id} would be lost there")
            args += [item.id, *spelled(verdict)]
        if not args:
            return []
        head = (lease.stage, _kind(lease.stage), lease.token, following or "", self.attempts, self.looks)
        return [bool(flag) for flag in self._call("advance", *head, *args)]

    def sweep(self, *, feed_wait: float, most: int = 1000) -> dict[str, int]:
        """Takes back leases that ran out. How many of each: `ready`, `quarantined`; visits given up: `indexed`."""
        swept = {"ready": 0, "quarantined": 0}
        for stage in self.stages:
            rows = self._call("sweep", stage, _kind(stage), self.attempts, most, int(feed_wait * 1000), self.looks)
            for _, what in rows:
                swept[what.decode()] = swept.get(what.decode(), 0) + 1
        return swept

    def forget_old(self, days: int, *, most: int = 1000) -> int:
        """Drops the records of entries that ended and were last seen more than `days` ago; how many."""
        return int(self._call("forget", days * 86_400_000, most))

    # pauses

    def pause(self, what: str, why: str) -> None:
        """Intake (polls and fetches) stops until `resume(what)`."""
        self.redis.hset(self.key("paused"), what, why)

    def resume(self, what: str) -> bool:
        """True where `what` had paused the intake."""
        return bool(self.redis.hdel(self.key("paused"), what))

    def paused(self) -> dict[str, str]:
        """Why intake stands still; empty while it goes on."""
        return {k.decode(): v.decode() for k, v in self._hash("paused").items()}

    # how it stands

    def _hash(self, *parts: str) -> Mapping[bytes, bytes]:
        found: Mapping[bytes, bytes] = self.redis.hgetall(self.key(*parts))
        return found

    def due(self) -> dict[str, int]:
        """How many items are due, by stage."""
        return {stage: count.due for stage, count in self.stage_counts().items()}

    def stage_counts(self) -> dict[str, StageCount]:
        seconds, micros = self.redis.time()
        now = seconds * 1000 + micros // 1000
        with self.redis.pipeline(transaction=True) as pipe:
            for stage in self.stages:
                pipe.zcard(self.key("ready", stage))
                pipe.zcount(self.key("ready", stage), "-inf", now)
                pipe.zcard(self.key("leased", stage))
                pipe.zrange(self.key("ready", stage), 0, 0, withscores=True)
            rows = pipe.execute()
        counts = {}
        for i, stage in enumerate(self.stages):
            ready, due, leased, oldest = rows[4 * i : 4 * i + 4]
            wait = max(0.0, (now - oldest[0][1]) / 1000) if oldest else 0.0
            why = self.redis.hget(self.key(_kind(stage), oldest[0][0].decode()), "waiting") if oldest else b""
            counts[stage] = StageCount(ready, due, leased, round(wait, 1), (why or b"").decode())
        return counts

    def counts(self) -> Counts:
        """One consistent look: read in one transaction."""
        sets = [self.key(kind, stage) for stage in self._entry_stages for kind in ("ready", "leased")]
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(self.key("counts"))
            for name in sets:
                pipe.zcard(name)
            counts, *cards = pipe.execute()
        of = {name: int(counts.get(name.encode(), 0)) for name in ("seen", *OUTCOMES)}
        return Counts(**of, in_flight=sum(cards))

    @property
    def _entry_stages(self) -> list[str]:
        return [stage for stage in self.stages if _kind(stage) == "entry"]

    def discards(self) -> dict[str, int]:
        """How many entries were discarded, by reason."""
        return {k.decode(): int(v) for k, v in self._hash("discards").items()}

    def bytes_in_flight(self) -> int:
        return int(self.redis.get(self.key("bytes")) or 0)

    def entry(self, entry_id: str) -> dict[str, str] | None:
        """All that is kept of an entry, or None."""
        return {k.decode(): v.decode() for k, v in self._hash("entry", entry_id).items()} or None

    def began(self) -> float:
        """When this ledger began, Unix seconds: an entry that left its feed before was perhaps never seen."""
        self.redis.set(self.key("began"), time.time(), nx=True)
        return float(self.redis.get(self.key("began")))
