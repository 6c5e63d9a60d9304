"""What beat's ticks do: wake what is due, take back dead workers' leases, watch the disk, save the list of feeds."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

import structlog

from search.ports import ServiceUnavailable
from worker.process import Process

log = structlog.get_logger(__name__)


def wake_due(here: Process, stages: Iterable[str]) -> None:
    """Wakes each of these stages that has something due."""
    due = here.ledger.due()
    for stage in stages:
        if due[stage]:
            here.wake(stage)


def tick(here: Process) -> None:
    """All that has to be looked at often."""
    watch_disk(here)
    wake_due(here, here.ledger.stages)
    save_feeds(here)


def sweep(here: Process) -> None:
    """Leases that ran out go back; records that outlived their entry by the set time go."""
    swept = here.ledger.sweep(feed_wait=here.settings.poll_interval)
    if any(swept.values()):
        log.warning("took back what dead workers held", **swept)
    here.ledger.forget_old(here.settings.record_days)


def watch_disk(here: Process) -> None:
    """Below `KAWAT_DISK_PAUSE` free bytes polls and fetches pause, and go on by themselves."""
    folder = here.settings.state
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    limit = here.settings.disk_pause
    if free < limit:
        why = f"{free / 1e9:.1f} GB free at {folder}, intake goes on above {limit / 1e9:.1f} GB"
        if "disk" not in here.ledger.paused():
            log.error("intake paused: the disk is nearly full", free=free, limit=limit, folder=str(folder))
        here.ledger.pause("disk", why)
    elif here.ledger.resume("disk"):
        log.warning("intake goes on: the disk has room again", free=free)


def save_feeds(here: Process) -> None:
    """The list of feeds is kept in Elasticsearch too: a lost Redis loses no subscription."""
    version = here.subscriptions.unsaved()
    if version is None:
        return
    try:
        followed = [one.feed for one in here.subscriptions.health()]
        here.feed_index.write_feeds(followed)
        gone = {feed.id for feed in here.feed_index.read_feeds()} - {feed.id for feed in followed}
        here.feed_index.remove_feeds(sorted(gone))
    except ServiceUnavailable as away:
        log.debug("the list of feeds is not saved in Elasticsearch yet", why=str(away))
        return
    here.subscriptions.mark_saved(version)
