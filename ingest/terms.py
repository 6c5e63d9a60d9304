"""The terms by which an article's follow-ups are found: its names, and the rare words of what happened.

A term reads `n5:q7184` or `w4:penghub`: its kind (n a name, w a word, d a number), what it weighs (1 to 5, by how rare
it is in its language: a fixed figure, the same in every article), its form. Words that are part of a name are names
only, so that two events in one place, with the same people, differ in their words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from ingest.rarewords import RAREST, is_unspaced, pairs, stem, weight
from ingest.records import Mention, TaggedArticle
from ingest.shingles import folded, words

WORDS, NAMES, NUMBERS = 14, 8, 2  # terms of each kind at most
LEAD = 80  # words of the body: what happened stands there
IN_TITLE, IN_LEAD = 2.5, 1.5  # how much more a word counts there
LOOKED_AT = 3_000  # words of the body
LONGEST_TERM = 60
LONGEST_RUN = 400  # characters of a script without spaces, looked at in one piece
_COUNTRY = 1  # a country alone joins nothing
_SHORTEST_WORD = 3


def story_terms(tagged: TaggedArticle, paragraphs: Sequence[list[str]]) -> tuple[str, ...]:
    """Names, words and numbers, each kind with the weightiest first, 24 at most; `paragraphs` are the body's words."""
    language = tagged.article.language
    title = words(folded(tagged.article.title))
    body = [word for paragraph in paragraphs for word in paragraph][:LOOKED_AT]
    names = _names(tagged.mentions, language) or [f"n{_COUNTRY}:{code.casefold()}" for code in tagged.countries]
    named = {part for mention in tagged.mentions for one in mention.surfaces for part in words(folded(one))}
    chosen = _words(title, body, named, language)
    return (*names[:NAMES], *chosen[:WORDS], *_numbers(title, body[:LEAD])[:NUMBERS])


def _names(mentions: tuple[Mention, ...], language: str | None) -> list[str]:
    found: dict[str, float] = {}
    for mention in mentions:
        value = _COUNTRY
        if mention.type != "country":
            known = "en" if mention.linked else language  # canonical names are English
            value = max((_unit(part, known)[1] for part in words(folded(mention.name))), default=_COUNTRY) or _COUNTRY
        key = f"n{value}:{folded(mention.id)[:LONGEST_TERM]}"
        score = value * (1 + math.log(mention.count)) * (IN_TITLE if mention.in_title else 1)
        found[key] = max(score, found.get(key, 0))
    return sorted(found, key=lambda key: (-found[key], key))


def _words(title: list[str], body: list[str], named: set[str], language: str | None) -> list[str]:
    lead = set(body[:LEAD])
    units: dict[str, tuple[int, float, int]] = {}  # how often, how high up, weight
    for parts, factor in ((title, IN_TITLE), (body, 0.0)):
        for word, count in Counter(_parted(parts)).items():
            if word in named:
                continue
            unit, value = _unit(word, language)
            if value:
                before, place, _ = units.get(unit, (0, 0.0, 0))
                units[unit] = (before + count, max(place, factor or (IN_LEAD if word in lead else 1.0)), value)
    scores = {
        f"w{value}:{unit}": value * (1 + math.log(count)) * place
        for unit, (count, place, value) in units.items()
        if count > 1 or not is_unspaced(unit)  # a pair of characters that stands once may be two halves of words
    }
    return sorted(scores, key=lambda key: (-scores[key], key))


def _parted(parts: Iterable[str]) -> list[str]:
    """Words, and pairs of characters of what has no spaces."""
    found = []
    for word in parts:
        if word[0] >= "\u0e00" and is_unspaced(word):
            found += pairs(word[:LONGEST_RUN])
        else:
            found.append(word)
    return found


@lru_cache(maxsize=100_000)
def _unit(word: str, language: str | None) -> tuple[str, int]:
    """A word's stem and weight; 0 for what is no term."""
    if is_unspaced(word):
        return word, weight(word, language)
    if len(word) < _SHORTEST_WORD or not word[0].isalpha():
        return word, 0
    unit = stem(word[:LONGEST_TERM], language)
    return unit, weight(unit, language)


def _numbers(title: list[str], lead: list[str]) -> list[str]:
    """Numbers of at least two digits that are no year, with the word after them, the title's first."""
    found: dict[str, None] = {}
    for part in (title, lead):
        for number, unit in pairwise(part):
            if number.isdecimal() and 2 <= len(number) <= 12 and not (len(number) == 4 and number[:2] in {"19", "20"}):
                found[f"d{RAREST - 1}:{number} {unit[:6]}"] = None
    return list(found)
