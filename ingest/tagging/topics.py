"""What an article is about: some 25 topics of geopolitics, by weighted terms in the text's own language.

`data/topics/topics.tsv` lists the topics with their IPTC Media Topic; `data/topics/LANGUAGE.terms` holds a language's
terms, a topic a line: `topic: term^3 | term* | …`. `^1` to `^3` is a term's weight (2 where none is given), `*` lets a
word go on ("sanction*": sanctions, sanctioned; "военн* учени*"). Precision before recall: a topic needs several of its
terms, or a heavy one in the title, and must stand beside the article's main one. Why is kept: the terms that gave it.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from ingest.records import Topic
from ingest.tagging.words import is_word

FOLDER = Path(__file__).parent / "data" / "topics"
LIKE = {"ms": "id"}  # read with another language's terms
MOST_TOPICS = 4
MOST_REASONS = 8  # terms kept with a topic
ENOUGH = 6.0  # points: two terms of weight 3, or three of 2
LONG = 400  # words; a longer text names more things in passing, so it needs more points, by the square root
BESIDE = 0.34  # of the first topic's points: less is a side remark
IN_TITLE = 2.0  # a term of the title counts so often
REPEATED = 0.25  # of its weight that a term gains with each repetition, three times at most
_TERM = re.compile(r"(?P<text>[^*^|](?:[^*^|]|\*(?=[ ^]|$))+)(?:\^(?P<weight>[123]))?")
_ENDING = r"\w{0,12}"  # what a `*` stands for: no inflection is longer
_MARKS = re.compile("[\u064b-\u065f\u0670\u0640\u0591-\u05c7\u200c\u200d]")  # vowel signs, tatweel, joiners


class Term(NamedTuple):
    """One term of a topic: folded text as listed, with its `*`, and weight 1 to 3."""

    topic: str
    text: str
    weight: int

    @property
    def stem(self) -> str:
        """What stands in a text as it is: all before the first `*`."""
        return self.text.partition("*")[0]

    @property
    def rest(self) -> re.Pattern[str] | None:
        """What must follow the stem; None where nothing more does."""
        _, open_, rest = self.text.partition("*")
        if not open_:
            return None
        return re.compile(_ENDING + _ENDING.join(map(re.escape, rest.split("*"))))


class TopicName(NamedTuple):
    """A topic: its id, IPTC Media Topic (`medtop:…`, empty where none fits), English and Indonesian name."""

    id: str
    iptc: str
    en: str
    indonesian: str


class _Terms(NamedTuple):
    automaton: AhoCorasick
    terms: tuple[tuple[tuple[Term, re.Pattern[str] | None], ...], ...]  # with `rest`, by the automaton's index


@cache
def topic_names() -> dict[str, TopicName]:
    """Every topic by id, in the table's order. Raises ValueError with file and line."""
    path = FOLDER / "topics.tsv"
    found: dict[str, TopicName] = {}
    for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 4:
            raise ValueError(f"{path.name}:{at}: {len(cells)} columns; expected id, IPTC code, English, Indonesian")
        found[cells[0]] = TopicName(*cells)
    return found


def read_terms(path: Path) -> tuple[Term, ...]:
    """The terms of one language's file. Raises ValueError with file and line, and the topic that was probably meant."""
    language, found = path.stem, list[Term]()
    for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        topic, colon, terms = line.partition(":")
        topic = topic.strip()
        if not colon or topic not in topic_names():
            near = difflib.get_close_matches(topic, topic_names(), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{path.name}:{at}: no topic is called {topic!r}{hint}")
        for part in filter(None, (one.strip() for one in terms.split("|"))):
            match = _TERM.fullmatch(part)
            if match is None:
                raise ValueError(f"{path.name}:{at}: {part!r} is no term: write text, text*, text^3")
            text = folded(match["text"].strip(), language)
            found.append(Term(topic, text, int(match["weight"] or 2)))
    return tuple(found)


def topics_in(title: str, body: str, language: str | None) -> tuple[Topic, ...]:
    """The article's topics, the strongest first; empty for a language without terms."""
    code = LIKE.get(language or "", language or "")
    terms = _terms(code)
    if terms is None:
        return ()
    counts = _counted(terms, folded(body, code), code)
    titled = _counted(terms, folded(title, code), code)
    worths: dict[str, dict[str, float]] = {}  # topic → term → points
    heavy: set[str] = set()
    for term in counts.keys() | titled.keys():
        repeated = 1 + REPEATED * min(counts[term] - 1, 3) if counts[term] else 0.0
        worths.setdefault(term.topic, {})[term.text.replace("*", "")] = term.weight * (
            repeated + IN_TITLE * bool(titled[term])
        )
        if titled[term] and term.weight == 3:
            heavy.add(term.topic)
    points = {topic: sum(terms.values()) for topic, terms in worths.items()}
    strongest = max(points.values(), default=0.0)
    wanted = max(BESIDE * strongest, ENOUGH * max(1.0, len(body) / (LONG * _letters(code))) ** 0.5)
    kept = [topic for topic, worth in points.items() if worth >= wanted and (len(worths[topic]) > 1 or topic in heavy)]
    kept.sort(key=lambda topic: (-points[topic], topic))
    return tuple(
        Topic(id=topic, score=round(points[topic] / strongest, 2), terms=_heaviest(worths[topic]))
        for topic in kept[:MOST_TOPICS]
    )


def _heaviest(worths: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(worths, key=lambda text: (-worths[text], text))[:MOST_REASONS])


def folded(text: str, language: str) -> str:
    """`text` as terms are compared: compatibility forms and case folded, vowel signs of Arabic and Hebrew gone."""
    if language in {"tr", "az"}:
        text = text.replace("I", "ı").replace("İ", "i")
    text = _MARKS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return text.encode("utf-8", "replace").decode()  # a lone surrogate is no letter, and no automaton takes it


def _counted(terms: _Terms, text: str, language: str) -> Counter[Term]:
    """How often each term stands in folded `text` as words of its own. Of overlapping ones of a topic all count."""
    counts: Counter[Term] = Counter()
    for at, start, end in terms.automaton.find_matches_as_indexes(text, overlapping=True):
        for term, rest in terms.terms[at]:
            ended = rest.match(text, end) if rest else None
            if (rest is None or ended) and is_word(text, start, ended.end() if ended else end, language):
                counts[term] += 1
    return counts


@cache
def _terms(language: str) -> _Terms | None:
    path = FOLDER / f"{language}.terms"
    if not language.isalpha() or not path.exists():
        return None
    by_stem: dict[str, list[tuple[Term, re.Pattern[str] | None]]] = {}
    for term in read_terms(path):
        by_stem.setdefault(term.stem, []).append((term, term.rest))
    return _Terms(AhoCorasick(list(by_stem)), tuple(map(tuple, by_stem.values())))


def _letters(language: str) -> int:
    """Characters a word takes, roughly."""
    return 2 if language in {"zh", "ja"} else 6
