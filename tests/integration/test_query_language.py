"""What queries find, and what they must not, in nine languages on a real node; and that it takes all that compiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.client import connect
from search.prescan import QueryError
from search.query import compile_query
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.language_articles import TEXTS, documents
from tests.integration.search_material import MemoryHomes
from tests.unit.test_docs import table_of_queries
from tests.unit.test_search_query import ACCEPTED, SOUP

pytestmark = pytest.mark.services

PREFIX = "t-language-module-"
Ask = Callable[..., set[str]]

FOUND: dict[str, str] = {  # query → the keys of all articles that it finds
    # Indonesian: the exact word, not its stem
    '"kantor penghubung"': "id-office",
    "kantor penghubung": "id-office id-hub",
    '~stem("kantor penghubung")': "id-office id-relations",
    "~stem(kantor penghubung)": "id-office id-relations id-hub",
    '~stem("kantor penghubung") -masyarakat': "id-office",
    "hubungan": "id-relations",
    "kantor NEAR/3 penghubung": "id-office id-hub",
    "kantor NEAR/2 penghubung": "id-office",
    "penghubung NEAR/3 kantor": "id-office id-hub",
    "penghubung ONEAR/3 kantor": "",
    "(kantor OR pusat) NEAR/0 penghubung": "id-office id-hub",
    '"pusat penghubung" ONEAR/1 laut': "id-hub",
    "kantor NEAR/3 (pengh* NEAR/0 keamanan)": "id-hub",
    "kantor NEAR/2 (pengh* NEAR/0 keamanan)": "",
    "(kantor NEAR/0 penghubung) NEAR/1 dibahas": "id-office",
    "buka NEAR/50 menteri": "",  # title and body, never across
    "title:(kantor NEAR/3 penghubung)": "id-office",
    "~stem(kantor NEAR/0 menghubungkan)": "id-office id-relations",
    "ma'ruf": "id-hub",
    "menghubung*": "id-relations",
    "penghubunk~1": "id-office id-hub",
    # English
    '"liaison office"': "en-office",
    '~stem("liaison office")': "en-office",
    "~stem(liaison office)": "en-office en-talks",
    "liaison office": "en-office",
    "~stem(the liaisons)": "en-office en-talks",
    "anti-piracy": "en-office",
    '"anti piracy"': "en-office",
    "anti-pira*": "en-office",
    '"liaison offi*"': "en-office",
    '"office liai*"': "",
    '"new liais*" NEAR/3 coordinate': "en-office",
    "indonesia's": "en-talks",
    "~stem(indonesia)": "en-talks",
    # Arabic: with and without diacritics, hamza and digits either way
    "المفاوضات": "ar-office",
    "المُفاوضاتِ": "ar-office",
    "ايران 2025": "ar-office",
    '"مكتب ارتباط"': "ar-office",
    '"مَكْتَبِ ارتباط"': "ar-office",
    "مكتب NEAR/1 طوكيو": "",
    "مكتب NEAR/2 طوكيو": "ar-office",
    "~stem(المكتب)": "ar-office ar-relations",
    "~stem(المفاوضات)": "ar-office ar-relations",
    "العلاق*": "ar-relations",
    # Chinese and Japanese: characters that stand together
    "北约": "zh-office",
    "联络处": "zh-office",
    '"联络处"': "zh-office",
    "联络*": "zh-office",
    "东京 NEAR/3 联络": "zh-office",
    "政府": "zh-office zh-date ja-office",
    "東京": "ja-office ja-fire",
    "連絡事務所": "ja-office",
    "連絡 事務所": "ja-office ja-fire",
    "連絡 ONEAR/0 事務": "ja-office",
    "ワシ*": "ja-office",
    "~stem(連絡事務所)": "ja-office",
    # Turkish: dotted and dotless i
    "istanbul": "tr-office tr-traffic",
    "ISTANBUL": "tr-office tr-traffic",
    "İSTANBUL": "tr-office tr-traffic",
    "ıstanbul": "tr-office tr-traffic",
    "i\u0307stanbul": "tr-office tr-traffic",
    "İstanbul'da": "tr-office",
    "~stem(İstanbul)": "tr-office tr-traffic",
    "ısı": "tr-office",
    "ISI": "tr-office",
    "IŞIK": "tr-office",
    "~stem(hükümet)": "tr-traffic",
    # Spanish, with accents and without
    "bogota": "es-office es-press",
    "BOGOTÁ": "es-office es-press",
    "Bogota\u0301": "es-office es-press",
    "ibanez": "es-office",
    "año": "es-office",
    '"oficina de enlace"': "es-office",
    "~stem(oficina)": "es-office es-press",
    # Russian and Ukrainian
    '"офис связи"': "ru-office",
    "офис NEAR/5 токио": "ru-office",
    "~stem(офис)": "ru-office ru-press",  # stemmed where there is a stemmer, exact elsewhere
    "~stem(офіс)": "uk-office",
    "НАТО": "ru-office uk-office",
    "правительств*": "ru-press",
    # French
    '"bureau de liaison"': "fr-office",
    "president": "fr-office",
    "présidence": "fr-press",
    "l'otan": "fr-office",
    "~stem(otan)": "fr-office",
    "~stem(bureaux liaison)": "fr-office fr-press",
    # names, codes, combinations
    "org:NATO": "id-office ja-office",
    "org:北約": "id-office ja-office",
    "person:Kishida": "ja-office",
    "person:岸田": "ja-office",
    'person:"siti aminah"': "id-hub",
    "person:Siti*": "id-hub",
    "entity:NATO lang:Jepang": "ja-office",
    "tokyo country:Jepang NOT lang:id": "en-office",
    "lang:Prancis -country:Japan": "fr-press",
    "tokyo OR (东京 AND 北约) OR 東京 AND 火災": "id-office en-office zh-office ja-fire",
    "kantor & penghubung - masyarakat": "",
}


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as made:
        _remove(made)
        ensure_schema(made, PREFIX)
        index = ElasticsearchIndex(made, PREFIX, MemoryHomes())
        assert {result.outcome for result in index.write(list(documents().values()))} == {"written"}
        index.refresh()
        yield made
        _remove(made)


def _remove(client: Elasticsearch) -> None:
    for name in client.indices.get(index=f"{PREFIX}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    for template in client.options(ignore_status=404).indices.get_index_template(name=f"{PREFIX}*")["index_templates"]:
        client.indices.delete_index_template(name=template["name"])


def asked(client: Elasticsearch, text: str, **options: Any) -> Any:
    """The answer, with what matched marked in brackets."""
    return client.search(
        index=Names(PREFIX).articles,
        query=compile_query(text, tz="Asia/Jakarta", **options),
        size=len(TEXTS),
        source={"includes": ["title"]},
        highlight={
            "type": "unified",
            "number_of_fragments": 0,
            "pre_tags": ["["],
            "post_tags": ["]"],
            "fields": {"title": {}, "body": {}, "stemmed.*.title": {}, "stemmed.*.body": {}},
        },
        allow_partial_search_results=False,
    )


@pytest.fixture(scope="module")
def ask(client: Elasticsearch) -> Ask:
    keys = {document.id: key for key, document in documents().items()}
    return lambda text, **options: {keys[hit["_id"]] for hit in asked(client, text, **options)["hits"]["hits"]}


@pytest.mark.parametrize(("text", "found"), FOUND.items())
def test_a_query_finds_just_what_it_means(ask: Ask, text: str, found: str) -> None:
    assert ask(text) == set(found.split())


@pytest.mark.parametrize(
    ("text", "exact", "stemmed"),
    [
        ('"kantor penghubung"', "id-office", "id-office id-relations"),
        ("oficina lang:es", "es-office", "es-office es-press"),
        ("title:оффис OR title:офис", "ru-office", "ru-office"),
        ("NOT kantor lang:id", "", ""),
        ("country:JP (bureaux OR offices)", "", "en-office fr-office"),
        ("of office", "en-talks", "en-office en-talks"),  # an English word that stems leave out
        ("trafiğinin OR опис*", "", "tr-traffic"),
    ],
)
def test_the_switch_stems_all_words_of_the_text(ask: Ask, text: str, exact: str, stemmed: str) -> None:
    assert ask(text) == set(exact.split())
    assert ask(text, stemmed=True) == set(stemmed.split())


def test_a_regular_expression_is_for_who_asks_for_it(ask: Ask) -> None:
    assert ask("/peng(hub|gun)ung/", regex=True) == {"id-office", "id-hub"}
    assert ask("title:/peng.{1,6}/ -natuna", regex=True) == {"id-office"}


def test_a_concept_stands_for_its_wordings_in_every_language(ask: Ask) -> None:
    concepts = {"liaison-office": '"kantor penghubung" OR "liaison office" OR 联络处 OR "bureau de liaison"'}
    found = {"id-office", "en-office", "zh-office", "fr-office"}
    assert ask("concept:liaison-office", concepts=concepts) == found
    assert ask("concept:liaison-office -lang:zh", concepts=concepts) == found - {"zh-office"}
    assert ask("concept:liaison-office NEAR/2 tokyo", concepts=concepts) == {"id-office", "en-office"}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ('"kantor penghubung"', "NATO buka [kantor penghubung] di Tokyo"),
        ("buka NEAR/3 tokyo", "NATO [buka] kantor penghubung di [Tokyo]"),
        ('"kantor penghubung" NEAR/2 tokyo', "NATO buka [kantor] [penghubung] di [Tokyo]"),
        ("buka NEAR/2 pengh*", "NATO [buka] kantor [penghubung] di Tokyo"),
        ("penghubunk~1 NEAR/2 tokyo", "NATO buka kantor [penghubung] di [Tokyo]"),
        ("~stem(buka) lang:id", "NATO [buka] kantor penghubung di Tokyo"),
        ("~stem(kantor NEAR/2 menghubungkan) NATO", "NATO buka [kantor] [penghubung] di Tokyo"),
        ("北约", "[北约]在东京设立联络处"),
        ("东京 NEAR/2 联络处", "北约在[东京]设立[联络处]"),
    ],
)
def test_what_matched_is_marked(client: Elasticsearch, text: str, marked: str) -> None:
    """In the exact field, or, for stems, in the stemmed one."""
    shown = [chain.from_iterable(hit["highlight"].values()) for hit in asked(client, text)["hits"]["hits"]]
    assert marked in [text.replace("][", "") for text in chain.from_iterable(shown)]


def test_a_word_counts_more_where_it_is_boosted(client: Elasticsearch) -> None:
    hits = asked(client, "hubungan^50 OR keamanan")["hits"]["hits"]
    assert "hubungan" in hits[0]["_source"]["title"]
    hits = asked(client, "hubungan^0.01 OR keamanan")["hits"]["hits"]
    assert "Natuna" in hits[0]["_source"]["title"]


@pytest.mark.parametrize("text", [*ACCEPTED, *table_of_queries()])
def test_the_node_takes_every_query_of_the_examples_and_of_the_document(client: Elasticsearch, text: str) -> None:
    assert asked(client, text)["hits"]["total"]["value"] >= 0
    assert asked(client, text, stemmed=True)["hits"]["total"]["value"] >= 0


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=SOUP | st.text(max_size=40), stemmed=st.booleans(), regex=st.booleans())
def test_the_node_takes_whatever_compiles(client: Elasticsearch, text: str, stemmed: bool, regex: bool) -> None:
    concepts = {"x": 'kata OR "dua kata"'}
    try:
        compile_query(text, concepts=concepts)
    except QueryError:
        return
    asked(client, text, stemmed=stemmed, regex=regex, concepts=concepts)
