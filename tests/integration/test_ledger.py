"""The ledger on a real Valkey: nothing lost, nothing doubled, whoever loses a lease changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from ingest.records import Entry, Feed
from worker.ledger import Ledger
from worker.quarantine import Quarantine
from worker.revisits import Revisits
from worker.subscriptions import Subscriptions
from worker.verdicts import Advance, Again, Defer, End, Item, Retry, Verdict

pytestmark = pytest.mark.services
STAGES = ("poll", "fetch", "extract", "index", "story")
FOLLOWING = {"fetch": "extract", "extract": "index", "index": "story", "story": None}


@pytest.fixture
def make_ledger(valkey: Any, redis_prefix: str) -> Callable[..., Ledger]:
    def make(lease: float = 30, attempts: int = 3, bytes_limit: int = 10_000_000, **about: Any) -> Ledger:
        redis = Redis.from_url(valkey.url)
        known = {"attempts": attempts, "lease": lease, "bytes_limit": bytes_limit, **about}
        return Ledger(redis, redis_prefix, stages=STAGES, **known)

    return make


@pytest.fixture
def ledger(make_ledger: Callable[..., Ledger]) -> Ledger:
    return make_ledger()


def entry(n: int, feed: str = "f") -> Entry:
    return Entry(id=f"{n:032x}", feed_id=feed, url=f"https://example.com/{n}", title=f"Berita {n}")


def claim(ledger: Ledger, n: int) -> list[Entry]:
    entries = [entry(i) for i in range(n)]
    assert ledger.claim(entries, stage="fetch") == [True] * n
    return entries


def run(ledger: Ledger, stage: str, verdict: Verdict, n: int = 100) -> list[bool]:
    lease = ledger.lease(stage, n)
    return ledger.apply(lease, [(item, verdict) for item in lease.items], following=FOLLOWING[stage])


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_an_entry_is_claimed_once_however_often_it_is_seen(ledger: Ledger) -> None:
    claim(ledger, 3)
    assert ledger.claim([entry(1), entry(3)], stage="fetch") == [False, True]
    assert ledger.counts().seen == 4
    assert ledger.counts().in_flight == 4


def test_many_claiming_at_once_agree_on_who_was_first(make_ledger: Callable[..., Ledger]) -> None:
    entries = [entry(i) for i in range(600)]
    results: list[list[bool]] = []
    threads = [
        threading.Thread(target=lambda: results.append(make_ledger().claim(entries, stage="fetch"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sum(row) for row in zip(*results, strict=True)] == [1] * 600


def test_an_entry_travels_to_its_outcome_with_its_blob_and_its_record(ledger: Ledger) -> None:
    claim(ledger, 1)
    assert run(ledger, "fetch", Advance(b"page", {"page_url": "https://example.com/0?x"})) == [True]
    assert ledger.bytes_in_flight() == 4
    lease = ledger.lease("extract", 5)
    (item,) = lease.items
    assert item.blob == b"page"
    assert item.attempt == 1
    assert item.fields["page_url"] == "https://example.com/0?x"
    assert Entry.model_validate_json(item.fields["record"]) == entry(0)
    ledger.apply(lease, [(item, Advance(b"article"))], following="index")
    assert ledger.bytes_in_flight() == 7
    assert run(ledger, "index", End("indexed")) == [True]
    assert ledger.bytes_in_flight() == 0
    counts = ledger.counts()
    assert (counts.seen, counts.indexed, counts.in_flight, counts.missing) == (1, 1, 0, 0)


def test_who_lost_the_lease_changes_nothing(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(lease=0.05)
    claim(ledger, 1)
    slow = ledger.lease("fetch", 1)
    wait_until(lambda: ledger.sweep(feed_wait=1)["ready"] == 1)
    quick = make_ledger(lease=30).lease("fetch", 1)
    assert quick.items[0].attempt == 2
    assert ledger.apply(slow, [(slow.items[0], End("discarded", "gone"))], following="extract") == [False]
    assert ledger.counts().discarded == 0
    assert ledger.apply(quick, [(quick.items[0], Advance(b"x"))], following="extract") == [True]
    assert ledger.apply(quick, [(quick.items[0], Advance(b"x"))], following="extract") == [False], "applied twice"
    assert ledger.counts().in_flight == 1


def test_a_renewed_lease_is_not_swept(make_ledger: Callable[..., Ledger]) -> None:
    short, long = make_ledger(lease=0.05), make_ledger(lease=30)
    claim(short, 2)
    renewed, left = short.lease("fetch", 1), short.lease("fetch", 1)
    long.renew(renewed)
    time.sleep(0.1)
    assert short.sweep(feed_wait=1) == {"ready": 1, "quarantined": 0}
    assert long.apply(renewed, [(renewed.items[0], Advance(b"x"))], following="extract") == [True]
    assert long.apply(left, [(left.items[0], Advance(b"x"))], following="extract") == [False]


def test_an_entry_whose_workers_die_is_quarantined_after_the_set_attempts(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(lease=0.02, attempts=3)
    claim(ledger, 1)
    for attempt in (1, 2, 3):
        wait_until(lambda: bool(ledger.lease("fetch", 1).items))
        swept = {"ready": 0, "quarantined": 0}
        while not any(swept.values()):
            swept = ledger.sweep(feed_wait=1)
        assert swept == ({"ready": 1, "quarantined": 0} if attempt < 3 else {"ready": 0, "quarantined": 1})
    (held,) = Quarantine(ledger).listed()
    assert "3 attempts" in held.why
    assert held.url == "https://example.com/0"
    assert ledger.counts().missing == 0


def test_errors_are_counted_and_the_last_one_is_kept(ledger: Ledger) -> None:
    claim(ledger, 1)
    for _ in range(3):
        assert run(ledger, "fetch", Retry(0, "HTTP 500")) == [True]
    (held,) = Quarantine(ledger).listed()
    assert held.why == "HTTP 500"
    assert held.stage == "fetch"


def test_waiting_counts_no_attempt(ledger: Ledger) -> None:
    claim(ledger, 1)
    for _ in range(10):
        assert run(ledger, "fetch", Defer(0, "Elasticsearch is away")) == [True]
    assert ledger.stage_counts()["fetch"].waiting == "Elasticsearch is away"
    lease = ledger.lease("fetch", 1)
    assert lease.items[0].attempt == 1
    ledger.apply(lease, [(lease.items[0], Advance(b"x"))], following="extract")
    assert ledger.stage_counts()["extract"].waiting == ""


def test_a_deferred_item_is_not_due_before_its_time(ledger: Ledger) -> None:
    claim(ledger, 1)
    run(ledger, "fetch", Defer(60, "not yet"))
    assert ledger.lease("fetch", 1).items == ()
    assert ledger.stage_counts()["fetch"].ready == 1
    assert ledger.due()["fetch"] == 0


def test_what_failed_before_is_handed_out_alone(ledger: Ledger) -> None:
    """If it is the one that kills workers, it takes no healthy one along."""
    claim(ledger, 4)
    lease = ledger.lease("fetch", 1)
    ledger.apply(lease, [(lease.items[0], Retry(0, "it broke"))], following="extract")
    batches = [ledger.lease("fetch", 10, alone=True).items for _ in range(2)]
    assert sorted(len(items) for items in batches) == [1, 3]
    suspects = [item for items in batches if len(items) == 1 for item in items]
    assert [item.attempt for item in suspects] == [2]


def test_a_stage_that_keeps_its_blob_hands_on_the_same_one(ledger: Ledger) -> None:
    claim(ledger, 1)
    run(ledger, "fetch", Advance(b"page"))
    assert run(ledger, "extract", Advance(fields={"seen_by": "extract"})) == [True]
    assert ledger.bytes_in_flight() == 4
    (item,) = ledger.lease("index", 1).items
    assert (item.blob, item.fields["seen_by"], item.attempt) == (b"page", "extract", 1)


def test_a_verdict_may_name_another_stage_and_a_time_to_wait_there(ledger: Ledger) -> None:
    claim(ledger, 2)
    lease = ledger.lease("fetch", 2)
    soon, later = Advance(b"x", to="index"), Advance(b"x", to="fetch", after=60)
    ledger.apply(lease, [(lease.items[0], soon), (lease.items[1], later)], following="extract")
    counts = ledger.stage_counts()
    assert (counts["index"].due, counts["extract"].ready) == (1, 0)
    assert (counts["fetch"].ready, counts["fetch"].due) == (1, 0)
    with pytest.raises(ValueError, match="no stage is called 'nowhere'"):
        run(ledger, "index", Advance(b"x", to="nowhere"))


def test_a_single_stage_is_given_to_one_at_a_time(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger()
    claim(ledger, 3)
    lease = ledger.lease("fetch", 2, single=True)
    assert len(lease.items) == 2
    assert make_ledger().lease("fetch", 2, single=True).items == ()
    ledger.apply(lease, [(item, Advance(b"x")) for item in lease.items], following="extract")
    assert len(make_ledger().lease("fetch", 2, single=True).items) == 1


def test_a_lease_asked_for_twice_gives_the_same_batch_and_counts_one_attempt(ledger: Ledger) -> None:
    """A connection that is cut before the answer came: the client asks again with the same token."""
    claim(ledger, 6)
    ask = ("fetch", "entry", "token", 3, 30_000, 1, 0, 0, "fetch", 100)
    ledger.redis.set(ledger.key("bytes"), 0)
    first = ledger._call("lease", *ask)[1:]
    ledger.pause("disk", "full meanwhile")
    again = ledger._call("lease", *ask)[1:]
    assert [row[:2] for row in first] == [row[:2] for row in again]
    assert [int(row[1]) for row in again] == [1, 1, 1]
    assert ledger.stage_counts()["fetch"].leased == 3


def test_intake_pauses_while_too_many_bytes_are_in_flight_and_goes_on(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(bytes_limit=1000)
    claim(ledger, 2)
    lease = ledger.lease("fetch", 1, intake=True)
    ledger.apply(lease, [(lease.items[0], Advance(b"x" * 1000))], following="extract")
    assert ledger.lease("fetch", 1, intake=True).items == ()
    run(ledger, "extract", Advance(b"small"))
    assert len(ledger.lease("fetch", 1, intake=True).items) == 1


def test_polls_pause_while_too_many_entries_wait_to_be_fetched(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger()
    ledger.entries_limit = 3
    Subscriptions(ledger).add([Feed(id="abc", url="https://example.com/rss", name="Contoh")])
    claim(ledger, 3)
    assert ledger.lease("poll", 1, intake=True).items == ()
    assert len(ledger.lease("fetch", 1, intake=True).items) == 1
    assert len(ledger.lease("poll", 1, intake=True).items) == 1


def test_a_failure_may_have_its_own_number_of_attempts(ledger: Ledger) -> None:
    claim(ledger, 1)
    for _ in range(5):
        assert run(ledger, "fetch", Retry(0, "no answer", attempts=6)) == [True]
    assert ledger.counts().quarantined == 0
    run(ledger, "fetch", Retry(0, "no answer", attempts=6))
    assert ledger.counts().quarantined == 1


def test_a_pause_stops_intake_stages_only(ledger: Ledger) -> None:
    claim(ledger, 2)
    lease = ledger.lease("fetch", 1, intake=True)
    ledger.apply(lease, [(lease.items[0], Advance(b"x"))], following="extract")
    ledger.pause("disk", "1.2 GB free")
    assert ledger.lease("fetch", 1, intake=True).items == ()
    assert len(ledger.lease("extract", 1).items) == 1
    assert ledger.paused() == {"disk": "1.2 GB free"}
    assert ledger.resume("disk")
    assert len(ledger.lease("fetch", 1, intake=True).items) == 1


def test_a_quarantined_entry_is_sent_on_again_or_given_up(ledger: Ledger) -> None:
    claim(ledger, 3)
    run(ledger, "fetch", Advance(b"page"))
    run(ledger, "extract", End("quarantined", "a bug"))
    assert ledger.bytes_in_flight() == 0, "what waits for a person does not hold up the intake"
    quarantine = Quarantine(ledger)
    first, second, third = quarantine.ids()
    assert quarantine.replay([first]) == 1
    assert quarantine.replay([first]) == 0
    assert quarantine.discard([second, "nosuch"]) == 1
    assert ledger.bytes_in_flight() == 4
    lease = ledger.lease("extract", 5)
    assert [(item.id, item.attempt, item.blob) for item in lease.items] == [(first, 1, b"page")]
    counts = ledger.counts()
    assert (counts.quarantined, counts.discarded, counts.in_flight, counts.missing) == (1, 1, 1, 0)
    assert quarantine.ids() == [third]
    assert quarantine.show(third[:31]) is None or quarantine.show(third) is not None


def test_old_records_go_but_never_one_in_flight_or_quarantine(ledger: Ledger) -> None:
    claim(ledger, 3)
    lease = ledger.lease("fetch", 2)
    verdicts: list[tuple[Item, Verdict]] = [
        (lease.items[0], End("discarded", "gone")),
        (lease.items[1], End("quarantined", "odd")),
    ]
    ledger.apply(lease, verdicts, following="extract")
    time.sleep(0.01)
    assert ledger.forget_old(0) == 1
    assert ledger.entry(lease.items[0].id) is None
    assert ledger.entry(lease.items[1].id) is not None
    assert ledger.counts().missing == 0


def test_an_entry_still_listed_keeps_its_record(ledger: Ledger) -> None:
    claim(ledger, 1)
    run(ledger, "fetch", End("discarded", "gone"))
    key = ledger.key("sightings")
    ledger.redis.zadd(key, {entry(0).id: 0})
    ledger.touch([entry(0).id])
    assert ledger.forget_old(1) == 0
    ledger.redis.zadd(key, {entry(0).id: 0})
    assert ledger.forget_old(1) == 1


def test_a_feed_is_due_at_once_and_again_after_its_poll(ledger: Ledger) -> None:
    feeds = Subscriptions(ledger)
    feed = Feed(id="abc", url="https://example.com/rss", name="Contoh")
    assert feeds.add([feed]) == (1, 0)
    assert feeds.add([feed]) == (0, 0)
    lease = ledger.lease("poll", 1)
    assert lease.items[0].id == "abc"
    ledger.apply(lease, [(lease.items[0], Again(60, {"polls": "1", "etag": "x"}))], following=None)
    assert ledger.lease("poll", 1).items == ()
    assert feeds.add([feed.model_copy(update={"name": "Contoh Baru"})]) == (0, 1)
    (health,) = feeds.health()
    assert health.feed.name == "Contoh Baru"
    assert health.polls == 1
    assert feeds.poll_now(["abc"]) == 1
    assert ledger.lease("poll", 1).items[0].fields["etag"] == "x"
    assert feeds.remove(["abc", "nosuch"]) == 1
    assert feeds.health() == []
    assert ledger.counts().seen == 0, "feeds are not entries"


def test_a_feed_whose_polls_kill_workers_waits_but_stays(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(lease=0.01, attempts=1)
    Subscriptions(ledger).add([Feed(id="abc", url="https://example.com/rss", name="Contoh")])
    assert ledger.lease("poll", 1).items
    wait_until(lambda: ledger.sweep(feed_wait=60)["ready"] == 1)
    assert ledger.stage_counts()["poll"].ready == 1
    assert ledger.due()["poll"] == 0


def test_the_saved_version_follows_the_list(ledger: Ledger) -> None:
    feeds = Subscriptions(ledger)
    assert feeds.unsaved() is None
    feeds.add([Feed(id="abc", url="https://example.com/rss", name="Contoh")])
    version = feeds.unsaved()
    assert version is not None
    feeds.remove(["abc"])
    feeds.mark_saved(version)
    assert feeds.unsaved() is not None, "it changed while it was being saved"


VERBS = st.sampled_from(
    [
        *("claim", "advance", "pass", "end", "retry", "defer", "quarantine", "drop", "replay", "discard", "sweep"),
        *("change", "reopen", "watch", "plan", "flow", "flow", "flow", "visit", "visit"),
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(VERBS, st.sampled_from(STAGES[1:]), st.integers(1, 5)), min_size=20, max_size=60))
def test_the_counts_add_up_whatever_happens(
    make_ledger: Callable[..., Ledger], steps: list[tuple[str, str, int]]
) -> None:
    """seen = indexed + duplicate + discarded + quarantined + in flight, after every step; the bytes are those there."""
    ledger = make_ledger(lease=0.001, attempts=2, revisit_every=0.001, revisit_after=(0.001, 0.01, 30))
    for key in ledger.redis.scan_iter(ledger.prefix + "*"):
        ledger.redis.delete(key)
    quarantine, revisits, claimed = Quarantine(ledger), Revisits(ledger), 0
    verdicts: dict[str, Verdict] = {
        "advance": Advance(b"b" * 7),
        "pass": Advance(),
        "plan": Advance(fields={"plan": str(int(time.time() * 1000)), "found": "changed"}),
        "end": End("duplicate", "x", {"holder": entry(0).id}),
        "retry": Retry(0, "e"),
        "defer": Defer(0, "w"),
        "quarantine": End("quarantined", "q"),
    }
    for number, (verb, stage, n) in enumerate(steps):
        if verb == "claim":
            ledger.claim([entry(i) for i in range(claimed, claimed + n)], stage="fetch")
            claimed += n
        elif verb in ("change", "visit"):
            texts = [entry(i).model_copy(update={"summary": "x" * (number + i)}) for i in range(min(n, claimed))]
            ledger.claim(texts, stage="fetch")
            if verb == "visit":
                revisits.reopen("fetch", n)
        elif verb == "flow":
            flow(ledger, n)
        elif verb == "watch" and claimed:
            revisits.watch(entry(n % claimed), None, article="a" * 32, first_seen=datetime.now(UTC))
        elif verb == "reopen":
            revisits.reopen("fetch", n)
        elif verb in ("replay", "discard"):
            getattr(quarantine, verb)(quarantine.ids(n))
        elif verb == "sweep":
            ledger.sweep(feed_wait=1)
        else:
            lease = ledger.lease(stage, n)
            given_verdict = verdicts.get(verb)
            if given_verdict is not None:
                if stage == "story" and isinstance(given_verdict, Advance):
                    given_verdict = End("indexed")
                ledger.apply(lease, [(item, given_verdict) for item in lease.items], following=FOLLOWING[stage])
        counts = ledger.counts()
        assert counts.missing == 0
        assert counts.seen == claimed
    check_bytes(ledger)
    made = revisits.counts()
    assert made.made == made.changed + made.vanished + made.unchanged + made.failed


def flow(ledger: Ledger, n: int) -> None:
    """Up to so many items of each stage, all the way."""
    for stage, following in FOLLOWING.items():
        lease = ledger.lease(stage, n)
        verdict: Verdict = Advance(stage.encode()) if following else End("indexed")
        ledger.apply(lease, [(item, verdict) for item in lease.items], following=following)


def check_bytes(ledger: Ledger) -> None:
    """What the ledger says its blobs and records weigh is what is there; nothing is kept that nobody will ask for."""
    blobs = sum(int(ledger.redis.strlen(key)) for key in ledger.redis.scan_iter(ledger.prefix + "blob:*"))
    held = int(ledger.redis.get(ledger.key("bytes:quarantined")) or 0)
    assert ledger.bytes_in_flight() + held == blobs
    records = 0
    planned = {id.decode() for id in ledger.redis.zrange(ledger.key("revisits"), 0, -1)}
    for key in ledger.redis.scan_iter(ledger.key("entry", "*")):
        state = ledger.redis.hget(key, "state")
        if state in (b"ready", b"leased"):
            records += ledger.redis.hstrlen(key, "record") + ledger.redis.hstrlen(key, "source")
        expected = state in (b"ready", b"leased", b"quarantined") or key.decode().rpartition(":")[2] in planned
        assert bool(ledger.redis.hexists(key, "record")) is expected, state
    assert int(ledger.redis.get(ledger.key("bytes:records")) or 0) == records


def test_polls_pause_while_the_records_in_flight_weigh_too_much_but_pages_are_fetched(
    make_ledger: Callable[..., Ledger],
) -> None:
    """What waits has to get out: only what would add to it stands still."""
    ledger = make_ledger(bytes_limit=200)
    Subscriptions(ledger).add([Feed(id="abc", url="https://example.com/rss", name="Contoh")])
    claim(ledger, 3)
    assert ledger.lease("poll", 1, intake=True).items == ()
    lease = ledger.lease("fetch", 3, intake=True)
    assert len(lease.items) == 3
    ledger.apply(lease, [(item, End("discarded", "gone")) for item in lease.items], following="extract")
    assert len(ledger.lease("poll", 1, intake=True).items) == 1
