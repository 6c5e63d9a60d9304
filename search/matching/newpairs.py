"""Articles that bring two names together which no earlier one had: what `new_term` rules tell of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from search.client import Deadline
from search.matching.confirming import Evidence
from search.matching.counting import Counting
from search.matching.pairs import field_of, pairs, told
from search.rules.records import Rule

MOST_TOLD = 5  # pairs of an article that its alert names


def with_new_pairs(counting: Counting, rule: Rule, found: Sequence[Evidence], deadline: Deadline) -> list[Evidence]:
    """Those of the articles in which a pair stands first, the new pairs in place of the clause that matched.

    Raises ServiceUnavailable, IncompleteAnswerError.
    """
    return [new for one in found if (new := _with_new_pairs(counting, rule, one, deadline))]


def _with_new_pairs(counting: Counting, rule: Rule, one: Evidence, deadline: Deadline) -> Evidence | None:
    found = {f"{n}": pair for n, pair in enumerate(pairs(one.source, rule.fields))}
    if not found:
        return None
    seen = datetime.fromisoformat(one.source["first_seen"])
    named = {name: [(field_of(each), each.value) for each in pair] for name, pair in found.items()}
    first = counting.first_together(named, seen - timedelta(seconds=rule.lookback or 0), seen, deadline)
    new = [told(pair) for name, pair in found.items() if first.get(name) == one.source["article_id"]]
    more = (f"… {len(new) - MOST_TOLD} more",) if len(new) > MOST_TOLD else ()
    return Evidence(one.rule, one.source, (*new[:MOST_TOLD], *more), one.highlight) if new else None
