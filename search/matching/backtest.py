"""What a rule would have sent to whom in the last days: its own query over history, told as live (`replay.py`), bundled
as its digest and quiet hours bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from elasticsearch import Elasticsearch

from ingest.records import Record
from search.alerts.records import Alert
from search.alerts.timing import next_time
from search.client import Deadline, complete, missing_is_outage
from search.documents import iso
from search.matching.compiled import Compiled
from search.matching.confirming import Evidence
from search.matching.counting import NOT_NEWS, Counting
from search.matching.matches import Asked
from search.matching.newpairs import with_new_pairs
from search.matching.replay import moments, reach, replayed
from search.rules.admitting import admits
from search.rules.records import Rule, RuleSet
from search.schema import Names

PAGE = 2_000  # articles a request
SECONDS = 300.0  # that all requests of one rule may take
MOST_PAIRED = 2_000  # articles of a `new_term` rule whose pairs are looked up, one request each
COLUMNS = (  # all that is told by, as columns: no document need be unpacked
    *("article_id", "story_id", "title.column", "url", "source", "source_name", "source_owner", "language"),
    *("first_seen", "published", "changed_at", "is"),
)
DATES = frozenset({"first_seen", "published", "changed_at"})
DATE = {"format": "strict_date_time_no_millis"}
SEVERAL = frozenset({"is"})


class Notified(Record):
    """What an owner would have had on a channel: so many alerts at once, and digests at these times (UTC)."""

    owner: str
    channel: str
    at_once: int
    digests: tuple[str, ...]


class Day(Record):
    """One day, by the clocks of the settings' time zone: articles that met the rule, alerts, messages on a channel."""

    day: str
    articles: int
    alerts: int
    messages: int


class Backtest(Record):
    """What a rule would have done. `unread`: articles beyond those that a `new_term` rule was tried on."""

    rule: str
    since: str
    until: str
    articles: int
    alerts: int
    reasons: Mapping[str, int]
    notified: tuple[Notified, ...]
    days: tuple[Day, ...]
    unread: int = 0


