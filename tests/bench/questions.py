"""What readers ask, made of the articles that are there: each question once, in all their languages. The same for a
seed. Beside what Kawat is asked stands what Elasticsearch alone could be asked for the heart of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from search.entityrecords import TYPES
from search.hits import SHOWN
from search.paging import SORTS
from search.query import compile_query
from search.schema import Names
from tests.bench.recombined import Recombined

FACETS = ("source", "country", "topic")
Words = Callable[[random.Random], list[str]]
Body = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A path of Kawat's, and a search as bare Elasticsearch takes it: index and body."""

    path: str
    index: str
    body: Body


@dataclass(frozen=True)
class Kind:
    """Questions of one kind. `target`: milliseconds that 95 of 100 may take at most; None where nothing is promised."""

    name: str
    target: int | None
    questions: tuple[Question, ...]


def kinds(made: Recombined, articles: int, each: int) -> list[Kind]:
    """So many questions of each kind."""
    return [
        Kind("phrase", 50, _some(_phrases(made, articles), each)),
        Kind("boolean", 150, _some(_booleans(made, articles), each)),
        Kind("entity", 300, _some(_entities(made, articles), each)),
        Kind("autocomplete", 30, _some(_beginnings(made), each)),
        Kind("search_page", None, _some(_pages(made, articles), each)),
    ]


def _some(found: Iterator[Question], count: int) -> tuple[Question, ...]:
    """The first so many that are no two alike."""
    seen: dict[str, Question] = {}
    for one in islice(found, 50 * count):
        seen.setdefault(one.path, one)
        if len(seen) == count:
            break
    return tuple(seen.values())


def _phrases(made: Recombined, articles: int) -> Iterator[Question]:
    for query in _quoted(made, articles, "phrase"):
        yield Question(f"/api/search?{urlencode({'q': query})}", Names().articles, _listed(query))


def _pages(made: Recombined, articles: int) -> Iterator[Question]:
    for query in _quoted(made, articles, "page"):
        yield Question(f"/?{urlencode({'q': query})}", Names().articles, _listed(query))


def _quoted(made: Recombined, articles: int, salt: str) -> Iterator[str]:
    """Two or three words, or four characters of Chinese, that stand in an article so."""
    chance = random.Random(f"{salt} {made.seed}")
    while True:
        article = made.tagged(chance.randrange(articles), "", "", "").article
        if article.language == "zh":
            at = chance.randrange(max(1, len(article.body) - 4))
            words = [article.body[at : at + 4]]
        else:
            all_ = article.body.split()
            at = chance.randrange(len(all_))
            words = all_[at : at + chance.choice((2, 2, 3))]
        if all(word.isalpha() for word in words) and sum(map(len, words)) > 3:
            yield f'"{" ".join(words)}"'


def _booleans(made: Recombined, articles: int) -> Iterator[Question]:
    chance = random.Random(f"boolean {made.seed}")
    shown = [("facets", one) for one in FACETS]
    while True:
        article = made.tagged(chance.randrange(articles), "", "", "").article
        words = sorted({word for word in article.body.split() if word.isalpha() and 4 < len(word) < 20})
        if article.language == "zh" or len(words) < 4:
            continue
        one, other, third, fourth = chance.sample(words, 4)
        query = f"({one} OR {other}) AND {third} NOT {fourth}"
        asked = urlencode([("q", query), *shown, ("timeline", "true")])
        counted: Body = {name: {"terms": {"field": name, "size": 12}} for name in FACETS}
        counted["time"] = {"date_histogram": {"field": "first_seen", "calendar_interval": "1d"}}
        yield Question(f"/api/search?{asked}", Names().articles, {**_listed(query), "aggs": counted})


def _entities(made: Recombined, articles: int) -> Iterator[Question]:
    """Those of whom articles tell: one that is named in more is asked for sooner."""
    chance = random.Random(f"entity {made.seed}")
    known = {one.id for one in made.known}
    while True:
        mentions = made.tagged(chance.randrange(articles), "", "", "").mentions
        one = chance.choice(mentions)
        if not one.linked or one.id not in known:
            continue
        counted: Body = {name: {"terms": {"field": name, "size": 12}} for name in ("source", "language", "topic")}
        counted["time"] = {"date_histogram": {"field": "first_seen", "calendar_interval": "1d"}}
        body: Body = {"query": {"term": {one.type: one.id}}, "size": 12, "sort": [{"first_seen": "desc"}]}
        path = f"/entity/{one.type}/{quote(one.id)}"
        yield Question(path, Names().articles, {**body, "_source": ["title", "source", "first_seen"], "aggs": counted})


def _beginnings(made: Recombined) -> Iterator[Question]:
    """Of names in all of their languages, as they stand in the box while somebody types."""
    chance = random.Random(f"beginning {made.seed}")
    while True:
        name = chance.choice(chance.choice(made.known).names).text
        typed = name[: chance.randint(2, 8)].strip()
        suggested = {"prefix": typed, "completion": {"field": "suggest", "size": 8, "contexts": {"type": list(TYPES)}}}
        body: Body = {"suggest": {"names": suggested}, "_source": ["name", "type"]}
        yield Question(f"/entities/suggest?{urlencode({'q': typed})}", Names().entities, body)


def _listed(query: str) -> Body:
    body: Body = {"query": compile_query(query), "size": 20, "sort": SORTS["seen"], "_source": SHOWN}
    return {**body, "track_total_hits": True}
