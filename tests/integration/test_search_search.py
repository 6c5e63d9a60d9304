"""Searching on a real node: what is found, what is not, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from elasticsearch import Elasticsearch

from search.client import complete, connect
from search.ports import IncompleteAnswerError, SearchResult, ServiceUnavailable
from search.prescan import QueryError
from search.search import Searcher, search
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import SEEN, MemoryHomes, document, feed
from tests.unit.test_search_query import ACCEPTED

pytestmark = pytest.mark.services

OFFICE = "Rencana kantor penghubung NATO di Tokyo"
RELATIONS = "Kantor hubungan masyarakat menghubungkan warga"
SEVERAL = [
    document(OFFICE, countries=("JP", "FR"), seen=SEEN),
    document(RELATIONS, body="Humas kementerian.", countries=("ID",), seen=SEEN + timedelta(minutes=1)),
    document(
        "العَلاقاتُ مع اليابان", body="قال الوزيرُ إنّ المُفاوضاتِ مستمرّة", language="ar", seen=SEEN - timedelta(hours=1)
    ),
    document("北约在东京设立联络处", body="日本政府表示仍在讨论。", language="zh", published=None),
    document("东京约会 北京", body="与政府无关", language="zh"),
    document("Présidence française", body="Le président s'est exprimé sur l'OTAN.", language="fr"),
    document(
        "Contoh",
        body="Berita contoh.",
        url="http://127.0.0.1:8009/contoh",
        feed=feed(name="Kawat Contoh", url="http://127.0.0.1/rss", owner="Kawat", kind="state", sample=True),
    ),
    document(
        '<script>alert("x")</script> & Co', body='Ini <img src=x onerror=alert(1)> "kutipan" & tanda.', language="id"
    ),
    document("Laporan", body="kata " * 90_000 + "akhirnya", authors=("Ana Türk",)),
]


@pytest.fixture(scope="module")
def searcher(elasticsearch_url: str) -> Iterator[Searcher]:
    prefix = "t-search-module-"
    with closing(connect(elasticsearch_url)) as client:
        _remove(client, prefix)
        ensure_schema(client, prefix)
        index = ElasticsearchIndex(client, prefix, MemoryHomes())
        assert {result.outcome for result in index.write(SEVERAL)} == {"written"}
        index.refresh()
        yield Searcher(client, prefix, tz="Asia/Jakarta")
        _remove(client, prefix)


def _remove(client: Elasticsearch, prefix: str) -> None:
    for name in client.indices.get(index=f"{prefix}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    for name in ("articles", "feeds"):
        client.options(ignore_status=404).indices.delete_index_template(name=prefix + name)


def titles(found: SearchResult) -> set[str]:
    assert found.total == len(found.hits)
    return {hit.title for hit in found.hits}


def test_a_phrase_is_exact(searcher: Searcher) -> None:
    assert titles(searcher.search('"kantor penghubung"')) >= {OFFICE}
    assert RELATIONS not in titles(searcher.search('"kantor penghubung"'))
    assert titles(searcher.search('title:"kantor penghubung"')) == {OFFICE}
    assert titles(searcher.search('"kantor hubungan"')) == {RELATIONS}


def test_words_side_by_side_must_all_be_there_in_title_or_body(searcher: Searcher) -> None:
    assert titles(searcher.search("rencana masih")) == {OFFICE}
    assert titles(searcher.search("humas menghubungkan")) == {RELATIONS}


def test_arabic_is_found_with_and_without_diacritics(searcher: Searcher) -> None:
    for text in ("المفاوضات", "المُفاوضاتِ", "العلاقات", '"قال الوزير"', "ان المفاوضات"):
        assert titles(searcher.search(text)) == {"العَلاقاتُ مع اليابان"}, text


def test_a_chinese_word_stands_together(searcher: Searcher) -> None:
    assert titles(searcher.search("北约")) == {"北约在东京设立联络处"}
    assert titles(searcher.search("政府")) == {"北约在东京设立联络处", "东京约会 北京"}
    assert titles(searcher.search("东京 日本")) == {"北约在东京设立联络处"}


def test_accents_and_case_do_not_matter_not_even_in_wildcards(searcher: Searcher) -> None:
    for text in ("presidence", "PRÉSIDENCE", "présid*", "presid* française", "Prèsident~1"):
        assert "Présidence française" in titles(searcher.search(text)), text


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("is:sample", "Contoh"),
        ("owner:kawat", "Contoh"),
        ("kind:state", "Contoh"),
        ('source:"Kawat Contoh"', "Contoh"),
        ("source:127.0.0.1 OR source:nobody", "Contoh"),
        ("lang:ar", "العَلاقاتُ مع اليابان"),
        ("country:fr", OFFICE),
        ("country:FR -source_country:JP", OFFICE),
        ("author:turk", "Laporan"),
        ("words:>0 title:laporan", "Laporan"),
        ("akhirnya", "Laporan"),
        ("title:北约 NOT _exists_:published", "北约在东京设立联络处"),
    ],
)
def test_fields_narrow(searcher: Searcher, query: str, title: str) -> None:
    found = [hit.title for hit in searcher.search(query).hits]
    assert title in found
    assert len(found) < len(SEVERAL)


def test_negation_alone_in_parentheses_finds_the_others(searcher: Searcher) -> None:
    everything = searcher.search("").total
    assert everything == len(SEVERAL)
    assert searcher.search("(NOT is:sample)").total == everything - 1
    assert searcher.search("is:sample OR (NOT is:sample)").total == everything


def test_days_are_days_in_the_readers_time_zone(searcher: Searcher) -> None:
    """Seen 2026-03-04 05:06 UTC: 12:06 in Jakarta, the day before in Los Angeles' evening."""
    assert searcher.search("seen:2026-03-04").total == len(SEVERAL)
    assert searcher.search("seen:[2026-03-04T12:07 TO 2026-03-04T12:08]").total == 1
    assert searcher.search("seen:>2026-03-04").total == 0


