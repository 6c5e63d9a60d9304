"""Politeness on a real Valkey: one request at a time to a host, a delay between two, robots.txt obeyed."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable, Refused
from ingest.fetch import Response
from tests.fakes import FakeFetcher
from tests.services import ValkeyHandle
from worker.gate import Gate, NotYet

pytestmark = pytest.mark.services
URL = "https://example.com/berita/1"


@pytest.fixture
def make_gate(valkey: ValkeyHandle, redis_prefix: str) -> Callable[..., Gate]:
    def make(
        fetcher: FakeFetcher | None = None, delay: float = 0.2, hold: float = 5, free: str = "", share: float = 0.2
    ) -> Gate:
        redis = Redis.from_url(valkey.url)
        hosts = frozenset({free} - {""})
        about: dict[str, Any] = {"delay": delay, "hold": hold, "free": hosts, "agent": "Kawat/1", "share": share}
        return Gate(redis, redis_prefix, fetcher or FakeFetcher({}), **about)

    return make


def test_a_host_is_asked_once_at_a_time_and_with_a_delay_between_two(make_gate: Callable[..., Gate]) -> None:
    """Eight threads with a connection each want one host: no two are inside at once or closer than the delay."""
    inside: list[tuple[float, float]] = []

    def visit() -> None:
        gate, done = make_gate(delay=0.1), 0
        while done < 3:
            try:
                with gate.turn(URL):
                    began = time.monotonic()
                    time.sleep(0.01)
                    inside.append((began, time.monotonic()))
                    done += 1
            except NotYet as wait:
                time.sleep(wait.seconds)

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inside.sort()
    gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(inside)]
    assert len(inside) == 24
    assert min(gaps) > 0.09


def turn_of(gate: Gate, **about: Any) -> tuple[float, float]:
    """When a turn that has to be waited for comes, between these two moments: a busy machine takes its time to ask."""
    before = time.monotonic()
    with pytest.raises(NotYet) as refused, gate.turn(URL, **about):
        pass
    return before + refused.value.seconds, time.monotonic() + refused.value.seconds


def test_those_who_wait_get_turns_one_behind_the_other(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(delay=1)
    with gate.turn(URL):
        first, *_, last = [turn_of(gate) for _ in range(3)]
    assert last[1] - first[0] > 1.99, "a delay between two"


def test_without_a_delay_there_is_still_one_request_at_a_time(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(delay=0)
    with gate.turn(URL), pytest.raises(NotYet), gate.turn(URL):
        pass
    with gate.turn(URL):
        pass


def test_a_poll_does_not_stand_behind_a_hundred_pages(make_gate: Callable[..., Gate]) -> None:
    """The next free moment is kept for it, also against a page that asks just then."""
    gate = make_gate(delay=0.3)
    with gate.turn(URL):
        for _ in range(100):
            with pytest.raises(NotYet), gate.turn(URL):
                pass
        with pytest.raises(NotYet) as refused, gate.turn(URL, urgent=True):
            pass
    assert refused.value.seconds < 1
    time.sleep(refused.value.seconds + 0.05)
    with pytest.raises(NotYet), gate.turn(URL):
        pass
    with gate.turn(URL, urgent=True):
        pass


def test_visits_take_no_more_than_their_share_of_a_hosts_turns(make_gate: Callable[..., Gate]) -> None:
    """Three that want in all the time, and pages that do likewise: a visit at most every 1 / share delays, by the
    gate's own clock."""
    visits: list[int] = []
    pages: list[int] = []
    ended = time.monotonic() + 60

    def ask(times: list[int], visit: bool) -> None:
        gate = make_gate(delay=0.05, share=0.2)
        key = f"{gate.prefix}host:example.com"
        while len(visits) < 8 and time.monotonic() < ended:
            try:
                with gate.turn(URL, visit=visit):
                    times.append(int(gate.redis.hget(key, "visited") or 0))
            except NotYet as wait:
                time.sleep(wait.seconds)

    threads = [threading.Thread(target=ask, args=(visits, True)) for _ in range(3)]
    threads += [threading.Thread(target=ask, args=(pages, False)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(visits) >= 8, "they starve"
    assert min(later - earlier for earlier, later in itertools.pairwise(visits)) >= 250
    assert len(pages) > len(visits)


def test_a_visit_that_has_to_wait_takes_no_turn_from_a_page(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(delay=0.1, share=0.01)
    before = time.monotonic()
    with gate.turn(URL, visit=True):
        began = time.monotonic()
    time.sleep(0.15)
    first, *_, last = [turn_of(gate, visit=True) for _ in range(3)]
    assert first[1] > before + 9.99
    assert first[0] < began + 10.01
    assert last[1] - first[0] > 19.99, "one behind the other"
    with gate.turn(URL):
        pass
    with make_gate(delay=0.1).turn("https://example.org/", visit=True):
        pass


def test_without_a_delay_visits_are_not_held_back(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(delay=0)
    for _ in range(3):
        with gate.turn(URL, visit=True):
            pass


@pytest.mark.parametrize(("error", "least"), [(HostBusy("429", retry_after=90), 89), (HostUnreachable("dead"), 29)])
def test_a_host_in_trouble_is_left_alone_by_all(make_gate: Callable[..., Gate], error: Exception, least: float) -> None:
    gate = make_gate(delay=0)
    with pytest.raises(type(error)), gate.turn(URL):
        raise error
    with pytest.raises(NotYet) as refused, gate.turn(URL):
        pass
    assert refused.value.seconds >= least


def test_another_host_and_a_free_one_do_not_wait(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(delay=60, free="127.0.0.1")
    with (
        gate.turn(URL),
        gate.turn("https://example.org/"),
        gate.turn("http://127.0.0.1:1/"),
        gate.turn("http://127.0.0.1:1/"),
    ):
        pass


def test_a_dead_workers_turn_ends_by_itself(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(delay=0, hold=0.1)
    turn = gate.turn(URL)
    turn.__enter__()
    time.sleep(0.15)
    with make_gate().turn(URL):
        pass


def test_robots_are_obeyed_asked_once_and_their_delay_is_kept(make_gate: Callable[..., Gate]) -> None:
    rules = b"User-agent: *\nDisallow: /rahasia/\nCrawl-delay: 7\n"
    fetcher = FakeFetcher({"https://example.com/robots.txt": rules})
    gate = make_gate(fetcher, delay=0)
    assert gate.check_robots(URL) == 7
    with pytest.raises(Forbidden, match="robots") as refused:
        gate.check_robots("https://example.com/rahasia/1")
    assert refused.value.reason == "robots"
    assert make_gate(fetcher, delay=0).check_robots(URL) == 7
    assert fetcher.asked == ["https://example.com/robots.txt"]


def test_no_robots_file_allows_all_and_one_that_cannot_be_had_makes_the_page_wait(
    make_gate: Callable[..., Gate],
) -> None:
    """RFC 9309, 2.3.1.3 and 2.3.1.4."""
    assert make_gate(FakeFetcher({"https://example.com/robots.txt": Gone("404")}), delay=0).check_robots(URL) == 0
    away = FakeFetcher({"https://example.net/robots.txt": HostUnreachable("no answer")})
    with pytest.raises(HostUnreachable):
        make_gate(away, delay=0).check_robots("https://example.net/a")


def test_rules_that_are_refused_forbid_and_only_so_many_sites_are_kept(
    make_gate: Callable[..., Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = FakeFetcher({"https://example.com/robots.txt": Refused("too large", reason="too-large")})
    with pytest.raises(Forbidden, match="cannot be read"):
        make_gate(huge, delay=0).check_robots(URL)
    private = FakeFetcher({"https://intern.example/robots.txt": Refused("10.0.0.1", reason="private-address")})
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        make_gate(private, delay=0).check_robots("https://intern.example/a")
    monkeypatch.setattr("worker.gate.ROBOTS_SITES", 3)
    sites = [f"https://s{n}.example" for n in range(6)]
    gate = make_gate(FakeFetcher({f"{site}/robots.txt": b"User-agent: *\nAllow: /" for site in sites}), delay=0)
    for site in sites:
        gate.check_robots(f"{site}/a")
    kept = [site for site in sites if gate.redis.exists(f"{gate.prefix}robots:{site}")]
    assert kept == sites[3:]


def test_the_fake_answers_as_the_fetcher_does() -> None:
    answer = FakeFetcher({URL: b"x"}).get(URL)
    assert isinstance(answer, Response)
    assert answer.body == b"x"


def test_a_pause_within_a_turn_is_ours_or_what_robots_txt_asks_up_to_a_bound(
    make_gate: Callable[..., Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("worker.gate.time.sleep", slept.append)
    for ours, asked in ((1, None), (1, 3), (1, 60), (10, 60), (10, None), (300, None)):
        make_gate(delay=ours).pause(URL, delay=asked)
    assert slept == [1, 3, 5, 10, 10, 60]
    make_gate(free="example.com").pause(URL)
    assert len(slept) == 6
