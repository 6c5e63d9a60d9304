"""A feed whose times are constantly hours off is noticed, and the zone named that would set it right."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from ingest.feeds import parse_feed
from ingest.records import Feed
from ingest.zones import HOUR, KEPT, constant_lag, lag_told, read_lags, suggested, with_lags, written_lags, zone

NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)


def feed(**about: str) -> Feed:
    return Feed(id="f", url="https://f.example/rss", name="F", **about)


def lags(hours: float, n: int = 20, spread: float = 0.5, seed: int = 1) -> list[int]:
    """Of entries polled every `spread` hours, whose dates are off by so many hours."""
    draw = random.Random(seed)
    return [int(hours * HOUR + draw.uniform(0, spread * HOUR)) for _ in range(n)]


@pytest.mark.parametrize("hours", [-8, -7, -1, 2, 7, 8])
@pytest.mark.parametrize("seed", range(5))
def test_a_constant_lag_is_noticed_whichever_way_it_goes(hours: int, seed: int) -> None:
    assert constant_lag(lags(hours, seed=seed)) == hours
    assert constant_lag([*lags(hours, n=19, seed=seed), 40]) == hours, "one entry of its own is no matter"


def test_a_feed_that_is_right_slow_or_uneven_is_not_accused() -> None:
    assert constant_lag(lags(0)) is None
    assert constant_lag(lags(0, spread=2)) is None
    assert constant_lag(lags(1, spread=0.5)) is None, "an hour late may be a newsroom's way"
    assert constant_lag(lags(7, spread=6)) is None
    assert constant_lag([*lags(7, n=10), *lags(0, n=10)]) is None
    assert constant_lag(lags(7, n=7)) is None, "too few to tell"
    assert constant_lag([]) is None


def test_only_entries_that_came_between_two_close_polls_say_something() -> None:
    assert with_lags([5], [100.0, None], seen=160.0, gap=600) == [5, 60]
    assert with_lags([5], [100.0], seen=160.0, gap=3 * HOUR) == [5]
    assert with_lags([5], [0.0], seen=100 * HOUR, gap=600) == [5], "an old entry listed anew is no lag"
    assert len(with_lags([1] * KEPT, [100.0], seen=160.0, gap=60)) == KEPT
    assert with_lags([1] * KEPT, [100.0], seen=160.0, gap=60)[-1] == 60


@pytest.mark.parametrize(
    ("hours", "about", "expected"),
    [
        (-7, {"country": "ID"}, "Asia/Jakarta"),
        (-8, {"country": "ID"}, "Asia/Makassar"),
        (-9, {"country": "JP"}, "Asia/Tokyo"),
        (-8, {"country": "SG"}, "Asia/Singapore"),
        (-7, {}, "Etc/GMT-7"),
        (7, {}, "Etc/GMT+7"),
        (7, {"tz": "Asia/Jakarta"}, "UTC"),
    ],
)
def test_the_zone_is_named_that_would_set_it_right(hours: int, about: dict[str, str], expected: str) -> None:
    assert suggested(hours, feed(**about), NOW) == expected
    assert zone(expected)
    assert f"tz={expected}" in lag_told(hours, feed(**about), NOW)
    assert f"{abs(hours)} hours {'before' if hours > 0 else 'after'}" in lag_told(hours, feed(**about), NOW)


def test_a_zone_that_nobody_knows_is_refused_with_the_one_that_was_meant() -> None:
    assert zone("Asia/Jakarta").key == "Asia/Jakarta"
    with pytest.raises(ValueError, match=r"'asia/jakarta' is no time zone; did you mean Asia/Jakarta\?"):
        zone("asia/jakarta")
    for wrong in ("../../etc/passwd", "", "WIB+7"):
        with pytest.raises(ValueError, match="is no time zone"):
            zone(wrong)


def test_what_was_measured_in_another_zone_says_nothing_any_more() -> None:
    before, after = feed(), feed(tz="Asia/Jakarta")
    assert read_lags(written_lags([1, 2], before), before) == [1, 2]
    assert read_lags(written_lags([1, 2], before), after) == []
    assert read_lags(None, before) == []


def test_a_feeds_dates_without_a_zone_are_read_in_its_own() -> None:
    body = (
        b"<rss version='2.0'><channel><title>T</title><item><link>https://a.example/1</link><title>A</title>"
        b"<pubDate>%b</pubDate></item></channel></rss>"
    )
    for date, expected in ((b"2026-07-01 10:00:00", 3), (b"Wed, 01 Jul 2026 10:00:00 GMT", 10)):
        parsed = parse_feed(body % date, url="https://a.example/rss", feed_id="f", now=NOW, zone=zone("Asia/Jakarta"))
        assert parsed.entries[0].published == datetime(2026, 7, 1, expected, tzinfo=UTC)
