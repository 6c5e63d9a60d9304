"""The subscriptions as Elasticsearch keeps them: a second copy beside the ledger, and what Kibana shows of feeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from elasticsearch import Elasticsearch

from ingest.records import Feed
from search.bulk import Action, action, send
from search.client import SERVICE, missing_is_outage, walk
from search.ports import ServiceUnavailable
from search.schema import Names


class FeedIndex:
    """Feeds by id. Writing a feed leaves its health as it is, and the other way round."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._alias = Names(prefix).feeds

    def write_feeds(self, feeds: Iterable[Feed]) -> None:
        """Adds or overwrites these feeds; searchable when this returns."""
        self._send([self._upsert(feed.id, feed.model_dump()) for feed in feeds])

    def write_health(self, health: Mapping[str, Mapping[str, object]]) -> None:
        """By feed id, fields of `health` in `search.mappings.FEED_FIELDS`; times in ISO 8601. Known feeds only."""
        known = {feed.id for feed in self.read_feeds()}
        self._send([self._upsert(one, {"health": dict(value)}) for one, value in health.items() if one in known])

    def remove_feeds(self, ids: Sequence[str]) -> None:
        """Forgets these feeds; unknown ids are no error."""
        self._send([action("delete", self._alias, one) for one in ids], fine=frozenset({200, 404}))

    def read_feeds(self) -> list[Feed]:
        """Every feed, by name then id."""
        fields = list(Feed.model_fields)
        pages = walk(self._client, self._alias, {"match_all": {}}, source=fields)
        feeds = [Feed.model_validate(hit["_source"]) for hits in pages for hit in hits]
        return sorted(feeds, key=lambda feed: (feed.name.casefold(), feed.id))

    def _upsert(self, feed_id: str, fields: Mapping[str, object]) -> Action:
        return action("update", self._alias, feed_id, {"doc": fields, "doc_as_upsert": True})

    def _send(self, actions: list[Action], fine: frozenset[int] = frozenset({200, 201})) -> None:
        if not actions:
            return
        with missing_is_outage(self._alias):
            self._client.indices.get_alias(name=self._alias)  # a bulk over a missing alias would only fail by item
        wrong = [item for item in send(self._client, actions, refresh=True) if item.status not in fine]
        if any(item.waits for item in wrong):
            raise ServiceUnavailable(SERVICE, wrong[0].reason)
        if wrong:
            raise RuntimeError(f"{self._alias}: {len(wrong)} of {len(actions)} feeds were refused: {wrong[0].reason}")
