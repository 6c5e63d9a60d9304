"""The feeds that are followed, in the ledger: what each is, how its last poll went, when the next one is due."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from ingest.health import expected_a_day, seen_a_day, state_of
from ingest.records import Feed
from ingest.rhythm import read_rhythm
from search.feeddesk import FeedHealth
from worker.ledger import POLL, Ledger


class Subscriptions:
    """The followed feeds of one ledger. Adding one needs no restart: it is due at once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.redis = ledger, ledger.redis

    def _key(self, feed_id: str) -> str:
        return self.ledger.key("feed", feed_id)

    def add(self, feeds: Iterable[Feed]) -> tuple[int, int]:
        """Follows these feeds, due now; one already followed gets the new name, owner, … and keeps its history.

        Returns (new ones, changed ones).
        """
        new = changed = 0
        now_ms = self._now_ms()
        for feed in feeds:
            record = feed.model_dump_json(exclude_defaults=True)
            before = self.redis.hget(self._key(feed.id), "record")
            if before == record.encode():
                continue
            new, changed = (new + 1, changed) if before is None else (new, changed + 1)
            with self.redis.pipeline(transaction=True) as pipe:
                pipe.hset(self._key(feed.id), "record", record)
                pipe.hsetnx(self._key(feed.id), "attempts", "0")
                pipe.hsetnx(self._key(feed.id), "state", "ready")
                pipe.sadd(self.ledger.key("feeds"), feed.id)
                if before is None:
                    pipe.zadd(self.ledger.key("ready", POLL), {feed.id: now_ms}, nx=True)
                pipe.incr(self.ledger.key("feeds:version"))
                pipe.execute()
        return new, changed

    def remove(self, feed_ids: Iterable[str]) -> int:
        """Follows them no longer; what they brought stays. How many there were."""
        removed = 0
        for feed_id in feed_ids:
            with self.redis.pipeline(transaction=True) as pipe:
                pipe.srem(self.ledger.key("feeds"), feed_id)
                pipe.zrem(self.ledger.key("ready", POLL), feed_id)
                pipe.zrem(self.ledger.key("leased", POLL), feed_id)
                pipe.delete(self._key(feed_id))
                pipe.incr(self.ledger.key("feeds:version"))
                removed += int(pipe.execute()[0])
        return removed

    def poll_now(self, feed_ids: Iterable[str]) -> int:
        """Makes them due at once, unless a worker is at it; how many."""
        now_ms = self._now_ms()
        return sum(
            int(self.redis.zadd(self.ledger.key("ready", POLL), {id: now_ms}, xx=True, ch=True)) for id in feed_ids
        )

    def hold(self, feed_ids: Iterable[str]) -> bool:
        """Takes them out of the line, for good unless added anew; False while a worker is at one of them."""
        with self.redis.pipeline(transaction=True) as pipe:
            for feed_id in feed_ids:
                pipe.zrem(self.ledger.key("ready", POLL), feed_id)
                pipe.hget(self._key(feed_id), "state")
            return b"leased" not in pipe.execute()

    def ids(self) -> list[str]:
        return sorted(id.decode() for id in self.redis.smembers(self.ledger.key("feeds")))

    def get(self, feed_id: str) -> Feed | None:
        record = self.redis.hget(self._key(feed_id), "record")
        return Feed.model_validate_json(record) if record else None

    def one(self, feed_id: str) -> FeedHealth | None:
        """How one feed does; None where it is not followed."""
        return next(iter(self._health([feed_id])), None)

    def health(self) -> list[FeedHealth]:
        """All feeds, by folder and name."""
        return sorted(self._health(self.ids()), key=lambda one: (one.feed.folder or "", one.feed.name.casefold()))

    def _health(self, ids: Sequence[str]) -> list[FeedHealth]:
        with self.redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hgetall(self._key(id))
                pipe.zscore(self.ledger.key("ready", POLL), id)
            rows = pipe.execute()
        now = self._now_ms() / 1000
        return [
            health_of({k.decode(): v.decode() for k, v in rows[2 * i].items()}, rows[2 * i + 1], now)
            for i in range(len(ids))
            if b"record" in rows[2 * i]
        ]

    def unsaved(self) -> str | None:
        """The list's version where it is not the one saved in Elasticsearch, else None."""
        version, saved = self.redis.mget(self.ledger.key("feeds:version"), self.ledger.key("feeds:saved"))
        return None if version == saved else (version or b"").decode()

    def mark_saved(self, version: str) -> None:
        """This version of the list is in Elasticsearch."""
        self.redis.set(self.ledger.key("feeds:saved"), version)

    def mark_unsaved(self) -> None:
        """What Elasticsearch holds of the list is not known: it is to be written again."""
        self.redis.delete(self.ledger.key("feeds:saved"))

    def restored(self) -> str | None:
        """A mark that this ledger's list is whole, other in each ledger; None before `mark_restored`."""
        mark = self.redis.get(self.ledger.key("feeds:restored"))
        return mark.decode() if mark else None

    def mark_restored(self) -> None:
        """All feeds that Elasticsearch knew are followed here."""
        self.redis.set(self.ledger.key("feeds:restored"), secrets.token_hex(8), nx=True)

    def _now_ms(self) -> int:
        seconds, micros = self.redis.time()
        return int(seconds) * 1000 + int(micros) // 1000


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def health_of(fields: Mapping[str, str], next_ms: float | None, now: float) -> FeedHealth:
    """By its record in the ledger; `next_ms`: of its next poll, `now` in seconds, both Unix time."""
    rhythm = read_rhythm(fields.get("rhythm"))
    failures, kind = int(fields.get("failures", 0)), fields.get("error_kind", "")
    answered = bool(fields.get("last_success"))
    expected = expected_a_day(rhythm, now)
    last_new = _moment(fields.get("last_new"))
    if rhythm.last_new is not None and last_new is None:
        last_new = datetime.fromtimestamp(
            int(rhythm.last_new), UTC
        )  # brought by another feed, or before the first poll
    return FeedHealth(
        feed=Feed.model_validate_json(fields["record"]),
        state=state_of(answered=answered, failures=failures, kind=kind, rhythm=rhythm, now=now),
        polls=int(fields.get("polls", 0)),
        entries=int(fields.get("entries", 0)),
        last_poll=_moment(fields.get("last_poll")),
        last_success=_moment(fields.get("last_success")),
        last_new=last_new,
        next_poll=datetime.fromtimestamp(next_ms / 1000, UTC) if next_ms is not None else None,
        failures=failures,
        error=fields.get("error", ""),
        error_kind=kind,
        problems=fields.get("problems", ""),
        expected=round(expected, 2) if expected is not None else None,
        seen=round(seen_a_day(rhythm, now), 2) if rhythm.until is not None else None,
        moved=fields.get("moved", ""),
        off=float(fields["off"]) if fields.get("off") else None,
        gap_from=_moment(fields.get("gap_from")),
        gap_until=_moment(fields.get("gap_until")),
    )
