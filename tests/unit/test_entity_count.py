"""Keeping the index of entities up to date: once in the fleet, beside the ticks, and again soon where it failed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from search.ports import ServiceUnavailable
from worker import entitycount
from worker.entitycount import AGAIN, EVERY, bring_up_to_date, count_entities
from worker.process import Process


@dataclass
class Keys:
    """Valkey's `set`, as far as it is used."""

    kept: dict[str, int] = field(default_factory=dict)

    def set(self, key: str, _: object, *, ex: int, nx: bool = False) -> bool:
        if nx and key in self.kept:
            return False
        self.kept[key] = ex
        return True


def process(keys: Keys) -> Process:
    return cast(
        Process,
        SimpleNamespace(
            redis=keys,
            ledger=SimpleNamespace(key=lambda *parts: ":".join(parts)),
            elasticsearch=SimpleNamespace(options=lambda **_: None),
            settings=SimpleNamespace(index_prefix="", gazetteer=None),
        ),
    )


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the index; an exception in the list is raised."""
    asked: list[str] = []

    class Index:
        def __init__(self, *_: Any) -> None:
            """Needs nothing."""

        def load(self, _: object) -> int:
            asked.append(threading.current_thread().name)
            return 1

        def count(self) -> int:
            asked.append("count")
            return 1

    monkeypatch.setattr(entitycount, "EntityIndex", Index)
    return asked


def test_many_ticks_of_many_processes_bring_it_up_to_date_once_in_a_thread_of_its_own(calls: list[str]) -> None:
    keys = Keys()
    for _ in range(5):
        count_entities(process(keys))
    for thread in threading.enumerate():
        if thread.name == "entities":
            thread.join(10)
    assert calls == ["entities", "count"]
    assert list(keys.kept.values()) == [EVERY]


@pytest.mark.parametrize(
    ("error", "wait"), [(ServiceUnavailable("Elasticsearch", "away"), AGAIN), (RuntimeError("a faulty list"), EVERY)]
)
def test_what_fails_harms_nothing_and_an_outage_is_tried_again_soon(
    monkeypatch: pytest.MonkeyPatch, calls: list[str], error: Exception, wait: int
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr("worker.entitycount.EntityIndex.load", fail)
    keys = Keys({"entities:counted": EVERY})
    bring_up_to_date(process(keys))
    assert keys.kept == {"entities:counted": wait}
    assert calls == []
