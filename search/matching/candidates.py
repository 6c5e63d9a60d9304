"""Which rules may match an article, by its words alone: never one too few. Pure.

Each rule hangs on its rarest words (its anchors): a match must hold at least one of them. An article's words lead to
the rules that hang there, and of these stay the ones whose whole formula (`search/rules/required.py`) the words fulfil.
A rule that requires no word is a candidate always.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from search.rules.required import And, Formula, Or, Term

Tokens = Mapping[str, Collection[str]]  # document field → the tokens that an article has there
TEXT = ("title", "body")
Frequency = Callable[[Term], int]  # how many articles hold a token, more or less: only the speed hangs on it


class Anchors(NamedTuple):
    """Tokens of which a match holds at least one; `cost`: how many articles hold one of them, more or less."""

    cost: int
    tokens: frozenset[str]


class CandidateIndex:
    """The rules of one set, by their anchors. `formulas`: what each rule requires, over tokens, by the rule's id."""

    def __init__(self, formulas: Mapping[str, Formula], frequency: Frequency) -> None:
        self._formulas = dict(formulas)
        self._plain = {id: words for id, formula in formulas.items() if (words := _plain(formula)) is not None}
        self._by_anchor: dict[str, list[str]] = {}
        always: list[str] = []
        for id, formula in formulas.items():
            found = anchors(formula, frequency)
            if found is None:
                always.append(id)
                continue
            for token in found.tokens:
                self._by_anchor.setdefault(token, []).append(id)
        self.always = tuple(always)

    def candidates(self, tokens: Tokens) -> set[str]:
        """The rules that may match an article with these tokens, those of `always` among them."""
        by_anchor, plain = self._by_anchor, self._plain
        text = frozenset().union(*(tokens.get(field, ()) for field in TEXT))
        found = set(self.always)
        for field in tokens.values():
            for token in by_anchor.keys() & field:
                for id in by_anchor[token]:
                    words = plain.get(id)
                    if fulfilled(self._formulas[id], tokens) if words is None else words <= text:
                        found.add(id)
        return found


def _plain(formula: Formula) -> frozenset[str] | None:
    """The words of a formula that asks for nothing but words of title or body, as most do: compared at once."""
    parts = formula.parts if isinstance(formula, And) else (formula,)
    if not all(isinstance(part, Term) and part.fields == TEXT for part in parts):
        return None
    return frozenset(part.text for part in parts if isinstance(part, Term))


def fulfilled(formula: Formula, tokens: Tokens) -> bool:
    """Whether an article with these tokens has what the formula requires."""
    match formula:
        case Term(fields, text):
            return any(text in tokens.get(field, ()) for field in fields)
        case And(parts):
            return all(fulfilled(part, tokens) for part in parts)
        case Or(parts):
            return any(fulfilled(part, tokens) for part in parts)


def anchors(formula: Formula, frequency: Frequency) -> Anchors | None:
    """The rarest tokens on which the formula can hang; None where it requires nothing.

    Of parts that are all required the rarest is enough; of alternatives each needs its own.
    """
    match formula:
        case Term(_, text):
            return Anchors(frequency(formula) + 1, frozenset((text,)))
        case And(parts):
            found = [one for part in parts if (one := anchors(part, frequency)) is not None]
            return min(found, key=lambda one: (one.cost, -max(map(len, one.tokens), default=0)), default=None)
        case Or(parts):
            each = [anchors(part, frequency) for part in parts]
            sure = [one for one in each if one is not None]
            if len(sure) < len(each):
                return None
            return Anchors(sum(one.cost for one in sure), frozenset().union(*(one.tokens for one in sure)))
