"""Articles that alerted are looked at again for some days: what their pages say later becomes a revision, of which
rules can tell. By what their documents say, so that those that a rule looked back at are looked at too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from ingest.records import Entry
from search.client import Deadline
from search.ports import Homes
from search.realtime import Asked, Realtime
from search.schema import Names
from worker.revisits import Revisits
from worker.subscriptions import Subscriptions

NEEDS = ("article_id", "entry_id", "feed_id", "url", "page_url", "title", "first_seen")  # of the document
READ_SECONDS, REQUEST_SECONDS = 30.0, 10.0


class Watching:
    """Plans the looks. Again while they are planned changes nothing. Raises ServiceUnavailable, RedisError."""

    def __init__(
        self, client: Elasticsearch, prefix: str, homes: Homes, revisits: Revisits, subscriptions: Subscriptions
    ) -> None:
        self._articles, self._homes = Realtime(client, Names(prefix).articles), homes
        self._revisits, self._subscriptions = revisits, subscriptions

    def watch(self, article_ids: Iterable[str]) -> int:
        """How many of these articles are looked at again now: those that are there, and that an entry brought."""
        wanted = list(dict.fromkeys(article_ids))
        if not wanted:
            return 0
        deadline = Deadline.within(READ_SECONDS, each=REQUEST_SECONDS)
        homes = self._homes.get(wanted)
        everywhere = () if len(homes) == len(wanted) else self._articles.indices(deadline)[1]
        asked = [
            Asked(index, id, {"includes": NEEDS})
            for id in wanted
            for index in ((homes[id],) if id in homes else everywhere)
        ]
        found = {one.id: one.source for one in self._articles.get(asked, deadline)}
        return sum(watch(self._revisits, self._subscriptions, source) for source in found.values())


def watch(revisits: Revisits, subscriptions: Subscriptions, source: Mapping[str, Any]) -> bool:
    """Whether the article of this document is looked at again from now on: some entry brought it."""
    if not source.get("entry_id"):
        return False
    feed_id = source.get("feed_id")
    feed = subscriptions.get(feed_id) if feed_id else None
    url = source.get("page_url") or source["url"]
    # its title, as the feed's would, decides between those that the page has: another choice would look like a change
    entry = Entry(id=source["entry_id"], feed_id=feed_id, url=url, title=source.get("title"))
    seen = datetime.fromisoformat(source["first_seen"])
    return revisits.watch(entry, feed, article=source["article_id"], first_seen=seen)
