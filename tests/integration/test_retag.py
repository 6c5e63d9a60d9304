"""New names and topics reach what is indexed already, whatever cuts the retag off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.dates import now
from ingest.records import Article, Mention, TaggedArticle, Topic
from search.client import connect
from search.entities import unlinked_names
from search.retag import article_of, retag, stale_count
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document

pytestmark = pytest.mark.services


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield client


def old_tags(article: Article) -> TaggedArticle:
    old = Mention(id="siti aminah", type="person", name="Siti Aminah", surfaces=("Siti Aminah",), count=1, spans=(), linked=False)  # fmt: skip # noqa: E501
    return TaggedArticle(
        article=article, countries=("ID",), mentions=(old,), tagger="old",
        topics=(Topic(id="trade", score=1.0, terms=("tarif", "bea masuk")),),
    )  # fmt: skip


def new_tags(article: Article) -> TaggedArticle:
    known = Mention(id="k-siti", type="person", name="Siti Aminah", surfaces=("Siti Aminah",), count=1, spans=())
    return TaggedArticle(
        article=article, countries=("JP",), weights={"JP": 1.0}, focus=("JP",), locations=((35.68, 139.69),),
        mentions=(known,), topics=(Topic(id="diplomacy", score=1.0, terms=("menlu",)),), tagger="new",
    )  # fmt: skip


def write(client: Elasticsearch, prefix: str, count: int) -> None:
    index = ElasticsearchIndex(client, prefix, MemoryHomes())
    documents = [document(f"a{at}") for at in range(count)]
    for one in documents:
        fresh = one.model_copy(update={"tagged": old_tags(one.tagged.article), "first_seen": now()})
        assert [result.outcome for result in index.write([fresh])] == ["written"]
    index.refresh()


def sources(client: Elasticsearch, prefix: str) -> list[dict[str, Any]]:
    client.indices.refresh(index=Names(prefix).articles)
    hits = client.search(index=Names(prefix).articles, size=100)["hits"]["hits"]
    return [hit["_source"] for hit in hits]


def test_every_article_gets_the_new_tags_and_keeps_all_else(client: Elasticsearch, index_prefix: str) -> None:
    write(client, index_prefix, 5)
    before = {source["article_id"]: source for source in sources(client, index_prefix)}

    assert stale_count(client, index_prefix, "new") == 5
    assert sum(page.changed for page in retag(client, index_prefix, new_tags, "new")) == 5

    for source in sources(client, index_prefix):
        old = before[source["article_id"]]
        assert source["person"] == ["k-siti", "Siti Aminah"]
        assert source["topic"] == ["diplomacy"]
        assert source["about"] == ["JP"]
        assert source["reasons"] == {
            "topics": {"diplomacy": {"score": 1.0, "terms": ["menlu"]}},
            "countries": {"JP": 1.0},
        }
        assert "unlinked" not in source
        for kept in ("title", "body", "first_seen", "entry_id", "revision", "story_id", "content_hash"):
            assert source[kept] == old[kept]
    assert stale_count(client, index_prefix, "new") == 0
    assert list(retag(client, index_prefix, new_tags, "new")) == []


def test_a_retag_that_was_cut_off_goes_on_where_it_stopped(client: Elasticsearch, index_prefix: str) -> None:
    write(client, index_prefix, 6)
    tagged: list[str] = []

    def cut_off(article: Article) -> TaggedArticle:
        if len(tagged) == 4:
            raise KeyboardInterrupt
        tagged.append(article.id)
        return new_tags(article)

    with pytest.raises(KeyboardInterrupt):
        list(retag(client, index_prefix, cut_off, "new"))
    left = stale_count(client, index_prefix, "new")
    assert sum(page.changed for page in retag(client, index_prefix, new_tags, "new")) == left
    assert stale_count(client, index_prefix, "new") == 0


def test_an_article_that_changes_meanwhile_is_read_again(client: Elasticsearch, index_prefix: str) -> None:
    write(client, index_prefix, 2)
    alias = Names(index_prefix).articles
    changed: list[str] = []

    def revised_meanwhile(article: Article) -> TaggedArticle:
        if not changed:
            changed.append(article.id)
            home = client.search(index=alias, query={"term": {"article_id": article.id}})["hits"]["hits"][0]["_index"]
            client.update(index=home, id=article.id, doc={"title": "Judul baru"})
        return new_tags(article).model_copy(update={"countries": ("FR",) if article.title == "Judul baru" else ("JP",)})

    pages = list(retag(client, index_prefix, revised_meanwhile, "new"))

    assert sum(page.conflicts for page in pages) == 1
    found = {source["article_id"]: source for source in sources(client, index_prefix)}
    assert found[changed[0]]["title"] == "Judul baru"
    assert found[changed[0]]["country"] == ["FR"]
    assert stale_count(client, index_prefix, "new") == 0


def test_names_that_no_list_knows_are_counted(client: Elasticsearch, index_prefix: str) -> None:
    write(client, index_prefix, 3)
    (name,) = unlinked_names(client, index_prefix, since="1h")
    assert (name.type, name.name, name.articles) == ("person", "Siti Aminah", 3)
    with pytest.raises(ValueError, match="no span of time"):
        unlinked_names(client, index_prefix, since="yesterday")


def test_what_is_read_of_a_document_is_enough_to_tag_it() -> None:
    article = article_of({"article_id": "a", "url": "https://example.com/", "title": "T", "body": "B"})
    assert (article.title, article.body, article.language) == ("T", "B", None)
