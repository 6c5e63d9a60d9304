"""The sample source in the flow: a subscription like any other, marked, and able to leave without a trace."""

from __future__ import annotations

from ingest.records import Feed
from ingest.urls import feed_id
from worker.ledger import Ledger
from worker.services import Services
from worker.settings import Settings

REMOVED = "sample:removed"  # it was sent away: a later start leaves it away


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
    services.redis.delete(services.ledger.key(REMOVED))
    return bool(services.subscriptions.add([sample_feed(services.settings)])[0])


def remove_sample(services: Services) -> int:
    """Follows it no longer, deletes its articles and what the ledger knows of them; how many articles."""
    services.redis.set(services.ledger.key(REMOVED), 1)
    feeds = {one.feed.id for one in services.subscriptions.health() if one.feed.sample}
    feeds.add(sample_feed(services.settings).id)
    services.subscriptions.remove(feeds)
    deleted = services.index.delete_sample()
    forget_entries(services.ledger, feeds)
    return deleted


def forget_entries(ledger: Ledger, feed_ids: set[str]) -> int:
    """Drops the records of these feeds' ended entries, so that they would count as new; how many."""
    wanted, dropped = {id.encode() for id in feed_ids}, 0
    for key in ledger.redis.scan_iter(ledger.key("entry", "*"), count=1000):
        feed, state = ledger.redis.hmget(key, "feed", "state")
        if feed in wanted and state in (b"indexed", b"duplicate", b"discarded"):
            id = key.decode().removeprefix(ledger.key("entry", ""))
            ledger.redis.delete(key)
            ledger.redis.zrem(ledger.key("sightings"), id)
            dropped += 1
    return dropped
