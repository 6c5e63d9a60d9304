"""Before work begins: subscriptions come back from their second copy, and nothing ever deletes the only one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from ingest.records import Article, Entry, Feed, TaggedArticle
from ingest.urls import article_id, entry_id, feed_id
from search.ports import Document
from tests.services import ValkeyHandle
from worker import start
from worker.control import save_feeds
from worker.homes import LedgerHomes
from worker.process import Process
from worker.sample import add_sample, remove_sample, sample_feed
from worker.settings import Settings, read_settings
from worker.start import default_feeds, prepare, restore_feeds
from worker.subscriptions import Subscriptions
from worker.verdicts import Advance, Again, End, Verdict

pytestmark = pytest.mark.services

PACK = """<opml version="2.0"><body><outline text="Pack">
  <outline type="rss" text="One" xmlUrl="https://one.example/rss"/>
  <outline type="rss" text="Two" xmlUrl="https://two.example/rss"/>
  <outline type="rss" text="Three" xmlUrl="https://three.example/rss"/>
</outline></body></opml>"""


@pytest.fixture
def make_settings(
    valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> Callable[..., Settings]:
    def make(**changes: str) -> Settings:
        given = {
            "STATE_DIR": str(tmp_path),
            "REDIS_URL": valkey.url,
            "REDIS_PREFIX": redis_prefix,
            "ELASTICSEARCH_URL": elasticsearch_url,
            "INDEX_PREFIX": index_prefix,
            "PACKS": "false",
            "SAMPLE": "false",
            **changes,
        }
        return read_settings({f"KAWAT_{name}": value for name, value in given.items()})

    return make


@contextmanager
def services(settings: Settings) -> Iterator[Process]:
    process = Process(settings)
    yield process
    process.redis.close()
    process.elasticsearch.close()


@pytest.fixture
def here(make_settings: Callable[..., Settings]) -> Iterator[Process]:
    settings = make_settings()
    prepare(settings)
    with services(settings) as process:
        yield process


def feed(name: str) -> Feed:
    url = f"https://{name}.example/rss"
    return Feed(id=feed_id(url), url=url, name=name)


FIVE = [feed(name) for name in ("alfa", "bravo", "charlie", "delta", "echo")]


def lose_valkey(here: Process) -> None:
    for key in here.redis.scan_iter(here.ledger.key("*"), count=1000):
        here.redis.unlink(key)


def followed(here: Process) -> set[str]:
    return {one.feed.name for one in here.subscriptions.health()}


def saved(here: Process) -> set[str]:
    return {one.name for one in here.feed_index.read_feeds()}


NAMES = {one.name for one in FIVE}


def test_a_feed_that_is_added_or_removed_is_so_in_elasticsearch_too(here: Process) -> None:
    here.subscriptions.add(FIVE)
    save_feeds(here)
    assert saved(here) == NAMES
    here.subscriptions.remove([FIVE[0].id])
    save_feeds(here)
    assert saved(here) == NAMES - {"alfa"}


def test_a_lost_valkey_gets_all_feeds_back(here: Process) -> None:
    here.subscriptions.add(FIVE)
    save_feeds(here)
    lose_valkey(here)
    (said,) = [line for line in prepare(here.settings) if "taken over" in line]
    assert "5 feeds" in said
    assert followed(here) == NAMES
    assert prepare(here.settings) == []
    save_feeds(here)
    assert saved(here) == NAMES


def test_a_feed_added_to_a_lost_valkey_costs_no_other_subscription(here: Process) -> None:
    """Before the next start somebody follows one more feed, and renames one: ticks go on, nothing is removed."""
    here.subscriptions.add(FIVE)
    save_feeds(here)
    lose_valkey(here)
    renamed = FIVE[1].model_copy(update={"name": "new name"})
    here.subscriptions.add([feed("foxtrot"), renamed])
    save_feeds(here)
    assert saved(here) == NAMES
    prepare(here.settings)
    whole = NAMES - {"bravo"} | {"foxtrot", "new name"}
    assert followed(here) == whole
    save_feeds(here)
    assert saved(here) == whole


def test_a_restore_that_is_cut_off_is_done_to_its_end_the_next_time(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after two of five feeds; ticks meanwhile; then a start that gets through."""
    here.subscriptions.add(FIVE)
    save_feeds(here)
    lose_valkey(here)
    whole = Subscriptions.add

    def killed_halfway(self: Subscriptions, feeds: Iterable[Feed]) -> tuple[int, int]:
        whole(self, islice(feeds, 2))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Subscriptions, "add", killed_halfway)
        with pytest.raises(KeyboardInterrupt):
            prepare(here.settings)
    assert len(followed(here)) == 2
    save_feeds(here)
    assert saved(here) == NAMES
    prepare(here.settings)
    assert followed(here) == NAMES
    save_feeds(here)
    assert saved(here) == NAMES


