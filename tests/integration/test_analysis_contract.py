"""What the schema asks of a cluster's analysis, true of a stock Elasticsearch 9 and of the local node's plugin alike.

KAWAT_TEST_ELASTICSEARCH_URL points it at a full cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from elasticsearch import Elasticsearch

pytestmark = pytest.mark.services

EXACT = ["lowercase", "decimal_digit", "arabic_normalization", "persian_normalization", "asciifolding"]

# Per analyzer: words, and the tokens they leave. Stop words go, forms of one word meet in one stem.
LANGUAGES = {
    "indonesian": ("penghubung hubungan menghubungkan dan yang memerintahkan", "hubung hubung hubung erintah"),
    "english": ("the offices opened and the office's opening in Tokyo", "offic open offic open tokyo"),
    "arabic": ("المكاتب في المكتب والحكومة الحكومات", "مكاتب مكتب حكوم حكوم"),
    "persian": ("دفترهای رابط در كشور کشورها و", "دفتر رابط كشور كشور"),
    "russian": ("правительства и правительство в министры министров", "правительств правительств министр министр"),
    "french": ("l'ouverture des bureaux et les présidents présidente", "ouvertur bureau president president"),
    "german": ("die Häuser und das Haus der Regierungen Straße", "haus haus regierung strass"),
    "spanish": ("las oficinas y la oficina de los gobiernos gobierno", "oficin oficin gobiern gobiern"),
    "portuguese": ("os escritórios e o escritório dos governos governo", "escritori escritori govern govern"),
    "italian": ("l'ufficio e gli uffici dei governi governo", "uffic uffic govern govern"),
    "dutch": ("de regeringen en het regering van kantoren kantoor", "reger reger kantor kantor"),
    "turkish": ("hükümetler ve hükümetin Türkiye'nin İstanbul bakanlar", "hükümet hükümet türki istanbul bakan"),
    "hindi": ("सरकारों और सरकार के लड़के लड़कों", "सरकार सरकार लडक लडक"),
    "cjk": ("東京事務所 ﾄｳｷｮｳ ＮＡＴＯ the 서울 사무소", "東京 京事 事務 務所 トウ ウキ キョ ョウ nato 서울 사무 무소"),
}

# Per token filter, behind the standard tokenizer.
FILTERS = {
    "asciifolding": ("Présidents Łódź Straße Ærø", "Presidents Lodz Strasse AEro"),
    "arabic_normalization": ("أحمد مكتبة إيران على مَكتب", "احمد مكتبه ايران علي مكتب"),
    "persian_normalization": ("کشور یزد ۀ", "كشور يزد ه"),
    "decimal_digit": ("٢٠٢٦ ۱۴۰۵ २०२६ ๒๕๖๙", "2026 1405 2026 2569"),
    "cjk_width": ("ＮＡＴＯ ﾄｳｷｮｳ", "NATO トウキョウ"),
    "german_normalization": ("Häuser Haeuser Straße", "Hauser Hauser Strasse"),
    "hindi_normalization": ("हिन्दी हिंदी", "हिंदि हिंदि"),
    "indic_normalization": ("अाज", "आज"),
}


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(Elasticsearch(elasticsearch_url, request_timeout=60)) as made:
        yield made


@pytest.fixture
def exact(client: Elasticsearch, index_prefix: str) -> str:
    """An index of four texts, under the exact analyzer."""
    index = f"{index_prefix}exact"
    analyzer = {"type": "custom", "tokenizer": "standard", "filter": EXACT}
    client.indices.create(
        index=index,
        settings={"number_of_replicas": 0, "analysis": {"analyzer": {"exact": analyzer}}},
        mappings={"properties": {"text": {"type": "text", "analyzer": "exact"}}},
    )
    texts = {
        "french": "Le président français à Łódź",
        "arabic": "أحمد في مكتبة إيران ٢٠٢٦",
        "persian": "کشورهای یزد ۱۴۰۵",
        "indonesian": "Kantor penghubung NATO",
    }
    for name, text in texts.items():
        client.index(index=index, id=name, document={"text": text})
    client.indices.refresh(index=index)
    return index


def found(client: Elasticsearch, index: str, query: str) -> set[str]:
    query_string = {"query": query, "default_field": "text", "default_operator": "AND"}
    return {hit["_id"] for hit in client.search(index=index, query={"query_string": query_string})["hits"]["hits"]}


def tokens(client: Elasticsearch, **request: object) -> list[str]:
    answer = client.perform_request(
        "POST",
        "/_analyze",
        headers={"content-type": "application/json", "accept": "application/json"},
        body=request,
    )
    return [token["token"] for token in answer.body["tokens"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_its_stop_words_and_its_stemmer(client: Elasticsearch, language: str) -> None:
    text, expected = LANGUAGES[language]
    assert tokens(client, analyzer=language, text=text) == expected.split()


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_does_what_the_stock_one_does(client: Elasticsearch, name: str) -> None:
    text, expected = FILTERS[name]
    assert tokens(client, tokenizer="standard", filter=[name], text=text) == expected.split()


def test_characters_are_mapped_before_words_are_cut_and_keep_their_places(client: Elasticsearch) -> None:
    apart = {"type": "mapping", "mappings": ["\u2019=>\\u0020", "' => \\u0020", "\u0451=>\u0435"]}
    text = "NATO's l\u2019OTAN Алёна"
    assert tokens(client, tokenizer="standard", char_filter=[apart], text=text) == ["NATO", "s", "l", "OTAN", "Алена"]
    answer = client.indices.analyze(tokenizer="standard", char_filter=[apart], text=text)
    assert [text[token["start_offset"] : token["end_offset"]] for token in answer["tokens"]][3] == "OTAN"


def test_folding_can_keep_the_original_beside_the_folded_token(client: Elasticsearch) -> None:
    keeping = {"type": "asciifolding", "preserve_original": True}
    assert tokens(client, tokenizer="standard", filter=[keeping], text="président Tokyo") == [
        "president",
        "président",
        "Tokyo",
    ]


def test_the_stemmed_phrase_finds_another_wording_and_the_exact_one_does_not(
    client: Elasticsearch, index_prefix: str
) -> None:
    """Why exact is the default: the Indonesian stemmer makes liaison and relations one word."""
    index = f"{index_prefix}stemmed"
    fields = {
        "stemmed": {"type": "text", "analyzer": "indonesian"},
        "exact": {"type": "text", "analyzer": "standard"},
    }
    client.indices.create(index=index, settings={"number_of_replicas": 0}, mappings={"properties": fields})
    text = "Kantor hubungan masyarakat"
    client.index(index=index, document={"stemmed": text, "exact": text}, refresh=True)
    counts = {
        field: client.count(index=index, query={"match_phrase": {field: "kantor penghubung"}})["count"]
        for field in fields
    }
    assert counts == {"stemmed": 1, "exact": 0}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("président", "french"),
        ("PRESIDENT", "french"),
        ("présid*", "french"),
        ("PRÉSID*", "french"),
        ("presid*", "french"),
        ("Prés?dent", "french"),
        ("PRÉSIDANT~1", "french"),
        ("[PRÉSI TO PRÉSJ]", "french"),
        ("ŁÓD*", "french"),
        ("أحم*", "arabic"),
        ("احم*", "arabic"),
        ("مكتبة", "arabic"),
        ("٢٠٢*", "arabic"),
        ("202*", "arabic"),
        ("کشور*", "persian"),
        ("كشور*", "persian"),
        ("۱۴*", "persian"),
        ('"KANTOR penghubung"', "indonesian"),
    ],
)
def test_words_wildcards_prefixes_ranges_and_fuzzy_terms_are_normalised_alike(
    client: Elasticsearch, exact: str, query: str, expected: str
) -> None:
    assert found(client, exact, query) == {expected}


def test_a_term_that_stands_nowhere_finds_nothing(client: Elasticsearch, exact: str) -> None:
    assert found(client, exact, "présix*") == set()


def test_folding_that_keeps_originals_still_gives_a_wildcard_one_form(client: Elasticsearch, index_prefix: str) -> None:
    index = f"{index_prefix}both"
    analysis = {
        "filter": {"both": {"type": "asciifolding", "preserve_original": True}},
        "analyzer": {"both": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "both"]}},
    }
    client.indices.create(
        index=index,
        settings={"number_of_replicas": 0, "analysis": analysis},
        mappings={"properties": {"text": {"type": "text", "analyzer": "both"}}},
    )
    client.index(index=index, id="a", document={"text": "Le Président"}, refresh=True)
    assert found(client, index, "PRÉSID*") == {"a"}
    assert found(client, index, "presid*") == {"a"}


def test_two_indices_can_share_a_language_and_one_can_go(client: Elasticsearch, index_prefix: str) -> None:
    """An analyzer is closed with its index: were it shared, the index that stays would fail."""
    mappings = {"properties": {"text": {"type": "text", "analyzer": "indonesian"}}}
    for name in ("first", "second"):
        client.indices.create(index=f"{index_prefix}{name}", settings={"number_of_replicas": 0}, mappings=mappings)
    client.indices.delete(index=f"{index_prefix}first")
    client.index(index=f"{index_prefix}second", document={"text": "hubungan"}, refresh=True)
    assert client.count(index=f"{index_prefix}second", query={"match": {"text": "penghubung"}})["count"] == 1


def test_an_analyzer_takes_stop_words_and_exceptions_of_its_own(client: Elasticsearch, index_prefix: str) -> None:
    own = {"type": "english", "stopwords": ["tokyo"], "stem_exclusion": ["offices"]}
    client.indices.create(
        index=f"{index_prefix}own",
        settings={"number_of_replicas": 0, "analysis": {"analyzer": {"own": own}}},
    )
    answer = client.indices.analyze(index=f"{index_prefix}own", analyzer="own", text="the offices opened Tokyo")
    assert [token["token"] for token in answer["tokens"]] == ["the", "offices", "open"]
