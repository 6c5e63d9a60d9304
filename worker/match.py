"""The stage `match`: which rules each article meets that was just written, so that people are told. It comes last: an
article counts as *indexed* only when its alerts stand.

Whatever is cut off here is done again with the same articles, and tells nobody twice (`search/alerts/store.py`). A rule
that cannot be asked breaks no other: it owes a look back at what came meanwhile (`search/matching/lookback.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

import structlog

from search.documents import iso
from search.ports import TooSlow
from worker.stages import Group, is_visit, known_article, together
from worker.verdicts import Again, End, Item, Leave, Verdict

if TYPE_CHECKING:  # what matches is loaded by the worker that does, not by all who read the topology
    from search.alerts.records import Alert
    from search.matching.watch import Watched
    from search.rules.records import Rule, RuleSet

log = structlog.get_logger(__name__)

MATCHED_TOGETHER = 250  # articles: a request to Elasticsearch is made for a batch, not for an article
SLOWER = 4  # so many times fewer go together after a batch that took too long
STEP = 2.0  # seconds of looking back, then what is new goes first
BROKEN_AGAIN = 60.0  # seconds before a rule that cannot be asked is asked again


class Watch(Protocol):
    """`search.matching.watch.RuleWatch` as these stages see it. Everything raises ServiceUnavailable."""

    def adopt(self, rules: RuleSet) -> None: ...
    def match(self, article_ids: Sequence[str], *, unchanged: Mapping[str, str] = ...) -> Watched: ...
    def look(self, rule: Rule) -> Watched: ...
    def look_back(self, rule: Rule) -> Watched | None: ...
    def drop(self, rule_id: str) -> None: ...
    def owe(self, broken: Mapping[str, str], since: datetime) -> None: ...


class Measure(Protocol):
    """`worker.measures.Measures.matched`."""

    def __call__(self, seconds: float, *, articles: int, candidates: int, alerts: int) -> None: ...


class Pace:
    """How many articles are asked of together: fewer after a batch that was not answered in time (thousands of rules
    without a word that they require), more again after one that was. The same batch again would never end."""

    def __init__(self, most: int = MATCHED_TOGETHER) -> None:
        self._most = self.articles = most

    def slower(self) -> None:
        self.articles = max(1, self.articles // SLOWER)

    def faster(self) -> None:
        self.articles = min(self._most, self.articles * 2)


@dataclass(frozen=True, slots=True)
class MatchPorts:
    """The world of these stages. `rules`: the set in force; `tell`: alerts that were just written are on their way;
    `look_again`: the pages of these articles are looked at again for some days; `measure`: what a batch cost is added
    up."""

    watch: Watch
    rules: Callable[[], RuleSet]
    tell: Callable[[Sequence[Alert]], object]
    look_again: Callable[[Iterable[str]], object]
    measure: Measure
    pace: Pace = field(default_factory=Pace)


def match(items: Sequence[Item], ports: MatchPorts) -> Iterator[Group]:
    """Articles of an archive are no news: they end here."""
    old = [item for item in items if item.fields.get("backfill")]
    if old:
        yield [(item, End("indexed")) for item in old]
    new = [item for item in items if not item.fields.get("backfill")]
    while new:
        these, new = new[: ports.pace.articles], new[ports.pace.articles :]
        yield from together(these, _article, lambda articles: _matched(articles, ports))


def windows(items: Sequence[Item], ports: MatchPorts) -> Iterator[Group]:
    """Rules that tell of what does not come, one after the other."""
    for item in items:
        yield from together([item], lambda one: one.id, lambda ids: [_looked(ids[0], ports)])


def lookback(items: Sequence[Item], ports: MatchPorts) -> Iterator[Group]:
    """New rules, and such as could not be asked for a while, at articles that were there before."""
    for item in items:
        yield from together([item], lambda one: one.id, lambda ids: [_looked_back(ids[0], ports)])


class _Article(NamedTuple):
    """Its id in the index, when it was first seen, whether it was read before and is looked at again; the time of a
    look that found nothing new."""

    id: str
    seen: datetime
    visit: bool
    unchanged: str | None


def _article(item: Item) -> _Article:
    seen = datetime.fromtimestamp(int(item.fields["seen"]) // 1000, UTC)
    nothing_new = is_visit(item) and item.fields.get("found") == "unchanged" and item.fields.get("fetched")
    looked = iso(datetime.fromisoformat(item.fields["fetched"])) if nothing_new else None
    return _Article(known_article(item), seen, is_visit(item), looked)


def _matched(articles: Sequence[_Article], ports: MatchPorts) -> list[Verdict]:
    began = time.monotonic()
    ports.watch.adopt(ports.rules())
    unchanged = {one.id: one.unchanged for one in articles if one.unchanged}
    try:
        found = ports.watch.match([one.id for one in articles], unchanged=unchanged)
    except TooSlow:
        ports.pace.slower()
        raise
    ports.pace.faster()
    if found.broken:
        ports.watch.owe(found.broken, min(one.seen for one in articles))
    visits = {one.id for one in articles if one.visit}
    _tell(found, ports, found.alerted - visits)  # theirs are planned; when the last is over, no more are
    seconds = time.monotonic() - began
    ports.measure(seconds, articles=len(articles), candidates=found.candidates, alerts=len(found.alerts))
    return [End("indexed")] * len(articles)


def _looked(rule_id: str, ports: MatchPorts) -> Verdict:
    rules = ports.rules()
    ports.watch.adopt(rules)
    rule = rules.rule(rule_id)
    if rule is not None and rule.enabled:
        _tell(ports.watch.look(rule), ports)
    return Leave()


def _looked_back(rule_id: str, ports: MatchPorts) -> Verdict:
    rules = ports.rules()
    ports.watch.adopt(rules)
    rule, until = rules.rule(rule_id), time.monotonic() + STEP
    if rule is None:
        ports.watch.drop(rule_id)
    while rule is not None:
        found = ports.watch.look_back(rule)
        if found is None:
            return Leave()
        _tell(found, ports, found.alerted)
        if found.broken:
            return Again(BROKEN_AGAIN)
        if time.monotonic() > until:
            return Again(0.0)
    return Leave()


def _tell(found: Watched, ports: MatchPorts, alerted: Iterable[str] = ()) -> None:
    """`alerted`: articles that alerts are of, though those may have been raised before this run was cut off."""
    for rule, why in found.broken.items():
        log.error("a rule cannot be asked, and looks back as soon as it can", rule=rule, why=why)
    if found.alerts:
        try:
            ports.tell(found.alerts)
        except Exception as error:  # noqa: BLE001  # they stand: deliveries that lack are made (`worker/digests.py`)
            log.warning("alerts are sent later", alerts=len(found.alerts), why=f"{type(error).__name__}: {error}")
    raised = (one.article_id for one in found.alerts if one.article_id)
    if again := dict.fromkeys((*raised, *sorted(alerted))):
        ports.look_again(again)
