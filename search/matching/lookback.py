"""Looking back: a new or changed rule at the articles of its `backfill`, a rule that could not be asked at those that
came meanwhile. What is to be looked at, and how far it got, stands in Elasticsearch beside the rule sets.

A look back is one of the rule's own searches, page by page, the earliest article first; cut off anywhere, it goes on
behind the last page that was told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch
from pydantic import AwareDatetime, ValidationError

from ingest.records import Record
from search.briefs.shelf import Shelf
from search.client import complete, every_failure_is_outage, missing_is_outage
from search.documents import iso
from search.matching.compiled import Compiled, matching_digest
from search.matching.counting import NOT_NEWS
from search.ports import ServiceUnavailable
from search.realtime import Found
from search.rules.records import RuleSet
from search.schema import Names

PAGE = 100  # articles told of at once
MOST = 10_000  # look backs under way
OPEN, DONE = "lookback", "looked-back"  # kinds of the document
LOOKING = ("any", "frequency", "new_term")  # what a spike or a silence was an hour ago is no news
SORT: list[Mapping[str, str]] = [{"first_seen": "asc"}, {"article_id": "asc"}]


class LookBack(Record):
    """What a rule has to look at: articles first seen from `since` to `until` (None: until it can be asked again).

    `after`: the last article that was told of. `digest`: the rule as it was then.
    """

    digest: str
    since: AwareDatetime
    until: AwareDatetime | None = None
    after: tuple[str, str] | None = None
    done: bool = False
    why: str = ""


class Page(NamedTuple):
    """The next articles to tell of; the state that holds once they are told, in place of `held`."""

    article_ids: list[str]
    state: LookBack
    held: Found


class LookBacks:
    """On a cluster. Everything raises ServiceUnavailable; what another process was faster at is done by it."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        names = Names(prefix)
        self._client, self._articles, self._alias = client, names.articles, names.rules
        self._shelf = Shelf(client, names.rules)

    def begin(self, rules: RuleSet, now: datetime) -> list[str]:
        """A look back for each rule with `backfill` that is not as it was, or new; which these are."""
        wanted = {one.id: one for one in rules.rules if one.backfill and one.enabled and one.type in LOOKING}
        there = self._get(list(wanted))
        begun = []
        for id, rule in wanted.items():
            digest, held = matching_digest(rule, rules.queries), there.get(id)
            before = _read(held)
            if before is not None and before.digest == digest:
                continue
            since = now - timedelta(seconds=rule.backfill)
            if before is not None and not before.done:
                since = min(since, before.since)
            if self._put(id, LookBack(digest=digest, since=since, until=now), held, now):
                begun.append(id)
        return begun

    def owe(self, rules: RuleSet, broken: Mapping[str, str], since: datetime, now: datetime) -> None:
        """These rules could not be asked of what came since then."""
        there = self._get(list(broken))
        for id, why in broken.items():
            rule, held = rules.rule(id), there.get(id)
            before = _read(held)
            if rule is None or (before and not before.done and before.until is None and before.since <= since):
                continue
            first = min(since, before.since) if before and not before.done else since
            digest = matching_digest(rule, rules.queries)
            if not self._put(id, LookBack(digest=digest, since=first, why=why[:500]), held, now):
                raise ServiceUnavailable("Elasticsearch", f"another process changes what {id} looks back at")

    def open(self) -> list[str]:
        """The rules that have something to look at, as of the last refresh."""
        with missing_is_outage(self._alias):
            answer = self._client.search(
                index=self._alias,
                query={"term": {"kind": OPEN}},
                source={"includes": ["rule"]},
                size=MOST,
                allow_partial_search_results=False,
            )
        return sorted(hit["_source"]["rule"] for hit in complete(answer.body, "look backs")["hits"]["hits"])

    def state(self, rule: str) -> LookBack | None:
        """How far a rule's look back got."""
        return _read(self._get([rule]).get(rule))

    def page(self, compiled: Compiled, now: datetime) -> Page | None:
        """The next articles to tell of; None where all is done."""
        held = self._get([compiled.rule.id]).get(compiled.rule.id)
        before = _read(held)
        if held is None or before is None or before.done:
            return None
        if before.after is None:  # what was written before it began can be searched by then
            with every_failure_is_outage(self._articles):
                self._client.indices.refresh(index=self._articles)
        until = before.until or now
        seen = {"range": {"first_seen": {"gte": iso(before.since), "lte": iso(until)}}}
        with missing_is_outage(self._articles):
            answer = self._client.search(
                index=self._articles,
                query={"bool": {"filter": [compiled.query, seen], "must_not": NOT_NEWS[:1]}},
                source=False,
                fields=[{"field": "first_seen", "format": "strict_date_time_no_millis"}],
                sort=SORT,
                search_after=list(before.after) if before.after else None,
                size=PAGE,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        hits: list[Mapping[str, Any]] = complete(answer.body, "looking back")["hits"]["hits"]
        last = (str(hits[-1]["fields"]["first_seen"][0]), str(hits[-1]["_id"])) if hits else before.after
        after = before.model_copy(update={"until": until, "after": last, "done": len(hits) < PAGE})
        return Page([str(hit["_id"]) for hit in hits], after, held)

    def told(self, rule: str, page: Page, now: datetime) -> bool:
        """The page was told of; False where the look back is another by now: begun anew, or with more to look at."""
        return self._put(rule, page.state, page.held, now)

    def drop(self, rule: str, now: datetime) -> None:
        """The rule is no more; should it come back, it is a new one."""
        held = self._get([rule]).get(rule)
        before = _read(held)
        if before is not None and not before.done:
            self._put(rule, before.model_copy(update={"done": True, "digest": ""}), held, now)

    def _get(self, rules: Sequence[str]) -> dict[str, Found]:
        found = self._shelf.get([_id(rule) for rule in rules])
        return {rule: found[_id(rule)] for rule in rules if _id(rule) in found}

    def _put(self, rule: str, state: LookBack, held: Found | None, now: datetime) -> bool:
        content = state.model_dump(mode="json")
        document = {"kind": DONE if state.done else OPEN, "rule": rule, "published": iso(now), "content": content}
        if held is None:
            return self._shelf.create(_id(rule), document, refresh=True)
        return self._shelf.replace(held, document, refresh=True)


def _id(rule: str) -> str:
    return f"lookback-{rule}"


def _read(held: Found | None) -> LookBack | None:
    try:
        return LookBack.model_validate(held.source["content"]) if held else None
    except ValidationError:  # of another version of Kawat: begun anew
        return None
