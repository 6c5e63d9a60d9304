"""How two articles belong together: as copies of one text, or as reports on one event. Pure, symmetric.

Only what the two say counts, never what else has arrived: so the order of arrival cannot matter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from math import sqrt
from typing import Literal

from ingest.fingerprint import overlap
from ingest.rarewords import is_unspaced, pairs, stem
from ingest.records import Record
from ingest.shingles import folded, words

Relation = Literal["copy", "follow-up"]

APART = timedelta(days=7)  # the most between two articles that are joined; a story may run for longer
# Copies: most of the shorter text stands in the longer one. Reports from one template reach 0.58 of containment, a word
# in ten changed leaves 0.6. Where little of the longer one is shared the estimate is rough, a cut text is whole, and
# the longer one may be the day's reports in one page, which would join them all: title or rare words have to agree.
CONTAINED, SIMILAR = 0.6, 0.3
CONTAINED_CUT, SIMILAR_CUT = 0.8, 0.15
SHORT, SHORTEST = 40, 12  # shingles: a short text's copy has its title's words too, a shorter one is no text to compare
SAME_TITLE = 0.5  # share of words
# Follow-ups: what the shared rare words weigh, of what each article's weigh, more with each day in between; two of
# them stand in a title and one in both, or the phrases of the trade would join all that one ministry says. One wrong
# link joins two stories for good, so right ones may be missed for it: a story holds together by the others.
ALIKE, ALIKE_A_DAY = 0.41, 0.01
FEWEST_WORDS, FEWEST_TITLE_WORDS = 4, 2
FEWEST_NAMES, NAMES_WEIGHT = 2, 6  # that both have: two rare names, or several common ones; a country alone weighs 1
ALIKE_FEW_NAMED, FEW_NAMES_WEIGHT = 0.48, 3  # one name of some rarity
ALIKE_UNNAMED, FEWEST_WORDS_UNNAMED, TITLE_WORDS_UNNAMED = 0.52, 6, 2  # where an article names but countries


class Telling(Record):
    """What of an article tells its copies and follow-ups: nothing else of it has a say."""

    article_id: str
    time: datetime  # published; first seen where nothing is known
    language: str | None
    title: str
    signature: str
    terms: tuple[str, ...]
    sample: bool = False  # sample articles have stories of their own: they leave together

    @cached_property
    def words(self) -> dict[str, int]:
        """Weight by term, of words and of numbers with what they count."""
        return {term: int(term[1]) for term in self.terms if not is_name(term)}

    @cached_property
    def names(self) -> dict[str, int]:
        """Weight by term."""
        return {term: int(term[1]) for term in self.terms if is_name(term)}

    @cached_property
    def norms(self) -> tuple[int, int]:
        """What the words weigh together, and their weights squared."""
        return sum(self.words.values()), sum(weight * weight for weight in self.words.values())

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """The forms that the title's words have as story terms."""
        found: set[str] = set()
        for word in words(folded(self.title)):
            found.update(pairs(word) if is_unspaced(word) else [stem(word, self.language)])
        return frozenset(found)


def related(first: Telling, second: Telling) -> Relation | None:
    """How two articles belong together, if they do. Symmetric."""
    if (
        first.article_id == second.article_id
        or (first.language, first.sample) != (second.language, second.sample)
        or abs(first.time - second.time) > APART
    ):
        return None
    if _are_copies(first, second):
        return "copy"
    return "follow-up" if _follow(first, second) else None


def _are_copies(first: Telling, second: Telling) -> bool:
    if not first.signature or not second.signature:
        return False
    similar, contained, shingles = overlap(first.signature, second.signature)
    if shingles < SHORTEST or similar < SIMILAR_CUT or contained < CONTAINED:
        return False
    titled = _title_likeness(first.title, second.title) >= SAME_TITLE
    if similar < SIMILAR:
        shared = [first.words[term] for term in first.words.keys() & second.words.keys()]
        told = titled or (len(shared) >= FEWEST_WORDS and _alike(first, second, shared) >= ALIKE)
        return told and contained >= CONTAINED_CUT and (shingles >= SHORT or titled)
    return shingles >= SHORT or titled


def _title_likeness(first: str, second: str) -> float:
    one, other = set(words(folded(first))), set(words(folded(second)))
    return len(one & other) / max(1, min(len(one), len(other)))


def _follow(first: Telling, second: Telling) -> bool:
    shared = first.words.keys() & second.words.keys()
    if len(shared) < FEWEST_WORDS:
        return False
    alike = _alike(first, second, [first.words[term] for term in shared])
    if alike < ALIKE:
        return False
    forms = {term[3:] for term in shared}
    both = len(forms & first.title_stems & second.title_stems)
    if not both or len(forms & (first.title_stems | second.title_stems)) < FEWEST_TITLE_WORDS:
        return False
    names = [first.names[term] for term in first.names.keys() & second.names.keys()]
    if sum(names) >= FEW_NAMES_WEIGHT:
        return alike >= ALIKE_FEW_NAMED or (len(names) >= FEWEST_NAMES and sum(names) >= NAMES_WEIGHT)
    if max(first.names.values(), default=0) > 1 and max(second.names.values(), default=0) > 1:
        return False  # both have names, and others
    return alike >= ALIKE_UNNAMED and len(shared) >= FEWEST_WORDS_UNNAMED and both >= TITLE_WORDS_UNNAMED


def _alike(first: Telling, second: Telling, shared: list[int]) -> float:
    """The cosine of their words' weights, halfway to that of the weights squared, less for the time between them."""
    plain = sum(shared) / sqrt(first.norms[0] * second.norms[0])
    squared = sum(weight * weight for weight in shared) / sqrt(first.norms[1] * second.norms[1])
    return (plain + squared) / 2 - ALIKE_A_DAY * (abs(first.time - second.time) / timedelta(days=1))


def is_name(term: str) -> bool:
    """Whether a story term is a name; else a word, or a number with what it counts."""
    return term[0] == "n"
