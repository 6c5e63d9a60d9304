"""Many feeds on few hosts, polled by eight threads at once: each host is asked once at a time, its delay apart."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from queue import Empty, Queue
from urllib.parse import urlsplit

import pytest
from redis import Redis

from ingest.fetch import PAGE_ACCEPT, OnRedirect, Response
from ingest.records import Entry, Feed
from tests.fakes import FakeFetcher
from tests.services import ValkeyHandle
from worker import poll
from worker.gate import Gate
from worker.verdicts import Again, Item

pytestmark = pytest.mark.services
DELAY = 0.05  # seconds between two requests to one host
HOSTS, FEEDS, THREADS = 5, 40, 8
BODY = (
    b"<rss version='2.0'><channel><title>T</title><item><title>Berita</title><link>https://a.example/1</link></item>"
    b"</channel></rss>"
)


class LoggingFetcher:
    """Answers each feed; every seventh is redirected to the first host. Logs when it was at which host."""

    def __init__(self) -> None:
        self.log: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = PAGE_ACCEPT,
        on_redirect: OnRedirect | None = None,
    ) -> Response:
        self._ask(url)
        if int(urlsplit(url).path[1:]) % 7 == 0 and "host0" not in url and on_redirect:
            url = url.replace(urlsplit(url).netloc, "host0.example")
            on_redirect(url)
            self._ask(url)
        return Response(url=url, status=200, body=BODY, content_type="application/rss+xml")

    def _ask(self, url: str) -> None:
        began = time.monotonic()
        time.sleep(0.004)
        self.log[urlsplit(url).netloc].append((began, time.monotonic()))


def claim(entries: Sequence[Entry], _feed: Feed) -> list[bool]:
    return [True for _ in entries]


def test_no_host_is_asked_twice_at_once_or_before_its_delay_is_over(valkey: ValkeyHandle, redis_prefix: str) -> None:
    fetcher, waiting, polled = LoggingFetcher(), Queue[tuple[float, Item]](), Counter[str]()
    for n in range(FEEDS):
        feed = Feed(id=f"f{n}", url=f"https://host{n % HOSTS}.example/{n}", name=f"Feed {n}")
        waiting.put((0.0, Item(feed.id, 1, {"record": feed.model_dump_json()})))

    def work() -> None:
        gate = Gate(
            Redis.from_url(valkey.url), redis_prefix, FakeFetcher({}), delay=DELAY, hold=5, free=frozenset(), agent="K"
        )
        ports = poll.PollPorts(fetcher, gate, claim, lambda _: None, interval=600)
        while True:
            try:
                due, item = waiting.get_nowait()
            except Empty:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            ((_, verdict),) = next(iter(poll.poll([item], ports)))
            if isinstance(verdict, Again):
                polled[item.id] += 1
            else:  # not its turn yet: later, and no attempt counted
                waiting.put((time.monotonic() + getattr(verdict, "after", DELAY), item))

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert polled == Counter({f"f{n}": 1 for n in range(FEEDS)})
    assert sum(map(len, fetcher.log.values())) >= FEEDS + sum(n % 7 == 0 and n % HOSTS != 0 for n in range(FEEDS))
    for asked in fetcher.log.values():
        gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(sorted(asked))]
        assert min(gaps) > 0.9 * DELAY
