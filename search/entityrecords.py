"""Entities as people read them: a name found by its beginning, and all that is known of one. Records and the port."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from ingest.records import Record

TYPES = ("person", "organisation", "place", "country", "thing")
COUNTRY = re.compile("[A-Z]{2}")  # its code, ISO 3166-1 alpha-2: also as a place's id, as the tagger has it
FRIENDLY = {"organisation": "org"}  # type → the name of its field in the query language, where that is another


class EntityName(Record):
    """An entity under its names. `count`: articles of the last 30 days that name it, to within an eighth."""

    id: str  # Wikidata's (Q7184), Kawat's own (k-…), a country's code; of an unlinked name the name itself
    type: str
    name: str  # canonical, in English; of an unlinked name as it is written
    names: Mapping[str, str] = {}  # language → the canonical one there, where it is another
    aliases: tuple[str, ...] = ()  # those that match what was typed
    linked: bool = True  # False: a name that no list knows
    count: int = 0
    kind: str | None = None  # capital, alliance, head-of-state, …
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2
    at: tuple[float, float] | None = None  # latitude, longitude

    @property
    def query(self) -> str:
        """Its articles, in the query language: `person:"Q7184"`."""
        field, value = ("unlinked", f"{self.type}/{self.id}") if not self.linked else (self.type, self.id)
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{FRIENDLY.get(field, field)}:"{escaped}"'


class Together(Record):
    """What is named in the same articles more than chance would have it."""

    entity: EntityName
    articles: int  # that name both
    expected: float  # by chance: if each were named in as many articles as it is, independently
    times: float  # articles / expected
    score: float  # log-likelihood ratio (Dunning 1993): how sure that is; above 10.83, p < 0.001


class Share(Record):
    """One value of a field and in how many of the articles it is."""

    value: str
    count: int
    entity: EntityName | None = None


class Bars(Record):
    """Articles over time. `interval`: 1h, 1d, 7d, 1M; starts are UTC, of buckets that are whole in the time zone."""

    interval: str
    counts: tuple[tuple[str, int], ...] = ()


class StoryLine(Record):
    """A story that it is in: `articles` are those of the story that name it."""

    id: str
    title: str
    articles: int
    size: int
    sources: int
    first: str | None = None
    last: str | None = None


class Line(Record):
    """An article as the list of the newest shows it. Times are UTC."""

    id: str
    title: str
    url: str
    source: str
    source_name: str | None = None
    language: str | None = None
    first_seen: str
    published: str | None = None
    story_id: str | None = None


class Pair(Record):
    """Two entities in the same articles. `total`: articles in all of the time looked at."""

    articles: int
    alone: tuple[int, int]  # articles that name the one, the other (with or without both)
    expected: float
    times: float
    score: float
    total: int


class EntityProfile(Record):
    """All about one entity, or about two together: then everything is of the articles that name both."""

    entity: EntityName
    beside: EntityName | None = None
    pair: Pair | None = None  # with `beside`
    known_as: Mapping[str, tuple[str, ...]] = {}  # language (or *) → its names
    note: str | None = None
    query: str  # the articles, in the query language
    since: str | None = None
    total: int
    first: str | None = None  # when the first and the last of them were seen
    last: str | None = None
    timeline: Bars
    together: Mapping[str, tuple[Together, ...]] = {}  # by type
    places: tuple[Share, ...] = ()  # by number of articles
    countries: tuple[Share, ...] = ()  # where it happens, by number of articles
    topics: tuple[Share, ...] = ()
    sources: tuple[Share, ...] = ()
    source_count: int = 0
    languages: tuple[Share, ...] = ()
    stories: tuple[StoryLine, ...] = ()  # the largest
    newest: tuple[Line, ...] = ()  # one a story, the last seen first


class EntityPort(Protocol):
    """Entities as the page, the API and the command line see them.

    All raise ServiceUnavailable and IncompleteAnswerError.
    """

    def suggest(self, text: str, *, size: int = 10, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        """Whose names begin with `text`, in any script, best first; where none does, those nearly so."""
        ...

    def lately(self, *, size: int = 30, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        """Those that most articles of the last 30 days name."""
        ...

    def profile(
        self, type: str, id: str, *, beside: tuple[str, str] | None = None, since: str | None = None
    ) -> EntityProfile | None:
        """Of the entity with this id (or of this exact name). None where nobody knows it, or the one beside it.

        Raises ValueError where `since` is no span of time (12h, 30d, 4w).
        """
        ...
