"""Friendly field names as aliases, on a real node: new indices have them, old ones take them in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from search.client import connect
from search.fields import FIELDS
from search.mappings import ARTICLE_FIELDS
from search.schema import Names, families
from search.search import search
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document, feed

pytestmark = pytest.mark.services

ALIASES = {name: field["path"] for name, field in ARTICLE_FIELDS.items() if field.get("type") == "alias"}
OFFICE = document("Kantor penghubung dibuka", authors=("Ana Türk",), feed=feed(owner="Kawat Media", kind="state"))
OTHER = document("Rapat kabinet", body="Tanpa tamu.", language="ms", feed=feed(url="https://b.example/rss", owner=None))


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        yield client


def fill(client: Elasticsearch, prefix: str) -> str:
    index = ElasticsearchIndex(client, prefix, MemoryHomes())
    assert {one.outcome for one in index.write([OFFICE, OTHER])} == {"written"}
    index.refresh()
    return Names(prefix).articles


def titles(client: Elasticsearch, alias: str, query: dict[str, Any]) -> set[str]:
    return {hit["_source"]["title"] for hit in client.search(index=alias, query=query)["hits"]["hits"]}


def test_a_friendly_name_finds_what_its_own_field_finds(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    alias = fill(client, index_prefix)
    found = {}
    for text in ("lang:ms", "author:turk", "owner:kawat", "kind:state", "seen:[2026-03-04 TO *]", "words:>=1", "org:*"):
        name, value = text.split(":", 1)
        both = [
            titles(client, alias, {"query_string": {"query": f"{one}:{value}", "allow_leading_wildcard": False}})
            for one in (name, ALIASES[name])
        ]
        assert both[0] == both[1], text
        found[name] = both[0]
    assert found["lang"] == {OTHER.tagged.article.title}
    assert found["author"] == found["owner"] == found["kind"] == {OFFICE.tagged.article.title}
    assert len(found["seen"]) == len(found["words"]) == 2


def test_every_friendly_name_is_listed_with_the_type_of_its_field(client: Elasticsearch, index_prefix: str) -> None:
    """As Kibana reads them: by `_field_caps`."""
    ensure_schema(client, index_prefix)
    caps = client.field_caps(index=Names(index_prefix).articles, fields="*")["fields"]
    for name, target in ALIASES.items():
        assert caps[name].keys() == caps[target].keys(), name
    assert set(FIELDS) <= set(caps)


def test_an_index_made_before_takes_them_in_place(client: Elasticsearch, index_prefix: str) -> None:
    alias = Names(index_prefix).articles
    family = next(one for one in families(Names(index_prefix)) if one.alias == alias)
    before = {name: field for name, field in ARTICLE_FIELDS.items() if name not in ALIASES}
    client.indices.create(
        index=family.first_index,
        aliases={alias: {"is_write_index": True}},
        settings=family.settings,
        mappings={**family.mappings, "properties": before, "_meta": {**family.meta, "digest": "older"}},
    )
    fill(client, index_prefix)
    assert titles(client, alias, {"query_string": {"query": "lang:ms"}}) == set()
    ensure_schema(client, index_prefix)
    assert titles(client, alias, {"query_string": {"query": "lang:ms"}}) == {OTHER.tagged.article.title}


def test_no_document_can_write_to_a_friendly_name(client: Elasticsearch, index_prefix: str) -> None:
    """An alias holds nothing: a document that names it is refused, not half taken."""
    ensure_schema(client, index_prefix)
    refused = client.options(ignore_status=400).index(index=Names(index_prefix).articles, document={"lang": "id"})
    assert refused.meta.status == 400


def test_bare_words_and_marks_are_as_without_them(client: Elasticsearch, index_prefix: str) -> None:
    """Neither a bare search nor the page's highlighter goes through the aliases; Kibana's `*` marks stay whole."""
    ensure_schema(client, index_prefix)
    alias = fill(client, index_prefix)
    assert titles(client, alias, {"query_string": {"query": "Türk"}}) == set()  # an author: not in title or body
    assert search(client, index_prefix, "penghubung author:turk").hits[0].title_html.count("<mark>") == 1
    answer = client.search(
        index=alias,
        query={"query_string": {"query": "penghubung AND author:turk"}},
        highlight={"fields": {"*": {}}, "fragment_size": 2147483647},
    )
    marked = answer["hits"]["hits"][0]["highlight"]
    assert {"title", "body"} <= set(marked)
    assert set(marked) & set(ALIASES) == {"author"}
