"""The figures of a coverage receipt, from Elasticsearch: alerts, articles looked at, what was nearly found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from search.client import complete, missing_is_outage
from search.documents import iso
from search.feeddesk import FeedHealth
from search.prescan import QueryError
from search.receipt import Hearing, Near, Probe, Receipt, hearing_of
from search.rules.compiling import rule_query
from search.rules.publishing import mutes
from search.rules.records import Rule, RuleSet
from search.schema import Names

SAMPLED = 300  # articles by whose times the delay is told
SHOWN = 5  # near misses that are named
EVERYTHING = "all rules"
Probing = Callable[[Rule, RuleSet], Probe | None]


@dataclass(frozen=True)
class Heard:
    """What is known of the feeds now. `paused`: why intake stands still."""

    feeds: Sequence[FeedHealth]
    paused: Sequence[str] = ()


class Receipts:
    """Makes receipts. `heard` says how the feeds do; `probing` puts a test article to a rule."""

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str,
        heard: Callable[[], Heard],
        *,
        probing: Probing | None = None,
        tz: str = "UTC",
        own_names: Path | None = None,
    ) -> None:
        self._client, self._prefix, self._names = client, prefix, Names(prefix)
        self._heard, self._probing, self._tz, self._own_names = heard, probing, tz, own_names

    @property
    def without_test(self) -> Receipts:
        """The same without a test article, which takes a second."""
        return Receipts(self._client, self._prefix, self._heard, tz=self._tz, own_names=self._own_names)

    def of_rule(self, rule: Rule, rules: RuleSet, *, since: datetime, now: datetime) -> Receipt:
        """What the silence of a rule is worth. Raises ServiceUnavailable, IncompleteAnswerError."""
        muted = {one.rule: one.until for one in mutes(self._client, self._prefix, now)}
        window = self._window(since, now)
        stemmed, excluded = self._variants(rule, rules)
        near = self._beside(rule, rules, stemmed, window) if stemmed else None
        kept_out = self._beside(rule, rules, excluded, window) if excluded else None
        return Receipt(
            rule=rule.id,
            rule_name=rule.name,
            since=since,
            until=now,
            alerts=self._alerts(since, now, rule.id),
            **self._looked_at(window),
            hearing=self._hearing(since, now),
            probe=self._probing(rule, rules) if self._probing and rule.enabled else None,
            stemmed=near[0] if near else None,
            excluded=kept_out[0] if kept_out else None,
            near=near[1] if near else (),
            muted_until=muted.get(rule.id),
            enabled=rule.enabled,
        )

    def of_all(self, *, since: datetime, now: datetime) -> Receipt:
        """The same of all rules together: what was looked at and heard. Raises as `of_rule`."""
        return Receipt(
            rule=None,
            rule_name=EVERYTHING,
            since=since,
            until=now,
            alerts=self._alerts(since, now, None),
            **self._looked_at(self._window(since, now)),
            hearing=self._hearing(since, now),
        )

    def _hearing(self, since: datetime, now: datetime) -> Hearing:
        heard = self._heard()
        return hearing_of(heard.feeds, since=since, now=now, paused=heard.paused)

    def _alerts(self, since: datetime, now: datetime, rule: str | None) -> int:
        within = {"range": {"@timestamp": {"gt": iso(since), "lte": iso(now)}}}
        only = [{"term": {"rule": rule}}] if rule else []
        found = self._search(self._names.alerts, query={"bool": {"filter": [within, *only]}}, size=0)
        return int(found["hits"]["total"]["value"])

    def _looked_at(self, window: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """How many articles, and how long they took from the first sight to the index."""
        body = self._search(
            self._names.articles,
            query={"bool": {"filter": list(window)}},
            size=SAMPLED,
            sort=[{"indexed_at": "desc"}],
            source=["first_seen", "indexed_at", "revision"],
        )
        took = [_seconds(hit["_source"]) for hit in body["hits"]["hits"] if hit["_source"].get("revision", 1) == 1]
        return {"articles": int(body["hits"]["total"]["value"]), "delay": round(median(took), 1) if took else None}

    def _variants(self, rule: Rule, rules: RuleSet) -> tuple[Rule | None, Rule | None]:
        """The rule in all forms of its words, and without its exclusions; None where that is the rule itself."""
        wide = rule.model_copy(update={"match": "stemmed"}) if rule.match == "exact" and rule.query else None
        loose = rule.model_copy(update={"none_of": ()}) if rule.none_of else None
        return wide, loose

    def _beside(
        self, rule: Rule, rules: RuleSet, other: Rule, window: Sequence[dict[str, Any]]
    ) -> tuple[int, tuple[Near, ...]] | None:
        """What `other` finds and the rule does not; None where Elasticsearch does not take one of them."""
        try:
            strict, loose = (rule_query(one, rules, tz=self._tz, own_names=self._own_names) for one in (rule, other))
            body = self._search(
                self._names.articles,
                query={"bool": {"filter": [*window, loose], "must_not": [strict]}},
                size=SHOWN,
                sort=[{"indexed_at": "desc"}],
                source=["title"],
            )
        except (QueryError, BadRequestError):
            return None  # the rule's own fault, which the files' list of faults tells of
        near = tuple(Near(id=hit["_id"], title=hit["_source"].get("title", "")) for hit in body["hits"]["hits"])
        return int(body["hits"]["total"]["value"]), near

    def _window(self, since: datetime, now: datetime) -> list[dict[str, Any]]:
        """Articles that came since then as news: neither the sample's nor an archive's."""
        within = {"range": {"indexed_at": {"gt": iso(since), "lte": iso(now)}}}
        seen = {"range": {"first_seen": {"gt": iso(since - timedelta(days=1))}}}
        old = [{"term": {"is": "sample"}}, {"term": {"backfill": True}}]
        return [within, seen, {"bool": {"must_not": old}}]

    def _search(self, index: str, **asked: Any) -> Any:
        with missing_is_outage(index):
            answer = self._client.search(
                index=index, allow_partial_search_results=False, track_total_hits=True, **asked
            )
        return complete(answer.body, f"counting in {index}")


def _seconds(source: dict[str, Any]) -> float:
    seen, indexed = (datetime.fromisoformat(source[name]) for name in ("first_seen", "indexed_at"))
    return max(0.0, (indexed - seen).total_seconds())
