"""A poll and what it leaves in its feed's record: its past, its health, where it moved to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from ingest import dates
from ingest.errors import Gone, HostBusy, HostUnreachable
from ingest.fetch import Response
from ingest.records import Entry, Feed
from ingest.rhythm import Rhythm
from tests.fakes import FakeFetcher, OpenTurns
from worker import poll
from worker.verdicts import Again, Defer, Item

FEED = Feed(id="f1", url="https://example.com/rss", name="Contoh")
MOVED = "https://www.example.com/feed"
BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
ITEM = "<item><title>Berita {n}</title><link>https://example.com/berita/{n}</link><pubDate>{when}</pubDate></item>"


class Wire:
    """One feed on a fake clock: polled when it is due, its record kept as the ledger keeps it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGAN
        self.record: dict[str, str] = {"record": FEED.model_dump_json()}
        self.fetcher = FakeFetcher({})
        self.known: set[str] = set()
        self.interval, self.waits = 600.0, list[float]()
        self.touched: list[datetime] = []
        monkeypatch.setattr(dates, "now", lambda: self.now)
        monkeypatch.setattr("ingest.feeds.present_time", lambda: self.now)

    def claim(self, entries: object, feed: Feed) -> list[bool]:
        ids = [entry.id for entry in entries if isinstance(entry, Entry)]  # type: ignore[attr-defined]  # a sequence
        new = [id not in self.known for id in ids]
        self.known.update(ids)
        return new

    def touch(self, _: object) -> None:
        self.touched.append(self.now)

    def poll(self, answer: Response | Exception | bytes | None = None) -> Again:
        if answer is not None:
            self.fetcher.answers[self.record.get("moved") or FEED.url] = (
                response(answer) if isinstance(answer, bytes) else answer
            )
        ports = poll.PollPorts(self.fetcher, OpenTurns(), self.claim, self.touch, interval=self.interval)
        ((_, verdict),) = next(iter(poll.poll([Item("f1", 1, dict(self.record))], ports)))
        assert isinstance(verdict, Again), verdict
        self.record.update(verdict.fields)
        self.waits.append(verdict.after)
        self.now += timedelta(seconds=verdict.after)
        return verdict

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm.model_validate_json(self.record["rhythm"])


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


def response(body: bytes, status: int = 200, **more: object) -> Response:
    return Response.model_validate(
        {"url": FEED.url, "status": status, "body": body, "content_type": "application/rss+xml", **more}
    )


def rss(*ages: float, at: datetime = BEGAN, channel: str = "", first: int = 0) -> bytes:
    """A feed of entries so many hours old at `at`, numbered from `first` on."""
    items = "".join(
        ITEM.format(n=first + n, when=f"{at - timedelta(hours=age):%a, %d %b %Y %H:%M:%S} GMT")
        for n, age in enumerate(ages)
    )
    return f"<rss version='2.0'><channel><title>Contoh</title>{channel}{items}</channel></rss>".encode()


def test_the_first_poll_learns_from_the_dates_that_the_feed_lists(wire: Wire) -> None:
    busy = wire.poll(rss(*[n / 4 for n in range(30)]))
    assert busy.after < 660
    wire.record = {"record": FEED.model_dump_json()}
    slow = wire.poll(rss(*[n * 80 for n in range(30)], at=wire.now))
    assert slow.after > 2 * 3600


def test_an_unchanged_feed_teaches_that_nothing_came(wire: Wire) -> None:
    wire.poll(rss(*[n / 4 for n in range(30)]))
    while wire.now < BEGAN + timedelta(days=3):
        wire.poll(response(b"", 304))
    assert wire.waits[-1] > 2 * wire.waits[0]
    assert wire.rhythm.missed > 0
    assert wire.record["error"] == ""


def test_entries_of_an_unchanged_feed_are_kept_alive_once_an_hour(wire: Wire) -> None:
    wire.interval = 60.0  # below the least: a fixed pace
    wire.poll(rss(60))
    for _ in range(150):
        wire.poll(response(b"", 304))
    apart = [later - earlier for earlier, later in zip(wire.touched, wire.touched[1:], strict=False)]
    assert len(wire.touched) >= 2
    assert all(timedelta(hours=1) <= gap < timedelta(hours=1, minutes=3) for gap in apart)


