"""What the tick does for rules: those that tell of what does not come are looked at each minute, look backs go on,
alerts whose writer did not live to are written."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from ingest.dates import now
from search.alerts.store import AlertStore
from search.matching.lookback import LookBacks
from search.matching.watch import watched_by_time
from search.ports import ServiceUnavailable
from worker.ledger import Ledger
from worker.process import Process
from worker.wanting import want

log = structlog.get_logger(__name__)

WINDOWS_EVERY = 60  # seconds between two looks at what does not come
LOOK_BACK_EVERY = 5  # seconds between two looks for look backs
COMPLETE_EVERY = 15  # seconds between two looks for alerts that nobody wrote
AWAY = 3 * WINDOWS_EVERY  # seconds without a look after which Kawat did not run, and heard of nothing
CAUGHT_UP = 1800  # seconds until what came while it did not run is read: before that no silence is anybody's
BEHIND = 300  # seconds that an article may wait anywhere before silence may be ours
TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody


def want_rules(here: Process) -> None:
    """A tick's part; nothing that fails here holds up anything else."""
    _now_and_then(here, "windows", WINDOWS_EVERY, lambda: _windows(here))
    _now_and_then(here, "lookback", LOOK_BACK_EVERY, lambda: _lookbacks(here))
    _now_and_then(here, "unwritten", COMPLETE_EVERY, lambda: _complete(here))


def _windows(here: Process) -> None:
    since = _running_since(here)
    rules = [rule for rule in here.rules.current().rules if watched_by_time(rule)]
    if rules and not _behind(here.ledger):
        _ready(here, "windows", [rule.id for rule in rules if since >= min(rule.timeframe or 0, CAUGHT_UP)])


def _lookbacks(here: Process) -> None:
    """New rules begin at once, not with the next article: at night that can be hours."""
    client = here.elasticsearch.options(request_timeout=TIMEOUT)
    lookbacks, rules = LookBacks(client, here.settings.index_prefix), here.rules.current()
    begun = here.ledger.key("lookback", "begun")
    if (here.redis.get(begun) or b"").decode() != rules.id:
        lookbacks.begin(rules, now())
        here.redis.set(begun, rules.id)
    _ready(here, "lookback", lookbacks.open())


def _ready(here: Process, stage: str, ids: list[str]) -> None:
    if want(here.ledger, stage, ids):
        here.wake(stage)


def _complete(here: Process) -> None:
    store = AlertStore(here.elasticsearch, here.settings.index_prefix, request_seconds=TIMEOUT)
    written = store.complete(now())
    if written:
        log.warning("wrote alerts whose writer had ended", alerts=written)


def _running_since(here: Process) -> float:
    """For how many seconds Kawat has been running without a break."""
    running, since = here.ledger.key("windows:running"), here.ledger.key("windows:since")
    at = time.time()
    if not here.redis.set(running, 1, ex=AWAY, get=True):
        here.redis.set(since, at)
    return at - float(here.redis.get(since) or at)


def _behind(ledger: Ledger) -> bool:
    """Articles wait somewhere: that they are not counted yet is no silence of theirs."""
    waits = ledger.stage_counts()
    return any(waits[stage].oldest > BEHIND for stage in ("poll", "fetch", "extract", "index", "story", "match"))


def _now_and_then(here: Process, what: str, seconds: int, work: Callable[[], object]) -> None:
    if not here.redis.set(here.ledger.key(what, "later"), 1, nx=True, ex=seconds):
        return
    try:
        work()
    except ServiceUnavailable as away:
        log.debug("rules cannot be looked after yet", what=what, why=str(away))
    except Exception as error:  # noqa: BLE001  # seen at the next look; nothing else may suffer
        log.error("rules cannot be looked after", what=what, why=f"{type(error).__name__}: {error}")
