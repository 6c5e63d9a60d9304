"""One batch, run on a real ledger: leases are renewed while work goes on, and taken from what hangs."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from ingest.records import Entry
from tests.services import ValkeyHandle
from worker.ledger import Ledger
from worker.runner import run_batch
from worker.stages import Group
from worker.topology import STAGES, Stage
from worker.verdicts import Advance, Item

pytestmark = pytest.mark.services


LEASE = 2.0  # seconds: a busy machine may let the thread that renews it wait for some of it


@pytest.fixture
def ledger(valkey: ValkeyHandle, redis_prefix: str) -> Ledger:
    stages = tuple(STAGES)
    ledger = Ledger(
        Redis.from_url(valkey.url), redis_prefix, stages=stages, attempts=3, lease=LEASE, bytes_limit=10_000_000
    )
    entries = [Entry(id=f"{n:032x}", feed_id="f", url=f"https://example.com/{n}") for n in range(20)]
    ledger.claim(entries, stage="fetch")
    return ledger


def stage_that(work: Callable[[Sequence[Item]], None], **changes: Any) -> Stage:
    def run(items: Sequence[Item], _: object) -> Iterator[Group]:
        work(items)
        for item in items:
            yield [(item, Advance(b"page"))]

    return replace(STAGES["fetch"], work=run, **{"patience": 0, **changes})


def test_work_that_takes_longer_than_a_lease_keeps_it(ledger: Ledger) -> None:
    def slow(_: Sequence[Item]) -> None:
        until = time.monotonic() + 1.5 * LEASE
        while time.monotonic() < until:
            time.sleep(0.1)
            ledger.sweep(feed_wait=1)

    assert run_batch(stage_that(slow), ledger, None, lambda _: None) == 8
    assert ledger.stage_counts()["extract"].ready == 8


def test_work_that_hangs_loses_its_lease_and_changes_nothing(ledger: Ledger) -> None:
    def hangs(_: Sequence[Item]) -> None:
        deadline = time.monotonic() + 60
        taken = 0
        while (taken := taken + ledger.sweep(feed_wait=1)["ready"]) < 8:
            assert time.monotonic() < deadline, "the lease was never taken back"
            time.sleep(0.05)

    run_batch(stage_that(hangs, seconds=0.5), ledger, None, lambda _: None)
    assert ledger.stage_counts()["extract"].ready == 0
    assert ledger.stage_counts()["fetch"].ready == 20


def test_the_stage_is_woken_again_while_more_is_due_and_the_next_one_for_what_is_done(ledger: Ledger) -> None:
    woken: list[str] = []
    stage = stage_that(lambda _: None)
    for _ in range(4):
        run_batch(stage, ledger, None, woken.append)
    assert woken.count("fetch") == 2
    assert "extract" in woken
    assert ledger.stage_counts()["extract"].ready == 20


def test_a_single_stage_wakes_itself_at_its_end_for_what_came_meanwhile(ledger: Ledger) -> None:
    """Whoever was woken while the batch was held was given nothing."""
    woken: list[str] = []

    def others_come(_: Sequence[Item]) -> None:
        ledger.claim([Entry(id="f" * 32, feed_id="f", url="https://example.com/late")], stage="fetch")
        assert ledger.lease("fetch", 8, single=True).items == ()

    stage = stage_that(others_come, batch=20, single=True)
    assert run_batch(stage, ledger, None, woken.append) == 20
    assert woken.count("fetch") == 1
    assert run_batch(replace(stage, work=stage_that(lambda _: None).work), ledger, None, woken.append) == 1
    assert woken.count("fetch") == 1


def wait_for(ledger: Ledger, extracted: int, what: str) -> None:
    deadline = time.monotonic() + 60
    while ledger.stage_counts()["extract"].ready < extracted:
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)


def test_a_batch_with_a_slow_item_holds_up_no_other(ledger: Ledger) -> None:
    """A host that drips for half a minute is worked on beside what comes next, its lease renewed; its end counts."""
    release = threading.Event()

    def run(items: Sequence[Item], _: object) -> Iterator[Group]:
        slow, *others = items
        yield [(item, Advance(b"page")) for item in others]
        if not release.is_set():
            assert release.wait(60)
        yield [(slow, Advance(b"page"))]

    stage = replace(STAGES["fetch"], work=run, patience=0.2)
    for _ in range(3):
        run_batch(stage, ledger, None, lambda _: None)
    wait_for(ledger, 17, "the others of each batch")  # 20 entries, a slow one in each batch
    assert ledger.stage_counts()["fetch"].leased == 3
    ledger.sweep(feed_wait=1)
    release.set()
    wait_for(ledger, 20, "what was left of each batch")


def test_what_goes_wrong_with_a_batch_is_raised_while_somebody_waits_for_it(ledger: Ledger) -> None:
    def fails(_: Sequence[Item]) -> None:
        raise OSError("the ledger went away")

    with pytest.raises(OSError, match="went away"):
        run_batch(stage_that(fails, patience=5), ledger, None, lambda _: None)


def test_a_worker_that_is_told_to_end_does_so_when_what_is_left_of_its_batches_is_done(tmp_path: Path) -> None:
    """Or their leases would run out, an attempt counted for each entry."""
    done = tmp_path / "done"
    program = f"""
import pathlib, time
from dataclasses import replace
from pathlib import Path
from worker.runner import _for_a_while
from worker.topology import STAGES

def work():
    time.sleep(1)
    pathlib.Path({str(done)!r}).write_text("")

_for_a_while(work, replace(STAGES["fetch"], patience=0.01))
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    assert done.exists()
