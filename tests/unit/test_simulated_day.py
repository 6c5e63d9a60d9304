"""A simulated day of 2,000 feeds on 400 hosts: soon enough, seldom enough, never two at once at a host."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import pytest

from ingest.rhythm import DAY
from tests.newsday import START, Day, SimFeed, live, newsroom

DELAY = 1.0  # seconds between two requests to one host
EVERY_FIVE_MINUTES = DAY / 300
SMALL = (400, 80)  # feeds, hosts: some seconds each


def entries_of_the_day(feed: SimFeed) -> int:
    return sum(START <= came < START + DAY for came in feed.came)


def held(day: Day) -> tuple[float, float]:
    """Seconds within which 95 of 100 entries of busy feeds were seen, and by how much requests are fewer.

    Busy: an entry an hour or more, over the day. Feeds whose ttl or HTTP headers ask for more than ten minutes are left
    out of the first: what they ask for is kept.
    """
    waits = sorted(
        wait
        for feed in day.feeds
        if entries_of_the_day(feed) >= 24 and max(feed.hints.ttl or 0, feed.hints.fresh or 0) <= 600
        for wait in day.waits[feed.id]
    )
    assert len(waits) > 20 * len(day.feeds) / 10, "too few entries to say anything"
    return waits[math.ceil(0.95 * len(waits)) - 1], len(day.feeds) * EVERY_FIVE_MINUTES / len(day.requests)


def check_politeness(day: Day) -> None:
    by_host: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for host, began, ended in day.requests:
        by_host[host].append((began, ended))
    for asked in by_host.values():
        assert all(later[0] - earlier[1] >= DELAY for earlier, later in itertools.pairwise(sorted(asked)))


@pytest.mark.parametrize(("seed", "feeds", "hosts"), [(1, 2_000, 400), (2, 2_000, 400), (3, *SMALL), (4, *SMALL)])
def test_entries_of_busy_feeds_are_seen_within_ten_minutes_by_a_fifth_of_the_requests(
    seed: int, feeds: int, hosts: int
) -> None:
    day = live(newsroom(seed, feeds, hosts), seed, delay=DELAY)
    within, fewer = held(day)
    assert within <= 600
    assert fewer >= 5 if feeds == 2_000 else fewer >= 4, "so few feeds differ more from seed to seed"
    check_politeness(day)
    assert set(day.polls) == {feed.id for feed in day.feeds}, "each feed was asked, the dead too"


def test_the_measure_sees_what_it_is_for() -> None:
    """By a pace that is the same for all, one of the two fails: each thirty minutes, each five."""
    for minutes, soon, seldom in ((30, False, True), (4, True, False)):
        day = live(newsroom(2, 200, 40), 2, delay=DELAY, fixed=minutes * 60.0)
        within, fewer = held(day)
        assert (within <= 600, fewer >= 5) == (soon, seldom)
