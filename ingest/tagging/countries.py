"""Countries named in a text, in the text's own language: precision before recall.

Names come from data/countries.tsv (CLDR, and what it lacks by hand; see compile_countries.py). They are found as
written or all in capitals, never in lower case ("turkey", "as"), at the borders of words as the script has them; of
names that overlap the longest counts ("Papua New Guinea" is no Guinea, "South China Sea" is no China). A name that is
more often something else (Georgia, Jordan) counts only where the text has a surer name or a cue of that country.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from ingest.records import Mention
from ingest.tagging.table import Row, read_rows
from ingest.tagging.words import in_capitals, is_word, spellings

TABLE = Path(__file__).parent / "data" / "countries.tsv"
FALLBACK = "en"  # for a text in no known language, or one without names
MOST_SPANS = 1000  # of one country in one article, kept for display; `count` counts all
BLOCK = "-"  # the id of what is no country though a country's name is in it


@dataclass(slots=True)
class _Reading:
    """What one surface form stands for: a country (its code), surely or not, and for whom it is a cue."""

    code: str | None = None
    sure: bool = True
    cue_for: set[str] = field(default_factory=set)


class _Names(NamedTuple):
    automaton: AhoCorasick
    readings: tuple[_Reading, ...]  # by the automaton's index
    language: str


class _Found(NamedTuple):
    start: int
    end: int
    reading: _Reading


def countries_in(title: str, body: str, language: str | None) -> tuple[tuple[str, ...], tuple[Mention, ...]]:
    """ISO 3166-1 alpha-2 codes (and XK, Kosovo) of the countries named, most mentioned first, and their mentions alike.

    `count` is of title and body together, `spans` are offsets of characters in `body` (the first 1,000), `name` is the
    English one.
    """
    names = _names(language if language in _languages() else FALLBACK)
    text = f"{title}\n{body}".encode("utf-8", "replace").decode() if not _sound(title, body) else f"{title}\n{body}"
    offset = len(title) + 1
    found: dict[str, list[_Found]] = {}
    for one in _counted(text, names):
        found.setdefault(one.reading.code or "", []).append(one)
    mentions = [_mention(code, places, text, offset) for code, places in found.items()]
    mentions.sort(key=lambda mention: (-mention.count, not mention.in_title))  # stable: the earlier named first
    return tuple(mention.id for mention in mentions), tuple(mentions)


def _sound(title: str, body: str) -> bool:
    """Whether both can be written as UTF-8: a lone surrogate cannot. One `?` takes its place, offsets stay."""
    try:
        title.encode()
        body.encode()
    except UnicodeEncodeError:
        return False
    return True


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


def _counted(text: str, names: _Names) -> Iterator[_Found]:
    """The names that count, in order of the text."""
    matches = [
        _Found(start, end, names.readings[index])
        for index, start, end in names.automaton.find_matches_as_indexes(text, overlapping=True)
        if is_word(text, start, end, names.language)
    ]
    cued = set[str]().union(*(one.reading.cue_for for one in matches))
    kept = list(_longest([one for one in matches if one.reading.code is not None]))
    sure = cued | {one.reading.code for one in kept if one.reading.sure}
    return (one for one in kept if one.reading.code != BLOCK and (one.reading.sure or one.reading.code in sure))


def _longest(matches: list[_Found]) -> Iterator[_Found]:
    """Without those that overlap a longer one, or an earlier of the same length. In order of the text."""
    cluster: list[_Found] = []  # what touches, by a chain of overlaps: short, so that the whole stays linear
    reach = 0
    for one in sorted(matches, key=lambda one: one.start):
        if cluster and one.start >= reach:
            yield from _longest_of(cluster)
            cluster.clear()
        cluster.append(one)
        reach = max(reach, one.end)
    yield from _longest_of(cluster)


def _longest_of(cluster: list[_Found]) -> list[_Found]:
    taken: list[_Found] = []
    for one in sorted(cluster, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or other.end <= one.start for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.start)


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
def _names(language: str) -> _Names:
    readings: dict[str, _Reading] = {}
    for row in _rows():
        if row.language != language or row.kind == "canonical":
            continue
        for surface in (form for name in row.names for form in spellings(name, language)):
            reading = readings.setdefault(surface, _Reading())
            if reading.code is None or row.kind == "block":
                reading.code, reading.sure = row.code, row.kind != "unsure"
        for cue in (form for name in row.cues for form in spellings(name, language)):
            readings.setdefault(cue, _Reading()).cue_for.add(row.code)
    for surface, reading in list(readings.items()):
        readings.setdefault(in_capitals(surface), reading)
    return _Names(AhoCorasick(list(readings)), tuple(readings.values()), language)
