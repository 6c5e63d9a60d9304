"""A host that asks for patience, and hosts that redirects lead to, over real HTTP and a real Valkey: the newsroom's own
log says how it was asked."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from queue import Empty, Queue

import pytest
from redis import Redis

from ingest.fetch import HttpFetcher
from ingest.records import Entry, Feed
from ingest.urls import article_id, feed_id
from tests.fakes import FakeIndex, FakeStories
from tests.newsroom import Newsroom
from tests.newsroom.routes import redirect
from tests.newsroom.server import Response
from tests.services import ValkeyHandle
from worker import pages, poll
from worker.gate import Gate
from worker.stages import Ports
from worker.verdicts import Advance, Again, Defer, Item, Verdict

pytestmark = pytest.mark.services
DELAY = 0.2  # seconds between two requests to one host
PATIENCE = 60.0
RSS = (("Content-Type", "application/rss+xml"),)
BODY = (
    b"<rss version='2.0'><channel><title>T</title><item><title>Berita</title><link>https://a.example/1</link></item>"
    b"</channel></rss>"
)
PAGE = b"<!doctype html><title>Berita</title><article><p>Menteri berkata kantor itu dibuka.</p></article>"


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(hosts=2, window=None) as room:
        room.set_robots("User-agent: *\nDisallow:\n")
        yield room


class Worker:
    """As one worker process stands: its own connections, the fleet's gate. The newsroom is allowed, but not free."""

    def __init__(self, valkey: ValkeyHandle, prefix: str) -> None:
        self.fetcher = HttpFetcher("Kawat/1", 10, 1_000_000, frozenset({"127.0.0.1", "127.0.0.2"}))
        redis = Redis.from_url(valkey.url)
        about = {"delay": DELAY, "hold": 15.0}
        self.gate = Gate(redis, prefix, self.fetcher, free=frozenset(), agent="Kawat/1", **about)

    def poll(self, url: str) -> Verdict:
        feed = Feed(id=feed_id(url), url=url, name="F")
        ports = poll.PollPorts(self.fetcher, self.gate, _all_new, lambda _: None, interval=600)
        ((_, verdict),) = next(iter(poll.poll([Item(feed.id, 1, {"record": feed.model_dump_json()})], ports)))
        return verdict

    def page(self, url: str) -> Verdict:
        entry = Entry(id=article_id(url), feed_id=None, url=url, title="Judul")
        ports = Ports(self.fetcher, self.gate, FakeIndex(), FakeStories())
        ((_, verdict),) = next(iter(pages.fetch([Item(entry.id, 1, {"record": entry.model_dump_json()})], ports)))
        return verdict


@pytest.fixture
def workers(valkey: ValkeyHandle, redis_prefix: str) -> Iterator[list[Worker]]:
    made = [Worker(valkey, redis_prefix) for _ in range(4)]
    yield made
    for worker in made:
        worker.fetcher.close()
        worker.gate.redis.close()


def _all_new(entries: Sequence[Entry], _: Feed) -> list[bool]:
    return [True for _ in entries]


def test_a_host_that_answers_429_is_left_alone_by_all_feeds_and_pages_of_all_workers(
    newsroom: Newsroom, workers: list[Worker]
) -> None:
    (busy, other), rest = newsroom.roots, 8.0
    for path in ("/satu.xml", "/dua.xml"):
        newsroom.serve(path, Response(200, RSS, BODY))
    newsroom.serve("/halaman", Response(200, (("Content-Type", "text/html"),), PAGE))
    newsroom.fail("/satu.xml", 429, times=1, headers={"Retry-After": str(int(rest))})
    first = workers[0].poll(f"{busy}/satu.xml")
    told = time.monotonic()
    assert isinstance(first, Again)
    assert first.fields["error_kind"] == "busy"
    for waits in (workers[1].poll(f"{busy}/dua.xml"), workers[2].page(f"{busy}/halaman")):
        assert isinstance(waits, Defer), "no attempt is counted"
    deferred = workers[1].poll(f"{busy}/dua.xml")
    assert isinstance(deferred, Defer)
    assert time.monotonic() - told + deferred.after > 0.9 * rest, "as long as the host asked for"
    assert isinstance(workers[3].poll(f"{other}/dua.xml"), Again), "another host waits for nothing"
    host = busy.removeprefix("http://")
    assert [seen.path for seen in newsroom.requests() if seen.host == host] == ["/satu.xml"]
    until = time.monotonic() + PATIENCE
    while isinstance(second := workers[1].poll(f"{busy}/dua.xml"), Defer):
        assert time.monotonic() < until
        time.sleep(min(second.after, 0.5))
    assert isinstance(second, Again)
    assert second.fields["failures"] == "0"
    asked = [seen.time for seen in newsroom.requests() if seen.host == host]
    assert asked[1] - asked[0] >= 0.95 * rest


