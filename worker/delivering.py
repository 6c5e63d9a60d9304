"""What the tick does for deliveries: those that are due are made ready, digests are gathered, what is missing is made.

All of it is seen in Elasticsearch, so a lost Valkey loses none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from ingest.dates import now
from search.alerts.deliveries import Deliveries
from search.ports import ServiceUnavailable
from worker.process import Process
from worker.wanting import want

log = structlog.get_logger(__name__)

STAGE = "notify"
LOOK_EVERY = 1  # seconds between two looks for what is due
GATHER_EVERY = 5  # for digests
SWEEP_EVERY = 15  # for alerts whose deliveries were never made
MOST = 200  # deliveries a look
GRACE = timedelta(seconds=3)  # after a digest's time: what was raised just before it is written by then
YOUNG = timedelta(seconds=20)  # an alert that is younger is in the hands of who raised it
OLD = timedelta(days=3)  # one that is older was looked for often enough
TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody


def deliver(here: Process) -> None:
    """All that the tick does for deliveries; nothing that fails here holds up anything else."""
    _now_and_then(here, "deliveries", LOOK_EVERY, _due)
    _now_and_then(here, "digests", GATHER_EVERY, _gather)
    _now_and_then(here, "undelivered", SWEEP_EVERY, _complete)


def _now_and_then(here: Process, what: str, seconds: int, work: Callable[[Process], Sequence[str]]) -> None:
    if not here.redis.set(here.ledger.key(what, "later"), 1, nx=True, ex=seconds):
        return
    try:
        if want(here.ledger, STAGE, work(here)):
            here.wake(STAGE)
    except ServiceUnavailable as away:
        log.debug("deliveries cannot be looked at yet", what=what, why=str(away))
    except Exception as error:  # noqa: BLE001  # seen at the next look; nothing else may suffer
        log.error("deliveries cannot be looked at", what=what, why=f"{type(error).__name__}: {error}")


def _due(here: Process) -> list[str]:
    names = [channel.name for channel in here.settings.named_channels]
    at = now()
    down = [one.channel for one in here.outages.of(names).values() if one.until > at.timestamp()]
    shelf = Deliveries(here.elasticsearch.options(request_timeout=TIMEOUT), here.settings.index_prefix)
    return shelf.due(at, MOST, but=down)


def _gather(here: Process) -> list[str]:
    queueing = here.queueing
    return queueing.gather(_channels(here), now() - GRACE)


def _complete(here: Process) -> list[str]:
    at = now()
    return here.queueing.complete(_channels(here), since=at - OLD, before=at - YOUNG)


def _channels(here: Process) -> list[str]:
    """Those of the settings, and those that alerts name though the settings no longer do: they are told of, too."""
    return sorted({channel.name for channel in here.settings.named_channels} | set(here.queueing.waiting_channels()))