def test_entries_that_another_feed_brought_still_count_as_this_ones(wire: Wire) -> None:
    wire.poll(rss(1, 2, 3, first=10))
    wire.known |= {"other"}
    first = wire.rhythm
    body = rss(0.05, 1, 2, 3, at=wire.now, first=9)
    wire.claim = lambda entries, feed: [False] * 4  # type: ignore[method-assign]  # all known elsewhere
    wire.poll(body)
    assert wire.rhythm.entries == pytest.approx(first.entries + 1, abs=0.1)


def test_a_small_fixed_pace_is_kept_whatever_the_feed_shows(wire: Wire) -> None:
    wire.interval = 2
    wire.poll(rss(*[n * 80 for n in range(30)]))
    for _ in range(5):
        wire.poll(response(b"", 304))
    assert max(wire.waits) <= 2.2
    assert wire.poll(HostUnreachable("https://example.com/rss: no such name", reason="dns")).after <= 2.2


def test_an_expiry_and_a_ttl_are_kept(wire: Wire) -> None:
    ages = [n / 4 for n in range(30)]
    assert wire.poll(response(rss(*ages), max_age=1_500)).after >= 1_500
    assert wire.poll(rss(*ages, channel="<ttl>20</ttl>")).after >= 1_200
    assert wire.poll(response(b"", 304)).after >= 1_200, "a 304 says nothing of the ttl, which holds"


def test_one_poll_in_a_hundred_leaves_the_validators_out(wire: Wire) -> None:
    wire.interval = 1
    wire.poll(response(rss(1), etag='"a"'))
    for _ in range(99):
        wire.poll(response(b"", 304, etag='"a"'))
    sent = [etag for etag, _ in wire.fetcher.validators[1:]]
    assert sent.count(None) == 1
    assert set(sent) == {None, '"a"'}


def test_a_server_that_calls_a_changed_feed_unchanged_is_found_out(wire: Wire) -> None:
    wire.interval = 1
    wire.poll(response(rss(1), etag='"a"'))

    def lying() -> Response:
        return response(b"", 304, etag='"a"')

    for _ in range(120):
        wire.poll(lying())
        if wire.fetcher.validators[-1] == (None, None):
            wire.now -= timedelta(seconds=1)
            wire.record["polls"] = str(int(wire.record["polls"]) - 1)
            wire.poll(response(rss(0.1, 1), etag='"a"'))
            break
    assert wire.record["untrue"] == "1"
    assert "says that it is unchanged while it changes" in wire.record["problems"]
    wire.poll(response(rss(0.1, 1), etag='"a"'))
    assert wire.fetcher.validators[-1] == (None, None)


def test_failures_are_told_by_kind_and_weigh_by_it(wire: Wire) -> None:
    wire.poll(rss(*[n / 4 for n in range(30)]))
    answers: list[tuple[Exception | bytes, str]] = [
        (HostUnreachable("x", reason="dns"), "dns"),
        (Gone("https://example.com/rss answered 404"), "4xx"),
        (b"<html>hello</html>", "not-a-feed"),
        (rss(), "empty"),
        (HostUnreachable("x", reason="http-500"), "5xx"),
    ]
    for n, (answer, kind) in enumerate(answers, start=1):
        wire.poll(answer)
        assert (wire.record["error_kind"], wire.record["failures"]) == (kind, str(n))
    wire.poll(rss(0.1, at=wire.now))
    assert (wire.record["error_kind"], wire.record["failures"], wire.record["error"]) == ("", "0", "")


def test_a_feed_that_never_listed_anything_is_no_failure(wire: Wire) -> None:
    wire.poll(rss())
    assert wire.record["failures"] == "0"


def test_a_gone_feed_is_asked_once_a_day(wire: Wire) -> None:
    for _ in range(3):
        assert 77_000 <= wire.poll(Gone("https://example.com/rss answered 410")).after <= 96_000
    assert wire.record["error_kind"] == "gone"


@pytest.mark.parametrize("asked", [7_200.0, 30.0])
def test_a_busy_host_gets_the_time_it_asks_for(wire: Wire, asked: float) -> None:
    verdict = wire.poll(HostBusy("https://example.com/rss answered 429", retry_after=asked))
    assert asked <= verdict.after <= max(660, 1.1 * asked)


