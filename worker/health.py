"""Once a minute: what an operator has to know is told on ordinary channels, and a heartbeat is sent while all flows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import orjson
import structlog
from elasticsearch import Elasticsearch

from ingest.dates import now
from search.alerts.deliveries import Deliveries
from search.alerts.store import AlertStore, Told
from search.client import complete, missing_is_outage
from search.documents import iso
from search.ports import ServiceUnavailable
from search.schema import Names
from worker import conditions
from worker.conditions import Finding
from worker.process import Process

log = structlog.get_logger(__name__)

EVERY = 60  # seconds
QUIET = 3600  # seconds after a list was told before more of it is
LISTS = ("feeds", "deliveries")
TIMEOUT = 10.0  # seconds a request, of Elasticsearch's and of the heartbeat
MOST_DEAD = 200


def watch_health(here: Process) -> None:
    """In a thread of its own: a tick waits for nothing. One process in the fleet at a time."""
    if here.redis.set(here.ledger.key("health:later"), 1, nx=True, ex=EVERY):
        threading.Thread(target=look, args=(here,), name="health", daemon=True).start()


def look(here: Process) -> None:
    """Both, whatever becomes of the other."""
    for what, work in (("health", tell), ("heartbeat", beat)):
        try:
            work(here)
        except ServiceUnavailable as away:
            log.debug("looked at later", what=what, why=str(away))
        except Exception as error:  # noqa: BLE001  # the next look comes in a minute; nothing else may suffer
            log.error("cannot be looked at", what=what, why=f"{type(error).__name__}: {error}")


def tell(here: Process) -> list[str]:
    """Raises what is found, each time that it begins; ids of the alerts. Without channels it is in the page all the
    same."""
    rules, found, at = conditions.built_in(here.settings.health_notify), findings(here), now()
    _forget_ended(here, found)
    occasions = [(one, _news(here, one) if one.marks else _began(here, one, at)) for one in found]
    news = [(one, occasion) for one, occasion in occasions if occasion]
    told = [Told(rules[conditions.PREFIX + one.rule], conditions.match_of(one, occasion)) for one, occasion in news]
    s = here.settings
    alerts = AlertStore(here.elasticsearch, s.index_prefix, tz=s.tz).record(told, at) if told else []
    here.tell(alerts)
    for one, _ in news:
        if one.marks:  # only now: cut off before, it is told again rather than never
            here.redis.sadd(here.ledger.key("health:told", one.rule), *one.marks)
            here.redis.set(here.ledger.key("health:quiet", one.rule), 1, ex=QUIET)
    return [one.alert_id for one in alerts]


def _began(here: Process, finding: Finding, at: datetime) -> str:
    """Since when it is so."""
    key, name = here.ledger.key("health:since"), f"{finding.rule}:{finding.key}"
    here.redis.hsetnx(key, name, at.isoformat(timespec="seconds"))
    return (here.redis.hget(key, name) or b"").decode()


def _news(here: Process, finding: Finding) -> str:
    """What came onto the list since it was last told, as an occasion; empty: nothing, or too soon after the last."""
    told = {one.decode() for one in here.redis.smembers(here.ledger.key("health:told", finding.rule))}
    new = set(finding.marks) - told
    if not new or here.redis.exists(here.ledger.key("health:quiet", finding.rule)):
        return ""
    return conditions.of_marks(new)


def _forget_ended(here: Process, found: Sequence[Finding]) -> None:
    """What is over begins anew when it comes back."""
    key, names = here.ledger.key("health:since"), {f"{one.rule}:{one.key}" for one in found}
    if over := {name.decode() for name in here.redis.hkeys(key)} - names:
        here.redis.hdel(key, *over)
    marks = {one.rule: set(one.marks) for one in found}
    for rule in LISTS:
        told = here.ledger.key("health:told", rule)
        if gone := {one.decode() for one in here.redis.smembers(told)} - marks.get(rule, set()):
            here.redis.srem(told, *gone)


def findings(here: Process) -> list[Finding]:
    """All that is so now."""
    from worker.rulesinforce import faulty_files

    client = here.elasticsearch.options(request_timeout=TIMEOUT)
    dead = Deliveries(client, here.settings.index_prefix).listed(MOST_DEAD, states=("dead",))
    found = conditions.broken_feeds(here.subscriptions.health(), now())
    found += conditions.dead_deliveries(dead)
    found += conditions.full_disks(here.ledger.paused())
    found += conditions.stalled_stages(here.ledger.stage_counts())
    if (faulty := faulty_files(here.ledger)) is not None:
        lines = tuple(str(one) for one in faulty.faults[: conditions.LISTED])
        title = f"the files in {faulty.folder} on {faulty.host} have faults: kawat rules lint"
        found.append(Finding("rules", f"{faulty.host}:{faulty.folder}", title, lines))
    return found


def beat(here: Process) -> bool:
    """Calls `KAWAT_HEARTBEAT_URL` if articles flow from end to end; whether it did. What is in the way is kept."""
    url = here.settings.heartbeat_url
    if url is None:
        return False
    why = standing_still(here)
    if not why:
        try:
            httpx.get(url.get_secret_value(), timeout=TIMEOUT, headers={"User-Agent": "Kawat"}).raise_for_status()
        except httpx.HTTPStatusError as error:
            why = [f"its address answers {error.response.status_code}"]
        except httpx.HTTPError as error:  # its text may hold the address
            why = [f"its address cannot be reached ({type(error).__name__})"]
    told = {"at": iso(now()), "sent": not why, "why": why}
    before = orjson.loads(here.redis.getset(here.ledger.key("heartbeat"), orjson.dumps(told)) or b"{}")
    if why and before.get("why") != why:
        log.error("no heartbeat is sent", why="; ".join(why))
    return not why


def standing_still(here: Process) -> Sequence[str]:
    """Why articles do not flow from end to end; empty while they do."""
    why = [f"intake is paused: {one}" for one in here.ledger.paused().values()]
    why += [one.title for one in conditions.stalled_stages(here.ledger.stage_counts())]
    within = here.settings.heartbeat_within
    client = here.elasticsearch.options(request_timeout=TIMEOUT)
    try:
        if not _lately(client, here.settings.index_prefix, within):
            why.append(f"no article was indexed within {within / 60:g} minutes")
    except ServiceUnavailable as away:
        why.append(str(away))
    return why


def _lately(client: Elasticsearch, prefix: str, seconds: float) -> bool:
    alias, since = Names(prefix).articles, now() - timedelta(seconds=seconds)
    with missing_is_outage(alias):
        answer = client.count(
            index=alias,
            query={
                "bool": {
                    "filter": [{"range": {"indexed_at": {"gte": iso(since)}}}],
                    "must_not": [{"term": {"is": "sample"}}],
                }
            },
        )
    return int(complete(answer.body, "looking for new articles")["count"]) > 0
