"""Walking an archive: what is claimed, what is left out, where it ends, how it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.errors import HostBusy, HostUnreachable
from ingest.feedaddress import feed_address
from ingest.records import Entry, Feed
from tests.fakes import FakeFetcher, OpenTurns
from tests.newsroom import sitemaps
from tests.newsroom.messages import Request
from worker import backfill
from worker.backfillread import Archive, Walk, may_list
from worker.gate import NotYet

ROOT = "https://example.com"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRONT = b"<html><body>Warta</body></html>"


class KeptNotes:
    """A ledger's notes in memory."""

    def __init__(self) -> None:
        self.walked: dict[str, str] = {}
        self.ended = False

    def read(self, url: str) -> str | None:
        return self.walked.get(url)

    def done(self, url: str, led_to: str = "") -> None:
        self.walked[url] = led_to

    def end(self) -> None:
        self.ended = True
        self.walked.clear()


class Site:
    """A site with an archive, and what was claimed of it."""

    def __init__(self) -> None:
        self.fetcher = FakeFetcher({f"{ROOT}/": FRONT})
        self.claimed: dict[str, Entry] = {}
        self.notes = KeptNotes()
        self.feeds: tuple[Feed, ...] = ()
        self.turns: Any = OpenTurns()
        self.slept: list[float] = []

    def serve(self, path: str, body: bytes | Exception) -> None:
        self.fetcher.answers[ROOT + path] = body

    def claim(self, entries: Sequence[Entry], feed: Feed | None) -> list[bool]:
        new = [entry.id not in self.claimed for entry in entries]
        self.claimed.update({entry.id: entry for entry in entries})
        return new

    def walk(self, days: float = 30, limit: int = 10_000) -> Walk:
        since, until = NOW - timedelta(days=days), NOW - backfill.MARGIN
        archive = Archive(
            f"{ROOT}/",
            since,
            until,
            limit,
            self.fetcher,
            self.turns,
            self.claim,
            self.notes,
            self.feeds,
            self.slept.append,
        )
        (*_, last) = backfill.walk(archive)
        return last

    @property
    def paths(self) -> list[str]:
        return sorted(entry.url.removeprefix(ROOT) for entry in self.claimed.values())


def pages(start: int, stop: int) -> list[tuple[str, datetime | None]]:
    """One a day, so many days old."""
    return [(f"{ROOT}/berita/{day}", NOW - timedelta(days=day)) for day in range(start, stop)]


def test_an_index_is_walked_newest_first_and_only_as_far_back_as_asked() -> None:
    site = Site()
    site.serve("/robots.txt", f"Sitemap: {ROOT}/index.xml".encode())
    parts = [(f"{ROOT}/s{n}.xml", NOW - timedelta(days=10 * n)) for n in range(8)]
    site.serve(
        "/index.xml", sitemaps.index([*parts, (f"{ROOT}/category-sitemap.xml", NOW), (f"{ROOT}/s-2024-05.xml", None)])
    )
    for n in range(8):
        site.serve(f"/s{n}.xml", sitemaps.urlset(pages(10 * n, 10 * n + 10)))
    walk = site.walk(days=30)
    assert (walk.complete, walk.claimed, walk.problems) == (True, 30, [])  # days 1 to 30; today is too young
    assert site.fetcher.asked[2:] == [f"{ROOT}/{name}.xml" for name in ("index", "s0", "s1", "s2", "s3")]
    assert (walk.younger, walk.older) == (1, 9)
    assert site.notes.ended


def test_a_run_that_was_ended_goes_on_where_it_was() -> None:
    site = Site()
    site.serve("/robots.txt", f"Sitemap: {ROOT}/index.xml".encode())
    site.serve("/index.xml", sitemaps.index([(f"{ROOT}/s{n}.xml", None) for n in range(4)]))
    for n in range(4):
        site.serve(f"/s{n}.xml", sitemaps.urlset(pages(5 * n + 1, 5 * n + 6)))
    site.serve("/s1.xml", HostUnreachable(f"{ROOT}/s1.xml: no answer"))
    first = site.walk()
    assert (first.complete, first.claimed) == (False, 15)
    site.serve("/s1.xml", sitemaps.urlset(pages(6, 11)))
    site.fetcher.asked.clear()
    second = site.walk()
    assert (second.complete, second.claimed, len(site.claimed)) == (True, 5, 20)
    assert site.fetcher.asked[2:] == [f"{ROOT}/index.xml", f"{ROOT}/s1.xml"]


