"""What is told of how feeds do: the list of a terminal, the records of the index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from ingest.records import Feed
from ingest.rhythm import DAY, HOUR, first_seen, seen_again
from search.feeddesk import FeedHealth
from search.mappings import FEED_FIELDS
from search.ports import ServiceUnavailable
from worker import control
from worker.commands.feedlist import show_feeds, shown
from worker.process import Process
from worker.settings import read_settings
from worker.subscriptions import health_of

NOW = datetime(2026, 1, 15, tzinfo=UTC)
AT = NOW.timestamp()


def health(name: str, **fields: str) -> FeedHealth:
    feed = Feed(id=f"{name:_<16}", url=f"https://{name}.example/rss", name=name.title(), language="id")
    return health_of({"record": feed.model_dump_json(), **fields}, (AT + 600) * 1000, AT)


def rhythm(*, silent: float = 0.0) -> str:
    """Two entries an hour for ten days, then nothing for so many seconds."""
    end = AT - silent
    began = end - 10 * DAY
    kept = first_seen([began - n * HOUR / 2 for n in range(20)], began)
    for hour in (began + n * HOUR for n in range(1, 241)):
        kept = seen_again(kept, [hour - 60, hour - 1_800], 20, hour)
    for n in range(1, int(silent / HOUR) + 1):
        kept = seen_again(kept, [], 20, end + n * HOUR)
    return kept.model_dump_json(exclude_defaults=True)


ANSWERED = {"last_poll": NOW.isoformat(), "last_success": NOW.isoformat(), "polls": "5", "failures": "0"}
FAILED = {**ANSWERED, "failures": "3", "error": "https://dns.example/rss: no such name", "error_kind": "dns"}


@pytest.fixture
def feeds() -> list[FeedHealth]:
    return [
        health("new"),
        health("busy", **ANSWERED, rhythm=rhythm(), entries="480", last_new=NOW.isoformat()),
        health("silent", **ANSWERED, rhythm=rhythm(silent=2 * DAY), entries="480"),
        health("dns", **FAILED, rhythm=rhythm()),
        health("gone", **{**FAILED, "error": "https://gone.example/rss answered 410", "error_kind": "gone"}),
    ]


def test_each_feed_has_a_state_and_rates(feeds: list[FeedHealth]) -> None:
    assert [one.state for one in feeds] == ["new", "ok", "quiet", "failing", "gone"]
    new, busy, silent, *_ = feeds
    assert (new.expected, new.seen) == (None, None)
    assert busy.expected == pytest.approx(48, rel=0.1)
    assert busy.seen == pytest.approx(48, rel=0.1)
    assert silent.expected == pytest.approx(48, rel=0.1)
    assert silent.seen is not None
    assert silent.seen < 8
    assert silent.last_new == NOW - timedelta(days=2, seconds=60), "by its dates"


def test_all_that_is_told_has_its_field_in_the_index(feeds: list[FeedHealth]) -> None:
    fields = FEED_FIELDS["health"]["properties"]
    for one in feeds:
        assert set(one.document()) <= set(fields)
    assert shown(feeds[3])["error_kind"] == "dns"
    assert shown(feeds[3])["error"] == FAILED["error"]


def test_the_list_says_what_is_wrong_with_which(feeds: list[FeedHealth], capsys: pytest.CaptureFixture[str]) -> None:
    show_feeds(feeds, read_settings({"KAWAT_TZ": "UTC"}))
    said = capsys.readouterr().out
    head, _, below = said.partition("\n\n")
    assert [line.split()[0] for line in head.splitlines()[1:]] == [one.feed.id[:8] for one in feeds]
    assert "48 / 48" in head
    assert "last good" in head.splitlines()[0]
    busy = next(line for line in head.splitlines() if line.startswith("busy"))
    assert busy.split()[-3:] == ["01-15", "00:00", "00:10"], "the last good poll, the next one"
    assert "1 failing" in below
    assert "no such name (dns); 3 times in a row; last good 2026-01-15 00:00; asked again 2026-01-15 00:10" in below
    assert "1 gone (410)" in below
    assert "1 quiet" in below
    assert "last entry 2026-01-12 23:59" in below


def test_the_list_names_feeds_whose_times_are_off_and_what_would_set_them_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = "its entries are constantly dated 7 hours after they appear: if they name no zone, set tz=Asia/Jakarta"
    off = health("local", **ANSWERED, rhythm=rhythm(), off="-7", problems=told)
    show_feeds([off, health("right", **ANSWERED, rhythm=rhythm())], read_settings({"KAWAT_TZ": "UTC"}))
    said = capsys.readouterr().out
    assert "1 with times that are constantly off" in said
    assert told in " ".join(said.split())
    assert off.document()["off"] == -7.0
    assert shown(off)["tz"] is None


class Keys:
    """As much of Valkey as saving takes."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def set(self, key: str, value: Any, *, nx: bool = False, ex: int) -> bool:
        if nx and key in self.kept:
            return False
        self.kept[key] = value.encode() if isinstance(value, str) else value
        return True

    def get(self, key: str) -> Any:
        return self.kept.get(key)


class Index:
    """What would be written to Elasticsearch."""

    away: ClassVar[bool] = False
    written: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, *_: object) -> None: ...

    def write_health(self, health: dict[str, Any]) -> None:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        self.written.append(health)


def test_health_is_saved_seldom_and_only_of_what_was_polled_since(
    feeds: list[FeedHealth], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = SimpleNamespace(
        settings=SimpleNamespace(index_prefix=""),
        redis=Keys(),
        ledger=SimpleNamespace(key=lambda *parts: ":".join(parts)),
        subscriptions=SimpleNamespace(unsaved=lambda: None, health=lambda: feeds),
        elasticsearch=SimpleNamespace(options=lambda request_timeout: None),
    )
    monkeypatch.setattr(control, "FeedIndex", Index)
    monkeypatch.setattr(Index, "written", [])
    moment = NOW - timedelta(seconds=30)
    monkeypatch.setattr(control, "now", lambda: moment)

    def save() -> list[dict[str, Any]]:
        Index.written = []
        control.save_health(cast(Process, here))
        return Index.written

    assert [set(one) for one in save()] == [{one.feed.id for one in feeds[1:]}], "the first has not been polled"
    assert save() == [], "not again so soon"
    here.redis.kept.pop("feeds:health-later")
    assert [set(one) for one in save()] == [{one.feed.id for one in feeds[1:]}], "polled since"
    moment = NOW + timedelta(seconds=60)
    here.redis.kept.pop("feeds:health-later")
    save()
    here.redis.kept.pop("feeds:health-later")
    assert save() == []
    monkeypatch.setattr(Index, "away", True)
    here.redis.kept.clear()
    assert save() == []
    assert "feeds:health-saved" not in here.redis.kept, "what was not saved is saved the next time"
    here.redis.kept.clear()
    here.subscriptions.unsaved = lambda: "7"
    assert save() == []
    assert here.redis.kept == {}, "the list itself comes first"
