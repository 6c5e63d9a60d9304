"""How well copies and follow-ups are found, and what placing costs: `python -m tests.bench.copies [--articles N]`.

    (a) recall and precision of copies over generated edits, of follow-ups over events side by side
    (b) ms an article that features() takes, by language
    (c) ms an article that place() takes in batches of 1, 50 and 500, on a node that holds N articles of seven weeks

The articles are invented ones from a few templates, any two of one language share a seventh of their shingles: an
unkind case, real news share next to nothing.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import combinations, islice

from ingest.fingerprint import features, signature
from ingest.records import Article, Feed, TaggedArticle
from ingest.relation import Telling, related
from ingest.urls import article_id
from search.client import connect
from search.ports import Document
from search.store import ElasticsearchIndex
from search.stories import ElasticsearchStories
from search.upkeep import ensure_schema
from tests.bench.measure import write
from tests.integration.search_material import MemoryHomes
from tests.newsroom.articles import NewsArticle
from tests.newsroom.generated import generated_articles
from tests.newswire import BEGAN, edited, reports, text_pairs
from tests.services import ElasticsearchHandle, short_folder

SPREAD = timedelta(weeks=7)
BATCHES = (1, 50, 500)
WARM = 1_000  # articles placed before: a server's compiler is done after thousands of searches
COPIED = 0.2  # of the articles in a batch


def main() -> None:
    """Prints and writes .kawat/bench/copies.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--quality-only", action="store_true")
    parser.add_argument("--cost-only", action="store_true")
    given = parser.parse_args()
    figures = {} if given.cost_only else {**copies(), **follow_ups(), **speed()}
    if not given.quality_only:
        figures |= placing(given.articles)
    for name, value in figures.items():
        print(f"{name:40} {value:.4f}")
    write("copies", figures)


def copies(count: int = 600) -> dict[str, float]:
    """Over all pairs of the texts in one language."""
    tellings: dict[str, list[Telling]] = {}
    for at, (language, *bodies) in enumerate(text_pairs(count, seed=21)):
        for body in bodies:
            id = f"{at}-{len(tellings.setdefault(language, []))}"
            one = Telling(article_id=id, time=BEGAN, language=language, title="", signature=signature(body), terms=())
            tellings[language].append(one)
    pairs = [pair for group in tellings.values() for pair in combinations(group, 2)]
    found = [_same(*pair) for pair in pairs if related(*pair) == "copy"]
    return {
        "copies_pairs": len(pairs),
        "copies_recall": sum(found) / count,
        "copies_precision": sum(found) / max(1, len(found)),
    }


def follow_ups() -> dict[str, float]:
    """Of pairs that were linked, events side by side."""
    right = wrong = pairs = 0
    for seed in range(41, 44):
        for language in ("id", "en"):
            for one, other in combinations(reports(language, 10, seed), 2):
                pairs += one.event == other.event
                if related(one.telling, other.telling):
                    right, wrong = right + (one.event == other.event), wrong + (one.event != other.event)
    return {"follow_ups_recall_direct": right / pairs, "follow_ups_precision_direct": right / max(1, right + wrong)}


def speed() -> dict[str, float]:
    """CPU time, after a first run that loads the tables."""
    found = {}
    for language in ("id", "en", "ar", "zh"):
        tagged = [_document(one, at).tagged for at, one in enumerate(generated_articles(200, languages=[language]))]
        for _ in range(2):
            began = time.process_time()
            for one in tagged:
                features(one)
            found[f"features_ms_{language}"] = (time.process_time() - began) / len(tagged) * 1000
    return found


def placing(articles: int) -> dict[str, float]:
    """The median of a few batches each."""
    figures: dict[str, float] = {}
    with short_folder() as folder:
        node = ElasticsearchHandle(folder, heap="1g")
        try:
            node.start()
            with closing(connect(node.url)) as client:
                ensure_schema(client)
                index = ElasticsearchIndex(client, "", MemoryHomes())
                stories = ElasticsearchStories(client, "")
                news = _news(articles + 4_000, articles)
                for batch in _batches(news, 500, articles // 500):
                    index.write(batch)
                client.indices.refresh(index="articles")
                for batch in _batches(news, 100, WARM // 100):
                    index.write(batch)
                    stories.place(batch)
                for size in BATCHES:
                    times = []
                    for batch in _batches(news, size, 40 if size == 1 else 6 if size == 50 else 3):
                        index.write(batch)
                        began = time.perf_counter()
                        stories.place(batch)
                        times.append((time.perf_counter() - began) / size * 1000)
                    figures[f"place_ms_batch_{size}"] = sorted(times)[len(times) // 2]
                    print(f"batches of {size}: {[round(one, 1) for one in times]} ms an article")
        finally:
            node.stop()
    return figures


def _same(one: Telling, other: Telling) -> bool:
    return one.article_id.partition("-")[0] == other.article_id.partition("-")[0]


def _news(count: int, dense: int) -> Iterator[Document]:
    """Articles in the order of their numbers, at random times; a fifth are copies of earlier ones."""
    chance = random.Random(3)
    written = generated_articles(count)
    for at, one in enumerate(written):
        body, original = one.body, at
        if at > 100 and chance.random() < COPIED:
            original = at - 6 * chance.randint(1, 10)
            body = tuple(edited(written[original].body, chance))
        yield _document(one, at, body, language=written[original].language, time=_moment(original, dense))


def _moment(at: int, dense: int) -> datetime:
    return datetime(2026, 3, 4, tzinfo=UTC) + SPREAD * random.Random(f"{at // 60}").random() * min(1, dense)


def _document(
    one: NewsArticle, at: int, body: Sequence[str] = (), *, language: str = "", time: datetime = BEGAN
) -> Document:
    url = f"https://site{at % 97}.example/{one.slug}"
    article = Article(
        id=article_id(url),
        url=url,
        title=one.title,
        body="\n".join(body or one.body),
        language=language or one.language,
        published=time,
        content_hash=f"{at:064x}",
    )
    tagged = TaggedArticle(article=article, countries=("JP",))
    tagged = tagged.model_copy(update={"features": features(tagged)})
    feed = Feed(id=f"{at % 97}", url=f"https://site{at % 97}.example/rss", name=f"Site {at % 97}")
    return Document(entry_id=article.id, tagged=tagged, feed=feed, first_seen=time)


def _batches(news: Iterable[Document], size: int, count: int) -> Iterator[list[Document]]:
    for _ in range(count):
        yield list(islice(news, size))


if __name__ == "__main__":
    main()
