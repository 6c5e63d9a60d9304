"""The rules at work: articles in, alerts written. What the stage `match` calls, and what looks at silences.

Everything here may be cut off and done again with the same articles: what was told is found again, and told once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from ingest import dates
from search.alerts.episodes import Match
from search.alerts.records import Alert
from search.alerts.store import AlertStore, Told
from search.matching.compiled import Compiled
from search.matching.confirming import Evidence
from search.matching.counting import Counting
from search.matching.judging import Judging
from search.matching.matcher import Matcher
from search.matching.matches import Asked
from search.matching.told import ToldKeys
from search.matching.windows import wants
from search.ports import Homes
from search.prescan import QueryError
from search.rules.records import Rule, RuleSet

Muted = Callable[[str, str | None], datetime | None]  # rule, story → until when it is not to be heard


def nothing_muted(rule: str, story: str | None) -> datetime | None:
    """For where nobody mutes anything."""
    return None


@dataclass(frozen=True)
class Watched:
    """What came of a batch: alerts raised; rules that could not be asked, and why; pairs that had to be confirmed."""

    alerts: tuple[Alert, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    candidates: int = 0


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
        muted: Muted = nothing_muted,
        clock: Callable[[], datetime] = dates.now,
    ) -> None:
        self._matcher = Matcher(client, prefix, homes, tz=tz, own_names=own_names)
        self._store = AlertStore(client, prefix, tz=tz)
        self._judging = Judging(Counting(client, prefix), self._store, own_names)
        self._keys = ToldKeys(client, prefix, self._store)
        self._tz, self._own_names, self._muted, self._clock = tz, own_names, muted, clock

    @property
    def rules(self) -> RuleSet:
        return self._matcher.rules

    def adopt(self, rules: RuleSet) -> None:
        """From now on these are the rules; as they were where this raises."""
        if rules.id != self._matcher.rules.id:
            self._matcher.adopt(rules)

    def match(
        self, article_ids: Sequence[str], *, among: frozenset[str] | None = None, backfilled: bool = False
    ) -> Watched:
        """Tells what these articles mean to all rules, or those `among`. `backfilled`: they were there before."""
        met = self._matcher.met(self._matcher.located(article_ids), among)
        by_rule: dict[str, list[Evidence]] = {}
        for one in met.evidence:
            if not one.source.get("backfill"):
                by_rule.setdefault(one.rule, []).append(one)
        matches = [
            match
            for rule, found in sorted(by_rule.items())
            for match in self._judging.matches(
                self._matcher.compiled(rule), Asked(self._matcher.compiled(rule).rule, self.rules.id, backfilled), found
            )
        ]
        return Watched(self._told(matches), met.broken, met.candidates)

    def watched_by_time(self) -> list[Rule]:
        """Rules that tell of what does not come: nobody's arrival wakes them."""
        return [
            rule
            for rule in self.rules.rules
            if rule.enabled and (rule.type == "flatline" or (rule.type == "spike" and wants(rule, "down")))
        ]

    def look(self, rule: Rule) -> Watched:
        """Tells of the silence, or the dip, that a rule is to tell of."""
        compiled = Compiled(rule, self.rules, self._tz, self._own_names)
        judge = self._judging.silences if rule.type == "flatline" else self._judging.dips
        try:
            return Watched(self._told(judge(compiled, Asked(rule, self.rules.id), self._clock())))
        except QueryError as error:
            return Watched(broken={rule.id: f"its query cannot be read: {error}"})

    def complete(self) -> int:
        """Writes alerts whose writer did not live to; how many."""
        return self._store.complete(self._clock())

    def _told(self, matches: Sequence[Match]) -> tuple[Alert, ...]:
        if not matches:
            return ()
        rules = {one.id: one for one in self.rules.rules}
        now = self._clock()
        told = [Told(rules[one.rule], one, self._heard_from(one, now)) for one in self._keys.under(matches)]
        return tuple(self._store.record(told, now))

    def _heard_from(self, match: Match, now: datetime) -> datetime | None:
        until = self._muted(match.rule, match.story_id)
        return until if until and until > now else None