def test_valkey_lost_between_two_looks_at_the_list_removes_nothing(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst moment: a tick has seen that the list is whole, Valkey is lost, the tick reads an empty list."""
    here.subscriptions.add(FIVE)
    save_feeds(here)
    here.subscriptions.add([feed("foxtrot")])
    read = Subscriptions.health

    def lost_before(self: Subscriptions) -> object:
        lose_valkey(here)
        self.mark_restored()  # and another ledger has begun
        return read(self)

    monkeypatch.setattr(Subscriptions, "health", lost_before)
    save_feeds(here)
    assert saved(here) == NAMES


def test_an_index_that_is_new_gets_the_list_of_an_old_ledger(here: Process) -> None:
    here.subscriptions.add(FIVE)
    save_feeds(here)
    here.feed_index.remove_feeds([one.id for one in FIVE])
    prepare(here.settings)
    assert followed(here) == NAMES
    save_feeds(here)
    assert saved(here) == NAMES


def test_the_packs_are_added_once_and_whole(
    make_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first start killed halfway adds the rest the next time; what was removed afterwards stays away."""
    packs = tmp_path / "packs.opml"
    packs.write_text(PACK)
    monkeypatch.setattr(start, "PACKS", packs)
    with services(make_settings(PACKS="true")) as here:
        prepare(make_settings())  # the schema
        whole = Subscriptions.add

        def killed_halfway(self: Subscriptions, feeds: Iterable[Feed]) -> tuple[int, int]:
            whole(self, islice(feeds, 1))
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(Subscriptions, "add", killed_halfway)
            with pytest.raises(KeyboardInterrupt):
                default_feeds(here, packs)
        assert followed(here) == {"One"}
        default_feeds(here, packs)
        assert followed(here) == {"One", "Two", "Three"}
        here.subscriptions.remove([feed_id("https://two.example/rss")])
        default_feeds(here, packs)
        assert followed(here) == {"One", "Three"}


def test_a_restored_list_gets_no_packs_on_top(make_settings: Callable[..., Settings], here: Process) -> None:
    """The packs that its owner sent away do not come back with a lost Valkey."""
    here.subscriptions.add(FIVE)
    save_feeds(here)
    lose_valkey(here)
    prepare(make_settings(PACKS="true"))
    assert followed(here) == NAMES


def test_nothing_to_restore_is_restored_too(here: Process) -> None:
    assert restore_feeds(here) == []
    assert here.subscriptions.restored()


# the sample


@pytest.fixture
def sampled(make_settings: Callable[..., Settings]) -> Iterator[Process]:
    """A ledger that follows the sample source and another feed."""
    settings = make_settings(SAMPLE="true", SAMPLE_PORT="8765")
    prepare(settings)
    with services(settings) as process:
        process.subscriptions.add([FIVE[0]])
        yield process


def claimed(here: Process, source: Feed, n: int, start: int = 0) -> list[Entry]:
    """New entries of a feed, ready to be fetched."""
    entries = []
    for i in range(start, start + n):
        url = source.url.replace("rss", str(i))
        entries.append(Entry(id=entry_id(source.id, url, None), feed_id=source.id, url=url))
    assert all(here.ledger.claim(entries, stage="fetch", feed=source))
    return entries


def write(here: Process, source: Feed, entries: Sequence[Entry]) -> list[str]:
    """Articles of these entries, in the index: their ids."""
    documents = []
    for one in entries:
        text = {"title": "Kantor penghubung", "body": "Dibuka di Tokyo.", "content_hash": one.id}
        article = Article(id=article_id(one.url), url=one.url, **text)
        tagged = TaggedArticle(article=article)
        documents.append(Document(entry_id=one.id, tagged=tagged, feed=source, first_seen=datetime.now(UTC)))
    assert {result.outcome for result in here.index.write(documents)} == {"written"}
    return [document.tagged.article.id for document in documents]


def found(here: Process) -> set[str]:
    here.index.refresh()
    return {hit.id for hit in here.search.search("").hits}


def homes(here: Process, articles: Sequence[str]) -> Mapping[str, str]:
    return LedgerHomes(here.redis, here.settings.redis_prefix, days=1).get(articles)


def finish(here: Process, stage: str, verdict: Verdict, following: str | None = None) -> None:
    """A worker's batch from lease to verdict: all that is due at this stage."""
    lease = here.ledger.lease(stage, 100)
    assert lease.items
    assert all(here.ledger.apply(lease, [(item, verdict) for item in lease.items], following=following))


@contextmanager
def at_work(work: Callable[[], None], after: float) -> Iterator[None]:
    """A worker that does its work `after` seconds from now. Its failure is the test's."""

    def later() -> None:
        time.sleep(after)
        work()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(later)
        yield
        future.result(10)


def test_the_sample_source_leaves_with_all_that_was_on_its_way(sampled: Process) -> None:
    """Articles, records, homes; what waits and what is in quarantine ends; what a worker holds is waited for."""
    here, ledger, sample = sampled, sampled.ledger, sample_feed(sampled.settings)
    first = claimed(here, sample, 2)
    articles = write(here, sample, first)
    finish(here, "fetch", End("indexed"))
    ours = claimed(here, FIVE[0], 1)
    kept = write(here, FIVE[0], ours)
    finish(here, "fetch", Advance(b"page"), following="extract")
    fetched = claimed(here, sample, 1, start=2)
    finish(here, "fetch", Advance(b"page"), following="extract")
    failed = claimed(here, sample, 1, start=3)
    finish(here, "fetch", End("quarantined", "for the test"))
    held = claimed(here, sample, 1, start=4)
    lease = ledger.lease("fetch", 1)
    waiting = claimed(here, sample, 2, start=5)

    def end() -> None:
        articles.extend(write(here, sample, held))
        assert ledger.apply(lease, [(lease.items[0], End("indexed"))], following=None) == [True]

    with at_work(end, after=0.5):
        gone = remove_sample(here)
    assert (gone.articles, gone.held) == (3, 0)
    assert found(here) == set(kept)
    assert not any(ledger.entry(one.id) for one in (*first, *fetched, *failed, *held, *waiting))
    assert ledger.entry(ours[0].id)
    assert homes(here, articles) == {}
    assert set(homes(here, kept)) == set(kept)
    assert {one.feed.name for one in here.subscriptions.health()} == {"alfa"}
    counts = ledger.counts()
    assert (counts.missing, counts.in_flight, counts.quarantined) == (0, 1, 0)
    assert ledger.discards() == {"sample-removed": 3, "by-hand": 1}
    assert ledger.bytes_in_flight() == len(b"page")


def test_a_poll_under_way_brings_the_sample_back_in_no_way(sampled: Process) -> None:
    here, ledger, sample = sampled, sampled.ledger, sample_feed(sampled.settings)
    here.subscriptions.remove([FIVE[0].id])
    lease = ledger.lease("poll", 1)
    assert [item.id for item in lease.items] == [sample.id]

    def end() -> None:
        claimed(here, sample, 3)
        ledger.apply(lease, [(lease.items[0], Again(0))], following=None)

    with at_work(end, after=0.5):
        assert remove_sample(here).held == 0
    assert here.subscriptions.ids() == []
    counts = ledger.counts()
    assert (counts.seen, counts.discarded, counts.in_flight, counts.missing) == (3, 3, 0, 0)
    assert ledger.lease("poll", 1).items == ()


def test_what_a_worker_holds_too_long_is_told_and_a_second_removal_ends_it(sampled: Process) -> None:
    here, ledger, sample = sampled, sampled.ledger, sample_feed(sampled.settings)
    claimed(here, sample, 2)
    lease = ledger.lease("fetch", 1)
    assert remove_sample(here, patience=0.2).held == 1
    assert ledger.counts().in_flight == 1
    ledger.apply(lease, [(item, Advance(b"page")) for item in lease.items], following="extract")
    assert remove_sample(here, patience=0.2).held == 0
    counts = ledger.counts()
    assert (counts.in_flight, counts.discarded, counts.missing, ledger.bytes_in_flight()) == (0, 2, 0, 0)


def test_the_sample_source_stays_away_until_it_is_added_again(sampled: Process) -> None:
    """Also where the removal was cut off before its end."""
    here = sampled
    here.redis.set(here.ledger.key("sample:removed"), 1)
    here.subscriptions.hold([sample_feed(here.settings).id])  # and then it was killed
    prepare(here.settings)
    assert followed(here) == {"alfa"}
    here.redis.set(here.ledger.key("sample:removed"), 1)
    here.subscriptions.hold([sample_feed(here.settings).id])
    assert add_sample(here)
    prepare(here.settings)
    assert followed(here) == {"alfa", "Warta Contoh"}
    assert here.ledger.stage_counts()["poll"].due == 2