def test_newest_seen_comes_first_and_pages_follow_on(searcher: Searcher) -> None:
    seen = [hit.first_seen for hit in searcher.search("").hits]
    assert seen == sorted(seen, reverse=True)
    assert searcher.search("").hits[0].title == RELATIONS
    ids = [searcher.search("", size=1, from_=at).hits[0].id for at in range(len(SEVERAL))]
    assert len(set(ids)) == len(SEVERAL)
    assert searcher.search("nato", sort="relevance").hits[0].title == OFFICE
    assert searcher.search("", sort="published").total == len(SEVERAL)


def test_what_matched_is_marked_and_markup_is_only_text(searcher: Searcher) -> None:
    hit = searcher.search("script AND kutipan").hits[0]
    assert hit.title == '<script>alert("x")</script> & Co'
    assert "<script" not in hit.title_html
    assert "&lt;<mark>script</mark>&gt;" in hit.title_html
    body = " ".join(hit.highlight)
    assert "<mark>kutipan</mark>" in body
    assert "<img" not in body
    assert "&lt;img src=x onerror=alert(1)&gt;" in body


def test_without_a_match_in_the_body_its_beginning_is_shown(searcher: Searcher) -> None:
    hit = searcher.search("title:rencana").hits[0]
    assert hit.highlight[0].startswith("NATO berencana membuka")


def test_a_hit_carries_what_a_list_shows(searcher: Searcher) -> None:
    hit = searcher.search("title:rencana").hits[0]
    assert (hit.source, hit.source_name, hit.language) == ("news.example", "Contoh Berita", "id")
    assert (hit.published, hit.first_seen) == ("2026-03-04T01:02:03Z", "2026-03-04T05:06:07Z")
    assert hit.countries == ("JP", "FR")
    assert hit.url.startswith("https://www.news.example/")
    assert searcher.search("is:sample").hits[0].is_ == ("sample",)


@pytest.mark.parametrize("text", ACCEPTED)
def test_elasticsearch_takes_every_query_that_compiles(searcher: Searcher, text: str) -> None:
    assert searcher.search(text, size=1).total >= 0


def test_an_unreadable_query_never_reaches_the_server(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match="no field"):
        searcher.search("nosuch:field")


def test_paging_is_bounded(searcher: Searcher) -> None:
    for size, from_ in ((1_001, 0), (-1, 0), (10, -1), (100, 9_950)):
        with pytest.raises(ValueError, match=r"size|from"):
            searcher.search("", size=size, from_=from_)


def test_before_set_up_a_search_waits(elasticsearch_url: str, index_prefix: str) -> None:
    with closing(connect(elasticsearch_url)) as client, pytest.raises(ServiceUnavailable, match="not set up"):
        search(client, index_prefix, "nato")


def test_a_failed_shard_is_said() -> None:
    failure = {"index": "articles-000002", "reason": {"reason": "broken"}}
    with pytest.raises(IncompleteAnswerError, match=r"1 of 2 shards failed .*articles-000002: broken"):
        complete({"_shards": {"total": 2, "failed": 1, "failures": [failure]}}, "search")
    with pytest.raises(IncompleteAnswerError, match="time ran out"):
        complete({"timed_out": True, "_shards": {"failed": 0}}, "search")


def test_a_timeline_is_right_though_its_span_was_guessed(client_of: Elasticsearch, index_prefix: str) -> None:
    index, searcher = ElasticsearchIndex(client_of, index_prefix, MemoryHomes()), Searcher(client_of, index_prefix)
    for title, seen, interval in (("Satu", SEEN, "1h"), ("Dua", SEEN - timedelta(days=400), "7d")):
        index.write([document(title, seen=seen)])
        index.refresh()
        timeline = searcher.search("", timeline=True).timeline
        assert timeline is not None
        assert (timeline.interval, sum(count for _, count in timeline.counts)) == (interval, 1 + (title == "Dua"))


@pytest.fixture
def client_of(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield client
