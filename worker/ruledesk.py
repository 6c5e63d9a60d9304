"""The worker's side of what the page offers with rules: their files, their channels, their receipts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property

from ingest.dates import now
from ingest.records import TaggedArticle
from search.query import compile_query
from search.receipt import Receipt
from search.receiptfacts import Receipts
from search.ruledesk import Draft, Losing, RuleList, Rung
from search.rules import publishing
from search.rules.catching import Catching, Caught
from search.rules.editing import add_no_match, add_rule
from search.rules.lint import Surroundings
from search.rules.records import Match, Rule, RuleSet, RuleTests
from search.rules.trying import tried
from worker.desk import valkey_may_be_away
from worker.receipts import receipts, tagged_sentence
from worker.rulesinforce import faulty_files
from worker.rulesync import apply
from worker.services import Services

BY = "the page"


class RuleRoom:
    """`search.ruledesk.RuleDesk` on the folder of rules and the services in force."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def _catching(self) -> Catching:
        s = self._services.settings
        return Catching(self._services.elasticsearch, s.index_prefix, tz=s.tz, own_names=s.gazetteer)

    @cached_property
    def _receipts(self) -> Receipts:
        return receipts(self._services)

    @property
    def _around(self) -> Surroundings:
        return Surroundings(channels=self.channels())

    def listed(self) -> RuleList:
        services = self._services
        known = self._known()
        current = publishing.published(services.elasticsearch, services.settings.index_prefix)
        with valkey_may_be_away():
            faulty = faulty_files(services.ledger)
        return RuleList(
            rules=known.rules,
            concepts=known.concepts,
            rule_set=current.rule_set if current else "",
            published=current.published if current else None,
            published_by=current.published_by if current else "",
            faults=faulty.faults if faulty else (),
            folder=faulty.folder if faulty else "",
            host=faulty.host if faulty else "",
        )

    def caught(self, query: str, *, match: Match = "exact") -> Caught:
        rule = Rule(id="draft", name="draft", owner=BY, query=query, match=match)
        return self._catching.caught(rule, self._known())

    def add(self, draft: Draft) -> str:
        self._compiled(draft.query)
        folder = self._services.settings.rules_folder
        folder.mkdir(parents=True, exist_ok=True)
        path = add_rule(folder, written(draft), note=f"Written on the page, {now():%Y-%m-%d}.", around=self._around)
        self._put_in_force()
        return path.stem

    def losing(self, rule: str, sentence: str, none_of: str, article_id: str = "") -> Losing:
        known, s = self._known(), self._services.settings
        found = self._rule(known, rule)
        lost = self._catching.lost(found, known, none_of, article_id)
        tests = RuleTests(match=found.tests.match, no_match=tuple(dict.fromkeys((*found.tests.no_match, sentence))))
        excluded = (*found.none_of, *([none_of] if none_of.strip() else []))
        changed = found.model_copy(update={"none_of": excluded, "tests": tests})
        examples = tried(
            self._services.elasticsearch,
            s.index_prefix,
            known,
            [changed],
            self._tagged,
            tz=s.tz,
            own_names=s.gazetteer,
        )
        return Losing(lost=lost, examples=tuple(one for one in examples if not one.holds))

    def no_match(self, rule: str, sentence: str, none_of: str = "") -> None:
        if none_of:
            self._compiled(none_of)
        add_no_match(self._services.settings.rules_folder, rule, sentence, none_of, around=self._around)
        self._put_in_force()

    def channels(self) -> Sequence[str]:
        return [one.name for one in self._services.settings.named_channels]

    def ring(self, channel: str) -> Rung:
        from worker.ringing import ring  # Apprise takes half a second to load

        settings = self._services.settings
        found = {one.name: one for one in settings.named_channels}[channel]
        began = time.monotonic()
        sent = ring(found, settings)
        took = round(time.monotonic() - began, 2)
        return Rung(channel=channel, arrived=sent.arrived, seconds=took, error=found.masked(sent.error))

    def receipt(self, rule: str | None = None, *, hours: float = 24, testing: bool = False) -> Receipt:
        until = now()
        since = until - timedelta(hours=hours)
        if rule is None:
            return self._receipts.of_all(since=since, now=until)
        known = self._known()
        maker = self._receipts if testing else self._receipts.without_test
        return maker.of_rule(self._rule(known, rule), known, since=since, now=until)

    def _put_in_force(self) -> None:
        """As the control worker would in a moment. Faults of other files keep it out, and are shown with the rules."""
        with valkey_may_be_away():
            apply(self._services, by=BY)

    def _known(self) -> RuleSet:
        with valkey_may_be_away():
            return self._services.rules.current()

    def _rule(self, known: RuleSet, id: str) -> Rule:
        found = known.rule(id)
        if found is None:
            raise KeyError(id)
        return found

    def _compiled(self, query: str) -> None:
        """Raises QueryError, with the character, which says more than a place in a file."""
        s = self._services.settings
        compile_query(query, tz=s.tz, concepts=self._known().queries, own_names=s.gazetteer)

    def _tagged(self, sentence: str) -> TaggedArticle:
        return tagged_sentence(sentence, self._services.settings.gazetteer)


def written(draft: Draft) -> dict[str, object]:
    """A draft as the keys of a rule's file, what is usual left out."""
    quiet = {"from": draft.quiet_from, "to": draft.quiet_to, "tz": draft.tz}
    given: dict[str, object] = {
        "name": draft.name,
        "owner": draft.owner,
        "priority": draft.priority if draft.priority != "normal" else "",
        "query": draft.query,
        "match": draft.match if draft.match != "exact" else "",
        "dedup": draft.dedup if draft.dedup != "story" else "",
        "update_after": draft.update_after,
        "realert": draft.realert,
        "digest": {"schedule": draft.schedule, "tz": draft.tz} if draft.schedule else None,
        "quiet_hours": quiet if draft.quiet_from and draft.quiet_to else None,
        "notify": list(draft.notify),
        "language": draft.language if draft.language != "id" else "",
        "backfill": draft.backfill,
        "tests": {"match": [draft.example]} if draft.example else None,
    }
    return {name: value for name, value in given.items() if value or name == "notify"}
