"""Entries of an archive in the ledger: behind what is new, until they are news themselves."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from ingest.records import Entry, Feed
from worker.ledger import Behind, Ledger
from worker.topology import BACKFILL, FIRST, STAGES
from worker.verdicts import Advance

pytestmark = pytest.mark.services
FEED = Feed(id="live", url="https://example.com/rss", name="Contoh")


@pytest.fixture
def ledger(valkey: Any, redis_prefix: str) -> Ledger:
    redis = Redis.from_url(valkey.url)
    return Ledger(redis, redis_prefix, stages=tuple(STAGES), attempts=3, lease=30, bytes_limit=10_000_000)


def entry(n: int, title: str = "Berita") -> Entry:
    return Entry(id=f"{n:032x}", feed_id="f", url=f"https://example.com/{n}", title=f"{title} {n}")


def leased(ledger: Ledger, stage: str, n: int = 10) -> list[str]:
    return [item.id for item in ledger.lease(stage, n, behind=STAGES[stage].behind).items]


def test_an_archives_entries_wait_while_anything_new_does(ledger: Ledger) -> None:
    ledger.claim([entry(1), entry(2)], stage=BACKFILL)
    ledger.claim([entry(3)], stage=FIRST, feed=FEED)
    assert leased(ledger, BACKFILL) == []
    assert leased(ledger, FIRST) == [entry(3).id]
    assert leased(ledger, BACKFILL) == [entry(1).id, entry(2).id]
    assert (ledger.counts().seen, ledger.counts().in_flight, ledger.counts().missing) == (3, 3, 0)


def test_they_also_wait_while_extraction_has_much_to_do(ledger: Ledger) -> None:
    fresh = [entry(n) for n in range(10, 26)]
    ledger.claim(fresh, stage=FIRST, feed=FEED)
    lease = ledger.lease(FIRST, 100)
    ledger.apply(lease, [(item, Advance(b"page")) for item in lease.items], following="extract")
    ledger.claim([entry(1)], stage=BACKFILL)
    assert leased(ledger, BACKFILL) == []
    ledger.lease("extract", 8)
    assert leased(ledger, BACKFILL) == [entry(1).id]


def test_they_are_marked_until_a_feed_lists_them_too(ledger: Ledger) -> None:
    ledger.claim([entry(1), entry(2)], stage=BACKFILL)
    assert ledger.claim([entry(2, "Judul baru")], stage=FIRST, feed=FEED) == [False]
    record = ledger.entry(entry(2).id) or {}
    assert (record.get("backfill"), record["stage"], record["feed"]) == (None, FIRST, "live")
    assert "Judul baru" in record["record"]
    assert (ledger.entry(entry(1).id) or {})["backfill"] == "1"
    assert leased(ledger, FIRST) == [entry(2).id]
    assert leased(ledger, BACKFILL) == [entry(1).id]
    ledger.claim([entry(1)], stage=FIRST, feed=FEED)  # while its page is being fetched
    assert "backfill" not in (ledger.entry(entry(1).id) or {})
    counts = ledger.counts()
    assert (counts.seen, counts.in_flight, counts.missing) == (2, 2, 0)


def test_an_archive_takes_nothing_back_from_what_is_new(ledger: Ledger) -> None:
    ledger.claim([entry(1)], stage=FIRST, feed=FEED)
    assert ledger.claim([entry(1, "Lama")], stage=BACKFILL) == [False]
    record = ledger.entry(entry(1).id) or {}
    assert ("backfill" in record, record["stage"]) == (False, FIRST)
    assert "Lama" not in record["record"]


def test_what_waits_for_other_stages_for_a_while_only_gets_its_turn_though_they_never_end(ledger: Ledger) -> None:
    ledger.claim([entry(1)], stage=BACKFILL)
    ledger.claim([entry(2)], stage=FIRST)
    behind = Behind(((FIRST, 1),), seconds=30.0)
    assert not ledger.lease(BACKFILL, 1, behind=behind).items
    seconds, _ = ledger.redis.time()
    ledger.redis.zadd(ledger.key("ready", BACKFILL), {entry(1).id: (seconds - 31) * 1000})
    assert ledger.lease(BACKFILL, 1, behind=behind).items
