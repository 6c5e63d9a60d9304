"""The rules in force, from files to every process: read where they changed, published whole or not at all.

Which set is in force stands in Elasticsearch (`search/rules/publishing.py`); its hash stands in Valkey too, so that a
batch asks one GET whether it has the right one. A set with a fault changes nothing: the last good one stays in force,
and the faults are kept to be shown.
"""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import structlog
from redis.exceptions import RedisError

from ingest.dates import now
from search.ports import ServiceUnavailable
from search.rules import publishing
from search.rules.lint import Surroundings, linted
from search.rules.reading import Reading, read_folder
from worker.local.background import Background
from worker.process import Process
from worker.rulesinforce import FaultyFiles, RuleFiles, mirror
from worker.services import Services

log = structlog.get_logger(__name__)

TIMEOUT = 5.0  # seconds a request: while a tick waits for Elasticsearch this process wakes nobody
OTHERS = "another rule set is in force than this folder's: kawat rules apply puts its rules in force"
AGAIN = 15  # seconds after a set that could not be published
EVERY = 30  # seconds between two looks whether Valkey names the set that Elasticsearch does

_running: list[Background[None]] = []  # this process' reading of files


def look_after_rules(here: Process) -> None:
    """A tick's part. What changed is read on a thread of its own: a thousand rules take seconds."""
    due = here.rule_files.changed() or here.redis.set(here.ledger.key("rules:looked"), 1, nx=True, ex=EVERY)
    if due and (not _running or _running[0].ended()):
        _running[:] = [Background(lambda: bring_up_to_date(here), "rules")]


def bring_up_to_date(here: Process) -> None:
    """The files where they changed; and Valkey names what Elasticsearch does. What fails is tried again."""
    try:
        _reload(here)
        found = publishing.published(here.elasticsearch.options(request_timeout=TIMEOUT), here.settings.index_prefix)
        if found:
            mirror(here.ledger, found.rule_set)
    except ServiceUnavailable as away:
        log.debug("rules are looked after later", why=str(away))
    except Exception as error:  # noqa: BLE001  # nothing else that this process does may suffer
        log.error("rules cannot be looked after", why=f"{type(error).__name__}: {error}")


def _reload(here: Process) -> None:
    files, key = here.rule_files, here.ledger.key
    state = files.settled()
    if state is None or here.redis.exists(key("rules:later")) or not files.folder.is_dir():
        return
    digest, seen = files.digest(), key("rules:seen", _place(files.folder))
    known = (here.redis.get(seen) or b"").decode()
    if digest != known:
        here.redis.set(key("rules:later"), 1, ex=AGAIN)  # gone below, unless publishing fails
        current = None if known else publishing.published(here.elasticsearch, here.settings.index_prefix)
        if current is None:
            _tell(*apply(here, by=f"files on {socket.gethostname()}"))
        elif current.rule_set != checked(here).rules.id:  # a folder never seen before is not the desk's word
            log.warning(OTHERS, folder=str(files.folder))
        here.redis.set(seen, digest)
        here.redis.delete(key("rules:later"))
    files.taken(state)


def apply(services: Services, *, by: str) -> tuple[Reading, bool]:
    """Reads the folder, and puts its rules in force if nothing is wrong with them; whether that changed anything.

    Raises ServiceUnavailable.
    """
    folder, ledger = services.settings.rules_folder, services.ledger
    digest = RuleFiles(folder).digest()  # before they are read: what changes meanwhile is seen as changed
    reading = checked(services)
    kept = ledger.key("rules:faults")
    if reading.errors:
        found = FaultyFiles(host=socket.gethostname(), folder=str(folder), since=now(), faults=reading.errors)
        ledger.redis.set(kept, found.model_dump_json())
        return reading, False
    changed = publishing.publish(services.elasticsearch, services.settings.index_prefix, reading.rules, by)
    ledger.redis.delete(kept)
    current = publishing.published(services.elasticsearch, services.settings.index_prefix)
    if current:
        mirror(ledger, current.rule_set)
    ledger.redis.set(ledger.key("rules:seen", _place(folder)), digest)
    return reading, changed


def _tell(reading: Reading, changed: bool) -> None:
    if reading.errors:
        log.error("rules stay as they are: the files have faults", first=str(reading.errors[0]))
    elif changed:
        log.info("a rule set is in force", rule_set=reading.rules.id, rules=len(reading.rules.rules))


def checked(services: Services, folder: Path | None = None) -> Reading:
    """The folder, that of the settings by default, read and linted against the settings and the followed feeds."""
    reading = read_folder(folder or services.settings.rules_folder)
    channels = [one.name for one in services.settings.named_channels]
    return linted(reading, Surroundings(channels, _followed_languages(services)), now())


def _followed_languages(services: Services) -> frozenset[str] | None:
    """None where the ledger does not answer: rules can be looked at without it."""
    try:
        feeds = [one.feed for one in services.subscriptions.health()]
    except RedisError:
        return None
    return frozenset(one.language for one in feeds if one.language and not one.sample)


def _place(folder: Path) -> str:
    """Of this machine's folder."""
    return hashlib.sha256(f"{socket.gethostname()}:{folder}".encode()).hexdigest()[:16]
