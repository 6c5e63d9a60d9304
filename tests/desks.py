"""Stand-ins for what an operator handles, in memory: feeds, quarantine, services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.discover import FoundFeed
from ingest.opml import write_opml
from ingest.records import Entry, Feed
from ingest.urls import feed_id
from search.feeddesk import Added, FeedHealth, Pack, Trial
from search.flowdesk import Minute, Quarantined, Vital
from search.ports import ServiceUnavailable
from worker.desk import feed_of, opml_of

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
PACKS = {
    "Indonesia": ("https://antara.example/rss", "https://tempo.example/rss"),
    "World": ("https://bbc.example/rss",),
}


def feed(url: str, **about: Any) -> Feed:
    return Feed(
        id=feed_id(url),
        url=url,
        **{"name": url.split("/")[2].split(".", maxsplit=1)[0].title(), "language": "id", **about},
    )


def health(one: Feed, **changes: Any) -> FeedHealth:
    usual: dict[str, Any] = {
        "state": "ok",
        "polls": 40,
        "entries": 120,
        "last_poll": NOW - timedelta(minutes=4),
        "last_success": NOW - timedelta(minutes=4),
        "last_new": NOW - timedelta(minutes=30),
        "next_poll": NOW + timedelta(minutes=6),
        "failures": 0,
        "error": "",
        "error_kind": "",
        "problems": "",
        "expected": 48.0,
        "seen": 44.0,
        "moved": "",
    }
    return FeedHealth(feed=one, **{**usual, **changes})


class MemoryFeeds:
    """`FeedDesk`. `trials`: what trying an address shows; any other does not exist. `away` makes Valkey away."""

    def __init__(self, *feeds: FeedHealth) -> None:
        self.followed = {one.feed.id: one for one in feeds}
        self.trials: dict[str, Trial] = {}
        self.tried: list[str] = []
        self.polled: list[str] = []
        self.away = False

    def feeds(self) -> Sequence[FeedHealth]:
        self._look()
        return sorted(self.followed.values(), key=lambda one: (one.feed.folder or "", one.feed.name.casefold()))

    def feed(self, feed_id: str) -> FeedHealth | None:
        self._look()
        return self.followed.get(feed_id)

    def try_feed(self, url: str) -> Trial:
        self._look()
        self.tried.append(url)
        none = Trial(url=url, error=f"{url}: the host's name has no address", error_kind="dns")
        found = self.trials.get(url, none)
        return found.model_copy(update={"followed": bool(found.feed and found.feed.id in self.followed)})

    def follow(self, url: str, **about: str | None) -> tuple[Feed, Added]:
        new = feed_of(url, **about)
        return new, self._add([new])

    def remove(self, feed_ids: Iterable[str]) -> int:
        self._look()
        return sum(self.followed.pop(one, None) is not None for one in feed_ids)

    def poll_now(self, feed_ids: Iterable[str]) -> int:
        self._look()
        self.polled += feed_ids
        return len(self.polled)

    def import_opml(self, data: bytes, where: str) -> Added:
        opml = opml_of(data, where)
        return self._add(opml.feeds).model_copy(update={"problems": opml.problems})

    def export_opml(self) -> bytes:
        return write_opml((one.feed for one in self.feeds()), title="Kawat")

    def packs(self) -> Sequence[Pack]:
        self._look()
        return [
            Pack(
                name=name,
                feeds=len(urls),
                followed=sum(feed_id(url) in self.followed for url in urls),
                languages=("id", "en"),
            )
            for name, urls in PACKS.items()
        ]

    def follow_packs(self, names: Iterable[str]) -> Added:
        return self._add([feed(url, folder=name) for name in names for url in PACKS.get(name, ())])

    def drop_packs(self, names: Iterable[str]) -> int:
        return self.remove([feed_id(url) for name in names for url in PACKS.get(name, ())])

    def _add(self, feeds: Sequence[Feed]) -> Added:
        self._look()
        new = [one for one in feeds if one.id not in self.followed]
        self.followed |= {one.id: health(one, state="new", polls=0, last_poll=None, last_new=None) for one in new}
        return Added(new=len(new), changed=0, known=len(feeds) - len(new))

    def _look(self) -> None:
        if self.away:
            raise ServiceUnavailable("Valkey", "connection refused")


def good_trial(url: str) -> Trial:
    """A feed with two entries, one of them hostile."""
    entries = tuple(
        Entry(id=f"{n}", feed_id=None, url=f"{url}/{n}", title=title, published=NOW - timedelta(hours=n))
        for n, title in enumerate(("Kantor penghubung dibuka", "<script>alert(1)</script>"))
    )
    about = feed(url, name="Warta Contoh")
    return Trial(
        url=url, feed=about, title="Warta Contoh", format="rss20", answered=url, size=12_345, entries=entries, total=2
    )


def site_trial(url: str) -> Trial:
    """A page that names a feed."""
    found = FoundFeed(url=f"{url}feed.xml", title="Semua berita", by="declared")
    return Trial(url=url, error=f"{url} is an HTML page", error_kind="not-a-feed", found=(found,))


class MemoryQuarantine:
    """`QuarantineDesk`. What was sent on again or given up stands in `replayed` and `discarded`."""

    def __init__(self, n: int = 0) -> None:
        usual = Quarantined(
            id="", url="", feed_id="f" * 16, stage="extract", since=NOW, attempts=3, why="lxml: <b>broken</b> markup"
        )
        self.held = [replace(usual, id=f"{at:032x}", url=f"https://news.example/{at}") for at in range(n)]
        self.replayed: list[str] = []
        self.discarded: list[str] = []

    def total(self) -> int:
        return len(self.held)

    def listed(self, n: int = 100) -> Sequence[Quarantined]:
        return self.held[:n]

    def replay(self, entry_ids: Sequence[str] | None) -> int:
        return self._leave(entry_ids, self.replayed)

    def discard(self, entry_ids: Sequence[str] | None) -> int:
        return self._leave(entry_ids, self.discarded)

    def _leave(self, entry_ids: Sequence[str] | None, to: list[str]) -> int:
        gone = [one.id for one in self.held if entry_ids is None or one.id in entry_ids]
        self.held = [one for one in self.held if one.id not in gone]
        to += gone
        return len(gone)


class MemoryVitals:
    """`Vitals`: all is well, but for the disk."""

    def vitals(self) -> Sequence[Vital]:
        values: dict[str, str | int | float] = {"version": "9.5.3", "nodes": 1, "health": "green", "articles": 12_345}
        return [
            Vital(name="elasticsearch", state="ok", values={**values, "free": 42_000_000_000}),
            Vital(name="valkey", state="ok", values={"version": "9.1", "used": 8_400_000, "limit": 0}),
            Vital(name="durability", state="ok", values={"size": 1_200_000}),
            Vital(
                name="disk",
                state="fail",
                values={"free": 1_000_000_000, "total": 99_000_000_000, "limit": 2_000_000_000},
                to_do="make room",
            ),
            Vital(name="ledger", state="ok", values={"began": "2026-03-01T00:00:00Z"}),
            Vital(name="version", state="ok", values={"version": "0.1"}),
        ]

    def throughput(self, minutes: int = 60) -> Sequence[Minute]:
        first = NOW - timedelta(minutes=minutes - 1)
        return [Minute(at=f"{first + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}", indexed=n % 7) for n in range(minutes)]
