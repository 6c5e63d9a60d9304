"""What a batch's matches mean to rules that look beyond the article: is the window full, is it a spike, was the pair
of names together before?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from search.alerts.episodes import Match
from search.alerts.store import AlertStore
from search.client import Deadline
from search.matching.compiled import Compiled
from search.matching.confirming import Evidence
from search.matching.counting import Counting
from search.matching.keys import values
from search.matching.matches import Asked, article_match, window_key, window_match
from search.matching.newpairs import with_new_pairs
from search.matching.windows import Seen, frequent, unusual, wants

JUDGE_SECONDS, REQUEST_SECONDS = 60.0, 20.0


class Judging:
    """Turns evidence into matches, by the rule's type. Everything raises ServiceUnavailable, IncompleteAnswerError."""

    def __init__(self, counting: Counting, store: AlertStore, own_names: Path | None = None) -> None:
        self._counting, self._store, self._own_names = counting, store, own_names

    def matches(self, compiled: Compiled, asked: Asked, found: Sequence[Evidence]) -> list[Match]:
        """What the articles that met this rule amount to."""
        rule, deadline = compiled.rule, Deadline.within(JUDGE_SECONDS, each=REQUEST_SECONDS)
        found = sorted(found, key=lambda one: (one.source["first_seen"], one.source["article_id"]))
        match rule.type:
            case "new_term":
                found = with_new_pairs(self._counting, rule, found, deadline)
                return [article_match(asked, one) for one in found]
            case "frequency":
                return list(self._frequent(compiled, asked, found, deadline))
            case "spike":
                news = [one for one in found if "sample" not in one.source.get("is", ())]
                return [] if asked.backfilled or not news else list(self._spikes(compiled, asked, news, deadline))
            case _:
                return [article_match(asked, one) for one in found]

    def dips(self, compiled: Compiled, asked: Asked, now: datetime) -> list[Match]:
        """Spikes downwards, which no article announces."""
        deadline = Deadline.within(JUDGE_SECONDS, each=REQUEST_SECONDS)
        usual = self._counting.usual(compiled.query, compiled.rule, now, None, deadline)
        figures = {value: unusual(one, compiled.rule) for value, one in usual.items()}
        found = sorted((value, one) for value, one in figures.items() if one and one["direction"] == "down")
        return [window_match(asked, value, (), one) for value, one in found]

    def silences(self, compiled: Compiled, asked: Asked, now: datetime) -> list[Match]:
        """Fewer articles within the span than the threshold; each silence has the last article's time as its mark."""
        rule, deadline = compiled.rule, Deadline.within(JUDGE_SECONDS, each=REQUEST_SECONDS)
        found: list[Match] = []
        for one in self._counting.last(compiled.query, rule, now, deadline):
            if one.many < (rule.threshold or 1):
                last = one.last.isoformat() if one.last else None
                figures = {"count": one.many, "threshold": rule.threshold, "timeframe": rule.timeframe, "last": last}
                silent = window_match(asked, one.value, (), figures)
                found.append(silent.model_copy(update={"marks": (f"since {last or 'ever'}",)}))
        return found

    def _frequent(
        self, compiled: Compiled, asked: Asked, found: Sequence[Evidence], deadline: Deadline
    ) -> Iterator[Match]:
        rule, span = compiled.rule, timedelta(seconds=compiled.rule.timeframe or 0)
        times = [_seen(one).at for one in found]
        seen = self._counting.seen(compiled, min(times) - span, max(times) + span, deadline, self._own_names)
        new = {str(one.source["article_id"]): one for one in found}
        touched = {value: these for value, these in seen.items() if new.keys() & {one.id for one in these}}
        counted = self._store.marks(rule.id, [window_key(value) for value in touched])
        for value, these in sorted(touched.items()):
            known = counted.get(window_key(value), frozenset())
            for window in frequent([one for one in these if one.id not in known], rule):
                latest = next((new[one.id] for one in reversed(window.articles) if one.id in new), None)
                figures = {"count": len(window.articles), "num_events": rule.num_events, "timeframe": rule.timeframe}
                yield window_match(asked, value, window.articles, figures, latest)

    def _spikes(
        self, compiled: Compiled, asked: Asked, found: Sequence[Evidence], deadline: Deadline
    ) -> Iterator[Match]:
        rule = compiled.rule
        if not wants(rule, "up"):
            return
        by_value: dict[str, list[Evidence]] = {}
        for one in found:
            for value in values(one.source, rule.query_key):
                by_value.setdefault(value, []).append(one)
        end = max(_seen(one).at for one in found)
        usual = self._counting.usual(compiled.query, rule, end, list(by_value) if rule.query_key else None, deadline)
        for value, these in sorted(by_value.items()):
            figures = unusual(usual[value], rule) if value in usual else None
            if figures and figures["direction"] == "up":
                articles = [_seen(one) for one in these]
                yield window_match(asked, value, articles, figures, these[-1])


def _seen(one: Evidence) -> Seen:
    return Seen(datetime.fromisoformat(one.source["first_seen"]), str(one.source["article_id"]))
