"""Invented articles in any number, the same for the same seed, no two alike.

Their sentences are put together from `vocabulary/<language>.toml`, with these slots: {body} an institution as subject,
{where} a place with its preposition, {topic} what follows "about", {n} a number. Any filling reads as grammar.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.newsroom.articles import NewsArticle

VOCABULARIES = Path(__file__).parent / "vocabulary"
LANGUAGES = ("id", "en", "ms", "ar", "zh", "ru")
FIRST = datetime(2024, 1, 1, 0, 30, tzinfo=UTC)
APART = timedelta(minutes=7)
PARAGRAPHS = (6, 14)  # with three sentences each about 250 to 700 words, as agency reports have
SENTENCES = (2, 4)
SECTIONS = ("dunia", "nasional", "ekonomi", "pertahanan")


class Vocabulary(NamedTuple):
    """Parts of news sentences in one language. `joint` stands between sentences: nothing in Chinese; `reference` is
    the sentence that carries the article's mark."""

    titles: list[str]
    sentences: list[str]
    bodies: list[str]
    where: list[str]
    topics: list[str]
    authors: list[str]
    reference: str
    joint: str


@cache
def _vocabulary(language: str) -> Vocabulary:
    try:
        return Vocabulary(**tomllib.loads((VOCABULARIES / f"{language}.toml").read_text("utf-8")))
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in VOCABULARIES.glob("*.toml")))
        raise ValueError(f"there is no vocabulary for {language!r}; there are {known}") from None


def article_mark(seed: int, number: int) -> str:
    """The word that stands in this generated article's body and in no other: search for it."""
    return f"KW{seed}N{number:06d}"


def generated_articles(
    count: int, seed: int = 1, languages: Sequence[str] | None = None, *, first: datetime = FIRST
) -> list[NewsArticle]:
    """`count` articles, seven minutes apart from `first` on, the languages taking turns. The n-th is the same whatever
    `count` is. Raises ValueError for a language without vocabulary."""
    chosen = tuple(languages or LANGUAGES)
    return [_article(number, seed, chosen[number % len(chosen)], first + number * APART) for number in range(count)]


def _article(number: int, seed: int, language: str, published: datetime) -> NewsArticle:
    chance = random.Random(f"{seed}/{number}/{language}")
    words = _vocabulary(language)
    mark = article_mark(seed, number)
    paragraphs = [_paragraph(words, chance) for _ in range(chance.randint(*PARAGRAPHS))]
    paragraphs[-1] += words.joint + words.reference.format(mark=mark)
    title = _filled(chance.choice(words.titles), words, chance)
    return NewsArticle(
        slug=f"berita-{mark.lower()}",
        title=title[0].upper() + title[1:],
        body=tuple(paragraphs),
        language=language,
        authors=tuple(chance.sample(words.authors, chance.choice((1, 1, 2)))),
        published=published,
        section=chance.choice(SECTIONS),
    )


def _paragraph(words: Vocabulary, chance: random.Random) -> str:
    templates = chance.sample(words.sentences, chance.randint(*SENTENCES))
    return words.joint.join(_filled(template, words, chance) for template in templates)


def _filled(template: str, words: Vocabulary, chance: random.Random) -> str:
    return template.format(
        body=chance.choice(words.bodies),
        where=chance.choice(words.where),
        topic=chance.choice(words.topics),
        n=chance.randint(11, 989),
    )