class Backtester:
    """Over the articles there are. Raises ServiceUnavailable, IncompleteAnswerError, QueryError."""

    def __init__(self, client: Elasticsearch, prefix: str, *, tz: str = "UTC", own_names: Path | None = None) -> None:
        self._client, self._alias = client, Names(prefix).articles
        self._counting = Counting(client, prefix)
        self._tz, self._own_names = tz, own_names

    def run(self, rule: Rule, rules: RuleSet, until: datetime, days: int) -> Backtest:
        """The rule as it stands in `rules`, over so many days."""
        since = until - timedelta(days=days)
        deadline = Deadline.within(SECONDS, each=60.0)
        found = list(self._history(rule, rules, since - reach(rule), until, deadline))
        unread = max(0, len(found) - MOST_PAIRED) if rule.type == "new_term" else 0
        if rule.type == "new_term":
            found = with_new_pairs(self._counting, rule, found[:MOST_PAIRED], deadline)
        hours = self._whole(since - reach(rule), until, deadline) if rule.type == "spike" else {}

        def whole(after: datetime, end: datetime) -> int:
            first = after.replace(minute=0, second=0, microsecond=0)
            spans = int((end - first).total_seconds() // 3600) + 1
            return sum(hours.get(first + timedelta(hours=n), 0) for n in range(spans))

        made = moments(Asked(rule, rules.id), found, since, until, whole)
        alerts = replayed(rule, made, tz=self._tz)
        inside = [one for one in found if since <= datetime.fromisoformat(one.source["first_seen"])]
        return self._told(rule, alerts, inside, (since, until), unread)

    def _history(
        self, rule: Rule, rules: RuleSet, since: datetime, until: datetime, deadline: Deadline
    ) -> Iterator[Evidence]:
        """What met the rule's query, the earliest first. What it says of `now` is asked day by day."""
        compiled = Compiled(rule, rules, self._tz, self._own_names)
        relative = b'"now' in orjson.dumps(compiled.query)
        step = timedelta(days=1) if relative else until - since
        while since < until:
            end = min(since + step, until)
            moving = Compiled(rule, rules, self._tz, self._own_names, moment=end) if relative else compiled
            yield from self._between(moving, since, end, deadline)
            since = end

    def _between(self, compiled: Compiled, since: datetime, until: datetime, deadline: Deadline) -> Iterator[Evidence]:
        columns = all(name in COLUMNS for name in compiled.reads)
        read = [{"field": name, **(DATE if name in DATES else {})} for name in COLUMNS]
        seen = {"range": {"first_seen": {"gt": iso(since), "lte": iso(until)}}}
        after: list[Any] | None = None
        while True:
            with missing_is_outage(self._alias):
                answer = deadline.over(self._client).search(
                    index=self._alias,
                    query={"bool": {"filter": [compiled.query, seen], "must_not": NOT_NEWS}},
                    docvalue_fields=read,
                    source=False if columns else {"includes": [*COLUMNS, *compiled.reads]},
                    sort=[{"first_seen": "asc"}, {"article_id": "asc"}],
                    search_after=after,
                    size=PAGE,
                    track_total_hits=False,
                    allow_partial_search_results=False,
                )
            hits = complete(answer.body, f"looking through history for {compiled.rule.id}")["hits"]["hits"]
            for hit in hits:
                source = {**hit.get("_source", {}), **_columns(hit["fields"])}
                if admits(compiled.rule, source, self._own_names) is None:
                    yield Evidence(compiled.rule.id, source, (), ())
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]

    def _whole(self, since: datetime, until: datetime, deadline: Deadline) -> dict[datetime, int]:
        """How many articles came in each hour."""
        with missing_is_outage(self._alias):
            answer = deadline.over(self._client).search(
                index=self._alias,
                size=0,
                query={"range": {"first_seen": {"gt": iso(since), "lte": iso(until)}}},
                aggregations={"hours": {"date_histogram": {"field": "first_seen", "fixed_interval": "1h"}}},
                allow_partial_search_results=False,
            )
        buckets = complete(answer.body, "counting all articles")["aggregations"]["hours"]["buckets"]
        return {datetime.fromisoformat(one["key_as_string"]): one["doc_count"] for one in buckets}

    def _told(
        self,
        rule: Rule,
        alerts: Sequence[Alert],
        found: Sequence[Evidence],
        span: tuple[datetime, datetime],
        unread: int,
    ) -> Backtest:
        since, until = span
        zone = ZoneInfo(self._tz)
        at_once = [one for one in alerts if not one.bundled]
        digests = {one.due for one in alerts if one.bundled}
        if rule.digest and rule.digest.empty:
            digests |= set(_times(rule, since, until))
        articles = Counter(_day(datetime.fromisoformat(one.source["first_seen"]), zone) for one in found)
        raised = Counter(_day(one.timestamp, zone) for one in alerts)
        sent = Counter(_day(at, zone) for at in (*(one.timestamp for one in at_once), *digests))
        times = tuple(sorted(at.isoformat() for at in digests))
        first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        dates = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
        return Backtest(
            rule=rule.id,
            since=since.isoformat(),
            until=until.isoformat(),
            articles=len(found),
            alerts=len(alerts),
            reasons=dict(Counter(one.why for one in alerts)),
            notified=tuple(
                Notified(owner=rule.owner, channel=channel, at_once=len(at_once), digests=times)
                for channel in dict.fromkeys(rule.notify)
            ),
            days=tuple(Day(day=day, articles=articles[day], alerts=raised[day], messages=sent[day]) for day in dates),
            unread=unread,
        )


def messages(backtests: Sequence[Backtest]) -> dict[str, dict[str, int]]:
    """How many messages each owner would have had on each channel of all these rules: a digest gathers several."""
    at_once: Counter[tuple[str, str]] = Counter()
    digests: dict[tuple[str, str], set[str]] = {}
    for told in (one for backtest in backtests for one in backtest.notified):
        at_once[told.owner, told.channel] += told.at_once
        digests.setdefault((told.owner, told.channel), set()).update(told.digests)
    found: dict[str, dict[str, int]] = {}
    for owner, channel in at_once:
        found.setdefault(owner, {})[channel] = at_once[owner, channel] + len(digests[owner, channel])
    return found


def _times(rule: Rule, since: datetime, until: datetime) -> Iterator[datetime]:
    at = since
    while rule.digest and (at := next_time(rule.digest, at)) <= until:
        yield at


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: held if name in SEVERAL else held[0] for name, held in fields.items()}
    if "title.column" in found:
        found["title"] = found.pop("title.column")
    return found
