"""Articles that are looked at again, on a real Valkey: when, how often, and never at the cost of their outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from ingest.records import Entry, Feed
from tests.services import ValkeyHandle
from worker.digest import entry_digest
from worker.ledger import Ledger
from worker.revisits import Revisits
from worker.verdicts import Advance, Defer, End, Item, Retry, Verdict

pytestmark = pytest.mark.services
STAGES = ("poll", "fetch", "extract", "index", "story")
FOLLOWING = {"fetch": "extract", "extract": "index", "index": "story", "story": None}
FEED = Feed(id="f1", url="https://example.com/rss", name="Contoh")
ARTICLE = "a" * 32


@pytest.fixture
def make_ledger(valkey: ValkeyHandle, redis_prefix: str) -> Callable[..., Ledger]:
    def make(**about: Any) -> Ledger:
        known = {"attempts": 3, "lease": 30, "bytes_limit": 10_000_000, "revisit_every": 0.05, "revisit_after": (60,)}
        return Ledger(Redis.from_url(valkey.url), redis_prefix, stages=STAGES, **{**known, **about})

    return make


@pytest.fixture
def ledger(make_ledger: Callable[..., Ledger]) -> Ledger:
    return make_ledger()


def entry(n: int = 0, **about: Any) -> Entry:
    return Entry(id=f"{n:032x}", feed_id="f1", url=f"https://example.com/{n}", **{"title": f"Berita {n}", **about})


def step(ledger: Ledger, stage: str, verdict: Verdict) -> list[Item]:
    lease = ledger.lease(stage, 100)
    ledger.apply(lease, [(item, verdict) for item in lease.items], following=FOLLOWING[stage])
    return list(lease.items)


def flow(ledger: Ledger, **fields: str) -> list[Item]:
    """Everything that is due, all the way; what was handed to the last stage."""
    for stage in ("fetch", "extract"):
        step(ledger, stage, Advance(stage.encode()))
    step(ledger, "index", Advance(fields={"article": ARTICLE, **fields}))
    return step(ledger, "story", End("indexed"))


def opened(ledger: Ledger, seconds: float = 60) -> int:
    """Waits until a look is due, and opens what is."""
    deadline = time.monotonic() + seconds
    while not (count := Revisits(ledger).reopen("fetch", 100)):
        assert time.monotonic() < deadline, "no look came due"
        time.sleep(0.02)
    return count


def state(ledger: Ledger, n: int = 0) -> dict[str, str]:
    found = ledger.entry(entry(n).id)
    assert found is not None
    return found


def test_an_entry_that_changed_in_its_feed_is_looked_at_again_with_what_it_says_now(ledger: Ledger) -> None:
    assert ledger.claim([entry()], stage="fetch", feed=FEED) == [True]
    flow(ledger)
    assert "record" not in state(ledger)
    assert ledger.claim([entry()], stage="fetch", feed=FEED) == [False]
    assert Revisits(ledger).counts().planned == 0
    assert ledger.claim([entry(title="Judul baru")], stage="fetch", feed=FEED) == [False]
    assert opened(ledger) == 1
    counts = ledger.counts()
    assert (counts.seen, counts.indexed, counts.in_flight, counts.missing) == (1, 0, 1, 0)
    (item,) = flow(ledger, found="changed")
    assert (item.fields["visit"], item.fields["article"]) == ("1", ARTICLE)
    assert Entry.model_validate_json(item.fields["record"]).title == "Judul baru"
    assert Feed.model_validate_json(item.fields["source"]) == FEED
    assert ledger.counts().indexed == 1
    made = Revisits(ledger).counts()
    assert (made.made, made.changed, made.planned) == (1, 1, 0)
    assert "record" not in state(ledger)


def test_a_change_while_the_entry_is_on_its_way_is_looked_at_right_after(ledger: Ledger) -> None:
    ledger.claim([entry()], stage="fetch", feed=FEED)
    step(ledger, "fetch", Advance(b"page"))
    lease = ledger.lease("extract", 1)
    ledger.claim([entry(title="Judul baru")], stage="fetch", feed=FEED)
    ledger.apply(lease, [(lease.items[0], Advance(b"article"))], following="index")
    flow(ledger)
    assert opened(ledger) == 1
    assert Entry.model_validate_json(flow(ledger)[0].fields["record"]).title == "Judul baru"
    assert Revisits(ledger).counts().planned == 0


def test_a_change_before_the_page_was_read_needs_no_second_look(ledger: Ledger) -> None:
    ledger.claim([entry()], stage="fetch", feed=FEED)
    ledger.claim([entry(title="Judul baru")], stage="fetch", feed=FEED)
    assert Entry.model_validate_json(flow(ledger)[0].fields["record"]).title == "Judul baru"
    assert Revisits(ledger).counts().planned == 0


def test_another_feed_that_words_the_entry_otherwise_is_no_change(ledger: Ledger) -> None:
    other = Feed(id="f2", url="https://example.com/rss2", name="Contoh")
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    for title in ("Satu", "Dua"):
        ledger.claim([entry(title=title)], stage="fetch", feed=other)
    ledger.claim([entry(), entry(title="Sekali lagi")], stage="fetch", feed=FEED)
    assert Revisits(ledger).counts().planned == 0


def test_an_entry_known_before_digests_were_kept_is_taken_as_it_is(ledger: Ledger) -> None:
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    ledger.redis.hdel(ledger.key("entry", entry().id), "digest")
    ledger.claim([entry(title="Kini")], stage="fetch", feed=FEED)
    assert Revisits(ledger).counts().planned == 0
    ledger.claim([entry(title="Lalu")], stage="fetch", feed=FEED)
    assert Revisits(ledger).counts().planned == 1


def test_an_entry_that_changes_all_the_time_is_looked_at_once_in_a_while_and_none_is_dropped(
    make_ledger: Callable[..., Ledger],
) -> None:
    ledger = make_ledger(revisit_every=600)
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    ledger.claim([entry(title="1")], stage="fetch", feed=FEED)
    assert opened(ledger) == 1
    flow(ledger)
    for n in range(2, 6):
        ledger.claim([entry(title=str(n))], stage="fetch", feed=FEED)
    assert Revisits(ledger).reopen("fetch", 10) == 0
    assert next_look(ledger) == int(state(ledger)["visited"]) + 600_000
    ledger.redis.zadd(ledger.key("revisits"), {entry().id: 0})
    assert opened(ledger) == 1
    assert Entry.model_validate_json(flow(ledger)[0].fields["record"]).title == "5"


def test_a_feed_that_only_rewords_is_believed_less_with_each_look_in_vain(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(revisit_every=60)
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    waits = []
    for n in range(4):
        ledger.claim([entry(title=f"Judul {n}")], stage="fetch", feed=FEED)
        due = ledger.redis.zscore(ledger.key("revisits"), entry().id)
        waits.append(due / 1000 - time.time())
        ledger.redis.zadd(ledger.key("revisits"), {entry().id: 0})
        assert opened(ledger) == 1
        flow(ledger, idle=str(n))
    assert waits[0] <= 0.1
    assert [round(wait / 60) for wait in waits[1:]] == [1, 2, 4]


def test_a_duplicate_that_changes_sends_a_visit_to_the_entry_that_holds_the_article(ledger: Ledger) -> None:
    ledger.redis.hset(ledger.key("feed", "f1"), "record", FEED.model_dump_json())
    ledger.claim([entry(0)], stage="fetch", feed=FEED)
    flow(ledger, stands="https://example.com/0?read=here")
    other = Feed(id="f2", url="https://example.org/rss", name="Lain")
    ledger.claim([entry(1)], stage="fetch", feed=other)
    step(ledger, "fetch", End("duplicate", "brought first", {"holder": entry(0).id}))
    ledger.claim([entry(1, title="Judul “baru”", content="Palsu", authors=("Palsu",))], stage="fetch", feed=other)
    assert opened(ledger) == 1
    (item,) = flow(ledger)
    assert item.id == entry(0).id
    assert Feed.model_validate_json(item.fields["source"]) == FEED, "the article's source is the holder's"
    bare = Entry(id=item.id, feed_id="f1", url="https://example.com/0?read=here", title="Judul “baru”")
    assert Entry.model_validate_json(item.fields["record"]) == bare, "another feed has no say in what the page says"
    counts = ledger.counts()
    assert (counts.indexed, counts.duplicate, counts.missing) == (1, 1, 0)


FAILURES: list[Verdict] = [
    End("discarded", "forbidden"),
    End("quarantined", "Elasticsearch refused this document: 400"),
    End("duplicate", "another entry's"),
    Retry(0, "HTTP 500", attempts=1),
]


@pytest.mark.parametrize("verdict", FAILURES)
def test_a_visit_that_fails_costs_the_article_nothing(ledger: Ledger, verdict: Verdict) -> None:
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    ledger.claim([entry(title="Judul baru")], stage="fetch", feed=FEED)
    opened(ledger)
    step(ledger, "fetch", verdict)
    counts = ledger.counts()
    assert (counts.indexed, counts.quarantined, counts.discarded, counts.duplicate) == (1, 0, 0, 0)
    assert counts.missing == 0
    assert state(ledger)["state"] == "indexed"
    assert state(ledger)["reason"].startswith("visit 1, ")
    assert Revisits(ledger).counts().failed == 1
    assert ledger.redis.zcard(ledger.key("quarantine")) == 0
    answered = isinstance(verdict, End) and verdict.outcome != "quarantined"
    assert Revisits(ledger).counts().planned == (0 if answered else 1), "what gave no answer is asked again"
    ledger.claim([entry(title="Judul lain")], stage="fetch", feed=FEED)
    assert opened(ledger) == 1, "the next change is looked at all the same"


def test_a_visit_that_never_gets_an_answer_is_given_up_after_a_while(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(revisit_every=0.001)
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    ledger.claim([entry(title="Judul baru")], stage="fetch", feed=FEED)
    for _ in range(6):
        opened(ledger)
        step(ledger, "fetch", End("quarantined", "refused"))
    assert Revisits(ledger).counts().planned == 0
    assert Revisits(ledger).counts().failed == 6
    assert "record" not in state(ledger)


def test_a_visit_whose_workers_die_ends_as_it_stood(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(lease=0.02, attempts=1)
    ledger.claim([entry()], stage="fetch", feed=FEED)
    for stage in ("fetch", "extract", "index"):
        lease = make_ledger().lease(stage, 1)
        make_ledger().apply(lease, [(lease.items[0], Advance(b"x"))], following=FOLLOWING[stage])
    lease = make_ledger().lease("story", 1)
    make_ledger().apply(lease, [(lease.items[0], End("indexed"))], following=None)
    ledger.claim([entry(title="Judul baru")], stage="fetch", feed=FEED)
    opened(ledger)
    assert len(ledger.lease("fetch", 1).items) == 1
    deadline, swept = time.monotonic() + 60, ledger.sweep(feed_wait=1)
    while not any(swept.values()) and time.monotonic() < deadline:
        swept = ledger.sweep(feed_wait=1)
    assert swept == {"ready": 0, "quarantined": 0, "indexed": 1}
    assert ledger.counts().indexed == 1
    assert ledger.counts().missing == 0


def hurry(ledger: Ledger, seconds: float) -> int:
    """Moves an entry's plan, and its next look, that far into the past; the plan's new beginning (ms)."""
    key = ledger.key("entry", entry().id)
    plan = int(ledger.redis.hget(key, "plan")) - int(seconds * 1000)
    ledger.redis.hset(key, "plan", plan)
    ledger.redis.zincrby(ledger.key("revisits"), -seconds * 1000, entry().id)
    return plan


def now_ms(ledger: Ledger) -> int:
    seconds, micros = ledger.redis.time()
    return int(seconds) * 1000 + int(micros) // 1000


def next_look(ledger: Ledger) -> float:
    return float(ledger.redis.zscore(ledger.key("revisits"), entry().id))


def test_planned_looks_come_one_after_the_other_and_end(make_ledger: Callable[..., Ledger]) -> None:
    """One that is late makes up for the others that were due meanwhile."""
    ledger = make_ledger(revisit_after=(1000, 3000, 7000, 9000))
    ledger.claim([entry()], stage="fetch", feed=FEED)
    plan = int(state(ledger)["seen"])
    flow(ledger, plan=str(plan))
    assert "record" in state(ledger)
    assert next_look(ledger) == plan + 1_000_000
    assert Revisits(ledger).reopen("fetch", 1) == 0
    assert ledger.forget_old(0) == 0, "a look is still to come"
    plan = hurry(ledger, 1001)
    opened(ledger)
    flow(ledger)
    assert next_look(ledger) == plan + 3_000_000
    hurry(ledger, 8000)
    opened(ledger)
    flow(ledger)
    assert "record" not in state(ledger)
    assert "plan" not in state(ledger)
    assert Revisits(ledger).counts().planned == 0


def test_a_planned_look_that_fails_does_not_end_the_plan(make_ledger: Callable[..., Ledger]) -> None:
    ledger = make_ledger(revisit_after=(1000, 3000))
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger, plan=state(ledger)["seen"])
    plan = hurry(ledger, 1001)
    opened(ledger)
    step(ledger, "fetch", Defer(0, "not yet"))
    step(ledger, "fetch", End("discarded", "robots"))
    assert next_look(ledger) == plan + 3_000_000


def test_an_article_is_watched_from_when_it_is_asked_for(make_ledger: Callable[..., Ledger]) -> None:
    """Whether it ended, is on its way, or was forgotten; twice is once."""
    ledger = make_ledger(revisit_after=(60,))
    revisits, then = Revisits(ledger), datetime.now(UTC) - timedelta(days=9)
    ledger.claim([entry(0), entry(1)], stage="fetch", feed=FEED)
    lease = ledger.lease("fetch", 1)
    ledger.apply(lease, [(lease.items[0], End("discarded", "gone"))], following="extract")
    gone, under_way = lease.items[0].id, entry(1).id if lease.items[0].id == entry(0).id else entry(0).id
    assert not revisits.watch(entry(int(gone, 16)), FEED, article=ARTICLE, first_seen=then)
    assert revisits.watch(entry(int(under_way, 16)), FEED, article=ARTICLE, first_seen=then)
    assert revisits.counts().planned == 0
    flow(ledger)
    assert revisits.counts().planned == 1
    assert revisits.watch(entry(7), FEED, article="b" * 32, first_seen=then), "forgotten"
    due = ledger.redis.zscore(ledger.key("revisits"), entry(7).id)
    assert revisits.watch(entry(7), FEED, article="b" * 32, first_seen=then)
    assert ledger.redis.zscore(ledger.key("revisits"), entry(7).id) == due
    ledger.redis.zadd(ledger.key("revisits"), {entry(7).id: 0})
    assert opened(ledger) == 1
    (item,) = flow(ledger)
    assert int(item.fields["seen"]) == int(then.timestamp() * 1000)
    assert Entry.model_validate_json(item.fields["record"]) == entry(7)
    assert ledger.counts().missing == 0


def test_looks_are_opened_a_few_at_a_time(ledger: Ledger) -> None:
    entries = [entry(n) for n in range(7)]
    ledger.claim(entries, stage="fetch", feed=FEED)
    flow(ledger)
    ledger.claim([one.model_copy(update={"summary": "baru"}) for one in entries], stage="fetch", feed=FEED)
    assert [Revisits(ledger).reopen("fetch", 3) for _ in range(4)] == [3, 3, 1, 0]
    assert ledger.counts().in_flight == 7


def test_a_digest_is_of_what_is_said_not_of_how_it_is_sent() -> None:
    said = entry(content="<p>Isi  berita</p>", authors=("Ani",))
    assert entry_digest(said) == entry_digest(said.model_copy(update={"content": "<p id='7'>Isi berita</p>\n"}))
    assert entry_digest(said) == entry_digest(said.model_copy(update={"tags": ("dunia",), "guid": "x"}))
    now = datetime.now(UTC)
    for change in ({"title": "x"}, {"summary": "x"}, {"content": "x"}, {"authors": ("Budi",)}, {"updated": now}):
        assert entry_digest(said) != entry_digest(said.model_copy(update=change)), change


def test_an_article_that_is_another_at_each_look_is_looked_at_less_and_less_often(
    make_ledger: Callable[..., Ledger],
) -> None:
    """A live text, a page that shows one of two headlines by chance: each look would be a revision, for ever."""
    ledger = make_ledger(revisit_every=600)
    ledger.claim([entry()], stage="fetch", feed=FEED)
    flow(ledger)
    waits = []
    for looks in (6, 12, 36, 144):
        ledger.redis.hset(ledger.key("entry", entry().id), mapping={"visit": looks, "visited": now_ms(ledger)})
        ledger.claim([entry(title=f"Judul {looks}")], stage="fetch", feed=FEED)
        waits.append((ledger.redis.zscore(ledger.key("revisits"), entry().id) - now_ms(ledger)) / 60_000)
        ledger.redis.delete(ledger.key("revisits"))
    assert [round(wait) for wait in waits] == [10, 10, 30, 120]


def test_a_batch_says_when_it_was_taken_by_the_servers_clock(ledger: Ledger) -> None:
    ledger.claim([entry()], stage="fetch", feed=FEED)
    before = now_ms(ledger)
    (item,) = ledger.lease("fetch", 1).items
    assert before <= int(item.fields["taken"]) <= now_ms(ledger)
