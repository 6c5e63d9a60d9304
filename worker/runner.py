"""Runs one batch of a stage: lease, work, apply each verdict as it comes, wake whoever is next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from redis.exceptions import RedisError

from worker.ledger import Lease, Ledger
from worker.stages import Group
from worker.topology import FIRST, Stage
from worker.verdicts import Advance, Defer, End, Item, Retry

MOST_RESTS = 32  # batches whose slow items go on beside the next ones
RESTS = threading.BoundedSemaphore(MOST_RESTS)
log = structlog.get_logger(__name__)


def run_batch(stage: Stage, ledger: Ledger, ports: Any, wake: Callable[[str], None]) -> int:
    """How many items were leased. Wakes the stage again first while more is due: others may take it up meanwhile."""
    if stage.linger and ledger.due()[stage.name] < stage.batch:
        time.sleep(stage.linger)
    how = {"intake": stage.intake, "alone": stage.alone, "single": stage.single}
    lease = ledger.lease(stage.name, stage.batch, **how, behind=stage.behind)
    if lease.more:
        wake(stage.name)
    if not lease.items:
        return 0

    def work() -> None:
        with renewed(ledger, lease, stage.seconds):
            for group in stage.work(lease.items, ports):
                _apply(stage, ledger, lease, group, wake)

    _for_a_while(work, stage)
    if stage.single and ledger.due()[stage.name]:
        wake(stage.name)  # whoever was woken meanwhile was given nothing
    return len(lease.items)


def _for_a_while(work: Callable[[], None], stage: Stage) -> None:
    """Does `work`; where it takes longer than the stage's patience, it goes on in its thread, and this one is free: a
    few hosts that drip must not hold all that this process can do at once."""
    if not stage.patience or not RESTS.acquire(blocking=False):
        work()
        return
    left, failed = threading.Event(), list[Exception]()

    def run() -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)
            if left.is_set():  # nobody waits for it: the lease runs out, others take it up
                log.exception("what was left of a batch failed", stage=stage.name)
        finally:
            RESTS.release()

    # No daemon: a worker that is told to end does so when its last batch is done, and no attempt is lost.
    thread = threading.Thread(target=run, name=f"{stage.name}-batch")
    thread.start()
    thread.join(stage.patience)
    left.set()
    if failed:
        raise failed[0]


@contextmanager
def renewed(ledger: Ledger, lease: Lease, seconds: float) -> Iterator[None]:
    """Renews the lease while the work inside goes on, for so many seconds: what hangs longer is taken from it."""
    over = threading.Event()

    def renew() -> None:
        deadline = time.monotonic() + seconds
        while not over.wait(ledger.lease_ms / 3000) and time.monotonic() < deadline:
            try:
                ledger.renew(lease)
            except RedisError as error:
                log.warning("a lease could not be renewed", stage=lease.stage, error=str(error))

    thread = threading.Thread(target=renew, name="renew", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _apply(stage: Stage, ledger: Ledger, lease: Lease, group: Group, wake: Callable[[str], None]) -> None:
    applied = ledger.apply(lease, group, following=stage.following)
    for (item, verdict), kept in zip(group, applied, strict=True):
        _tell(stage, item, verdict, kept)
    moved = [verdict for _, verdict in group if isinstance(verdict, Advance)]
    for name in {verdict.to or stage.following for verdict in moved if not verdict.after}:
        if name:
            wake(name)
    if stage.name == "poll":
        wake(FIRST)


def _tell(stage: Stage, item: Item, verdict: object, kept: bool) -> None:
    id = item.id
    if not kept:
        log.info("lease lost, another worker has it", stage=stage.name, id=id)
        return
    match verdict:
        case Retry(after, error):
            log.warning("failed, again later", stage=stage.name, id=id, after=after, error=error)
        case End("quarantined" | "discarded" | "duplicate" as outcome, reason) if item.fields.get("visit"):
            log.warning("looked at again in vain", stage=stage.name, id=id, outcome=outcome, why=reason)
        case End("quarantined", reason):
            log.error("quarantined", stage=stage.name, id=id, why=reason)
        case End(outcome, reason):
            log.debug("ended", stage=stage.name, id=id, outcome=outcome, reason=reason)
        case Defer(after, why):
            said = log.debug if _told_lately(stage.name, why) else log.warning
            said("waits", stage=stage.name, id=id, after=after, why=why)


_told: dict[tuple[str, str], float] = {}


def _told_lately(stage: str, why: str) -> bool:
    """One line a minute for what a whole stage waits for; a host's turn is everyday business."""
    if stage not in {"index", "story", "match"}:
        return True
    now = time.monotonic()
    lately = now - _told.get((stage, why), -60.0) < 60.0
    if not lately:
        _told.clear()
        _told[stage, why] = now
    return lately
