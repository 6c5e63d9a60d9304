"""Pages as widespread templates write them, whole: what comes out of headline, byline, date and text together.

Invented sites and people; each page shows one habit of a publishing system or a country's newsrooms.
"""

from __future__ import annotations

import contextlib
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import trafilatura.utils

from ingest import markup
from ingest.article import extract, extraction
from ingest.authors import unsigned
from ingest.body import text_of_markup
from ingest.boilerplate import why_cut
from ingest.errors import IngestError
from ingest.jsonld import story_node
from ingest.markup import MOST_ELEMENTS, tree_of
from ingest.records import Article, Entry, Page

ID = [
    "Pemerintah membuka kantor penghubung baru di kota pelabuhan itu pada awal pekan ini, kata menteri.",
    "Menteri mengatakan kantor tersebut akan melayani warga kepulauan selatan serta nelayan dari pulau-pulau terluar.",
    "Anggota dewan menyambut rencana itu, tetapi meminta anggaran yang lebih rinci sebelum pembangunan gedung dimulai.",
]
EN = [
    "The government opened a new liaison office in the harbour town at the start of this week, the minister said.",
    "The minister said that the office would serve people who live on the southern islands and their fishermen.",
    "Members of parliament welcomed the plan but asked for a more detailed budget before the house is built.",
]
JA = [
    "政府は今週初め、港町に新しい連絡事務所を開設したと外務大臣が記者団に明らかにした。",
    "大臣によると、事務所は南の島々に住む人々や、さらに遠い離島の漁業者のために働くという。",
    "議員らは計画を歓迎したが、来年の建物の着工前に、より詳しい予算を示すよう求めた。",
]
KO = [
    "정부는 이번 주 초 항구 도시에 새로운 연락사무소를 열었다고 장관이 기자들에게 밝혔다. 사무소는 역 앞에 들어선다.",
    "장관은 사무소가 남쪽 섬에 사는 주민들과 더 먼 섬의 어민들을 위해 일할 것이라고 말했다. 직원은 당분간 열두 명이다.",
    "의원들은 이 계획을 환영했지만 내년에 건물을 짓기 전에 더 자세한 예산을 내놓으라고 요구했다. 야당도 그랬다.",
]
TITLE = "Liaison office opens in harbour town"
JUDUL = "Kantor Penghubung Baru Dibuka di Pelabuhan"


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def read(url: str, head: str, body: str, lang: str = "en") -> Article:
    html = f"<!doctype html><html lang='{lang}'><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    page = Page(url=url, body=html.encode(), content_type="text/html", fetched=datetime(2024, 3, 1, tzinfo=UTC))
    return extract(page, Entry(id="0" * 32, feed_id=None, url=url))


def english(head: str, before: str = "") -> Article:
    body = f"<main><h1>{TITLE}</h1>{before}{paragraphs(EN)}</main>"
    return read("https://post.example/world/liaison-office-opens", f"<title>{TITLE} | Post</title>{head}", body)


def indonesian(before: str, after: str = "", head: str = "", inside: str = "") -> Article:
    text = f"{paragraphs(ID[:1])}{inside}{paragraphs(ID[1:])}"
    body = f"<article><h1>{JUDUL}</h1>{before}<div class=isi>{text}{after}</div></article>"
    return read("https://kabar.example/read/123/kantor-penghubung", f"<title>{JUDUL}</title>{head}", body, "id")


def json_ld(node: object) -> str:
    text = node if isinstance(node, str) else json.dumps(node)
    return f'<script type="application/ld+json">{text}</script>'


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<div>Penulis: <a href=/a>Siti Aminah</a></div><div>Editor: <a href=/e>Joko Putra</a></div>", ""),
        ("", "<p>Pewarta: Siti Aminah<br>Editor: Joko Putra<br>COPYRIGHT © ANTARA 2023</p>"),
        ("", "<p>Reporter: Siti Aminah<br>Editor: Joko Putra</p>"),
        ("<div class=author>Siti Aminah - <span>kabarNews</span></div>", "<p>(sia/jok)</p>"),
        ("<div class=penulis>Oleh: Siti Aminah</div>", "<p>Editor: Joko Putra</p>"),
    ],
)
def test_of_reporter_and_editor_the_reporter_wrote_it_and_neither_stands_in_the_text(before: str, after: str) -> None:
    found = indonesian(before, after)
    assert found.authors == ("Siti Aminah",)
    assert found.body.split("\n") == ID


