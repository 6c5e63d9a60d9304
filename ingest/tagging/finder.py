"""Finds many names in a text at once: whole words, longest first, with their capitals.

Names are looked for in the folded text, acronyms (WHO, AS, США) in the text with its capitals. A name that is listed
with a capital needs one in the text: `turkey` and `as` are never found. Caseless scripts have none to ask for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from ingest.tagging.forms import spellings
from ingest.tagging.words import folded, has_capital, is_acronym, is_word, lowered, unfolded_case

Reading = TypeVar("Reading")


class Match(NamedTuple, Generic[Reading]):
    """Where in the text, and the meanings its form can have."""

    start: int
    end: int
    readings: tuple[Reading, ...]


class Finder(Generic[Reading]):
    """Names of one language and what each can mean; about 1 ms to make for a thousand names."""

    def __init__(self, names: Iterable[tuple[str, Reading]], language: str | None) -> None:
        """`language`: the one whose forms the names have; None: none."""
        lower: dict[str, dict[Reading, None]] = {}
        exact: dict[str, dict[Reading, None]] = {}
        capital: dict[str, bool] = {}  # whether every name of that form has one
        for name, reading in names:
            if is_acronym(name):
                exact.setdefault(unfolded_case(name), {})[reading] = None
                continue
            needs = has_capital(name)
            for form in map(folded, spellings(name, language or "")):
                lower.setdefault(form, {})[reading] = None
                capital[form] = capital.get(form, True) and needs
        self._capital = tuple(capital.values())
        same: dict[tuple[Reading, ...], tuple[Reading, ...]] = {}  # an entity's many forms mean the same: kept once
        self._lower = tuple(same.setdefault(one, one) for one in map(tuple, lower.values()))
        self._exact = tuple(same.setdefault(one, one) for one in map(tuple, exact.values()))
        self._in_lower = AhoCorasick(list(lower), implementation=Implementation.ContiguousNFA)
        self._in_exact = AhoCorasick(list(exact), implementation=Implementation.ContiguousNFA)

    def matches(self, text: str, language: str | None) -> Iterator[Match[Reading]]:
        """Every name that stands there as whole words, also those that overlap, in no order."""
        plain, lower = _folded_twice(text)
        for index, start, end in self._in_lower.find_matches_as_indexes(lower, overlapping=True):
            if (not self._capital[index] or has_capital(text[start:end])) and is_word(lower, start, end, language):
                yield Match(start, end, self._lower[index])
        for index, start, end in self._in_exact.find_matches_as_indexes(plain, overlapping=True):
            if is_word(lower, start, end, language):
                yield Match(start, end, self._exact[index])


@lru_cache(maxsize=2)  # several finders read the same text
def _folded_twice(text: str) -> tuple[str, str]:
    plain = unfolded_case(text)
    return plain, lowered(plain)


def sound(title: str, body: str) -> str:
    """Title, newline, body, as UTF-8 can write it: `?` in the place of a lone surrogate. Offsets stay."""
    text = f"{title}\n{body}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def longest(matches: Iterable[Match[Reading]]) -> Iterator[Match[Reading]]:
    """Without those that overlap a longer one, or an earlier of the same length; of the same place one, with the
    readings of all. In order of the text."""
    cluster: list[Match[Reading]] = []  # what touches, by a chain of overlaps
    reach = 0
    for one in sorted(matches, key=lambda one: one.start):
        if cluster and one.start >= reach:
            yield from _longest_of(cluster)
            cluster.clear()
        cluster.append(one)
        reach = max(reach, one.end)
    yield from _longest_of(cluster)


def _longest_of(cluster: list[Match[Reading]]) -> list[Match[Reading]]:
    if len(cluster) == 1:
        return cluster.copy()
    taken: list[Match[Reading]] = []  # in order of the text: a new one can only touch its two neighbours there
    for one in sorted(cluster, key=lambda one: (one.start - one.end, one.start)):
        at = bisect_right(taken, one.start, key=_start)
        before = taken[at - 1] if at else None
        if before is not None and (before.start, before.end) == (one.start, one.end):
            taken[at - 1] = before._replace(readings=tuple(dict.fromkeys((*before.readings, *one.readings))))
        elif (before is None or before.end <= one.start) and (at == len(taken) or one.end <= taken[at].start):
            taken.insert(at, one)
    return taken


def _start(match: Match[Reading]) -> int:
    return match.start
