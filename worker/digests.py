"""Digests at their time: what alerts wait for, and those that come without any, with what the silence is worth."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from ingest.dates import now
from search.alerts import timing
from search.alerts.queueing import Bundle, Covering, Queueing
from search.notify.payload import Coverage
from search.notify.wording import Words
from search.ports import ServiceUnavailable
from search.receiptwords import receipt_lines
from search.rules.records import Digest, Rule
from worker.process import Process
from worker.wanting import want

log = structlog.get_logger(__name__)

EVERY = 5  # seconds between two looks
GRACE = timedelta(seconds=3)  # after a digest's time: what was raised just before it is written by then
YOUNG = timedelta(seconds=20)  # an alert that is younger is in the hands of who raised it
OLD = timedelta(days=30)  # one that is older is no news, and Kawat was not away for so long
MOMENT = timedelta(seconds=1)
TIMEOUT = 20.0  # seconds a request
_at_it = threading.Lock()


def gather_digests(here: Process) -> None:
    """In a thread of its own: receipts take seconds, and a tick waits for nothing."""
    if here.redis.set(here.ledger.key("digests:later"), 1, nx=True, ex=EVERY):
        threading.Thread(target=gather, args=(here,), name="digests", daemon=True).start()


def gather(here: Process) -> None:
    """All that is due: digests, empty ones, and alerts whose deliveries nobody made. Done again, it changes nothing."""
    if not _at_it.acquire(blocking=False):
        return
    try:
        if want(here.ledger, "notify", made(here)):
            here.wake("notify")
    except ServiceUnavailable as away:
        log.debug("digests are gathered later", why=str(away))
    except Exception as error:  # noqa: BLE001  # seen at the next look; nothing else may suffer
        log.error("digests cannot be gathered", why=f"{type(error).__name__}: {error}")
    finally:
        _at_it.release()


def made(here: Process) -> list[str]:
    """Ids of the deliveries that are there now."""
    s, at = here.settings, now()
    client = here.elasticsearch.options(request_timeout=TIMEOUT)
    queueing = Queueing(client, s.index_prefix, here.post.messages, covering(here))
    # Also those that alerts name though the settings no longer do: that they are missing is told, too.
    channels = sorted({channel.name for channel in s.named_channels} | set(queueing.waiting_channels()))
    ids = queueing.gather(channels, at - GRACE)
    ids += queueing.complete(channels, since=at - OLD, before=at - YOUNG)
    return ids + _empty(here, queueing, at)


def _empty(here: Process, queueing: Queueing, at: datetime) -> list[str]:
    """Digests come at their times without alerts too. From when a rule is first seen on: none for the time before."""
    key, ids, known = here.ledger.key("digests:next"), list[str](), set[str]()
    for rule in here.rules.current().rules:
        if not (rule.enabled and rule.digest and rule.digest.empty and rule.notify):
            continue
        field = _field(rule)
        known.add(field)
        said = here.redis.hget(key, field)
        due = datetime.fromisoformat(said.decode()) if said else None
        if due and due <= at - GRACE:
            words = Words(rule.language, rule.digest.tz)
            for channel in dict.fromkeys(rule.notify):
                ids += queueing.bundle(Bundle(rule.owner, channel, due), [], words)
        if due is None or due <= at - GRACE:
            here.redis.hset(key, field, timing.due(rule, at)[0].isoformat())
    gone = {one.decode() for one in here.redis.hkeys(key)} - known
    if gone:
        here.redis.hdel(key, *gone)
    return ids


def covering(here: Process) -> Covering:
    """The receipts of the rules whose digest goes to this owner and channel at this time."""

    def of(owner: str, channel: str, due: datetime) -> Sequence[Coverage]:
        try:
            rules = [one for one in here.rules.current().rules if one.owner == owner and channel in one.notify]
            return [_coverage(here, rule, rule.digest, due) for rule in rules if rule.digest and _goes(rule, due)]
        except Exception as error:  # noqa: BLE001  # alerts matter more than what is said of their absence
            log.error("a digest goes without its receipt", owner=owner, why=f"{type(error).__name__}: {error}")
            return ()

    return of


def _goes(rule: Rule, due: datetime) -> bool:
    return rule.enabled and timing.due(rule, due - MOMENT)[0] == due


def _coverage(here: Process, rule: Rule, digest: Digest, due: datetime) -> Coverage:
    from worker.receipts import receipts  # names and models, where a rule is put to the test

    since = timing.previous_time(digest, due)
    receipt = receipts(here).of_rule(rule, here.rules.current(), since=since, now=due)
    return Coverage(rule=rule.id, rule_name=rule.name, text=receipt_lines(receipt, rule.language, digest.tz))


def _field(rule: Rule) -> str:
    when = rule.model_dump_json(include={"digest", "quiet_hours", "owner", "notify"})
    return f"{rule.id}:{hashlib.sha256(when.encode()).hexdigest()[:8]}"
