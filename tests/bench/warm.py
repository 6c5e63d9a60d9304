"""Warms the node up as hours of work would: the JVM compiles what indexing needs before figures are taken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from ingest.fingerprint import features
from search.client import connect
from search.ports import Document
from search.store import ElasticsearchIndex
from search.stories import ElasticsearchStories
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document
from tests.newsroom.generated import generated_articles

PREFIX = "warm-"
BATCH = 100
PLACED = 3_000  # of them are placed in stories: the searches for copies are compiled, too


def warm_node(url: str, count: int, advance: Callable[[int], None]) -> None:
    """Writes so many invented articles into indices of their own, then drops these."""
    with closing(connect(url)) as client:
        ensure_schema(client, PREFIX)
        index = ElasticsearchIndex(client, PREFIX, MemoryHomes())
        stories = ElasticsearchStories(client, PREFIX)
        articles = generated_articles(500, seed=999)
        for start in range(0, count, BATCH):
            wave = [articles[n % 500] for n in range(start, start + BATCH)]
            documents = [
                document(f"{one.title} {n}", body="\n".join(one.body), language=one.language)
                for n, one in enumerate(wave, start)
            ]
            if start < PLACED:
                documents = [_with_features(one) for one in documents]
            index.write(documents)
            if start < PLACED:
                stories.place(documents)
            advance(start + BATCH)
        client.indices.delete(index=",".join(client.indices.get(index=f"{PREFIX}*")))


def _with_features(one: Document) -> Document:
    return one.model_copy(update={"tagged": one.tagged.model_copy(update={"features": features(one.tagged)})})
