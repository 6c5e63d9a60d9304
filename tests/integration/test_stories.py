"""Articles placed in their stories, on a real Elasticsearch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.fingerprint import features
from ingest.records import Mention, TaggedArticle
from ingest.stories import Union, related
from search.client import connect
from search.ports import Document
from search.schema import Names
from search.store import ElasticsearchIndex
from search.stories import ElasticsearchStories
from search.upkeep import ensure_schema
from tests.integration.search_material import SEEN, MemoryHomes, article, digest, feed
from tests.newsroom.generated import generated_articles

pytestmark = pytest.mark.services

NATO = Mention(
    id="Q7184", type="organisation", name="NATO", surfaces=("NATO",), count=3, spans=((0, 4),), in_title=True
)
KISHIDA = Mention(id="Q1", type="person", name="Fumio Kishida", surfaces=("Kishida",), count=2, spans=((0, 4),))


class Newsdesk:
    """Writes articles and places them; tells what stands in the index."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self.client, self.names = client, Names(prefix)
        self.index = ElasticsearchIndex(client, prefix, MemoryHomes())
        self.stories = ElasticsearchStories(client, prefix)

    def write(self, documents: Sequence[Document]) -> None:
        assert {result.outcome for result in self.index.write(documents)} <= {"written", "already-written"}

    def arrive(self, *documents: Document) -> None:
        self.write(documents)
        self.stories.place(documents)

    def articles(self) -> dict[str, dict[str, Any]]:
        self.client.indices.refresh(index=f"{self.names.articles},{self.names.stories}")
        hits = self.client.search(index=self.names.articles, size=1000, source_excludes=["body", "stemmed"])["hits"][
            "hits"
        ]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def books(self) -> dict[str, dict[str, Any]]:
        self.client.indices.refresh(index=self.names.stories)
        hits = self.client.search(index=self.names.stories, size=1000)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def check(self) -> tuple[set[frozenset[str]], dict[str, str | None]]:
        """The partition and the originals, after making sure that stories and articles say the same."""
        articles, books = self.articles(), self.books()
        groups: dict[str, set[str]] = {}
        for id, one in articles.items():
            groups.setdefault(one["story_id"], set()).add(id)
            assert ("copy" in one.get("is", ())) == ("duplicate_of" in one and one["duplicate_of"] is not None)
        living = {id: book for id, book in books.items() if "merged_into" not in book}
        assert {id for id, ids in groups.items() if len(ids) > 1} == set(living)
        for id, book in living.items():
            assert set(book["article_ids"]) == groups[id]
            assert book["size"] == len(groups[id])
            assert {one["article_id"]: one.get("duplicate_of") for one in book["members"]} == {
                one: articles[one].get("duplicate_of") for one in groups[id]
            }
        return {frozenset(ids) for ids in groups.values()}, {
            id: one.get("duplicate_of") for id, one in articles.items()
        }


@pytest.fixture
def desk(elasticsearch_url: str, index_prefix: str) -> Iterator[Newsdesk]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield Newsdesk(client, index_prefix)


def report(
    name: str, body: str, *, hours: float = 0, site: str = "a.example", mentions: tuple[Mention, ...] = (), **more: Any
) -> Document:
    """An article published so many hours after the first one, at a site with a feed of its own."""
    seen = more.pop("seen", SEEN + timedelta(hours=hours))
    source = more.pop("feed", feed(url=f"https://{site}/rss", owner=more.pop("owner", site)))
    title = more.pop("title", name)
    fields = {"url": f"https://{site}/{digest(name)}", "published": SEEN + timedelta(hours=hours), **more}
    told = article(name, body=body, **fields)
    told = told.model_copy(update={"title": title})
    tagged = TaggedArticle(article=told, mentions=mentions)
    tagged = tagged.model_copy(update={"features": features(tagged)})
    return Document(entry_id=digest(name), tagged=tagged, feed=source, first_seen=seen)


def wire(count: int, seed: int) -> list[Document]:
    """Reports on a few events, with copies at several sites, hours apart."""
    chance = random.Random(seed)
    found = []
    for at in range(count):
        event = generated_articles(6, seed=seed, languages=["id"])[at % 6]
        body = list(event.body)
        chance.shuffle(body)
        kept = body[: max(3, round(len(body) * chance.uniform(0.6, 1)))]
        found.append(report(f"{seed}-{at}", "\n".join(kept), hours=chance.randrange(100), site=f"s{at}.example"))
    return found


def truth(documents: Sequence[Document]) -> tuple[set[frozenset[str]], dict[str, str | None]]:
    """The partition and the originals, of all pairs at once."""
    from search.documents import source
    from search.storybook import member, telling

    hits = [{"_id": one.id, "_source": source(one, SEEN)} for one in documents]
    tellings, members = [telling(hit) for hit in hits], {hit["_id"]: member(hit) for hit in hits}
    stories, copies = Union(members), Union(members)
    for at, one in enumerate(tellings):
        for other in tellings[:at]:
            if relation := related(one, other):
                stories.join((one.article_id, other.article_id))
                if relation == "copy":
                    copies.join((one.article_id, other.article_id))
    from ingest.stories import by_time

    originals: dict[str, str | None] = {}
    for group in copies.groups():
        first = min(group, key=lambda id: by_time(members[id]))
        originals |= {id: None if id == first else first for id in group}
    return {frozenset(group) for group in stories.groups()}, originals


def test_a_copy_says_what_it_copies_and_shares_its_story(desk: Newsdesk) -> None:
    body = "\n".join(generated_articles(1, languages=["id"])[0].body)
    first, second = (
        report("asli", body, agency="Antara"),
        report("salinan", "ANTARA - " + body, hours=2, site="b.example"),
    )
    desk.arrive(first)
    assert desk.articles()[first.id]["story_id"] == first.id
    assert desk.books() == {}
    desk.arrive(second)
    found = desk.articles()
    assert (found[second.id]["story_id"], found[second.id]["duplicate_of"]) == (first.id, first.id)
    assert (found[first.id].get("is"), found[second.id]["is"]) == (["original"], ["copy"])
    book = desk.books()[first.id]
    assert (book["size"], book["copies"], book["source_count"], book["agencies"]) == (2, 1, 2, ["Antara"])
    desk.check()


def test_shuffled_batches_give_the_truth(desk: Newsdesk) -> None:
    documents = wire(40, 3)
    expected = truth(documents)
    assert len(expected[0]) < 20
    random.Random(5).shuffle(documents)
    at = 0
    while at < len(documents):
        size = random.Random(at).choice([1, 2, 7])
        desk.arrive(*documents[at : at + size])
        at += size
    assert desk.check() == expected
