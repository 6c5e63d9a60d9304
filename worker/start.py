"""What has to be in order before work begins: the ledger's server, the schema, the list of feeds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import structlog

from search.upkeep import ensure_schema
from worker.desk import PACKS
from worker.sample import keep_sample
from worker.services import Services
from worker.settings import PROJECT, Settings
from worker.valkey import durability_faults

log = structlog.get_logger(__name__)
RULES = PROJECT / "deploy" / "rules"
PACKS_ADDED = "packs:added"  # once in a ledger's life


def prepare(settings: Settings) -> list[str]:
    """Makes index and ledger ready; safe to run again and by several processes. Returns warnings for the operator.

    Raises ServiceUnavailable where Elasticsearch or Valkey does not answer.
    """
    services = Services(settings)
    warnings = [f"Valkey can lose what it acknowledged: {fault}" for fault in durability_faults(services.redis)]
    warnings += ensure_schema(services.elasticsearch, settings.index_prefix)
    warnings += restore_feeds(services)
    services.ledger.began()
    warnings += default_feeds(services)
    warnings += default_rules(settings)
    services.subscriptions.mark_unsaved()  # the index may be the one that is new
    return warnings


def restore_feeds(services: Services) -> list[str]:
    """A new ledger beside an old index: the followed feeds come back from Elasticsearch.

    Until this has run to its end the ledger's list is not the whole one, and nothing may be removed from
    Elasticsearch by it (`worker.control.save_feeds`). Cut off anywhere, it does the rest the next time. What was
    followed in the new ledger meanwhile stays as it was given there.
    """
    if services.subscriptions.restored():
        return []
    saved = services.feed_index.read_feeds()
    known = set(services.subscriptions.ids())
    services.subscriptions.add(feed for feed in saved if feed.id not in known)
    if saved:
        services.redis.set(services.ledger.key(PACKS_ADDED), 1)
    services.subscriptions.mark_restored()
    if not saved:
        return []
    return [
        f"the ledger is new, the index is not: {len(saved)} feeds taken over from the index. Entries that left their "
        "feeds in between may be missing."
    ]


def default_rules(settings: Settings, shipped: Path = RULES) -> list[str]:
    """The shipped rules become the desk's own, to keep and to change: once, while there is no folder of rules yet."""
    folder = settings.rules_folder
    if folder.exists():
        return []
    if settings.rules is not None:
        return [f"KAWAT_RULES={settings.rules} is no folder: no rules are read from there"]
    if shipped.is_dir():
        unfinished = folder.with_name(f"{folder.name}.new-{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(shipped, unfinished, ignore=shutil.ignore_patterns("*.md"))
        try:
            unfinished.rename(folder)
        except OSError:  # another process was quicker
            shutil.rmtree(unfinished, ignore_errors=True)
    return []


def default_feeds(services: Services, packs: Path = PACKS) -> list[str]:
    """Once in a ledger's life the packs of public feeds are added; at each start the sample source, unless removed."""
    warnings: list[str] = []
    added = services.ledger.key(PACKS_ADDED)
    if services.settings.packs and packs.exists() and not services.redis.exists(added):
        from ingest.opml import read_opml

        opml = read_opml(packs.read_bytes(), str(packs))
        services.subscriptions.add(opml.feeds)
        services.redis.set(added, 1)  # after the feeds: a start cut off here adds the rest the next time
        warnings += opml.problems
    keep_sample(services)
    return warnings
