"""Which terms an article must have for a query to match it: never one too many, so that no match is lost. Pure.

`required(tree)` answers in text as it was written, by document field; `analysed` turns that into the tokens that the
index holds. AND joins, OR needs one side, a phrase and NEAR give all their words. NOT, ranges, values of other fields,
wildcards, words that may differ, regular expressions and whatever leaves no token require nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.language.near import searchable
from search.language.nodes import (
    And as AndNode,
)
from search.language.nodes import (
    Boost,
    Concept,
    Fuzzy,
    Near,
    Node,
    Pattern,
    Stem,
    Value,
    leaves,
)
from search.language.nodes import (
    Or as OrNode,
)
from search.language.scripts import stemmed_fields
from search.language.textfields import has_stems, text_fields
from search.language.wildcards import IDEOGRAPH, ONE_WORD, beginning, last_word

Analyze = Callable[[str, Sequence[str]], Sequence[Sequence[str]]]  # a document field, texts → the tokens of each text


@dataclass(frozen=True, slots=True)
class Term:
    """Stands in one of `fields`: a text, or, after `analysed`, one token of it. All tokens of a text may be spread."""

    fields: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class And:
    """All parts are required; without any, nothing is."""

    parts: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part is required; without any, nothing can match."""

    parts: tuple[Formula, ...] = ()


Formula = Term | And | Or
TRUE: Formula = And()  # requires nothing


def required(tree: Node) -> Formula:
    """What a match of `tree` requires of an article's text."""
    found = _required(tree, None)
    return TRUE if found is None else found


def analysed(formula: Formula, analyze: Analyze) -> Formula:
    """The same over tokens. What leaves no token requires nothing."""
    return next(iter(all_analysed([formula], analyze)))


def all_analysed(formulas: Sequence[Formula], analyze: Analyze) -> list[Formula]:
    """As `analysed`, for many at once: each text is analysed once, in as few calls as there are analyzers."""
    texts: dict[str, dict[str, None]] = {}
    for formula in formulas:
        for term in terms(formula):
            texts.setdefault(term.fields[0], {})[term.text] = None
    tokens = {
        (field, text): tuple(dict.fromkeys(found))
        for field, these in texts.items()
        for text, found in zip(these, analyze(field, tuple(these)), strict=True)
    }
    return [_over_tokens(formula, tokens) for formula in formulas]


def terms(formula: Formula) -> list[Term]:
    """Every term in it, in order."""
    match formula:
        case Term():
            return [formula]
        case And(parts) | Or(parts):
            return [term for part in parts for term in terms(part)]


def all_of(parts: Iterable[Formula]) -> Formula:
    """Parts that are required together, as simply as can be said."""
    flat = dict.fromkeys(each for part in parts for each in (part.parts if isinstance(part, And) else (part,)))
    if Or() in flat:
        return Or()
    return next(iter(flat)) if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Formula]) -> Formula:
    """Parts of which one is required; nothing is if one of them requires nothing."""
    flat = dict.fromkeys(each for part in parts for each in (part.parts if isinstance(part, Or) else (part,)))
    if TRUE in flat:
        return TRUE
    return next(iter(flat)) if len(flat) == 1 else Or(tuple(flat))


def _over_tokens(formula: Formula, tokens: Mapping[tuple[str, str], tuple[str, ...]]) -> Formula:
    match formula:
        case Term(fields, text):
            return all_of(Term(fields, token) for token in tokens[fields[0], text])
        case And(parts):
            return all_of(_over_tokens(part, tokens) for part in parts)
        case Or(parts):
            return any_of(_over_tokens(part, tokens) for part in parts)


def _required(  # noqa: PLR0911 - one return a kind of node
    node: Node, stem: str | None, *, stemming: bool = False
) -> Formula | None:
    """None where the compiler looks for nothing: the & of `Jepang & Korea`. `stem`: the field under `stemmed`."""
    match node:
        case AndNode(parts=parts):
            found = _each(parts, stem, stemming=stemming)
            return all_of(found) if found else None
        case OrNode(parts=parts):
            found = _each(parts, stem, stemming=stemming)
            return any_of(found) if found else None
        case Boost(part=part) | Concept(part=part):
            return _required(part, stem, stemming=stemming)
        case Stem(part=part):
            return _required(part, stem, stemming=True) if stemming else _stem(part)
        case Near():
            as_written = any(isinstance(leaf, Pattern | Fuzzy) for leaf in leaves(node))
            return _near(node, None if as_written else stem)
        case Value(field=field, value=value) if has_stems(field):
            return _term(field, stem, value) if searchable(value) else None
        case Pattern(field=field) if has_stems(field):
            return _term(field, None, _before(node))
    return TRUE


def _each(parts: Iterable[Node], stem: str | None, *, stemming: bool) -> list[Formula]:
    return [found for part in parts if (found := _required(part, stem, stemming=stemming)) is not None]


def _stem(part: Node) -> Formula | None:
    """In one of the fields that the compiler asks, or exactly in articles of all other languages."""
    words = [leaf.value for leaf in leaves(part) if isinstance(leaf, Value) and has_stems(leaf.field)]
    scopes = (*stemmed_fields(words), None)
    found = [_required(part, stem, stemming=True) for stem in scopes]
    return any_of(one for one in found if one is not None) if any(one is not None for one in found) else None


def _near(node: Node, stem: str | None) -> Formula:
    """Everything that is searched near each other stands in the same field."""
    match node:
        case Near(left=left, right=right):
            return all_of((_near(left, stem), _near(right, stem)))
        case OrNode(parts=parts):
            return any_of(_near(part, stem) for part in parts)
        case Concept(part=part):
            return _near(part, stem)
        case Value(field=field, value=value) if has_stems(field) and searchable(value):
            return _term(field, stem, value)
        case Pattern(field=field) if has_stems(field):
            return _term(field, None, _before(node))
    return TRUE


def _before(node: Pattern) -> str:
    """The whole words before the one with the wildcard: kantor in "kantor penghub*"."""
    begin = beginning(node.pattern)
    if ONE_WORD.fullmatch(node.pattern) and not IDEOGRAPH.search(begin):
        return ""
    return last_word(begin)[0]


def _term(field: str | None, stem: str | None, text: str) -> Formula:
    return Term(tuple(text_fields(field, stem)), text) if searchable(text) else TRUE