@pytest.mark.parametrize(
    "inside",
    [
        "<p><strong>Lihat juga Video: Nelayan Demo di Pelabuhan</strong></p>",
        "<p>Baca juga: <a href='/x'>Nelayan Minta Kuota Lebih Besar</a></p>",
        "<p>Foto: Gedung kantor baru (Dok. Istimewa)</p>",
    ],
)
def test_boxes_between_the_paragraphs_are_no_story(inside: str) -> None:
    assert indonesian("", inside=inside).body.split("\n") == ID


@pytest.mark.parametrize(
    ("head", "before"),
    [
        ("", "<div>Senin, 05 Jun 2023 14:30 WIB</div>"),
        ("<meta name=publishdate content='2023/06/05 14:30:00'>", ""),
        (json_ld({"@type": "NewsArticle", "headline": JUDUL, "datePublished": "2023-06-05 14:30:00"}), ""),
    ],
)
def test_a_time_without_a_zone_on_an_indonesian_page_is_jakarta_s(head: str, before: str) -> None:
    assert indonesian(before, head=head).published == when("2023-06-05T07:30:00+00:00")


def test_a_byline_s_zone_is_that_of_the_page_s_other_times() -> None:
    node = {"datePublished": "2023-06-05 14:30:00", "dateModified": "2023-06-05 15:00:00"}
    head = json_ld({"@type": "NewsArticle", "headline": JUDUL, **node})
    found = indonesian("<div>Senin, 5 Juni 2023 14:30 WITA</div>", head=head)
    assert (found.published, found.modified) == (when("2023-06-05T06:30:00+00:00"), when("2023-06-05T07:00:00+00:00"))


@pytest.mark.parametrize(
    "block",
    [
        '{"@type":"NewsArticle","headline":"Fish","image":undefined,"author":[{"name":"Ann Lee"},{"name":"Bo Ek"}]}',
        '{"@type":"WebSite","name":"T"}\n{"@type":"NewsArticle","headline":"Fish","author":["Ann Lee","Bo Ek"]}',
        '{"headline":"Fish","about":"a "quote" more","author":[{"@type":"Person","name":"Ann Lee"},{"name":"Bo Ek"}]}',
        '{"@type":"NewsArticle","headline":"Fish","author":{"@type":"Person","name":["Ann Lee","Bo Ek"]}}',
        '{"@graph":[{"@type":"Article","headline":"Fish","author":[{"@id":"#a"},{"@id":"#b"}]},'
        '{"@id":"#a","name":"Ann Lee"},{"@id":"#b","name":"Bo Ek"}]}',
    ],
)
def test_both_authors_are_read_however_the_json_ld_is_broken(block: str) -> None:
    node = story_node([block], "https://post.example/fish")
    assert node is not None
    assert node.authors == ("Ann Lee", "Bo Ek")


@pytest.mark.parametrize("number", [1685975400, 1685975400000, 1685975400.0])
def test_json_ld_may_count_seconds_or_milliseconds(number: float) -> None:
    head = json_ld({"@type": "NewsArticle", "headline": TITLE, "datePublished": number})
    assert english(head).published == when("2023-06-05T14:30:00+00:00")


@pytest.mark.parametrize(
    ("head", "before"),
    [
        ("<meta name=author content='Super User'>", "<dd class=createdby itemprop=author>Written by: Ann Lee</dd>"),
        ("<meta name=dcterms.creator content=alee>", "<div class=field--name-field-author><i>Author</i> Ann Lee</div>"),
        (
            json_ld({"@type": "NewsArticle", "author": {"name": "Post"}, "publisher": {"name": "Post"}}),
            "<div class=byline>By <a href=/staff/ann-lee>Ann Lee</a>, Political Editor</div>",
        ),
        ("", "<div itemprop=author itemscope><meta itemprop=name content='Ann Lee'></div>"),
        ("", "<p>By Ann Lee</p>"),
    ],
)
def test_a_person_s_name_stands_before_an_account_and_the_site(head: str, before: str) -> None:
    found = english(head, before)
    assert found.authors == ("Ann Lee",)
    assert found.body.split("\n") == EN


