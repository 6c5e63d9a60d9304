"""The tick's part in deliveries: what is due is made ready. It is seen in Elasticsearch: a lost Valkey loses none."""

from __future__ import annotations

import structlog

from ingest.dates import now
from search.alerts.deliveries import Deliveries
from search.ports import ServiceUnavailable
from worker.process import Process
from worker.wanting import want

log = structlog.get_logger(__name__)

STAGE = "notify"
LOOK_EVERY = 1  # seconds between two looks
MOST = 200  # deliveries a look
TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody


def want_deliveries(here: Process) -> None:
    """Makes what is due ready for the stage `notify`, but for channels that are down just now."""
    if not here.redis.set(here.ledger.key("deliveries:later"), 1, nx=True, ex=LOOK_EVERY):
        return
    try:
        if want(here.ledger, STAGE, _due(here)):
            here.wake(STAGE)
    except ServiceUnavailable as away:
        log.debug("deliveries cannot be looked at yet", why=str(away))
    except Exception as error:  # noqa: BLE001  # seen at the next look; nothing else may suffer
        log.error("deliveries cannot be looked at", why=f"{type(error).__name__}: {error}")


def _due(here: Process) -> list[str]:
    at = now()
    outages = here.post.outages.of([channel.name for channel in here.settings.named_channels])
    down = [one.channel for one in outages.values() if one.until > at.timestamp()]
    shelf = Deliveries(here.elasticsearch.options(request_timeout=TIMEOUT), here.settings.index_prefix)
    return shelf.due(at, MOST, but=down)
