"""Politeness: one budget per host across the whole fleet, and robots.txt obeyed for pages."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import zstandard

from ingest.errors import Discard, Forbidden, HostBusy, HostUnreachable, Permanent, Refused
from ingest.fetch import Fetcher
from ingest.robots import crawl_delay, robots_allows
from worker.valkey import Client, script

ROBOTS_KEPT = 6 * 3600  # seconds; RFC 9309 §2.4: at most 24 h
ROBOTS_BYTES = 512_000  # RFC 9309 §2.5: at least 500 kiB are read
UNREADABLE = frozenset({"too-large", "encoding"})  # a robots.txt that is there, but not for us to read
ROBOTS_SITES = 5_000  # whose rules are kept at a time
LONGEST_DELAY = 60.0  # a Crawl-delay above this would be a refusal in disguise
LONGEST_PAUSE = 5.0  # seconds between a redirect and where it leads on the same host: the turn is held meanwhile
BUSY_REST = 60.0  # seconds a host is left alone after a 429 or 503 that names no time
DEAD_REST = 30.0  # … after no answer
LONGEST_REST = 3600.0


class NotYet(Exception):  # noqa: N818  # not an error: a turn that has not come
    """The host's turn has not come: wait so many seconds."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} has other requests before this one")
        self.seconds = seconds


class Gate:
    """Who may ask which host when. `delay`: seconds between two requests; `free`: hosts without one (our own);

    `share`: of a host's turns, at most so many are visits (0 to 1).
    """

    def __init__(
        self,
        redis: Client,
        prefix: str,
        fetcher: Fetcher,
        *,
        delay: float,
        hold: float,
        free: frozenset[str],
        agent: str,
        share: float = 0.2,
    ) -> None:
        self.redis, self.prefix, self.fetcher = redis, prefix, fetcher
        self.delay, self.hold, self.free, self.agent = delay, hold, free, agent
        self.share = share
        self._gate = script(redis, "gate")

    @contextmanager
    def turn(
        self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False
    ) -> Iterator[None]:
        """Holds the host of `url` for one request. Raises NotYet where it is not this one's turn.

        `delay`: seconds between two requests by the host's robots.txt (`check_robots`), where that was read: from then
        on they hold for all. `urgent` (a feed's poll) does not stand behind the host's waiting pages. A `visit` (a page
        read before) gets a share of the turns, and leaves them to others while they ask. A host that asks for patience,
        or does not answer, is left alone for a while by all: one request learns it, the others wait and count no
        attempt.
        """
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if host in self.free or parts.hostname in self.free:
            yield
            return
        key, token = f"{self.prefix}host:{host}", secrets.token_hex(8)
        gap = self.delay if delay is None else delay
        held = int(1000 * self.hold)
        apart = int(1000 * gap / self.share) if visit else 0
        crawl = -1 if delay is None else int(1000 * delay) if delay > self.delay else 0
        wait = int(self._gate(keys=[key], args=["enter", token, held, int(1000 * gap), int(urgent), apart, crawl]))
        if wait > 0:
            raise NotYet(host, wait / 1000)
        try:
            yield
        except HostBusy as busy:
            gap = max(gap, min(busy.retry_after or BUSY_REST, LONGEST_REST))
            raise
        except HostUnreachable:
            gap = max(gap, DEAD_REST)
            raise
        finally:
            self._gate(keys=[key], args=["leave", token, int(1000 * gap)])

    def pause(self, url: str, *, delay: float | None = None) -> None:
        """For requests of one turn, and a person's own, one after the other: waits as long as between two of a host's
        turns. What a robots.txt asks for (`delay`) at most `LONGEST_PAUSE`, as others wait for the one who waits."""
        parts = urlsplit(url)
        if parts.netloc.rpartition("@")[2] not in self.free and parts.hostname not in self.free:
            time.sleep(min(max(self.delay, min(delay or 0.0, LONGEST_PAUSE)), LONGEST_DELAY))

    def check_robots(self, url: str) -> float:
        """Raises Forbidden where robots.txt keeps us from this page; else the seconds to leave between two requests."""
        rules = self._robots(url)
        if not robots_allows(rules, self.agent, url):
            raise Forbidden(f"{url}: robots.txt keeps this page from us", reason="robots")
        return min(max(self.delay, crawl_delay(rules, self.agent) or 0.0), LONGEST_DELAY)

    def _robots(self, url: str) -> str:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        key = f"{self.prefix}robots:{site}"
        kept = self.redis.get(key)
        if kept is not None:
            return (
                zstandard.ZstdDecompressor().decompress(kept, max_output_size=ROBOTS_BYTES).decode("utf-8", "replace")
            )
        rules = self._ask_robots(site)
        packed = zstandard.ZstdCompressor(write_content_size=True).compress(rules)
        self.redis.set(key, packed, ex=ROBOTS_KEPT)
        self._keep_few(key)
        return rules.decode("utf-8", "replace")

    def _keep_few(self, key: str) -> None:
        """The oldest go: whoever lists pages on ever new hosts must not fill the memory with their rules."""
        index = f"{self.prefix}robots-kept"
        self.redis.zadd(index, {key: time.time()})
        over = self.redis.zcard(index) - ROBOTS_SITES
        for old, _ in self.redis.zpopmin(index, over) if over > 0 else ():
            self.redis.delete(old)

    def _ask_robots(self, site: str) -> bytes:
        """RFC 9309 §2.3.1: no such file allows all; an unreachable one disallows all: Transient, so the page waits."""
        try:
            with self.turn(site):
                answer = self.fetcher.get(site + "/robots.txt", accept="text/plain")
        except Refused as error:
            if error.reason not in UNREADABLE:
                raise
            raise Forbidden(f"{site}: its robots.txt cannot be read: {error}", reason="robots") from None
        except (Discard, Permanent):
            return b""
        return answer.body[:ROBOTS_BYTES]
