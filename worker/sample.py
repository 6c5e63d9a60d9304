"""The sample source in the flow: a subscription like any other, marked, and able to leave without a trace."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from ingest.records import Feed
from ingest.urls import feed_id
from search.client import walk
from search.sample import SAMPLE
from search.schema import Names
from worker.homes import LedgerHomes
from worker.ledger import POLL, Ledger
from worker.services import Services
from worker.settings import Settings
from worker.valkey import script

T = TypeVar("T")

REMOVED = "sample:removed"  # it was sent away: a later start leaves it away
REASON = "sample-removed"  # the outcome of its entries that were on their way: discarded
ENDED = frozenset({b"indexed", b"duplicate", b"discarded"})
PATIENCE = 10.0  # seconds for what workers hold
LOOK = 0.1  # seconds between two looks
CHUNK = 500  # entries a call


@dataclass(frozen=True, slots=True)
class Removed:
    """What `remove_sample` did: articles deleted, entries that a worker still held at the end."""

    articles: int
    held: int


def sample_feed(settings: Settings) -> Feed:
    """The subscription to the sample news site."""
    url = f"{settings.sample_url}/rss.xml"
    return Feed(
        id=feed_id(url),
        url=url,
        name="Warta Contoh",
        site_url=settings.sample_url,
        language="id",
        country="ID",
        owner="Kawat",
        kind="private",
        folder="Sample",
        sample=True,
    )


def keep_sample(services: Services) -> None:
    """At a start: followed where the setting says so and nobody sent it away. Another port's older one goes."""
    wanted = services.settings.sample and not services.redis.exists(services.ledger.key(REMOVED))
    feed = sample_feed(services.settings)
    old = [one.feed.id for one in services.subscriptions.health() if one.feed.sample and one.feed.id != feed.id]
    services.subscriptions.remove(old if wanted else [*old, feed.id])
    if wanted:
        services.subscriptions.add([feed])


def add_sample(services: Services) -> bool:
    """Follows it; True where it was not followed."""
    feed = sample_feed(services.settings)
    if services.redis.delete(services.ledger.key(REMOVED)):
        services.subscriptions.remove([feed.id])  # what a removal that was cut off has left of it is never polled
    return bool(services.subscriptions.add([feed])[0])


def remove_sample(services: Services, *, patience: float = PATIENCE) -> Removed:
    """Follows it no longer, ends its entries on their way, deletes its articles and what the ledger knows of them.

    Entries in a worker's hands are waited for, `patience` seconds in all. Raises ServiceUnavailable; again does the
    rest.
    """
    services.redis.set(services.ledger.key(REMOVED), 1)
    feeds = {one.feed.id for one in services.subscriptions.health() if one.feed.sample}
    feeds.add(sample_feed(services.settings).id)
    deadline = time.monotonic() + patience
    while not services.subscriptions.hold(feeds) and time.monotonic() < deadline:
        time.sleep(LOOK)
    services.subscriptions.remove(feeds)
    held = end_entries(services, feeds)
    while held and time.monotonic() < deadline:
        time.sleep(LOOK)
        held = end_entries(services, feeds)
    articles = delete_articles(services)
    forget_entries(services.ledger, feeds)
    return Removed(articles + delete_articles(services), held)  # once more: what was written while it was deleted


def end_entries(services: Services, feed_ids: set[str]) -> int:
    """Ends these feeds' entries that wait or are in quarantine; how many are in a worker's hands, or just were."""
    ledger = services.ledger
    with ledger.redis.pipeline(transaction=True) as pipe:
        for stage in ledger.stages:
            if stage != POLL:
                pipe.zrange(ledger.key("ready", stage), 0, -1)
                pipe.zrange(ledger.key("leased", stage), 0, -1)
        under_way = entries_of(ledger, feed_ids, [id for ids in pipe.execute() for id in ids])
    discard = script(ledger.redis, "discard")
    ended = sum(sum(discard(keys=[ledger.prefix], args=[REASON, *ids])) for ids in chunks(under_way))
    services.quarantine.discard(entries_of(ledger, feed_ids, [id.encode() for id in services.quarantine.ids()]))
    return len(under_way) - ended


def delete_articles(services: Services) -> int:
    """Deletes the sample articles and forgets where they lived; how many."""
    services.index.refresh()
    alias = Names(services.settings.index_prefix).articles
    ids = [hit["_id"] for hits in walk(services.elasticsearch, alias, SAMPLE, source=()) for hit in hits]
    deleted = services.index.delete_sample()
    LedgerHomes(services.redis, services.settings.redis_prefix, days=services.settings.record_days).forget(ids)
    return deleted


def forget_entries(ledger: Ledger, feed_ids: set[str]) -> int:
    """Drops the records of these feeds' ended entries, so that they would count as new; how many."""
    dropped = 0
    known = (id for id, _ in ledger.redis.zscan_iter(ledger.key("sightings"), count=CHUNK))
    for ids in chunks(known):
        ended = entries_of(ledger, feed_ids, ids, states=ENDED)
        with ledger.redis.pipeline(transaction=True) as pipe:
            for id in ended:
                pipe.delete(ledger.key("entry", id))
                pipe.zrem(ledger.key("sightings"), id)
                pipe.zrem(ledger.key("revisits"), id)
            pipe.execute()
        dropped += len(ended)
    return dropped


def entries_of(
    ledger: Ledger, feed_ids: set[str], ids: Sequence[bytes], states: frozenset[bytes] | None = None
) -> list[str]:
    """Those of `ids` that came by one of these feeds (and stand in one of these states)."""
    wanted, found = {id.encode() for id in feed_ids}, []
    for part in chunks(ids):
        with ledger.redis.pipeline(transaction=False) as pipe:
            for id in part:
                pipe.hmget(ledger.key("entry", id.decode()), "feed", "state")
            rows = pipe.execute()
        for id, (feed, state) in zip(part, rows, strict=True):
            if feed in wanted and (states is None or state in states):
                found.append(id.decode())
    return found


def chunks(ids: Iterable[T]) -> Iterator[list[T]]:
    """At most CHUNK at a time: no call keeps the server from its other work."""
    rest = iter(ids)
    while part := list(islice(rest, CHUNK)):
        yield part
