"""A newsroom's day at the real gate: its script on a real Valkey, by the day's clock; the log says who was where."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict

import pytest
from redis import Redis

from ingest.rhythm import HOUR
from tests.newsday import START, live, newsroom
from tests.services import ValkeyHandle
from worker.valkey import lua

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
DELAY, CRAWL = 1.0, 7.0  # seconds between two requests: ours, and what every fourth host's robots.txt asks for
HOLD = 35.0
CLOCK = "redis.call('TIME')"


class GateDoor:
    """`worker/lua/gate.lua` as the gate calls it, at the time that it is told."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        text = lua("gate")
        assert text.count(CLOCK) == 1, "the script reads another clock"
        self._gate = redis.register_script(text.replace(CLOCK, "cjson.decode(ARGV[#ARGV])"))
        self._prefix = prefix

    def enter(self, host: str, token: str, at: float, *, urgent: bool) -> float:
        crawl = -1 if urgent else int(1000 * CRAWL) if apart(host) == CRAWL else 0  # a page's robots.txt was read
        delay = int(1000 * DELAY) if urgent else int(1000 * apart(host))
        return self._call(host, at, "enter", token, int(1000 * HOLD), delay, int(urgent), 0, crawl) / 1000

    def leave(self, host: str, token: str, at: float) -> None:
        self._call(host, at, "leave", token, int(1000 * DELAY))

    def _call(self, host: str, at: float, *args: str | int) -> int:
        clock = json.dumps([int(at), int(at % 1 * 1e6)])
        return int(self._gate(keys=[f"{self._prefix}host:{host}"], args=[*args, clock]))


def apart(host: str) -> float:
    return CRAWL if int(host.removeprefix("host")) % 4 == 0 else DELAY


def test_no_host_sees_two_requests_at_once_or_closer_than_its_delay(valkey: ValkeyHandle, redis_prefix: str) -> None:
    """Polls of 400 feeds on 80 hosts and the pages of what is new, by eight workers; Valkey counts in milliseconds."""
    door = GateDoor(Redis.from_url(valkey.url), redis_prefix)
    day = live(newsroom(5, 400, 80, days=0.25), 5, days=0.25, door=door, pages=True)
    by_host: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for host, began, ended in day.requests:
        by_host[host].append((began, ended))
    for host, asked in by_host.items():
        gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(sorted(asked))]
        assert not gaps or min(gaps) > DELAY - 0.002, host
        told = [(earlier, later) for earlier, later in itertools.pairwise(sorted(asked)) if earlier[0] > START + HOUR]
        assert apart(host) == DELAY or all(later[0] - earlier[1] > CRAWL - 0.002 for earlier, later in told), host
    assert set(day.polls) == {feed.id for feed in day.feeds}
    assert day.pages > len(day.feeds), "too few pages to say anything"
