"""The index of entities, kept up while everything runs: loaded where the lists changed, counted every ten minutes."""

from __future__ import annotations

import threading

import structlog

from search.entityindex import EntityIndex
from search.ports import ServiceUnavailable
from worker.process import Process

log = structlog.get_logger(__name__)

EVERY = 600  # seconds between two counts; one takes about a second with 200,000 articles
AGAIN = 15  # seconds after one that failed
TIMEOUT = 20.0  # seconds a request


def count_entities(here: Process) -> None:
    """Brings the index up to date in a thread of its own, if that is due in the whole fleet: a tick waits for nothing.

    A first load takes about four seconds. Whatever ends the process in between, the next one does it all again.
    """
    if here.redis.set(here.ledger.key("entities:counted"), 1, nx=True, ex=EVERY):
        threading.Thread(target=bring_up_to_date, args=(here,), name="entities", daemon=True).start()


def bring_up_to_date(here: Process) -> None:
    """Loads what the lists hold and counts who is named lately. What fails is told, and soon tried again."""
    index = EntityIndex(here.elasticsearch.options(request_timeout=TIMEOUT), here.settings.index_prefix)
    try:
        loaded, changed = index.load(here.settings.gazetteer), index.count()
    except ServiceUnavailable as away:
        log.debug("entities are not counted", why=str(away))
        here.redis.set(here.ledger.key("entities:counted"), 1, ex=AGAIN)
    except Exception as error:  # noqa: BLE001  # only looking up names hangs on it: nothing else may suffer
        log.error("entities cannot be loaded or counted", why=f"{type(error).__name__}: {error}")
    else:
        log.debug("entities are up to date", loaded=loaded, changed=changed)
