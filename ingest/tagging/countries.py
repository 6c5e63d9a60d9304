"""Countries named in a text, in the text's own language: precision before recall.

Names come from data/countries.tsv (CLDR, and what it lacks by hand; see compile_countries.py). They are found as
listed with a capital, never in lower case ("turkey", "as"), at the borders of words as the script has them; of
names that overlap the longest counts ("Papua New Guinea" is no Guinea, "South China Sea" is no China). A name that is
more often something else (Georgia, Jordan) counts only where the text has a surer name or a cue of that country.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.records import Mention
from ingest.tagging.finder import Finder, Match, longest, sound
from ingest.tagging.table import Row, read_rows
from ingest.tagging.words import LATIN

TABLE = Path(__file__).parent / "data" / "countries.tsv"
FALLBACK = "en"  # for a text in no known language, or one without names
MOST_SPANS = 1000  # of one country in one article, kept for display; `count` counts all
_MIXED = frozenset({"tl", "sw"})  # their news is full of English names; so is that in other scripts
BLOCK = "-"  # the id of what is no country though a country's name is in it


class _Reading(NamedTuple):
    """What one form can stand for: a country (its code), surely or not, or a cue for one."""

    code: str
    kind: str  # "sure", "unsure", "cue"


class _Found(NamedTuple):
    start: int
    end: int
    code: str
    sure: bool


def countries_in(title: str, body: str, language: str | None) -> tuple[tuple[str, ...], tuple[Mention, ...]]:
    """ISO 3166-1 alpha-2 codes (and XK, Kosovo) of the countries named, most mentioned first, and their mentions alike.

    `count` is of title and body together, `spans` are offsets of characters in `body` (the first 1,000), `name` is the
    English one.
    """
    spoken = language if language in _languages() else FALLBACK
    text = sound(title, body)
    offset = len(title) + 1
    found: dict[str, list[_Found]] = {}
    for one in _counted(text, spoken):
        found.setdefault(one.code, []).append(one)
    mentions = [_mention(code, places, text, offset) for code, places in found.items()]
    mentions.sort(key=lambda mention: (-mention.count, not mention.in_title))  # stable: the earlier named first
    return tuple(mention.id for mention in mentions), tuple(mentions)


def _mention(code: str, places: list[_Found], text: str, offset: int) -> Mention:
    return Mention(
        id=code,
        type="country",
        name=_english()[code],
        surfaces=tuple(dict.fromkeys(text[place.start : place.end] for place in places)),
        count=len(places),
        spans=tuple((place.start - offset, place.end - offset) for place in places if place.start >= offset)[
            :MOST_SPANS
        ],
        in_title=places[0].start < offset,
    )


def _counted(text: str, language: str) -> Iterator[_Found]:
    """The names that count, in order of the text."""
    matches = list(_names(language).matches(text, language))
    cued = {reading.code for one in matches for reading in one.readings if reading.kind == "cue"}
    kept = [
        _Found(one.start, one.end, reading.code, reading.kind == "sure")
        for one in longest(one for one in matches if _read(one) is not None)
        if (reading := _read(one)) is not None
    ]
    sure = cued | {one.code for one in kept if one.sure}
    return (one for one in kept if one.code != BLOCK and (one.sure or one.code in sure))


def _read(match: Match[_Reading]) -> _Reading | None:
    """A block before a country, a sure one before an unsure; None of what is a cue only."""
    best: _Reading | None = None
    for reading in match.readings:
        if reading.kind != "cue" and (best is None or reading.code == BLOCK or reading.kind < best.kind):
            best = reading
    return best


@cache
def _rows() -> tuple[Row, ...]:
    return tuple(row for _, row in read_rows(TABLE))


@cache
def _languages() -> frozenset[str]:
    return frozenset(row.language for row in _rows())


@cache
def _english() -> dict[str, str]:
    return {row.code: row.names[0] for row in _rows() if row.kind == "canonical"}


@cache  # bounded by the languages of the table: 74, about 0.3 MB each
def _names(language: str) -> Finder[_Reading]:
    rows = [row for row in _rows() if row.language == language and row.kind != "canonical"]
    doubted = {name for row in rows if row.kind == "unsure" for name in row.names}
    if language not in LATIN or language in _MIXED:
        rows += [
            row._replace(names=tuple(name for name in row.names if name not in doubted))
            for row in _rows()
            if row.language == FALLBACK and row.kind in {"name", "block"}
        ]
    names = [
        (name, _Reading(row.code, "unsure" if row.kind == "unsure" else "sure")) for row in rows for name in row.names
    ]
    cues = [(cue, _Reading(row.code, "cue")) for row in rows for cue in row.cues]
    return Finder([*names, *cues], language)