@pytest.mark.parametrize(
    ("head", "before"),
    [
        ("", "<span class=submitted>Submitted by alee on Mon, 06/05/2023 - 14:30</span>"),
        ("<meta name=dcterms.date content='2023-06-05T14:30+00:00'>", ""),
        ("", "<abbr class=published title='2023-06-05T07:30:00-07:00'>7:30 AM</abbr>"),
        ("", "<time datetime='2023-06-05T14:30:00Z'>5 June</time>"),
    ],
)
def test_dates_are_read_where_publishing_systems_put_them(head: str, before: str) -> None:
    card = (
        "<article class=card><h3><a href=/o>Other</a></h3><time datetime='2024-02-02T10:00:00Z'>2 Feb</time></article>"
    )
    body = f"{card}<main><h1>{TITLE}</h1>{before}{paragraphs(EN)}</main>"
    found = read("https://post.example/world/liaison-office-opens", f"<title>{TITLE}</title>{head}", body)
    assert found.published == when("2023-06-05T14:30:00+00:00")


@pytest.mark.parametrize(
    "stated",
    [f"{TITLE}{sign}Example News" for sign in (" | ", " - ", " — ", " :: ", " » ", " / ", ": ", " · ", " – World – ")]
    + [f"Example News | {TITLE}"],
)
def test_the_site_s_name_is_cut_off_whatever_sign_parts_it(stated: str) -> None:
    head = f"<title>{stated}</title><meta property=og:title content='{stated}'>"
    head += "<meta property=og:site_name content='Example News'>"
    body = f"<main><div><h2>{TITLE}</h2></div>{paragraphs(EN)}</main>"
    assert read("https://www.example.org/2023/06/05/liaison-office", head, body).title == TITLE


def test_a_logo_in_h1_is_no_title() -> None:
    body = f"<h1 class=logo>The Post Daily</h1><article><h1>{TITLE}</h1>{paragraphs(EN)}</article>"
    assert read("https://post.example/a/liaison-office", f"<title>{TITLE} | P</title>", body).title == TITLE


def test_a_section_s_name_in_h1_is_no_title() -> None:
    head = f"<title>{TITLE} - Post</title><meta property=og:site_name content=Post>"
    body = f"<h1>Asia and the Pacific</h1><div><h2>{TITLE}</h2>{paragraphs(EN)}</div>"
    assert read("https://post.example/asia/liaison-office-opens", head, body).title == TITLE


def test_a_short_japanese_story_keeps_its_paragraphs_and_loses_date_and_byline() -> None:
    title = "港町に新しい連絡事務所、政府が開設"
    head = f"<title>{title} : 例新聞</title><meta property=og:site_name content='例新聞オンライン'>"
    byline = "<p class=date>2023年6月5日 14時30分</p><p class=writer>記者 山田太郎</p>"
    found = read("https://news.example/a/1", head, f"<article><h1>{title}</h1>{byline}{paragraphs(JA)}</article>", "ja")
    assert (found.title, found.authors) == (title, ("山田太郎",))
    assert found.published == when("2023-06-05T05:30:00+00:00")
    assert found.body.split("\n") == JA


def test_a_story_in_a_table_with_breaks_for_paragraphs_keeps_its_words_apart() -> None:
    body = f"<table><tr><td>{'<br><br>'.join(EN)}</td></tr></table>"
    found = read("https://old.example/news/view.php?id=1234", f"<title>{TITLE}</title>", body)
    assert found.body.split() == " ".join(EN).split()


def test_a_korean_list_of_facts_gives_author_and_date() -> None:
    facts = "<ul><li>기자명 <a>김철수 기자</a></li><li>입력 2023.06.05 14:30</li><li>수정 2023.06.05 15:00</li></ul>"
    end = "<p>김철수 기자 kim@ilbo.example</p><p>저작권자 © 예시일보 무단전재 및 재배포 금지</p>"
    title = "항구 도시에 새 연락사무소 문 열어"
    head = f"<title>{title} - 예시일보</title><meta property=og:article:author content='예시일보'>"
    head += "<meta property=og:site_name content='예시일보'>"
    body = f"<article><h1>{title}</h1>{facts}<div id=view>{paragraphs(KO)}{end}</div></article>"
    found = read("https://ilbo.example/news/articleView.html?idxno=123456", head, body, "ko")
    assert (found.title, found.authors) == (title, ("김철수",))
    assert found.published == when("2023-06-05T05:30:00+00:00")
    assert found.body.split("\n") == KO


def test_only_lines_at_either_end_that_name_the_authors_alone_are_a_byline() -> None:
    body = "\n".join(["By Ann Lee in Nairobi", *EN[:2], "Ann Lee", EN[2], "Ann Lee wrote a book.", "Bo Ek"])
    assert unsigned(body, ("Ann Lee",)) == (body.removeprefix("By Ann Lee in Nairobi\n"), ("By Ann Lee in Nairobi",))


