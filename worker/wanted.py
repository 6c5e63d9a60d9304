"""From the wishes that stand in Elasticsearch to work: raw pages of what readers keep, made ready as they are due."""

from __future__ import annotations

import structlog

from ingest.dates import now
from search.briefs.pages import PageShelf
from search.ports import ServiceUnavailable
from worker.process import Process
from worker.wanting import want

log = structlog.get_logger(__name__)

STAGE = "keep"
LOOK_EVERY = 3  # seconds between two looks: whoever keeps something looks at the page for that long
MOST = 100  # a look
TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody


def want_pages(here: Process) -> int:
    """Makes pages that are due ready for the stage `keep`; how many that were not under way."""
    if not here.redis.set(here.ledger.key("keep:later"), 1, nx=True, ex=LOOK_EVERY):
        return 0
    shelf = PageShelf(here.elasticsearch.options(request_timeout=TIMEOUT), here.settings.index_prefix)
    try:
        due = shelf.due(now(), MOST)
    except ServiceUnavailable as away:
        log.debug("which pages are to be kept cannot be seen yet", why=str(away))
        return 0
    except Exception as error:  # noqa: BLE001  # seen at the next look; nothing else may suffer
        log.error("which pages are to be kept cannot be seen", why=f"{type(error).__name__}: {error}")
        return 0
    wanted = want(here.ledger, STAGE, due)
    if wanted:
        here.wake(STAGE)
    return wanted