def test_what_robots_txt_asks_between_two_requests_holds_for_polls_and_redirects_too(
    newsroom: Newsroom, workers: list[Worker]
) -> None:
    """Polls read no robots.txt; a redirect on the same host is a request of the same turn."""
    root, apart = newsroom.roots[0], 1.0
    newsroom.set_robots(f"User-agent: *\nCrawl-delay: {apart:g}\n")
    newsroom.serve("/isi", Response(200, (("Content-Type", "text/html"),), PAGE))
    newsroom.serve("/pendek", redirect(f"{root}/isi", 302))
    newsroom.serve("/umpan.xml", Response(200, RSS, BODY))
    for number, ask in enumerate((Worker.poll, Worker.page, Worker.poll, Worker.poll)):
        url = f"{root}/pendek" if ask is Worker.page else f"{root}/umpan.xml"
        until = time.monotonic() + PATIENCE
        while isinstance(verdict := ask(workers[number], url), Defer):
            assert time.monotonic() < until
            time.sleep(min(verdict.after, 1.0))
    host = root.removeprefix("http://")
    asked = [seen for seen in newsroom.requests() if seen.host == host]
    assert [seen.path for seen in asked] == ["/umpan.xml", "/robots.txt", "/pendek", "/isi", "/umpan.xml", "/umpan.xml"]
    gaps = [later.time - earlier.time for earlier, later in itertools.pairwise(asked)]
    assert min(gaps) > 0.9 * DELAY
    assert min(gaps[1:]) > 0.9 * apart, "once its robots.txt was read"


def test_a_host_that_redirects_lead_to_has_one_budget_with_its_own_pages(
    newsroom: Newsroom, workers: list[Worker]
) -> None:
    """Half of the pages stand on the second host, half are only led there from the first one."""
    first, second = newsroom.roots
    todo = Queue[tuple[float, str]]()
    for n in range(6):
        newsroom.serve(f"/isi/{n}", Response(200, (("Content-Type", "text/html"),), PAGE, delay=0.02))
        newsroom.serve(f"/pendek/{n}", redirect(f"{second}/isi/{n}", 302))
        todo.put((0.0, f"{first}/pendek/{n}"))
        todo.put((0.0, f"{second}/isi/{n}?sendiri"))
    done: list[str] = []

    def work(worker: Worker) -> None:
        until = time.monotonic() + PATIENCE
        while len(done) < 12 and time.monotonic() < until:
            try:
                due, url = todo.get(timeout=0.1)
            except Empty:
                continue
            time.sleep(max(0.0, due - time.monotonic()))
            verdict = worker.page(url)
            if isinstance(verdict, Advance):
                assert verdict.fields["partial"] == ""
                done.append(url)
            else:
                assert isinstance(verdict, Defer), verdict
                todo.put((time.monotonic() + min(verdict.after, 1.0), url))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    assert len(done) == 12
    for root in (first, second):
        host = root.removeprefix("http://")
        assert newsroom.max_concurrent(host) == 1
        asked = sorted(seen.time for seen in newsroom.requests() if seen.host == host)
        gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
        assert min(gaps) > 0.9 * DELAY, f"{host}: {gaps}"
    assert len([seen for seen in newsroom.requests() if seen.path.startswith("/isi/")]) == 12
