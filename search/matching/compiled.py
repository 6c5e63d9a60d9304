"""A rule made ready to be matched: its query, its clauses and what it requires, each made when first needed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from search.matching.keys import counted_field
from search.rules.admitting import NEEDS, needs_document
from search.rules.compiling import rule_clauses, rule_query, rule_tree
from search.rules.records import Rule, RuleSet
from search.rules.required import Formula, required


@dataclass(frozen=True)
class Compiled:
    """One rule of a set. Everything raises QueryError where it cannot be read: `search/rules/lint.py` refuses such."""

    rule: Rule
    rules: RuleSet
    tz: str = "UTC"
    own_names: Path | None = None
    moment: datetime | None = None  # what `now` means, where it is asked of history

    @cached_property
    def query(self) -> dict[str, Any]:
        """The one query, the same live, in history and for the analyst."""
        return rule_query(self.rule, self.rules, tz=self.tz, own_names=self.own_names, moment=self.moment)

    @cached_property
    def clauses(self) -> list[tuple[str, dict[str, Any]]]:
        """The alternatives that it consists of, as written, each with its query."""
        return rule_clauses(self.rule, self.rules, tz=self.tz, own_names=self.own_names)

    @cached_property
    def required(self) -> Formula:
        """What a match requires of an article's text."""
        return required(rule_tree(self.rule, self.rules))

    @cached_property
    def digest(self) -> str:
        """Changes whenever another set of articles may match, by another wording of a concept too."""
        return matching_digest(self.rule, self.rules.queries)

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields of a matching article's document that have a say beside the query."""
        fields = {counted_field(self.rule.query_key)} if self.rule.query_key else set()
        if needs_document(self.rule):
            fields |= set(NEEDS)
        if self.rule.type == "new_term":
            fields.add("mentions")
        return tuple(sorted(fields))

    def taking(self, before: Compiled | None) -> Self:
        """Itself, with what was made of the same query before: only what is told of it may be another."""
        if before is not None and before.digest == self.digest:
            self.__dict__.update({name: made for name, made in before.__dict__.items() if name in {"query", "clauses"}})
        return self


def matching_digest(rule: Rule, concepts: Mapping[str, str]) -> str:
    """See `Compiled.digest`."""
    asked = " ".join((rule.query, *rule.none_of))
    if "concept:" not in asked.casefold():
        return rule.digest_of_matching
    used = "\n".join(f"{id} {query}" for id, query in sorted(concepts.items()) if id in asked)
    return hashlib.sha256(f"{rule.digest_of_matching}\n{used}".encode()).hexdigest()[:16]
