"""Which rules of the set in force each article meets: candidates by words, then the rules' own queries.

Asked of articles just written, by id: no time cursor, so none is ever skipped. A rule that Elasticsearch refuses, or
that cannot be read, breaks no other: it comes back by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from elasticsearch import Elasticsearch

from search.client import Deadline, every_failure_is_outage
from search.matching.candidates import CandidateIndex
from search.matching.compiled import Compiled
from search.matching.confirming import BrokenRuleError, Evidence, Question, confirmed, evidence
from search.matching.terms import Located, Words, frequencies, words
from search.ports import Homes
from search.prescan import QueryError
from search.realtime import Realtime
from search.rules.admitting import admits
from search.rules.analysing import Analyzer
from search.rules.records import RuleSet
from search.rules.required import TRUE, Formula, all_analysed, terms
from search.schema import Names

REQUEST_SECONDS, MATCH_SECONDS = 20.0, 60.0
BASE_FIELDS = ("title", "body")
RATED_ANEW = (500, 5_000, 50_000)  # articles after which it is asked again which words are rare


@dataclass(frozen=True)
class Met:
    """What the rules say of a batch of articles. `broken`: rules that could not be asked, and why."""

    evidence: tuple[Evidence, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    candidates: int = 0  # pairs of rule and article that had to be confirmed


class Matcher:
    """Holds one rule set, ready to be matched. For one thread."""

    def __init__(
        self, client: Elasticsearch, prefix: str, homes: Homes, *, tz: str = "UTC", own_names: Path | None = None
    ) -> None:
        self._client = client.options(request_timeout=REQUEST_SECONDS)
        self._names, self._homes, self._tz, self._own_names = Names(prefix), homes, tz, own_names
        self._prefix = prefix
        self._articles = Realtime(self._client, self._names.articles)
        self._formulas: dict[str, Formula] = {}  # by digest: a new set costs what is new in it
        self._compiled: dict[str, Compiled] = {}
        self._by_rule: dict[str, Formula] = {}
        self._unread: dict[str, str] = {}
        self._index = CandidateIndex({}, lambda _: 0)
        self._fields: tuple[str, ...] = BASE_FIELDS
        self._seen = 0
        self.rules = RuleSet()

    @property
    def always(self) -> tuple[str, ...]:
        """Rules that require no word and are asked of every article."""
        return self._index.always

    def compiled(self, rule: str) -> Compiled:
        return self._compiled[rule]

    def adopt(self, rules: RuleSet) -> None:
        """Makes this set the one in force here. Raises ServiceUnavailable; then the old one stays."""
        compiled, unread, fresh = dict[str, Compiled](), dict[str, str](), dict[str, Formula]()
        for rule in rules.rules:
            if not rule.enabled or rule.type == "flatline":
                continue
            one = Compiled(rule, rules, self._tz, self._own_names).taking(self._compiled.get(rule.id))
            try:
                if one.digest not in self._formulas:
                    fresh[one.digest] = one.required
            except QueryError as error:
                unread[rule.id] = f"its query cannot be read: {error}"
                continue
            compiled[rule.id] = one
        over_tokens = all_analysed(list(fresh.values()), Analyzer(self._client, self._prefix))
        formulas = self._formulas | dict(zip(fresh, over_tokens, strict=True))
        by_rule = {id: formulas[one.digest] for id, one in compiled.items()}
        index = self._indexed(by_rule)
        self.rules, self._compiled, self._unread, self._by_rule, self._index = rules, compiled, unread, by_rule, index
        self._formulas = {one.digest: formulas[one.digest] for one in compiled.values()}
        stemmed = {name for one in by_rule.values() for term in terms(one) for name in term.fields}
        self._fields = (*BASE_FIELDS, *sorted(stemmed - set(BASE_FIELDS)))

    def located(self, ids: Iterable[str]) -> list[Located]:
        """The articles with the indices that they live in, those that there are. Raises ServiceUnavailable."""
        wanted = list(dict.fromkeys(ids))
        homes = dict(self._homes.get(wanted))
        if missing := [id for id in wanted if id not in homes]:
            deadline = self._deadline()
            homes |= self._articles.find(missing, self._articles.indices(deadline)[1], deadline)
        return [Located(id, homes[id]) for id in wanted if id in homes]

    def met(self, articles: Sequence[Located], among: frozenset[str] | None = None) -> Met:
        """Every rule, or those `among`, that each article meets, with what shows it. Raises ServiceUnavailable."""
        deadline = self._deadline()
        if not self._compiled or not articles:
            return Met(broken=self._unread)
        self._rate_anew(len(articles))
        asked = self._candidates(articles, among, deadline)
        if not asked:
            return Met(broken=self._unread)
        with every_failure_is_outage(self._names.articles):
            deadline.over(self._client).indices.refresh(index=sorted({home for _, home in asked}))
        broken = dict(self._unread)
        questions: list[Question] = []
        for (rule, home), ids in asked.items():
            try:
                questions.append(Question(rule, self._compiled[rule].query, home, tuple(ids)))
            except QueryError as error:
                broken[rule] = f"its query cannot be read: {error}"
        matched: list[Question] = []
        for question, found in confirmed(self._client, questions, deadline):
            if isinstance(found, BrokenRuleError):
                broken[question.rule] = str(found)
            elif found:
                matched.append(Question(question.rule, question.query, question.home, found))
        shown = self._shown(matched, broken, deadline)
        return Met(tuple(shown), broken, sum(map(len, asked.values())))

    def _candidates(
        self, articles: Sequence[Located], among: frozenset[str] | None, deadline: Deadline
    ) -> dict[tuple[str, str], list[str]]:
        """The articles that each rule is to be asked of, by the rule and their home."""
        asked: dict[tuple[str, str], list[str]] = {}
        if among is not None and all(self._by_rule.get(id, TRUE) == TRUE for id in among):
            found: dict[str, Words] = {one.id: {} for one in articles}
        else:
            found = words(self._client, articles, self._fields, deadline)
        for one in articles:
            tokens = found.get(one.id)
            if tokens is None:
                continue  # removed meanwhile
            for rule in self._index.candidates(tokens):
                if among is None or rule in among:
                    asked.setdefault((rule, one.home), []).append(one.id)
        return asked

    def _shown(self, matched: Sequence[Question], broken: dict[str, str], deadline: Deadline) -> list[Evidence]:
        asked = [(one, self._compiled[one.rule].clauses, self._compiled[one.rule].reads) for one in matched]
        shown: list[Evidence] = []
        for question, found in evidence(self._client, asked, deadline):
            if isinstance(found, BrokenRuleError):
                broken[question.rule] = str(found)
                continue
            rule = self._compiled[question.rule].rule
            shown += [one for one in found if admits(rule, one.source, self._own_names) is None]
        return shown

    def _indexed(self, by_rule: Mapping[str, Formula]) -> CandidateIndex:
        deadline = self._deadline()
        tokens = {term for formula in by_rule.values() for term in terms(formula)}
        rated = frequencies(self._client, self._articles.indices(deadline)[0], tokens) if tokens else {}
        return CandidateIndex(by_rule, lambda term: rated.get(term, 0))

    def _rate_anew(self, articles: int) -> None:
        """A new installation knows of no word how rare it is."""
        before, self._seen = self._seen, self._seen + articles
        if any(before < limit <= self._seen for limit in RATED_ANEW):
            self._index = self._indexed(self._by_rule)

    def _deadline(self) -> Deadline:
        return Deadline.within(MATCH_SECONDS, each=REQUEST_SECONDS)
