"""The coverage receipt: what is blind, what may have been missed, in words of both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from search.receipt import Blind, Hearing, Missed, Near, Probe, Receipt, hearing_of, reason
from search.receiptwords import EN, ID, receipt_line, receipt_lines
from tests.desks import feed, health
from tests.unit.test_poll import Wire, rss, wire

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TZ = "Asia/Jakarta"
__all__ = ["wire"]


def receipt(**changes: Any) -> Receipt:
    hearing = Hearing(followed=42, blind=(Blind(feed="Tempo", why="403", since=NOW - timedelta(hours=6)),))
    given: dict[str, Any] = {
        "rule": "kantor-penghubung",
        "rule_name": "Kantor penghubung",
        "since": NOW - timedelta(hours=24),
        "until": NOW,
        "alerts": 0,
        "articles": 4812,
        "hearing": hearing,
        "probe": Probe(sentence="Kantor penghubung dibuka", found=True, seconds=3.04),
        "stemmed": 2,
    }
    return Receipt.model_validate({**given, **changes})


def test_it_reads_as_the_desk_wants_it() -> None:
    assert receipt_line(receipt(), "en", TZ) == (
        "No alert in 24 h; 4,812 articles from 41 of 42 feeds; blind: Tempo (403 since 13:00);"
        " test article found in 3 s; near misses: 2 in other forms of the words."
    )
    assert receipt_line(receipt(), "id", TZ) == (
        "Tidak ada peringatan dalam 24 jam; 4.812 artikel dari 41 dari 42 umpan; tak terdengar: Tempo (403 sejak"
        " 13:00); artikel uji ditemukan dalam 3 dtk; nyaris cocok: 2 dalam bentuk kata yang lain."
    )
    assert receipt().trusted


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"probe": Probe(sentence="x", found=False, seconds=1, why="no such field")}, "NOT found: no such field"),
        ({"muted_until": NOW + timedelta(hours=2)}, "MUTED until 21:00"),
        ({"enabled": False}, "DISABLED"),
        ({"hearing": Hearing(followed=3, deaf_since=NOW - timedelta(hours=2))}, "no feed was heard since 17:00"),
        ({"hearing": Hearing(followed=1, blind=(Blind(feed="Tempo", why="dns"),)), "articles": 0}, "from 0 of 1 feeds"),
        ({"hearing": Hearing(followed=3, paused=("0.9 GB free",))}, "intake is paused: 0.9 GB free"),
    ],
)
def test_what_makes_silence_worthless_is_said_and_not_trusted(changes: dict[str, Any], said: str) -> None:
    one = receipt(**changes)
    assert not one.trusted
    assert said.casefold() in receipt_line(one, "en", TZ).casefold()
    assert receipt_lines(one, "id", TZ)


def test_after_an_outage_the_window_that_may_have_been_missed_is_named() -> None:
    start, end = NOW - timedelta(hours=8), NOW - timedelta(hours=5)
    missed = [Missed(feed=name, start=start, end=end) for name in ("Antara", "Tempo", "Kompas", "Detik")]
    late = Missed(feed="Lagoon", start=NOW - timedelta(days=2), end=NOW - timedelta(hours=20))
    one = receipt(hearing=Hearing(followed=42, missed=(late, *missed)))
    line = receipt_line(one, "en", TZ)
    assert "may have been missed, 11:00 to 14:00: Antara, Tempo, Kompas, and 1 more" in line
    assert "may have been missed, 2 Mar 19:00 to 3 Mar 23:00: Lagoon" in line


def test_feeds_are_heard_or_blind_and_the_sample_is_neither() -> None:
    ok, dead, never, quiet = (feed(f"https://{name}.example/rss") for name in ("ok", "dead", "never", "quiet"))
    long_ago = NOW - timedelta(hours=9)
    found = hearing_of(
        [
            health(ok),
            health(quiet, state="quiet"),
            health(
                dead,
                state="failing",
                failures=4,
                error=f"{dead.url}: HTTP 403",
                error_kind="4xx",
                last_success=long_ago,
            ),
            health(never, state="failing", failures=9, error="no such host", error_kind="dns", last_success=None),
            health(feed("https://sample.example/rss", sample=True), state="failing", failures=1),
        ],
        since=NOW - timedelta(hours=24),
        now=NOW,
    )
    assert (found.followed, found.heard) == (4, 2)
    assert [(one.feed, one.why, one.since) for one in found.blind] == [
        ("Dead", "403", long_ago),
        ("Never", "dns", None),
    ]
    assert found.deaf_since is None


def test_where_no_feed_was_heard_of_late_nothing_is_heard() -> None:
    stale = NOW - timedelta(hours=3)
    found = hearing_of(
        [health(feed("https://a.example/rss"), last_success=stale)], since=NOW - timedelta(days=1), now=NOW
    )
    assert (found.deaf_since, found.heard) == (stale, 0)
    assert hearing_of([], since=NOW, now=NOW).deaf_since is None


def test_a_window_from_before_the_receipt_is_left_out() -> None:
    old = health(feed("https://a.example/rss"), gap_from=NOW - timedelta(days=3), gap_until=NOW - timedelta(days=2))
    assert hearing_of([old], since=NOW - timedelta(days=1), now=NOW).missed == ()
    assert len(hearing_of([old], since=NOW - timedelta(days=4), now=NOW).missed) == 1


@pytest.mark.parametrize(
    ("error", "kind", "why"),
    [
        ("https://a.example/rss: 403 Forbidden", "4xx", "403"),
        ("answered 503", "5xx", "503"),
        ("port 404 refused", "connection", "connection"),
        ("https://a.example/rss", "4xx", "4xx"),
        ("", "", "other"),
    ],
)
def test_why_a_feed_is_blind_is_said_in_a_word(error: str, kind: str, why: str) -> None:
    assert reason(health(feed("https://a.example/rss"), error=error, error_kind=kind)) == why


def test_both_languages_say_the_same_things() -> None:
    assert EN.keys() == ID.keys()
    for name, text in EN.items():
        assert {part.split("}")[0] for part in text.split("{")[1:]} == {
            part.split("}")[0] for part in ID[name].split("{")[1:]
        }


def test_near_misses_and_exclusions_are_told() -> None:
    one = receipt(stemmed=0, excluded=3, near=(Near(id="1" * 32, title="Humas"),))
    assert "no near miss; 3 kept out by its exclusions" in receipt_line(one, "en", TZ)
    assert "follow" in receipt_line(receipt(hearing=Hearing(followed=0)), "en", TZ)


def test_a_feed_that_lists_all_anew_leaves_a_window_that_may_have_been_missed(wire: Wire) -> None:
    wire.poll(rss(3, 2, 1))
    last = datetime.fromisoformat(wire.record["last_success"])
    wire.poll(rss(0.2, 1.2, at=wire.now, first=2))
    assert "gap_from" not in wire.record  # one that it listed before still stands there
    wire.now += timedelta(hours=9)
    before = wire.record["last_success"]
    wire.poll(rss(4, 3, 1, at=wire.now, first=50))
    assert wire.record["gap_from"] == before != last.isoformat()
    assert datetime.fromisoformat(wire.record["gap_until"]) - datetime.fromisoformat(before) > timedelta(hours=9)


def test_entries_that_another_feed_brought_meanwhile_are_no_gap(wire: Wire) -> None:
    wire.poll(rss(3, 2, 1))
    wire.known |= set(_ids(wire, rss(1, first=80)))
    wire.poll(rss(1, at=wire.now, first=80))
    assert "gap_from" not in wire.record


def _ids(wire: Wire, body: bytes) -> list[str]:
    from ingest.feeds import parse_feed

    return [entry.id for entry in parse_feed(body, url="https://example.com/rss", feed_id="f1").entries]
