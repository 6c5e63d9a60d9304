"""What beat's ticks do: wake what is due, take back dead workers' leases, watch the disk, save the list of feeds."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable

import structlog

from ingest.dates import now
from search.ports import ServiceUnavailable
from search.subscriptions import FeedIndex
from worker.delivering import want_deliveries
from worker.digests import gather_digests
from worker.entitycount import count_entities
from worker.health import watch_health
from worker.matchwork import want_rules
from worker.process import Process
from worker.rulesync import look_after_rules
from worker.topology import FIRST
from worker.upkeep import keep_indices
from worker.wanted import want_pages

log = structlog.get_logger(__name__)

LOOKS = 100  # entries a tick that are looked at again
BACKLOG = 200  # entries due to be fetched, from which on no look is added to them
SAVE_TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody
SAVE_AGAIN = 15  # seconds after a list that could not be saved
HEALTH_EVERY = 60  # seconds between two savings of how the feeds do
HEALTH_KEPT = 86_400  # seconds after which all are saved anew
LOOKED = 120  # seconds without a look at its disk after which a machine counts as gone
TOLD = 3600  # seconds between two warnings that a disk cannot be looked at


def wake_due(here: Process, stages: Iterable[str]) -> None:
    """Wakes each of these stages that has something due."""
    due = here.ledger.due()
    for stage in stages:
        if due[stage]:
            here.wake(stage)


def tick(here: Process) -> None:
    """All that has to be looked at often. Waking comes first: whatever is wrong with the rest, work goes on."""
    wake_due(here, here.ledger.stages)
    watch_disk(here)
    look_again(here)
    want_pages(here)
    look_after_rules(here)
    want_deliveries(here)
    gather_digests(here)
    want_rules(here)
    watch_health(here)
    save_feeds(here)
    save_health(here)
    count_entities(here)
    keep_indices(here)


def sweep(here: Process) -> None:
    """Leases that ran out go back; records that outlived their entry by the set time go."""
    swept = here.ledger.sweep(feed_wait=here.settings.poll_interval)
    if any(swept.values()):
        log.warning("took back what dead workers held", **swept)
    here.ledger.forget_old(here.settings.record_days)


def look_again(here: Process) -> None:
    """Articles whose next look is due queue again: a few at a time, behind new ones, not while intake pauses."""
    ledger = here.ledger
    if ledger.paused() or ledger.bytes_in_flight() >= ledger.bytes_limit:
        return
    line = ledger.stage_counts()[FIRST]
    room = min(LOOKS, BACKLOG - line.due, ledger.entries_limit // 2 - line.ready)
    if room > 0 and here.revisits.reopen(FIRST, room):
        here.wake(FIRST)


def watch_disk(here: Process) -> None:
    """Below `KAWAT_DISK_PAUSE` free bytes polls and fetches pause, and go on by themselves.

    Each machine has a pause of its own, `disk:HOST`, and ends only its own, or that of one that is gone.
    """
    host = socket.gethostname()
    pause = f"disk:{host}"
    folder = here.settings.state
    limit = here.settings.disk_pause
    try:
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
    except OSError as error:
        if here.redis.set(here.ledger.key("disk-unseen", host), 1, nx=True, ex=TOLD):
            log.warning("the disk cannot be looked at: intake would not pause before it is full", why=str(error))
        return
    paused = here.ledger.paused()
    if free < limit:
        if pause not in paused:
            log.error("intake paused: the disk is nearly full", free=free, limit=limit, folder=str(folder))
        why = f"{free / 1e9:.1f} GB free at {folder} on {host}, intake goes on above {limit / 1e9:.1f} GB"
        here.redis.set(here.ledger.key("disk-seen", host), 1, ex=LOOKED)
        here.ledger.pause(pause, why)
    elif pause in paused and here.ledger.resume(pause):
        log.warning("intake goes on: the disk has room again", free=free)
    for other in paused:
        kind, _, name = other.partition(":")
        gone = kind == "disk" and name != host and not here.redis.exists(here.ledger.key("disk-seen", name))
        if gone and here.ledger.resume(other):
            log.warning("a machine that paused intake for its disk is gone", host=name)


def save_feeds(here: Process) -> None:
    """The list of feeds is kept in Elasticsearch too: a lost Redis loses no subscription.

    Never by a list that is not whole: a new ledger gets back first what Elasticsearch holds (`worker.start`), and one
    lost between the two looks at it here has another mark, or none.
    """
    restored, version = here.subscriptions.restored(), here.subscriptions.unsaved()
    later = here.ledger.key("feeds:later")
    if restored is None or version is None or here.redis.exists(later):
        return
    index = FeedIndex(here.elasticsearch.options(request_timeout=SAVE_TIMEOUT), here.settings.index_prefix)
    try:
        followed = [one.feed for one in here.subscriptions.health()]
        index.write_feeds(followed)
        gone = {feed.id for feed in index.read_feeds()} - {feed.id for feed in followed}
        if here.subscriptions.restored() != restored:
            return
        index.remove_feeds(sorted(gone))
    except ServiceUnavailable as away:
        log.debug("the list of feeds is not saved in Elasticsearch yet", why=str(away))
        here.redis.set(later, 1, ex=SAVE_AGAIN)
        return
    except Exception as error:  # noqa: BLE001  # the list stays unsaved and is tried again; nothing else may suffer
        log.error("the list of feeds cannot be saved in Elasticsearch", why=f"{type(error).__name__}: {error}")
        here.redis.set(later, 1, ex=SAVE_AGAIN)
        return
    here.subscriptions.mark_saved(version)


def save_health(here: Process) -> None:
    """How the feeds do that were polled since the last time, for pages and Kibana: the ledger itself decides nothing by
    it. After the list of feeds, never instead of it; what could not be saved is saved the next time."""
    saved, later = here.ledger.key("feeds:health-saved"), here.ledger.key("feeds:health-later")
    if here.subscriptions.unsaved() is not None or not here.redis.set(later, 1, nx=True, ex=HEALTH_EVERY):
        return
    began = now().isoformat()
    since = (here.redis.get(saved) or b"").decode()
    polled = [one for one in here.subscriptions.health() if one.last_poll and one.last_poll.isoformat() >= since]
    index = FeedIndex(here.elasticsearch.options(request_timeout=SAVE_TIMEOUT), here.settings.index_prefix)
    try:
        if polled:
            index.write_health({one.feed.id: one.document() for one in polled})
    except ServiceUnavailable as away:
        log.debug("how the feeds do is not saved in Elasticsearch yet", why=str(away))
    except Exception as error:  # noqa: BLE001  # shown only: nothing else may suffer
        log.error("how the feeds do cannot be saved in Elasticsearch", why=f"{type(error).__name__}: {error}")
    else:
        here.redis.set(saved, began, ex=HEALTH_KEPT)
