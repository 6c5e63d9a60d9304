"""What windows are judged by, asked of all articles there are: when those that match were first seen, how many there
were in the same hours of past days, which pairs of names stood together before. Counted in Python and by plain
aggregations; articles of archives (`backfill`) and of the sample site are no news, and count in none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from search.client import Deadline, complete, missing_is_outage
from search.documents import iso
from search.matching.compiled import Compiled
from search.matching.keys import counted_field, ids_among, values
from search.matching.windows import Seen, Usual, hours_of_past_days
from search.rules.admitting import admits
from search.rules.records import Rule
from search.schema import Names

MOST_SEEN = 10_000  # articles of one rule looked at in a window
MOST_VALUES = 1_000  # of a `query_key`
KNOWN_FOR = timedelta(days=7)  # what came within so long is missed when it stays away
NOT_NEWS = [{"term": {"backfill": True}}, {"term": {"is": "sample"}}]
Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Last:
    """A value of a flatline's `query_key`: how many articles in the window, when the last one came."""

    value: str
    many: int
    last: datetime | None


class Counting:
    """Asks for counts. Everything raises ServiceUnavailable, IncompleteAnswerError."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._alias = client, Names(prefix).articles

    def seen(
        self, compiled: Compiled, since: datetime, until: datetime, deadline: Deadline, own_names: Path | None = None
    ) -> dict[str, list[Seen]]:
        """The matching articles first seen in between, by each value of the rule's `query_key`; without one by ""."""
        rule = compiled.rule
        answer = self._ask(
            _counted(compiled.query, {"gte": iso(since), "lte": iso(until)}),
            deadline,
            size=MOST_SEEN,
            sort=[{"first_seen": "desc"}, {"article_id": "asc"}],
            source={"includes": ["first_seen", *compiled.reads]},
        )
        found: dict[str, list[Seen]] = {}
        for hit in answer["hits"]["hits"]:
            source = hit["_source"]
            if admits(rule, source, own_names) is None:
                one = Seen(datetime.fromisoformat(source["first_seen"]), hit["_id"])
                for value in values(source, rule.query_key):
                    found.setdefault(value, []).append(one)
        return found

    def usual(
        self, query: Query, rule: Rule, end: datetime, only: Sequence[str] | None, deadline: Deadline
    ) -> dict[str, Usual]:
        """The window up to `end` and the same hours of past days, for these values of the rule's `query_key`; None: for
        all that there are. Without a key by ""."""
        spans = hours_of_past_days(end, rule)
        hours = {
            "filters": {
                "filters": {
                    str(at): {"range": {"first_seen": {"gt": iso(start), "lte": iso(stop)}}}
                    for at, (start, stop) in enumerate(spans)
                }
            }
        }
        of: dict[str, Any] = {"filter": query}
        of["aggs"] = (
            {"by": {"terms": _by(rule.query_key, only), "aggs": {"hours": hours}}}
            if rule.query_key
            else {"hours": hours}
        )
        whole = _counted({"match_all": {}}, {"gt": iso(spans[-1][0]), "lte": iso(end)})
        answer = self._ask(whole, deadline, size=0, aggregations={"all": hours, "of": of})["aggregations"]
        every = _per_span(answer["all"], len(spans))
        if not rule.query_key:
            found = {"": _per_span(answer["of"]["hours"], len(spans))}
        else:
            found = {one["key"]: _per_span(one["hours"], len(spans)) for one in answer["of"]["by"]["buckets"]}
        return {value: Usual(these[0], tuple(these[1:]), tuple(every[1:])) for value, these in found.items()}

    def last(self, query: Query, rule: Rule, now: datetime, deadline: Deadline) -> list[Last]:
        """How many articles came within the rule's `timeframe`, and when the last did, for each value known of late."""
        start = now - timedelta(seconds=rule.timeframe or 0)
        ask = {
            "window": {"filter": {"range": {"first_seen": {"gt": iso(start), "lte": iso(now)}}}},
            "last": {"max": {"field": "first_seen"}},
        }
        aggs = {"by": {"terms": _by(rule.query_key, None), "aggs": ask}} if rule.query_key else ask
        since = {"gt": iso(min(start, now - KNOWN_FOR))} if rule.query_key else {}
        answer = self._ask(_counted(query, {**since, "lte": iso(now)}), deadline, size=0, aggregations=aggs)
        found = answer["aggregations"]
        if not rule.query_key:
            return [_last("", found)]
        return [_last(one["key"], one) for one in found["by"]["buckets"]]

    def first_together(
        self, pairs: Mapping[str, Sequence[tuple[str, str]]], since: datetime, until: datetime, deadline: Deadline
    ) -> dict[str, str]:
        """The earliest article first seen from `since` to `until` that has all of a pair's (field, value), by the
        pair's name; none where there is none."""
        earliest = {"size": 1, "_source": False, "sort": [{"first_seen": "asc"}, {"article_id": "asc"}]}
        filters = {
            name: {"bool": {"filter": [{"term": {field: value}} for field, value in parts]}}
            for name, parts in pairs.items()
        }
        asked = {"pairs": {"filters": {"filters": filters}, "aggs": {"first": {"top_hits": earliest}}}}
        within = {"range": {"first_seen": {"gte": iso(since), "lte": iso(until)}}}
        query = {"bool": {"filter": [within], "must_not": [{"term": {"is": "sample"}}]}}
        answer = self._ask(query, deadline, size=0, aggregations=asked)
        hits = {
            name: bucket["first"]["hits"]["hits"] for name, bucket in answer["aggregations"]["pairs"]["buckets"].items()
        }
        return {name: found[0]["_id"] for name, found in hits.items() if found}

    def _ask(self, query: Query, deadline: Deadline, **body: Any) -> Mapping[str, Any]:
        with missing_is_outage(self._alias):
            answer = deadline.over(self._client).search(
                index=self._alias,
                query=query,
                track_total_hits=False,
                allow_partial_search_results=False,
                **body,
            )
        return complete(answer.body, "counting for a rule")


def _counted(query: Query, seen: Mapping[str, Any]) -> dict[str, Any]:
    return {"bool": {"filter": [query, {"range": {"first_seen": seen}}], "must_not": NOT_NEWS}}


def _by(key: str | None, only: Iterable[str] | None) -> dict[str, Any]:
    """The values of a field to count by; names, not ids, where a field has both."""
    asked: dict[str, Any] = {"field": counted_field(key or ""), "size": MOST_VALUES}
    if only is not None:
        return {**asked, "include": sorted(only)}
    ids = ids_among(key) if key else None
    return {**asked, "exclude": ids.pattern} if ids else asked


def _per_span(answer: Mapping[str, Any], spans: int) -> list[int]:
    return [answer["buckets"][str(at)]["doc_count"] for at in range(spans)]


def _last(value: str, found: Mapping[str, Any]) -> Last:
    last = found["last"].get("value_as_string")
    return Last(value, found["window"]["doc_count"], datetime.fromisoformat(last) if last else None)