def test_a_limit_ends_a_run_and_the_next_one_goes_on() -> None:
    site = Site()
    site.serve("/robots.txt", f"Sitemap: {ROOT}/s.xml".encode())
    site.serve("/s.xml", sitemaps.urlset(pages(1, 26)))
    first = site.walk(limit=10)
    assert (first.limited, first.complete, first.claimed) == (True, False, 10)
    assert site.paths == sorted(f"/berita/{day}" for day in range(1, 11)), "the newest first"
    assert (site.walk(limit=10).claimed, site.walk(limit=10).claimed) == (10, 5)


def test_a_feeds_older_pages_are_read_until_they_are_too_old() -> None:
    site = Site()
    items = [(f"{ROOT}/blog/{n}", f"Kantor {n}", NOW - timedelta(days=n)) for n in range(1, 60)]
    answer = sitemaps.paged_feed(items, 10, root=ROOT)
    for query in ("", *(f"?paged={n}" for n in range(2, 7))):
        reply = answer(Request("GET", f"/feed/{query}", {}, b"", "", False))
        assert isinstance(reply.body, bytes)
        site.serve(f"/feed/{query}", reply.body)
    source = feed_address(f"{ROOT}/feed/")
    site.feeds = (Feed(id=source.id, url=source.text, name="Blog", language="id"),)
    walk = site.walk(days=25)
    assert (walk.complete, walk.claimed) == (True, 25)
    assert f"{ROOT}/feed/?paged=4" not in site.fetcher.asked
    assert {(entry.feed_id, entry.language) for entry in site.claimed.values()} == {(source.id, "id")}


def test_the_end_of_a_feeds_pages_is_no_fault_and_a_circle_ends() -> None:
    site = Site()
    link = b"<link rel='next' href='?page=2'/>"
    page = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'>%b<entry><title>a</title><link href='/a'/>"
        b"<updated>2026-11-10T00:00:00Z</updated></entry></feed>"
    )
    site.serve("/", b'<link rel="alternate" type="application/atom+xml" href="/atom">')
    site.serve("/atom", page % link)
    assert (site.walk().complete, site.walk().problems) == (True, [])
    site.serve("/atom?page=2", page % b"<link rel='next' href='/atom'/>")
    assert site.walk().complete


def test_what_has_no_date_or_stands_elsewhere_is_left_out_and_counted() -> None:
    site = Site()
    site.serve(
        "/sitemap.xml",
        sitemaps.urlset(
            [
                *pages(1, 3),
                (f"{ROOT}/x", None),
                (f"{ROOT}/", NOW - timedelta(days=1)),
                ("https://lain.example.net/2026/11/12/a", None),
                (f"{ROOT}/2026/11/12/dengan-tanggal", None),
            ]
        ),
    )
    walk = site.walk()
    assert site.paths == ["/2026/11/12/dengan-tanggal", "/berita/1", "/berita/2"]
    assert walk.undated == 1


def test_a_site_that_answers_no_more_is_left_for_later() -> None:
    site = Site()
    names = [f"{ROOT}/s{n}.xml" for n in range(8)]
    site.serve("/robots.txt", "\n".join(f"Sitemap: {name}" for name in names).encode())
    for n in range(8):
        site.serve(f"/s{n}.xml", HostUnreachable(f"{names[n]}: timeout"))
    walk = site.walk()
    assert not walk.complete
    assert len(walk.problems) == backfill.GIVEN_UP


def test_a_hosts_turn_and_its_wish_for_patience_are_waited_for() -> None:
    site = Site()
    site.serve("/robots.txt", f"Sitemap: {ROOT}/s.xml".encode())
    site.serve("/s.xml", sitemaps.urlset(pages(1, 3)))
    waits = iter([NotYet("example.com", 5.0), None, HostBusy("429", retry_after=7.0), None, None])

    class Slow(OpenTurns):
        @contextmanager
        def turn(self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False) -> Any:
            assert (visit, urgent) == (True, False), "what is new has most of the turns"
            if error := next(waits):
                raise error
            yield

    site.turns = Slow()
    assert site.walk().claimed == 2
    assert site.slept == [5.0, 7.0]


@pytest.mark.parametrize(
    ("name", "may"),
    [("post-sitemap2.xml", True), ("post_tag-sitemap.xml", False), ("sitemap-2026-10.xml", True),
     ("sitemap-2026-09.xml", False), ("sitemap_2025.xml", False), ("2026/11/19.xml", True), ("author.xml", False)],
)  # fmt: skip
def test_files_of_an_index_are_passed_over_by_what_their_name_says(name: str, may: bool) -> None:
    assert may_list(f"{ROOT}/{name}", datetime(2026, 10, 21, tzinfo=UTC)) is may