def test_a_feed_that_moved_for_good_is_asked_there_from_the_fourth_time_on(wire: Wire) -> None:
    body = rss(1)
    for _ in range(3):
        wire.poll(response(body, url=MOVED, permanent_url=MOVED))
    assert wire.record["moved"] == MOVED
    wire.fetcher.asked.clear()
    wire.poll(response(body, url=MOVED))
    assert wire.fetcher.asked == [MOVED]


@pytest.mark.parametrize("between", ["elsewhere", "nowhere"])
def test_only_three_in_a_row_to_one_address_count(wire: Wire, between: str) -> None:
    body = rss(1)
    other = response(body, url="https://else.example/", permanent_url="https://else.example/")
    for answer in (None, None, other if between == "elsewhere" else response(body), None, None):
        wire.poll(answer or response(body, url=MOVED, permanent_url=MOVED))
    assert not wire.record.get("moved")


def test_a_new_address_that_fails_is_given_up_for_the_old_one(wire: Wire) -> None:
    wire.record["moved"] = MOVED
    for _ in range(3):
        wire.poll(HostUnreachable(f"{MOVED}: no such name", reason="dns"))
    wire.fetcher.asked.clear()
    wire.poll(rss(1))
    assert wire.fetcher.asked == [FEED.url]


def test_dates_in_the_future_are_told_and_teach_nothing(wire: Wire) -> None:
    wire.poll(rss(*[-7 + n / 4 for n in range(20)]))
    assert "20 of 20 entries are dated in the future" in wire.record["problems"]
    wire.record = {"record": FEED.model_dump_json()}
    wire.poll(rss(*[5] * 20))
    assert "one and the same date" in wire.record["problems"]
    assert 540 <= wire.waits[-1] <= 660, "nothing is known of it"


def test_a_past_of_another_version_is_begun_anew(wire: Wire) -> None:
    wire.record["rhythm"] = '{"hours": [1, 2], "unknown": true}'
    wire.poll(rss(1))
    assert wire.rhythm.until is not None


def test_a_host_whose_turn_has_not_come_counts_no_poll(wire: Wire) -> None:
    from worker.gate import NotYet

    wire.fetcher.answers[FEED.url] = NotYet("example.com", 3)
    ports = poll.PollPorts(wire.fetcher, OpenTurns(), wire.claim, lambda _: None, interval=600)
    ((_, verdict),) = next(iter(poll.poll([Item("f1", 1, dict(wire.record))], ports)))
    assert isinstance(verdict, Defer)


def test_a_redirect_is_polite_to_the_host_it_leads_to(wire: Wire) -> None:
    turns: list[tuple[str, bool]] = []

    class Noted(OpenTurns):
        @contextmanager
        def turn(
            self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False
        ) -> Iterator[None]:
            turns.append((url, urgent))
            yield

        def check_robots(self, url: str) -> float:
            raise AssertionError("robots.txt is not for feeds")

    wire.fetcher.answers[FEED.url] = response(rss(1), url="https://cdn.example/rss")
    ports = poll.PollPorts(wire.fetcher, Noted(), wire.claim, lambda _: None, interval=600)
    next(iter(poll.poll([Item("f1", 1, dict(wire.record))], ports)))
    assert turns == [(FEED.url, True), ("https://cdn.example/rss", True)]


@pytest.mark.parametrize("behind", [-7, 7, 0])
def test_a_feed_whose_times_are_constantly_off_is_noticed_with_the_zone_to_set(wire: Wire, behind: int) -> None:
    """New entries come every ten minutes, their times as many hours off."""
    feed = FEED.model_copy(update={"country": "ID"})
    wire.record["record"] = feed.model_dump_json()
    wire.poll(rss(1.0, at=wire.now))
    for n in range(1, 12):
        wire.now = BEGAN + timedelta(minutes=10 * n)
        wire.poll(rss(behind + 0.05, at=wire.now, first=100 * n))
    off = wire.record["off"]
    assert off == (str(behind) if behind else "")
    assert ("constantly dated" in wire.record["problems"]) is bool(behind)
    assert ("tz=Asia/Jakarta" in wire.record["problems"]) is (behind == -7)
