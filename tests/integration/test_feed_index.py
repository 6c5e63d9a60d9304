"""How feeds do, in a real index: all that the ledger tells has its field there, and comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch

from ingest.records import Feed
from ingest.rhythm import DAY, HOUR, first_seen
from search.client import connect
from search.schema import Names
from search.subscriptions import FeedIndex
from search.upkeep import ensure_schema
from worker.subscriptions import health_of

pytestmark = pytest.mark.services
NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as one:
        yield one


def test_health_is_found_by_state_and_kind_and_a_cleared_error_goes(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    feed, at = Feed(id="a" * 16, url="https://a.example/rss", name="A"), NOW.timestamp()
    record = {
        "record": feed.model_dump_json(),
        "last_poll": NOW.isoformat(),
        "last_success": NOW.isoformat(),
        "last_new": NOW.isoformat(),
        "problems": "all 10 entries carry one and the same date",
        "rhythm": first_seen([at - n * HOUR for n in range(30)], at).model_dump_json(),
    }
    kept, alias = FeedIndex(client, index_prefix), Names(index_prefix).feeds
    kept.write_feeds([feed])
    failing = health_of({**record, "failures": "2", "error": "x: no such name", "error_kind": "dns"}, at * 1000, at)
    kept.write_health({feed.id: failing.document()})
    query = {"bool": {"filter": [{"term": {"health.state": "failing"}}, {"term": {"health.error_kind": "dns"}}]}}
    assert client.count(index=alias, query=query)["count"] == 1
    kept.write_health({feed.id: health_of({**record, "failures": "0"}, at * 1000 + DAY, at).document()})
    assert client.count(index=alias, query=query)["count"] == 0
    slow = {"range": {"health.expected": {"gte": 20, "lte": 28}}}
    assert (
        client.count(index=alias, query={"bool": {"filter": [slow, {"exists": {"field": "health.last_new"}}]}})["count"]
        == 1
    )
    stored = client.get(index=alias, id=feed.id)["_source"]
    assert stored["name"] == "A"
    assert (stored["health"]["state"], stored["health"]["last_error"]) == ("ok", "")
