"""Names that a list knows, found in a text: people, organisations, places, things.

A text is searched for the names of its own language, for those of any language (`*`), and, where the script is Latin,
for English ones of more than one word, or all English ones of an entity that has none in that language. What is unsure
counts only beside a cue or a sure name of the same entity; a form that two entities share, only where one of them is
named otherwise too. A wrong tag costs more than a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.tagging.cities import city_entities
from ingest.tagging.finder import Finder, Match, longest, sound
from ingest.tagging.forms import INFLECTED
from ingest.tagging.names import ANY, NOTHING, Entity, Name, names_tables
from ingest.tagging.neighbours import Standing, heads_office, in_title_case, standing
from ingest.tagging.words import LATIN, is_acronym

FALLBACK = "en"  # for a text in no known language
SHARED_LATIN, SHARED = "latin", "other"  # names that stand in texts of all languages of a script
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
    fallback: bool = False  # an English word, which counts where the entity has no name in the text's language


class Matcher:
    """The names of some entities, one automaton a language, made when a text in that language first comes."""

    def __init__(self, entities: tuple[Entity, ...]) -> None:
        self.entities = {entity.id: entity for entity in entities}
        self._finders: dict[str, Finder[_Reading]] = {}  # by language, and two that many languages share
        self._named: dict[str, frozenset[str]] = {}

    def known_in(self, title: str, body: str, language: str | None) -> tuple[Known, ...]:
        """In order of the text, none overlapping another."""
        text = sound(title, body)
        matches = list(self._matches(text, language or FALLBACK))
        cued = {reading.id for one in matches for reading in one.readings if reading.kind == "cue"}
        named = list(longest(_with_joined([names for one in matches if (names := _without_cues(one)).readings])))
        end_of_title = len(title) if in_title_case(title) else 0
        several = [one for one in named if " " in text[one.start : one.end]]  # words, so that they are a name's end
        borders = {one.end + 1 for one in several}, {one.start - 1 for one in several}
        judged = [
            (one, self._standing(text, one, language, end_of_title, (one.start in borders[0], one.end in borders[1])))
            for one in named
        ]
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

    def _standing(
        self, text: str, one: Match[_Reading], language: str | None, end_of_title: int, known: tuple[bool, bool]
    ) -> Standing:
        types = {self.entities[reading.id].type for reading in one.readings}
        if "organisation" in types and heads_office(text, one.end):
            return Standing.PART
        place = "place" in types
        if not place and ("person" not in types or " " in text[one.start : one.end]):
            return Standing.ALONE
        how = standing(text, one.start, one.end, language, place=place, known=known)
        return Standing.DOUBTFUL if how is Standing.PART and one.start < end_of_title else how

    def _matches(self, text: str, language: str) -> Iterable[Match[_Reading]]:
        """Of the language's names and of those that many share; one a place, with the readings of all."""
        named = self._named_in(language)
        at: dict[tuple[int, int], dict[_Reading, None]] = {}
        for finder in (self._own(language), self._shared(SHARED_LATIN if language in LATIN else SHARED)):
            for start, end, readings in finder.matches(text, language):
                for reading in readings:
                    if not reading.fallback:
                        at.setdefault((start, end), {})[reading] = None
                    elif reading.id not in named:
                        at.setdefault((start, end), {})[reading._replace(fallback=False)] = None
        return (Match(*place, tuple(readings)) for place, readings in at.items())

    def _own(self, language: str) -> Finder[_Reading]:
        if language not in self._finders:
            names = [
                (name.text, _reading(entity, name))
                for entity in self.entities.values()
                for name in _names_in(entity, language)
                if language != FALLBACK
            ]
            self._finders[language] = Finder([*names, *(self._cues() if language in INFLECTED else ())], language)
        return self._finders[language]

    def _shared(self, script: str) -> Finder[_Reading]:
        """Names of any language, and English ones: all of them beside Latin script, else those in capitals."""
        if script not in self._finders:
            names = [
                (name.text, _reading(entity, name, script))
                for entity in self.entities.values()
                for name in entity.names
                if name.language == ANY
                or (name.language == FALLBACK and (script == SHARED_LATIN or is_acronym(name.text)))
            ]
            self._finders[script] = Finder([*names, *self._cues()], None)
        return self._finders[script]

    def _cues(self) -> Iterator[tuple[str, _Reading]]:
        return ((cue, _Reading(entity.id, "cue")) for entity in self.entities.values() for cue in entity.cues)

    def _named_in(self, language: str) -> frozenset[str]:
        """Entities with a name in the language, or in the one whose names it borrows; none in English itself."""
        if language not in self._named:
            these = {language, _KIN.get(language, language)} - {FALLBACK}
            self._named[language] = frozenset(
                entity.id for entity in self.entities.values() if any(name.language in these for name in entity.names)
            )
        return self._named[language]


def _names_in(entity: Entity, language: str) -> list[Name]:
    """Of the language, or of its kin where it has none; those of any language only where they are inflected."""
    own = [name for name in entity.names if name.language == language]
    if not own and language in _KIN:
        own = [name for name in entity.names if name.language == _KIN[language]]
    return own + [name for name in entity.names if name.language == ANY and language in INFLECTED]


def _reading(entity: Entity, name: Name, script: str | None = None) -> _Reading:
    # In a text with capitals UN and EU are words of other languages, too.
    fallback = script == SHARED_LATIN and name.language == FALLBACK and " " not in name.text
    return _Reading(entity.id, "sure" if name.sure else "unsure", fallback)


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
