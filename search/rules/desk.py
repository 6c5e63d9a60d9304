"""How rules did: what they told of late."""

from __future__ import annotations

from collections.abc import Mapping

from elasticsearch import Elasticsearch

from search.client import complete, missing_is_outage
from search.schema import Names

MOST_RULES = 10_000


def alert_counts(client: Elasticsearch, prefix: str, *, days: int) -> Mapping[str, int]:
    """Alerts of the last so many days, by rule. Raises ServiceUnavailable, IncompleteAnswerError."""
    alias = Names(prefix).alerts
    with missing_is_outage(alias):
        answer = client.search(
            index=alias,
            query={"range": {"@timestamp": {"gte": f"now-{days}d"}}},
            aggs={"rules": {"terms": {"field": "rule", "size": MOST_RULES}}},
            size=0,
            allow_partial_search_results=False,
        )
    buckets = complete(answer.body, "counting alerts")["aggregations"]["rules"]["buckets"]
    return {one["key"]: one["doc_count"] for one in buckets}
