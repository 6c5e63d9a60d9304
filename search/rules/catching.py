"""What a rule would have caught of late, and what an exclusion would take from it: on the articles there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from elasticsearch import BadRequestError, Elasticsearch

from ingest.records import Record
from search.alerts.listing import last_days
from search.client import complete, missing_is_outage
from search.hits import highlighting, hit_of
from search.ports import Hit
from search.prescan import QueryError
from search.query import compile_query
from search.rules.compiling import rule_query
from search.rules.records import Rule, RuleSet
from search.schema import Names

SHOWN = 8  # articles that are shown
EXACT_UP_TO = 3_000  # stories that are counted exactly


class Caught(Record):
    """Articles of the last DAYS days that a rule finds. `stories`: about how many a desk would have been told of;
    `daily`: articles a day, today's the last; `hits`: the newest."""

    total: int
    stories: int
    daily: tuple[int, ...]
    hits: tuple[Hit, ...] = ()


class Lost(Record):
    """Of the `total` that a rule found in the last DAYS days, those that an exclusion would take: how many, the newest.
    `takes`: whether the article at hand is one; None where none is."""

    total: int
    lost: int
    hits: tuple[Hit, ...] = ()
    takes: bool | None = None


class Catching:
    """Asks the articles there are. `tz`: whose days the days are."""

    def __init__(
        self, client: Elasticsearch, prefix: str = "", *, tz: str = "UTC", own_names: Path | None = None
    ) -> None:
        self._client, self._alias, self._tz, self._own_names = client, Names(prefix).articles, tz, own_names

    def caught(self, rule: Rule, rules: RuleSet) -> Caught:
        """Raises QueryError, ServiceUnavailable, IncompleteAnswerError."""
        days = last_days(datetime.now(ZoneInfo(self._tz)))
        by_day = {"field": "first_seen", "calendar_interval": "1d", "time_zone": self._tz}
        stories = {"field": "story_id", "precision_threshold": EXACT_UP_TO}
        body = self._asked(
            [self._compiled(rule, rules)],
            size=SHOWN,
            aggs={"days": {"date_histogram": by_day}, "stories": {"cardinality": stories}},
        )
        found = body["aggregations"]
        counted = {one["key_as_string"][:10]: one["doc_count"] for one in found["days"]["buckets"]}
        total = int(body["hits"]["total"]["value"])
        return Caught(
            total=total,
            stories=min(total, int(found["stories"]["value"])),
            daily=tuple(counted.get(f"{day:%Y-%m-%d}", 0) for day in days),
            hits=tuple(hit_of(hit) for hit in body["hits"]["hits"]),
        )

    def lost(self, rule: Rule, rules: RuleSet, none_of: str, article_id: str = "") -> Lost:
        """Raises QueryError, ServiceUnavailable, IncompleteAnswerError."""
        strict = self._compiled(rule, rules)
        total = int(self._asked([strict], size=0)["hits"]["total"]["value"])
        if not none_of.strip():
            return Lost(total=total, lost=0, takes=False if article_id else None)
        excluded = compile_query(
            none_of, tz=self._tz, regex=rule.regex, concepts=rules.queries, own_names=self._own_names
        )
        at_hand = {"filter": {"ids": {"values": [article_id] if article_id else []}}}
        body = self._asked([strict, excluded], size=SHOWN, aggs={"at_hand": at_hand})
        takes = body["aggregations"]["at_hand"]["doc_count"] > 0 if article_id else None
        hits = tuple(hit_of(hit) for hit in body["hits"]["hits"] if hit["_id"] != article_id)
        return Lost(total=total, lost=int(body["hits"]["total"]["value"]), hits=hits, takes=takes)

    def _compiled(self, rule: Rule, rules: RuleSet) -> dict[str, Any]:
        return rule_query(rule, rules, tz=self._tz, own_names=self._own_names)

    def _asked(self, queries: list[dict[str, Any]], **asked: Any) -> Mapping[str, Any]:
        """Of the last DAYS days, the sample's left out, the newest first."""
        since = last_days(datetime.now(ZoneInfo(self._tz)))[0].astimezone(UTC)
        window = {"range": {"first_seen": {"gte": since.isoformat()}}}
        only = {"bool": {"must": queries, "filter": [window], "must_not": [{"term": {"is": "sample"}}]}}
        try:
            with missing_is_outage(self._alias):
                answer = self._client.search(
                    index=self._alias,
                    query=only,
                    sort=[{"first_seen": "desc"}, {"article_id": "asc"}],
                    highlight=highlighting(only),
                    track_total_hits=True,
                    allow_partial_search_results=False,
                    **asked,
                )
        except BadRequestError as error:
            raise QueryError(f"Elasticsearch does not take this query: {error.message}"[:400], 0) from error
        found: Mapping[str, Any] = complete(answer.body, "asking what a rule would have caught")
        return found
