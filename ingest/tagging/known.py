"""Names that a list knows, found in a text: people, organisations, places, things.

A text is searched for the names of its own language, for those of any language (`*`), and, where the script is Latin,
for English ones of more than one word, or all English ones of an entity that has none in that language. What is unsure
counts only beside a cue or a sure name of the same entity; a form that two entities share, only where one of them is
named otherwise too. A wrong tag costs more than a missing one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.tagging.cities import city_entities
from ingest.tagging.finder import Finder, Match, longest, sound
from ingest.tagging.names import ANY, NOTHING, Entity, Name, names_tables
from ingest.tagging.neighbours import Standing, heads_office, in_title_case, standing
from ingest.tagging.words import LATIN, is_acronym

FALLBACK = "en"  # for a text in no known language
OTHER_LATIN, OTHER = "latin", "other"  # in place of languages in which no entity has a name
_KIN = {"ms": "id"}  # whose names count where a language has none of its own, before English


class Known(NamedTuple):
    """`surface` is `text[start:end]` of the text `title + newline + body`. `sure`: by itself, without a cue."""

    start: int
    end: int
    id: str
    type: str
    surface: str
    sure: bool


class _Reading(NamedTuple):
    id: str
    kind: str  # "sure", "unsure", "cue"


class Matcher:
    """The names of some entities, one automaton a language, made when a text in that language first comes."""

    def __init__(self, entities: tuple[Entity, ...]) -> None:
        self.entities = {entity.id: entity for entity in entities}
        self._languages = {name.language for entity in entities for name in entity.names} | {FALLBACK}
        self._finders: dict[str, Finder[_Reading]] = {}

    def known_in(self, title: str, body: str, language: str | None) -> tuple[Known, ...]:
        """In order of the text, none overlapping another."""
        text = sound(title, body)
        matches = list(self._finder(language or FALLBACK).matches(text))
        cued = {reading.id for one in matches for reading in one.readings if reading.kind == "cue"}
        named = longest(_with_joined([names for one in matches if (names := _without_cues(one)).readings]))
        end_of_title = len(title) if in_title_case(title) else 0
        judged = [(one, self._standing(text, one, language, end_of_title)) for one in named]
        judged = [(one, how) for one, how in judged if how is not Standing.PART]
        certain = {
            one.readings[0].id
            for one, how in judged
            if how is Standing.ALONE and one.readings[0].kind == "sure" and len(one.readings) == 1
        }
        return tuple(self._settled(text, judged, certain, cued))

    def _settled(
        self, text: str, judged: list[tuple[Match[_Reading], Standing]], certain: set[str], cued: set[str]
    ) -> Iterator[Known]:
        for one, how in judged:
            sure = how is Standing.ALONE and one.readings[0].kind == "sure" and len(one.readings) == 1
            ids = {reading.id: None for reading in one.readings}
            backed = [id_ for id_ in ids if id_ in certain]
            if not backed and how is Standing.ALONE:
                backed = [id_ for id_ in ids if id_ in cued]
            if not sure and len(backed) != 1:
                continue
            entity = self.entities[one.readings[0].id if sure else backed[0]]
            if entity.type != NOTHING:
                yield Known(one.start, one.end, entity.id, entity.type, text[one.start : one.end], sure)

    def _standing(self, text: str, one: Match[_Reading], language: str | None, end_of_title: int) -> Standing:
        types = {self.entities[reading.id].type for reading in one.readings}
        if "organisation" in types and heads_office(text, one.end):
            return Standing.PART
        place = "place" in types
        if not place and ("person" not in types or " " in text[one.start : one.end]):
            return Standing.ALONE
        how = standing(text, one.start, one.end, language, place=place)
        return Standing.DOUBTFUL if how is Standing.PART and one.start < end_of_title else how

    def _finder(self, language: str) -> Finder[_Reading]:
        if language not in self._languages:  # all of them share one for Latin script, one for others
            language = OTHER_LATIN if language in LATIN else OTHER
        if language not in self._finders:
            own: list[tuple[str, _Reading]] = []
            foreign: list[tuple[str, _Reading]] = []
            for entity in self.entities.values():
                for name in _names_for(entity, language):
                    of_others = name.language == FALLBACK != language
                    (foreign if of_others else own).append((name.text, _Reading(entity.id, _kind(name))))
                own += [(cue, _Reading(entity.id, "cue")) for cue in entity.cues]
            self._finders[language] = Finder(own, language, foreign)
        return self._finders[language]


def _kind(name: Name) -> str:
    return "sure" if name.sure else "unsure"


def _without_cues(match: Match[_Reading]) -> Match[_Reading]:
    """With what it names only: the sure ones, if there are any."""
    names = tuple(reading for reading in match.readings if reading.kind != "cue")
    sure = tuple(reading for reading in names if reading.kind == "sure")
    return match._replace(readings=sure or names)


def _with_joined(matches: list[Match[_Reading]]) -> list[Match[_Reading]]:
    """And one over each two of the same entity that overlap: "Presiden Prabowo", "Prabowo Subianto"."""
    joined: list[Match[_Reading]] = []
    last: dict[str, Match[_Reading]] = {}
    for one in sorted(matches, key=lambda one: (one.start, one.end)):
        for reading in one.readings:
            before = last.get(reading.id)
            if before is None or before.end < one.end:
                whole = one
                if before is not None and before.start < one.start < before.end:
                    whole = Match(before.start, one.end, (reading,))
                    joined.append(whole)
                last[reading.id] = whole
    return [*matches, *joined]


def known_in(title: str, body: str, language: str | None, extra: Path | None = None) -> tuple[Known, ...]:
    """The known names in a text, in order, none overlapping another; offsets are in `title + newline + body`.

    `extra`: the user's own file of names. Raises NamesError if that, or a file of Kawat's, cannot be understood.
    """
    return matcher(extra).known_in(title, body, language)


@cache
def matcher(extra: Path | None = None) -> Matcher:
    """All names of Kawat and of the user's file; read once."""
    listed = names_tables(extra)
    return Matcher((*listed, *city_entities(listed)))


def _names_for(entity: Entity, language: str) -> list[Name]:
    """The names of `entity` that count in a text in `language`."""
    own = [name for name in entity.names if name.language in {language, ANY}]
    english = [name for name in entity.names if name.language == "en"]
    if language == "en":
        return own
    if language not in LATIN and language != OTHER_LATIN:
        return own + [name for name in english if is_acronym(name.text)]
    if language in _KIN and not any(name.language == language for name in entity.names):
        own += [name for name in entity.names if name.language == _KIN[language]]
    if any(name.language != ANY for name in own):
        return own + [name for name in english if " " in name.text]
    return own + english
