"""The ledger written down and read back: the feeds with their validators, and what became of each entry.

What is under way is left out: its feed lists it again, and what was written by then is recognised. An entry in
quarantine starts again from its page when it is replayed. Homes are not needed: the documents themselves tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from worker.ledger import POLL, Ledger
from worker.topology import FIRST

ENDED = frozenset({"indexed", "duplicate", "discarded", "retired", "quarantined"})
PASSING = ("token", "taken", "waiting", "found", "vanished", "asked")
HASHES = ("counts", "discards", "visits")
STRINGS = ("began", "packs:added")
AT_ONCE = 500


def dumped(ledger: Ledger) -> Iterator[bytes]:
    """One JSON object a line: `{"of": "feed", "id": …, "fields": {…}, "next": …}` and the like."""
    redis = ledger.redis
    polls = dict(redis.zrange(ledger.key("ready", POLL), 0, -1, withscores=True))
    for id in sorted(redis.smembers(ledger.key("feeds"))):
        fields = _fields(ledger, "feed", id)
        if fields:
            fields = {name: value for name, value in fields.items() if name not in PASSING} | {"state": "ready"}
            yield _line(of="feed", id=id.decode(), fields=fields, next=polls.get(id, 0.0))
    revisits = dict(redis.zrange(ledger.key("revisits"), 0, -1, withscores=True))
    before = len(ledger.key("entry", ""))
    for key in redis.scan_iter(match=f"{_escaped(ledger.key('entry', ''))}*", count=1000):
        id = key[before:]
        fields = _fields(ledger, "entry", id)
        if fields.get("visit") and fields.get("state") in {"ready", "leased"}:
            fields |= {"state": "indexed"}  # what it was, and will be
        if fields.get("state") not in ENDED:
            continue
        if fields["state"] == "quarantined":
            fields |= {"stage": FIRST}
        kept = {name: value for name, value in fields.items() if name not in PASSING}
        yield _line(of="entry", id=id.decode(), fields=kept, revisit=revisits.get(id))
    for name in HASHES:
        found = {key.decode(): value.decode() for key, value in redis.hgetall(ledger.key(name)).items()}
        yield _line(of="hash", id=name, fields=found)
    for name in STRINGS:
        if value := redis.get(ledger.key(name)):
            yield _line(of="string", id=name, value=value.decode())


def load(ledger: Ledger, lines: Iterable[bytes]) -> dict[str, int]:
    """Into an empty ledger; how many of each kind. Its counts add up afterwards: nothing is under way."""
    seconds, micros = ledger.redis.time()
    now = seconds * 1000 + micros // 1000
    loaded: dict[str, int] = {}
    pipe = ledger.redis.pipeline(transaction=False)
    for number, line in enumerate(lines, 1):
        one = orjson.loads(line)
        loaded[one["of"]] = loaded.get(one["of"], 0) + 1
        _load_one(ledger, pipe, one, now)
        if number % AT_ONCE == 0:
            pipe.execute()
    pipe.execute()
    counts = ledger.counts()
    ledger.redis.hset(ledger.key("counts"), "seen", counts.seen - counts.missing)
    return loaded


def wipe(ledger: Ledger) -> None:
    """Forgets everything but Celery's own keys, pauses, and whose turn it is."""
    kept = tuple(ledger.key(name).encode() for name in ("celery:", "paused", "lifecycle"))
    batch: list[bytes] = []
    for key in ledger.redis.scan_iter(match=f"{_escaped(ledger.prefix)}*", count=1000):
        if not key.startswith(kept):
            batch.append(key)
        if len(batch) >= AT_ONCE:
            ledger.redis.unlink(*batch)
            batch.clear()
    if batch:
        ledger.redis.unlink(*batch)


def _load_one(ledger: Ledger, pipe: Any, one: dict[str, Any], now: int) -> None:
    id = one["id"]
    match one["of"]:
        case "feed":
            pipe.hset(ledger.key("feed", id), mapping=one["fields"])
            pipe.sadd(ledger.key("feeds"), id)
            pipe.zadd(ledger.key("ready", POLL), {id: one["next"]})
            pipe.incr(ledger.key("feeds:version"))
        case "entry":
            pipe.hset(ledger.key("entry", id), mapping=one["fields"])
            pipe.zadd(ledger.key("sightings"), {id: now})  # or what is old would be forgotten before its feed is asked
            if one["revisit"] is not None:
                pipe.zadd(ledger.key("revisits"), {id: one["revisit"]})
            if one["fields"]["state"] == "quarantined":
                pipe.zadd(ledger.key("quarantine"), {id: int(one["fields"].get("ended", now))})
        case "hash":
            if one["fields"]:
                pipe.hset(ledger.key(id), mapping=one["fields"])
        case "string":
            pipe.set(ledger.key(id), one["value"])
        case other:
            raise ValueError(f"a line of the ledger is of an unknown kind: {other!r}")


def _fields(ledger: Ledger, kind: str, id: bytes) -> dict[str, str]:
    found = ledger.redis.hgetall(ledger.key(kind, id.decode()))
    return {name.decode(): value.decode() for name, value in found.items()}


def _line(**fields: Any) -> bytes:
    return orjson.dumps(fields) + b"\n"


def _escaped(prefix: str) -> str:
    return "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in prefix)
