"""Articles for measuring search: as many as wanted, each of real paragraphs put together anew, the same for a seed.

Texts come from KAWAT_CORPUS (parallel news in 24 languages, labelled pages, Indonesian sentences of the sets of names),
else from the newsroom's vocabulary. Each paragraph is tagged once, by the tagger itself; an article has its paragraphs'
tags, with the offsets shifted. So that 200,000 articles have the words and names that as many real ones would, some
words are replaced by others of the language, as frequent as they are there (wordfreq), and a last paragraph names
people, organisations and places of the lists, by Zipf's law, those of one theme together.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import cast

import wordfreq

from ingest.records import Article, Mention, TaggedArticle, Topic
from ingest.tagging import tag
from ingest.tagging.mentions import Type
from ingest.tagging.names import NOTHING, Entity, names_tables
from ingest.tagging.topics import topic_names
from tests.bench.texts import invented, real

LANGUAGES = {"id": 45, "en": 20, "ms": 10, "ar": 9, "ru": 9, "zh": 7}  # of a hundred articles
WORDS = 350  # the median; with the spread below the mean is about 400, as of the pages in the corpus
SPREAD, FEWEST, MOST = 0.55, 60, 2_000
SIGNS_A_WORD = {"zh": 1.7}  # characters; other languages part words by blanks
REPLACED = 0.06  # of the words
RANKS = 20_000  # of the words that take their places
THEMES, A_THEME = 400, 12  # entities
NAMED = (2, 7)  # by the last paragraph
NO_ARTICLE = Article(id="0" * 32, url="https://bench.example/", title="", body="", content_hash="")
STRANGERS = 4_000  # names that no list knows
SENTENCES = {
    "id": ("{0} menyampaikan hal itu bersama {1}.", "Menurut {0}, pembicaraan dengan {1} berlanjut.", "{0} hadir."),
    "ms": ("{0} berkata demikian bersama {1}.", "Menurut {0}, rundingan dengan {1} diteruskan.", "{0} turut hadir."),
    "en": ("{0} said so together with {1}.", "According to {0}, talks with {1} go on.", "{0} attended."),
    "ar": ("قال {0} ذلك مع {1}.", "وفقا لما ذكره {0} تستمر المحادثات مع {1}.", "حضر {0}."),
    "ru": ("Об этом сообщили {0} и {1}.", "По словам {0}, переговоры с {1} продолжаются.", "Присутствовал {0}."),
    "zh": ("{0}与{1}一同表示。", "据{0}称，与{1}的会谈仍在继续。", "{0}出席。"),
}


@dataclass(frozen=True)
class Paragraph:
    """Text of one paragraph, and what the tagger says of it; offsets are those within it."""

    text: str
    tagged: TaggedArticle


@dataclass(frozen=True)
class Pool:
    """What the articles of one language are made of."""

    titles: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]
    words: tuple[str, ...]  # the most frequent first


class Recombined:
    """All articles of a seed: article `n` is the same in every process, whatever was made before."""

    def __init__(self, corpus: Path | None, seed: int = 1) -> None:
        self.seed = seed
        self.pools = {language: _pool(language, corpus) for language in LANGUAGES}
        chance = random.Random(seed)
        known = [one for one in names_tables() if one.type != NOTHING and one.names]
        chance.shuffle(known)
        self.known = tuple(known)
        self.topics = tuple(topic_names())
        self._ranks = list(accumulate(1 / (rank + 8) for rank in range(len(known))))
        self._themes = [chance.choices(range(len(known)), cum_weights=self._ranks, k=A_THEME) for _ in range(THEMES)]
        firsts, lasts = (sorted({name[at] for name in _people(known)}) for at in (0, -1))
        self.strangers = tuple(f"{chance.choice(firsts)} {chance.choice(lasts)}" for _ in range(STRANGERS))

    @cached_property
    def _word_ranks(self) -> list[float]:
        return list(accumulate(1 / (rank + 30) for rank in range(RANKS)))

    def tagged(self, n: int, id: str, url: str, hash: str) -> TaggedArticle:
        """Article `n` under that id and address, without features and time."""
        chance = random.Random(f"{self.seed}/{n}")
        language = chance.choices(list(LANGUAGES), weights=list(LANGUAGES.values()))[0]
        pool = self.pools[language]
        wanted = min(MOST, max(FEWEST, WORDS * math.exp(chance.gauss(0, SPREAD))))
        texts: list[str] = []
        found: list[tuple[int, TaggedArticle]] = []
        at = words = 0
        while words < wanted:
            # Some paragraphs are in many articles, as agencies' and sites' own are.
            one = pool.paragraphs[int(len(pool.paragraphs) * chance.random() ** 1.3)]
            text = self._varied(one, pool, chance) if language != "zh" else one.text
            if text == one.text:
                found.append((at, one.tagged))
            texts.append(text)
            at += len(text) + 1
            words += _length(text, language)
        closing, names = self._closing(language, chance)
        texts.append(closing)
        found.append((at, names))
        mentions = _merged(found)
        title = chance.choice(pool.titles)
        title = f"{mentions[0].surfaces[0]}: {title}" if chance.random() < 0.5 else title
        article = Article.model_construct(
            id=id,
            url=url,
            title=title,
            body="\n".join(texts),
            language=language,
            authors=(chance.choice(self.strangers),),
            word_count=words,
            content_hash=hash,
            published_from="feed",
            origins={"title": "json-ld headline", "body": "text", "published": "feed pubDate"},
        )
        weights = {code: weight for _, one in reversed(found) for code, weight in one.weights.items()}
        topics = {topic.id: topic for _, one in found for topic in one.topics}
        return TaggedArticle.model_construct(
            article=article,
            countries=tuple(weights),
            weights=weights,
            focus=tuple(dict.fromkeys(code for _, one in found for code in one.focus))[:3],
            locations=tuple(dict.fromkeys(point for _, one in found for point in one.locations))[:20],
            mentions=mentions,
            topics=tuple(sorted(topics.values(), key=lambda one: -one.score)[:3]),
            tagger="recombined",
            features=None,
        )

    def _varied(self, one: Paragraph, pool: Pool, chance: random.Random) -> str:
        """The paragraph with some of its words replaced; as it is where names are marked in it, whose places count."""
        if one.tagged.mentions and chance.random() < 0.7:
            return one.text
        words = one.text.split(" ")
        for at in range(len(words)):
            if chance.random() < REPLACED and len(words[at]) > 4 and words[at].islower():
                rank = chance.choices(range(RANKS), cum_weights=self._word_ranks)[0]
                words[at] = pool.words[min(len(pool.words) - 1, rank)]
        return " ".join(words)

    def _closing(self, language: str, chance: random.Random) -> tuple[str, TaggedArticle]:
        """A paragraph that names entities of a theme and others, and what a tagger would say of it."""
        number = int(THEMES * chance.random() ** 2)
        theme = self._themes[number]
        count = chance.randint(*NAMED)
        some = [chance.choice(theme) for _ in range(count)]
        some += chance.choices(range(len(self.known)), cum_weights=self._ranks, k=2)
        text, mentions = "", list[Mention]()
        names = [(one.name_in(language), one) for one in (self.known[rank] for rank in dict.fromkeys(some))]
        stranger = self.strangers[int(STRANGERS * chance.random() ** 3)]
        pairs: list[tuple[str, Entity | None]] = [*names, (stranger, None)]
        while pairs:
            template = SENTENCES[language][chance.randrange(3)]
            taken, pairs = pairs[:2], pairs[2:]
            if len(taken) == 1 or "{1}" not in template:
                template = SENTENCES[language][2]
                pairs = [*taken[1:], *pairs]
                taken = taken[:1]
            sentence = template.format(*(name for name, _ in taken))
            for name, entity in taken:
                start = len(text) + sentence.index(name)
                mentions.append(_mention(name, entity, start))
            text += sentence if language == "zh" else sentence + " "
        codes = [code for _, one in names for code in one.countries]
        return text.rstrip(), TaggedArticle.model_construct(
            article=NO_ARTICLE,
            mentions=tuple(mentions),
            weights=dict.fromkeys(codes, 0.3),
            focus=tuple(codes[:1]),
            locations=tuple(one.at for _, one in names if one.at),
            topics=(Topic(id=self.topics[number % len(self.topics)], score=0.5, terms=("recombined",)),),
        )


def _mention(name: str, entity: Entity | None, start: int) -> Mention:
    return Mention.model_construct(
        id=entity.id if entity else name.casefold(),
        type=cast("Type", entity.type) if entity else "person",
        kind=entity.kind if entity else None,
        name=entity.english if entity else name,
        surfaces=(name,),
        count=1,
        spans=((start, start + len(name)),),
        linked=entity is not None,
        salience=0.2,
    )


def _merged(found: Iterable[tuple[int, TaggedArticle]]) -> tuple[Mention, ...]:
    """One mention an entity, at all its places."""
    all_: dict[tuple[str, str], Mention] = {}
    for at, tagged in found:
        for one in tagged.mentions:
            spans = tuple((start + at, end + at) for start, end in one.spans)
            before = all_.get((one.type, one.id))
            surfaces = tuple(dict.fromkeys([*(before.surfaces if before else ()), *one.surfaces]))
            spans = (*(before.spans if before else ()), *spans)
            update = {"surfaces": surfaces, "spans": spans, "count": len(spans)}
            all_[one.type, one.id] = (before or one).model_copy(update=update)
    return tuple(sorted(all_.values(), key=lambda one: -one.count))


def _length(text: str, language: str) -> int:
    signs = SIGNS_A_WORD.get(language)
    return int(len(text) / signs) if signs else text.count(" ") + 1


def _people(known: Iterable[Entity]) -> Iterator[list[str]]:
    return (words for one in known if one.type == "person" and len(words := one.english.split()) > 1)


def _pool(language: str, corpus: Path | None) -> Pool:
    titles, texts = real(language, corpus) if corpus else invented(language)
    words = [one for one in wordfreq.iter_wordlist(language) if len(one) > 3 and one.isalpha()][:RANKS]
    texts = list(dict.fromkeys(text for text in texts if len(text) > 20))
    return Pool(tuple(titles), tuple(Paragraph(text, _tagged(text, language)) for text in texts), tuple(words))


def _tagged(text: str, language: str) -> TaggedArticle:
    article = Article(
        id="0" * 32, url="https://bench.example/", title="", body=text, language=language, content_hash=""
    )
    return tag(article)
