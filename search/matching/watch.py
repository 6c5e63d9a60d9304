"""The rules at work: articles in, alerts written. What the stage `match` calls, and what looks at silences.

Everything here may be cut off and done again with the same articles: what was told is found again, and told once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from elasticsearch import ApiError, Elasticsearch

from ingest import dates
from search.alerts.episodes import Match
from search.alerts.records import Alert
from search.alerts.store import AlertStore, Told
from search.matching.compiled import Compiled
from search.matching.confirming import Evidence
from search.matching.counting import Counting
from search.matching.judging import Judging
from search.matching.lookback import LookBacks
from search.matching.matcher import Matcher
from search.matching.matches import Asked
from search.matching.told import ToldKeys
from search.matching.windows import wants
from search.ports import Homes
from search.prescan import QueryError
from search.rules.publishing import mutes
from search.rules.records import Rule, RuleSet

NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Watched:
    """What came of a batch: alerts raised; rules that could not be asked, and why; pairs that had to be confirmed.

    `alerted`: the articles that the last alerts of their keys are of, whenever those were raised.
    """

    alerts: tuple[Alert, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    candidates: int = 0
    alerted: frozenset[str] = frozenset()


class RuleWatch:
    """One rule set at work, for one thread. Everything raises ServiceUnavailable, IncompleteAnswerError."""

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str,
        homes: Homes,
        *,
        tz: str = "UTC",
        own_names: Path | None = None,
        clock: Callable[[], datetime] = dates.now,
    ) -> None:
        self._matcher = Matcher(client, prefix, homes, tz=tz, own_names=own_names)
        self._store = AlertStore(client, prefix, tz=tz)
        self._judging = Judging(Counting(client, prefix), self._store, own_names)
        self._keys = ToldKeys(client, prefix, self._store)
        self._lookbacks = LookBacks(client, prefix)
        self._client, self._prefix = client, prefix
        self._tz, self._own_names, self._clock = tz, own_names, clock

    @property
    def rules(self) -> RuleSet:
        return self._matcher.rules

    def adopt(self, rules: RuleSet) -> None:
        """From now on these are the rules; as they were where this raises. New and changed ones begin to look back."""
        if rules.id != self._matcher.rules.id:
            self._lookbacks.begin(rules, self._clock())
            self._matcher.adopt(rules)

    def match(
        self,
        article_ids: Sequence[str],
        *,
        among: frozenset[str] | None = None,
        backfilled: bool = False,
        unchanged: Mapping[str, str] = NONE,
    ) -> Watched:
        """Tells what these articles mean to all rules, or those `among`. `backfilled`: they were there before.

        `unchanged`: looked at again at that time, and nothing was new: what the rules were then, they were asked then,
        and a rule that came later looks back only as far as it says. One that changed at that very time after all was
        written by a run that was cut off before it could say so.
        """
        met = self._matcher.met(self._matcher.located(article_ids), among)
        by_rule: dict[str, list[Evidence]] = {}
        for one in met.evidence:
            looked = unchanged.get(one.source["article_id"])
            if not one.source.get("backfill") and (looked is None or one.source.get("changed_at") == looked):
                by_rule.setdefault(one.rule, []).append(one)
        matches, broken = list[Match](), dict(met.broken)
        for rule, found in sorted(by_rule.items()):
            compiled = self._matcher.compiled(rule)
            try:
                matches += self._judging.matches(compiled, Asked(compiled.rule, self.rules.id, backfilled), found)
            except ApiError as error:  # counted over all indices, of which one may refuse what others take
                broken[rule] = f"what it counts cannot be asked: {error}"
        alerts, alerted = self._told(matches)
        return Watched(alerts, broken, met.candidates, alerted)

    def look(self, rule: Rule) -> Watched:
        """Tells of the silence, or the dip, that a rule is to tell of."""
        compiled = Compiled(rule, self.rules, self._tz, self._own_names)
        judge = self._judging.silences if rule.type == "flatline" else self._judging.dips
        try:
            return Watched(self._told(judge(compiled, Asked(rule, self.rules.id), self._clock()))[0])
        except (QueryError, ApiError) as error:
            return Watched(broken={rule.id: f"its query cannot be asked: {error}"})

    def owe(self, broken: Mapping[str, str], since: datetime) -> None:
        """These rules could not be asked of what came since then: they look back at it as soon as they can."""
        self._lookbacks.owe(self.rules, broken, since, self._clock())

    def drop(self, rule_id: str) -> None:
        """The rule is no more: there is nothing left that it looks back at."""
        self._lookbacks.drop(rule_id, self._clock())

    def look_back(self, rule: Rule) -> Watched | None:
        """Tells of the next page of what the rule has to look back at; None where all is done."""
        compiled, now = Compiled(rule, self.rules, self._tz, self._own_names), self._clock()
        try:
            found = self._lookbacks.page(compiled, now) if rule.enabled else None
        except (QueryError, ApiError) as error:
            return Watched(broken={rule.id: f"its query cannot be asked: {error}"})
        if found is None:
            self._lookbacks.drop(rule.id, now)
            return None
        ids = found.article_ids
        told = self.match(ids, among=frozenset((rule.id,)), backfilled=True) if ids else Watched()
        if rule.id in told.broken:
            return Watched(told.alerts, {rule.id: told.broken[rule.id]})
        self._lookbacks.told(rule.id, found, self._clock())
        return Watched(told.alerts, alerted=told.alerted)

    def _told(self, matches: Sequence[Match]) -> tuple[tuple[Alert, ...], frozenset[str]]:
        if not matches:
            return (), frozenset()
        rules = {one.id: one for one in self.rules.rules}
        now = self._clock()
        muted = {one.rule or one.story_id: one.until for one in mutes(self._client, self._prefix, now)}
        told = [Told(rules[one.rule], one, _unheard(one, muted)) for one in self._keys.under(matches, rules)]
        alerts = tuple(self._store.record(told, now))
        return alerts, self._store.alerted([one.match for one in told])


def watched_by_time(rule: Rule) -> bool:
    """Whether the rule tells of what does not come: nobody's arrival wakes it."""
    return rule.enabled and (rule.type == "flatline" or (rule.type == "spike" and wants(rule, "down")))


def _unheard(match: Match, muted: Mapping[str | None, datetime]) -> datetime | None:
    """Until when nobody is to be told, where its rule or its story is muted."""
    found = [muted[name] for name in (match.rule, match.story_id, match.key) if name in muted]
    return max(found, default=None)
