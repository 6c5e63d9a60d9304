"""What is wrong, or perhaps not meant, with rules that can be read. Pure.

Errors keep a set of rules out of force; warnings are told by `kawat rules lint` alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from search.alerts.timing import next_time
from search.language.names import Unknown, country_codes, entity_ids, language_codes
from search.language.nodes import And, Boost, Everything, Node, Not, Or, Range, Stem, Value
from search.query import query_tree
from search.rules.compiling import NAMED, rule_tree
from search.rules.faults import Fault
from search.rules.reading import Places, Reading, in_order
from search.rules.records import Concept, Rule
from search.rules.required import TRUE, required
from search.rules.written import Written, nearest

TYPES = ("person", "organisation", "place", "thing")
OF_ALL = {"flatline", "spike", "frequency"}  # types for which all there is may be worth counting
DATES = {"published", "seen", "changed_at"}


@dataclass(frozen=True)
class Surroundings:
    """What rules are held against. None: not known, not looked at."""

    channels: Collection[str] | None = None
    languages: Collection[str] | None = None  # of the followed feeds: ISO 639-1


def linted(reading: Reading, around: Surroundings, at: datetime) -> Reading:
    """With all that is wrong beside what could not be read. `at`: from when on schedules are looked at."""
    faults: list[Fault] = []
    for concept in reading.rules.concepts:
        faults += concept_lint(concept, reading.concept_places[concept.id], around)
    for rule in reading.rules.rules:
        faults += rule_lint(rule, reading, around, at)
    return replace(reading, faults=in_order((*reading.faults, *faults)))


def concept_lint(concept: Concept, places: Places, around: Surroundings) -> Iterator[Fault]:
    """Of one concept."""
    for code, wordings in concept.wordings.items():
        for n, wording in enumerate(wordings):
            place = places[f"wordings.{code}.{n}"]
            words = wording.split()
            if len(words) > 1 and all(word.isalpha() and not word.isupper() for word in words):
                meant = f'"{wording.strip()}"'
                yield place.fault(
                    f"{wording.strip()} is found where its words stand anywhere in a text; as a phrase write {meant}",
                    suggestion=meant,
                    severity="warning",
                )
    missing = sorted(set(around.languages or ()) - concept.wordings.keys())
    if missing:
        told = f"followed feeds are in {', '.join(missing)}, of which {concept.id} has no wording"
        yield places["wordings"].fault(told, severity="warning")


def rule_lint(rule: Rule, reading: Reading, around: Surroundings, at: datetime) -> Iterator[Fault]:
    """Of one rule."""
    places = reading.rule_places[rule.id]
    yield from _queries(rule, reading, places)
    yield from _breadth(rule, reading, places)
    yield from _conditions(rule, places, around)
    yield from _names(rule, places)
    yield from _telling(rule, places, around, at)


def _queries(rule: Rule, reading: Reading, places: Places) -> Iterator[Fault]:
    if rule.none_of:
        for text, place in zip(rule.none_of, places["none_of"].items(), strict=True):
            if _everything(query_tree(text, regex=rule.regex, concepts=reading.rules.queries)):
                yield place.fault("this is found in every article: nothing would match")


def _breadth(rule: Rule, reading: Reading, places: Places) -> Iterator[Fault]:
    place = places.get("query", places[""])
    tree = rule_tree(rule, reading.rules)
    if rule.type not in OF_ALL and _everything(tree):
        yield place.fault("this rule would match every article: say what it is about")
    elif rule.type not in OF_ALL and _only_without(tree):
        yield place.fault("this rule says only what it does not want, and would match nearly every article")
    elif rule.type not in {"flatline", "spike"} and required(tree) == TRUE:
        yield place.fault(
            "no word must stand in an article for this rule to match, so it is asked of every batch of articles; "
            "a word or phrase that must be there makes it cheap",
            severity="warning",
        )


def _conditions(rule: Rule, places: Places, around: Surroundings) -> Iterator[Fault]:
    if not rule.where:
        return
    for condition, (_, place) in zip(rule.where, places["where"].pairs(), strict=True):
        both = set(condition.include) & set(condition.exclude)
        if both:
            yield place.fault(f"{', '.join(sorted(both))} is both wanted and left out: nothing would match")
        if condition.field == "lang" and around.languages:
            codes = {code for value in condition.include for code in _codes(language_codes(value))}
            if codes and not codes & set(around.languages):
                told = f"no followed feed is in {', '.join(sorted(codes))}"
                yield place.fault(told, severity="warning")


def _names(rule: Rule, places: Places) -> Iterator[Fault]:
    """Names that no list knows: found only in texts that name them exactly so."""
    for together in rule.together:
        for name in together.names:
            given = NAMED.fullmatch(name)
            bare = given[2].strip().strip('"') if given else name
            if not entity_ids(bare, TYPES) and isinstance(country_codes(bare), Unknown):
                told = f"no list knows {bare!r}: it is found only where a text is tagged with exactly this name"
                yield places["together"].fault(told, severity="warning")


def _telling(rule: Rule, places: Places, around: Surroundings, at: datetime) -> Iterator[Fault]:
    if rule.notify and around.channels is not None:
        for name, place in zip(rule.notify, places["notify"].items(), strict=True):
            if name not in around.channels:
                near = nearest(name, around.channels)
                known = ", ".join(sorted(around.channels)) or "none"
                advice = f"did you mean {near}?" if near else f"KAWAT_CHANNELS names {known}"
                yield place.fault(f"no channel is called {name!r}; {advice}", suggestion=near)
    if rule.digest:
        try:
            next_time(rule.digest, at)
        except ValueError as error:
            yield _part(places["digest"], "schedule").fault(str(error))
    if rule.update_after and rule.dedup == "article":
        told = "update_after counts a story's sources: with dedup: article there are none"
        yield places["update_after"].fault(told)
    if rule.backfill and rule.type in {"flatline", "spike", "frequency"}:
        told = f"a {rule.type} does not look back: it tells of what is happening"
        yield places["backfill"].fault(told)
    if rule.type == "any" and not rule.tests.match:
        told = "no test says what this rule is to match: `tests: {match: […]}` keeps it from breaking unseen"
        yield places[""].fault(told, severity="warning")


def _codes(found: tuple[str, ...] | Unknown) -> tuple[str, ...]:
    return () if isinstance(found, Unknown) else found


def _part(place: Written, name: str) -> Written:
    return next(value for key, value in place.pairs() if key.scalar() == name)


def _everything(node: Node) -> bool:
    """Whether it is found in every article, or in every one of late."""
    match node:
        case Everything():
            return True
        case And(parts=parts):
            return all(map(_everything, parts))
        case Or(parts=parts):
            return any(map(_everything, parts))
        case Boost(part=part) | Stem(part=part):
            return _everything(part)
        case Range(field=field) | Value(field=field):
            return field in DATES
    return False


def _only_without(node: Node) -> bool:
    match node:
        case Not():
            return True
        case And(parts=parts):
            return all(_only_without(part) or _everything(part) for part in parts)
        case Or(parts=parts):
            return any(map(_only_without, parts))
        case Boost(part=part):
            return _only_without(part)
    return False
