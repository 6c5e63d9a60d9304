"""What the indices need over the years, woken by beat: the next one begun in time, what is too old removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import structlog

from ingest.dates import now
from search.briefs import kept_ids
from search.lifecycle.retention import Removal, Retention
from search.lifecycle.rollover import rollover
from search.ports import ServiceUnavailable
from worker.homes import LedgerHomes
from worker.local.background import Background
from worker.process import Process
from worker.retirement import Retirement
from worker.services import Services
from worker.turn import BusyError, turn

log = structlog.get_logger(__name__)

EVERY = 60  # seconds between two looks
TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody
DAY, HOUR = 86_400, 3_600

_running: list[Background[None]] = []  # this process' retention, on a thread of its own: it may take minutes


def keep_indices(here: Process) -> None:
    """Once a minute, whoever asks: a rollover where it is due; once a day, what retention removes."""
    if not here.redis.set(here.ledger.key("upkeep:later"), 1, nx=True, ex=EVERY):
        return
    s = here.settings
    try:
        client = here.elasticsearch.options(request_timeout=TIMEOUT)
        begun = rollover(client, s.index_prefix, s.rollover_bytes, s.rollover_days)
        if begun:
            log.info("the next index was begun", index=begun)
        if s.retention_days and not here.redis.exists(here.ledger.key("retention:done")):
            _begin(here)
    except ServiceUnavailable as away:
        log.debug("the indices are looked after later", why=str(away))
    except Exception as error:  # noqa: BLE001  # nothing else that a tick does may suffer
        log.error("the indices cannot be looked after", why=f"{type(error).__name__}: {error}")


def retention(services: Services, days: int) -> Retention:
    """What removes articles first seen more than so many days ago, but for those that readers kept."""
    s = services.settings
    homes = LedgerHomes(services.redis, s.redis_prefix, days=s.record_days)
    client = services.elasticsearch
    return Retention(
        client=client,
        prefix=s.index_prefix,
        cutoff=now() - timedelta(days=days),
        kept=lambda ids: kept_ids(client, s.index_prefix, ids),
        entries=Retirement(services.ledger, homes),
    )


def remove_old(services: Services, days: int) -> Iterator[Removal]:
    """Does it, one index at a time. Raises BusyError, ServiceUnavailable."""
    with turn(services.ledger, "retention"):
        yield from retention(services, days).run()


def _begin(here: Process) -> None:
    if _running and not _running[0].ended():
        return
    _running[:] = [Background(lambda: _daily(here), "retention")]


def _daily(here: Process) -> None:
    done, wait = here.ledger.key("retention:done"), HOUR
    try:
        removals = list(remove_old(here, here.settings.retention_days))
        for one in removals:
            level = log.warning if one.why else log.info
            level("retention", **one.model_dump(exclude_defaults=True))
        wait = HOUR if any(one.why for one in removals) else DAY
    except BusyError as busy:
        log.info("retention waits", why=str(busy))
    except Exception as error:  # noqa: BLE001  # tried again in an hour
        log.error("retention failed", why=f"{type(error).__name__}: {error}")
    here.redis.set(done, 1, ex=wait)
