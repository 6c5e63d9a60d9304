"""Beat's ticks: waking goes on whatever else is wrong, each machine pauses for its own disk."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from elastic_transport import ConnectionTimeout

from ingest.records import Feed
from worker import control
from worker.control import BACKLOG, LOOKS, look_again, save_feeds, tick, watch_disk
from worker.counts import StageCount
from worker.process import Process
from worker.rulesinforce import RuleFiles
from worker.settings import read_settings


class Keys:
    """As much of Valkey as ticks use beside the ledger, kept in a dictionary. What expires is dropped by `expire`."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def set(self, key: str, value: object, *, nx: bool = False, ex: int) -> bool:
        if nx and key in self.kept:
            return False
        self.kept[key] = value
        return True

    def exists(self, key: str) -> bool:
        return key in self.kept

    def expire(self) -> None:
        self.kept.clear()


class PausableLedger:
    """A ledger with work due at two stages."""

    stages = ("poll", "fetch", "extract")
    bytes_limit, entries_limit = 1000, 1000

    def __init__(self) -> None:
        self.pauses: dict[str, str] = {}
        self.fetch, self.bytes = StageCount(0, 0, 0, 0.0), 0

    def bytes_in_flight(self) -> int:
        return self.bytes

    def stage_counts(self) -> Mapping[str, StageCount]:
        return {"fetch": self.fetch}

    def key(self, *parts: str) -> str:
        return ":".join(parts)

    def due(self) -> Mapping[str, int]:
        return {"poll": 1, "fetch": 0, "extract": 7}

    def pause(self, what: str, why: str) -> None:
        self.pauses[what] = why

    def resume(self, what: str) -> bool:
        return self.pauses.pop(what, None) is not None

    def paused(self) -> dict[str, str]:
        return dict(self.pauses)


class Looks:
    """Looks that are due without end. `asked` for how many at a time."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def reopen(self, stage: str, most: int) -> int:
        assert stage == "fetch"
        self.asked.append(most)
        return most


class List:
    """The list of subscriptions, one feed long, changed since it was saved."""

    def __init__(self) -> None:
        self.mark: str | None = "whole"
        self.saved: list[str] = []

    def restored(self) -> str | None:
        return self.mark

    def unsaved(self) -> str | None:
        return "7"

    def health(self) -> Sequence[Any]:
        return [SimpleNamespace(feed=Feed(id="a" * 16, url="https://example.com/rss", name="A"))]

    def mark_saved(self, version: str) -> None:
        self.saved.append(version)


class AwayElasticsearch:
    """Every call times out. Remembers the timeouts it was asked with."""

    def __init__(self) -> None:
        self.timeouts: list[float] = []

    def options(self, *, request_timeout: float) -> AwayElasticsearch:
        self.timeouts.append(request_timeout)
        return self

    def __getattr__(self, name: str) -> Any:
        raise ConnectionTimeout("the node does not answer")


@pytest.fixture
def here(tmp_path: Path) -> Any:
    """A process of fakes; `woken` are the stages it woke."""
    woken: list[str] = []
    settings = read_settings({"KAWAT_STATE_DIR": str(tmp_path), "KAWAT_DISK_PAUSE": "1000"})
    return SimpleNamespace(
        settings=settings,
        redis=Keys(),
        ledger=PausableLedger(),
        subscriptions=List(),
        revisits=Looks(),
        elasticsearch=AwayElasticsearch(),
        rule_files=RuleFiles(settings.rules_folder),
        wake=woken.append,
        woken=woken,
    )


def disk(monkeypatch: pytest.MonkeyPatch, free: int | OSError) -> None:
    def usage(_path: object) -> Any:
        if isinstance(free, OSError):
            raise free
        return SimpleNamespace(free=free)

    monkeypatch.setattr(shutil, "disk_usage", usage)


def on(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: host)


def test_a_tick_wakes_what_is_due_though_disk_and_elasticsearch_are_away(
    here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk(monkeypatch, OSError(5, "Input/output error"))
    for _ in range(3):
        tick(cast(Process, here))
    assert here.woken == ["poll", "extract", "fetch"] * 3, "the last for what is looked at again"


def test_waking_comes_first(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a defect in what follows keeps no work waiting."""

    def defect(_here: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(control, "watch_disk", defect)
    with pytest.raises(ZeroDivisionError):
        tick(cast(Process, here))
    assert here.woken == ["poll", "extract"]


def test_an_elasticsearch_that_hangs_is_asked_shortly_and_seldom(here: Any) -> None:
    for _ in range(3):
        save_feeds(cast(Process, here))
    assert here.elasticsearch.timeouts == [control.SAVE_TIMEOUT]
    assert control.SAVE_TIMEOUT <= 5
    here.redis.expire()
    save_feeds(cast(Process, here))
    assert len(here.elasticsearch.timeouts) == 2
    assert here.subscriptions.saved == []


def test_a_list_that_is_not_whole_is_not_saved(here: Any) -> None:
    here.subscriptions.mark = None
    save_feeds(cast(Process, here))
    assert here.elasticsearch.timeouts == []


def test_two_machines_do_not_end_each_others_pauses(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "one")
    disk(monkeypatch, 999)
    watch_disk(here)
    assert list(here.ledger.pauses) == ["disk:one"]
    assert "on one" in here.ledger.pauses["disk:one"]
    on(monkeypatch, "two")
    disk(monkeypatch, 5000)
    watch_disk(here)
    assert list(here.ledger.pauses) == ["disk:one"]
    disk(monkeypatch, 999)
    watch_disk(here)
    assert set(here.ledger.pauses) == {"disk:one", "disk:two"}
    on(monkeypatch, "one")
    disk(monkeypatch, 5000)
    watch_disk(here)
    assert list(here.ledger.pauses) == ["disk:two"]


def test_a_machine_that_is_gone_pauses_nobody(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other pauses than those for a disk stay."""
    on(monkeypatch, "gone")
    disk(monkeypatch, 999)
    watch_disk(here)
    here.ledger.pause("by hand", "maintenance")
    on(monkeypatch, "here")
    disk(monkeypatch, 5000)
    here.redis.expire()  # two minutes without a look
    watch_disk(here)
    assert here.ledger.pauses == {"by hand": "maintenance"}


def test_a_folder_that_is_not_there_yet_is_looked_at_where_it_will_be(
    here: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here.settings = read_settings({"KAWAT_STATE_DIR": str(tmp_path / "a" / "b"), "KAWAT_DISK_PAUSE": "1000"})
    disk(monkeypatch, 10)
    watch_disk(here)
    (why,) = here.ledger.pauses.values()
    assert f"at {tmp_path} on" in why


def test_looks_that_are_due_queue_behind_new_entries_and_never_while_intake_pauses(here: Any) -> None:
    ledger, looks = here.ledger, here.revisits
    look_again(here)
    assert (looks.asked, here.woken) == ([LOOKS], ["fetch"])
    ledger.fetch = StageCount(BACKLOG - 7, BACKLOG - 7, 0, 1.0)
    look_again(here)
    assert looks.asked == [LOOKS, 7]
    busy = [StageCount(BACKLOG, BACKLOG, 0, 1.0), StageCount(ledger.entries_limit, 0, 0, 0.0)]
    for ledger.fetch in busy:
        look_again(here)
    ledger.fetch = StageCount(0, 0, 0, 0.0)
    ledger.pause("disk", "full")
    look_again(here)
    ledger.resume("disk")
    ledger.bytes = ledger.bytes_limit
    look_again(here)
    assert looks.asked == [LOOKS, 7]