def test_a_page_is_parsed_once_whoever_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata, bylines, standfirst, blocks and trafilatura share a tree. Only where the cheap way finds no prose does
    trafilatura's full way make fragments of its own."""
    parsed: list[str] = []

    def counted(module: object, name: str) -> None:
        parse = getattr(module, name)

        def counting(*given: Any, **named: Any) -> Any:
            parsed.append(name)
            return parse(*given, **named)

        monkeypatch.setattr(module, name, counting)

    counted(markup, "document_fromstring")
    for name in ("fromstring", "fromstring_bytes"):
        counted(trafilatura.utils, name)
    ld = {
        "@type": "NewsArticle",
        "headline": TITLE,
        "datePublished": "2024-02-01T10:00:00Z",
        "articleBody": "\n".join(EN),
    }
    english(json_ld(ld), "<p>By Ann Lee</p>")
    assert parsed == ["document_fromstring"]


# --- pages that want to take time, or to make the reader fail


DEEP = 10_000
HOSTILE: dict[str, str] = {
    "nested": "<div>" * DEEP,
    "nested boxes": "".join(f"<div class='related-{place}'>t" for place in range(DEEP)),
    "elements": "<p>a" * 300_000,
    "links": "<li><a href=/x>a b</a>" * 50_000,
    "class": f"<div class='{'related-a ' * 100_000}'>x</div>",
    "characters": "\x00" * 1000 + "&#xd800;&#0;&#x110000;" * 1000,
    "one paragraph": f"<p>{EN[0] * 20_000}",
    "json-ld nesting": json_ld("[" * 900_000),
    "json-ld commas": json_ld('{"a":1' + ", \n" * 300_000 + "x"),
    "json-ld comments": json_ld("/*" * 400_000),
    "json-ld quotes": json_ld('{x"author":[{' * 60_000),
    "json-ld number": json_ld('{"@type":"NewsArticle","headline":"x","datePublished":' + "9" * 50_000 + "}"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_seconds_and_end_in_an_article_or_a_known_error(name: str) -> None:
    body = f"<html><title>{'a | b ' * 20_000}</title><body><h1>{TITLE}</h1>{paragraphs(EN)}{HOSTILE[name]}".encode()
    page = Page(url="https://post.example/a-b", body=body, content_type="text/html", fetched=datetime.now(UTC))
    began = time.process_time()
    with contextlib.suppress(IngestError):
        extraction(page, Entry(id="0" * 32, feed_id=None, url=page.url)).article.model_dump_json().encode()
    assert time.process_time() - began < 60  # seconds; one to three on a machine that does nothing else


def test_of_a_page_without_end_the_first_elements_are_read() -> None:
    body = f"<html><body><h1>{TITLE}</h1>{'<p>a' * (2 * MOST_ELEMENTS)}".encode()
    page = Page(url="https://post.example/a-b", body=body, content_type=None, fetched=datetime.now(UTC))
    tree = tree_of(page)
    assert MOST_ELEMENTS <= sum(1 for _ in tree.iter()) <= MOST_ELEMENTS + 1
    assert tree.findtext(".//h1") == TITLE


@pytest.mark.parametrize("text", ["<p" * 50_000, "<br" + " " * 100_000, "<div " * 20_000])
def test_unclosed_tags_in_a_feed_s_text_take_no_time(text: str) -> None:
    began = time.process_time()
    text_of_markup(text)
    assert time.process_time() - began < 60


@pytest.mark.parametrize("unit", ["A", "A'", "À", "(A", "ikuti ", "klik ", "story continues "])
def test_lines_made_to_backtrack_take_no_time(unit: str) -> None:
    began = time.process_time()
    for length in range(80, 500, 5):
        why_cut((unit * length)[:length])
    assert time.process_time() - began < 60  # a tenth of a second; minutes where it backtracks


def test_the_evidence_for_a_byline_in_the_text_says_so() -> None:
    body = f"<article><h1>{JUDUL}</h1>{paragraphs(ID)}<p>Pewarta: Siti Aminah</p></article>"
    html = f"<html lang=id><title>{JUDUL}</title><body>{body}</body></html>".encode()
    page = Page(url="https://kabar.example/read/1/x", body=html, content_type=None, fetched=datetime.now(UTC))
    found = extraction(page, Entry(id="0" * 32, feed_id=None, url=page.url))
    kept: list[Any] = [one.evidence for one in found.evidence["authors"] if one.kept]
    assert ("text", "Pewarta: Siti Aminah") in [(one.means, one.value) for one in kept]
    assert ("Pewarta: Siti Aminah", "a byline") in found.cut
