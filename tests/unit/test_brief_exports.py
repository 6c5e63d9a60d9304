"""Exports: whatever a text holds stays text, in each format and both languages, with sources and times in the zone."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any
from zipfile import ZipFile

import lxml.html
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from search.briefs.exports import FORMATS, exported
from search.briefs.markdown import escaped, linked
from search.briefs.records import Brief, BriefView, Clipping, KeptMember, KeptText, PageState
from search.briefs.sheet import sheet, web_address
from search.briefs.wording import LANGUAGES, Wording

AT = datetime(2026, 3, 4, 20, 6, 7, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script> [x](javascript:alert(2)) *b* `c` # d & "e" | <img src=x onerror=alert(3)>'
COMMONMARK = MarkdownIt("commonmark")


def text(n: int, **changes: Any) -> KeptText:
    fields: dict[str, Any] = {
        "text_id": f"{n:032x}",
        "article_id": f"{n:032x}",
        "entry_id": "e",
        "revision": 1,
        "content_hash": "h",
        "url": f"https://news.example/{n}",
        "title": "Kantor penghubung NATO dibuka di Tokyo",
        "body": "Tokyo – Kantor itu dibuka.\n1. Bukan daftar.\n- Bukan butir.",
        "authors": ("Nina Loasana",),
        "source": "news.example",
        "source_name": "Contoh Berita",
        "language": "id",
        "published": datetime(2026, 3, 4, 18, 30, tzinfo=UTC),
        "first_seen": AT,
        "kept_at": AT,
        "page": PageState(state="kept", fetched=AT, size=12_345, sha256="ab" * 32, match="other", why="title, body"),
        **changes,
    }
    return KeptText.model_validate(fields)


def view(*texts: KeptText, **changes: Any) -> BriefView:
    clippings = tuple(
        Clipping(id=one.text_id, article_id=one.article_id, title=one.title, texts=(one.text_id,), added=AT, **changes)
        for one in texts
    )
    brief = Brief(id="2026-03-05", date=date(2026, 3, 5), clippings=clippings, created=AT, updated=AT)
    return BriefView(brief=brief, version="1-1", texts={one.text_id: one for one in texts})


def story() -> BriefView:
    members = tuple(
        KeptMember(article_id=str(n), title=f"Judul {n}", source=f"s{n}.example", time=AT, url=f"https://s{n}.example/")
        for n in range(3)
    )
    return view(text(1), story_id="s", size=60, sources=3, members=members)


def words(language: str = "id") -> Wording:
    return Wording(language, "Asia/Jakarta")


def body(what: BriefView, format: Any, language: str = "id") -> bytes:
    return exported(what, format, words(language), AT).body


def docx_text(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    parts = document.element.xpath("//w:t")
    return "\n".join(str(part.text) for part in parts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_names_source_times_note_and_evidence(format: Any, language: str) -> None:
    what = view(text(1), note="Perlu dicek", concerns="meja Asia")
    found = exported(what, format, words(language), AT)
    assert found.name == f"{'brief' if language == 'en' else 'kliping'}-2026-03-05.{format}"
    shown = docx_text(found.body) if format == "docx" else found.body.decode().replace("\\", "")
    for part in ("Contoh Berita", "news.example", "Nina Loasana", "Perlu dicek", "meja Asia", "ab" * 32, "01:30"):
        assert part in shown, part
    assert ("5 Maret 2026" if language == "id" else "5 March 2026") in shown
    assert (
        "isi halaman sudah lain (judul, teks)" if language == "id" else "said something else (title, text)"
    ) in shown
    assert "WIB" in shown if language == "id" else "+0700" in shown


@pytest.mark.parametrize("format", FORMATS)
def test_a_story_lists_its_articles_and_says_how_many_more_there_were(format: Any) -> None:
    data = body(story(), format)
    shown = docx_text(data) if format == "docx" else data.decode()
    for part in ("Judul 2", "s2.example", "dan 57 lagi"):
        assert part in shown


def test_hostile_text_is_shown_as_it_is_in_html() -> None:
    what = view(text(1, title=HOSTILE, body=HOSTILE, source_name=HOSTILE, authors=(HOSTILE,)), note=HOSTILE)
    page = lxml.html.document_fromstring(body(what, "html").decode())
    assert not page.xpath("//script | //img | //*[@onerror]")
    assert page.xpath("string(//section/h2)").strip().endswith(HOSTILE)
    assert {link.split(":")[0] for link in page.xpath("//a/@href")} <= {"https", "#p1"}
    assert "default-src 'none'" in page.xpath("string(//meta[@http-equiv]/@content)")


def test_hostile_text_is_shown_as_it_is_in_markdown() -> None:
    what = view(text(1, title=HOSTILE, body=HOSTILE, source_name=HOSTILE, authors=(HOSTILE,)), note=HOSTILE)
    page = lxml.html.document_fromstring(COMMONMARK.render(body(what, "md").decode()))
    assert not page.xpath("//script | //img | //code | //pre")
    assert HOSTILE in page.xpath("string(//h2)")
    assert page.xpath("//p[. = $text]", text=HOSTILE)
    assert [str(link).partition(":")[0] for link in page.xpath("//a/@href")] == ["https", "https"]


def test_hostile_text_is_shown_as_it_is_in_docx_and_control_characters_break_nothing() -> None:
    what = view(text(1, title="a\x00b\x0b\ufffe" + HOSTILE, body="satu\x08dua\x1b", url="javascript:alert(1)"))
    data = body(what, "docx")
    shown = docx_text(data)
    assert "ab" + HOSTILE in shown
    assert "satudua" in shown
    with ZipFile(io.BytesIO(data)) as parts:
        assert b'Target="javascript' not in parts.read("word/_rels/document.xml.rels")


@given(st.text(max_size=60))
def test_escaped_text_is_markdown_that_shows_just_that(plain: str) -> None:
    plain = " ".join("".join(c for c in plain if c.isprintable() or c == " ").split())
    for markdown in (escaped(plain), f"- x {escaped(plain)}", f"## 1. {escaped(plain)}"):
        shown = lxml.html.fromstring(f"<div>{COMMONMARK.render(markdown)}</div>")
        prefix = "x " if markdown.startswith("- ") else "1. " if markdown.startswith("## ") else ""
        assert " ".join(shown.text_content().split()) == (prefix + plain).strip()
        assert not shown.xpath(".//em | .//strong | .//code | .//a | .//img | .//blockquote | .//hr | .//pre")


def test_only_web_addresses_become_links_and_none_ends_its_link() -> None:
    assert web_address("javascript:alert(1)") is None
    assert web_address("https:///nohost") is None
    assert web_address("http://[broken") is None
    assert web_address("https://news.example/a") == "https://news.example/a"
    shown = lxml.html.fromstring(COMMONMARK.render(linked("x", "https://n.example/a>) <b>\n\\")))
    assert shown.xpath("//a/@href") == ["https://n.example/a%3E)%20%3Cb%3E%0A%5C"]


def test_a_brief_with_nothing_in_it_and_a_text_that_is_gone_are_said_so() -> None:
    assert "Belum ada yang disimpan" in body(view(), "md").decode()
    gone = view(text(1)).model_copy(update={"texts": {}})
    for format in FORMATS:
        data = body(gone, format)
        assert "tidak ada lagi di indeks" in (docx_text(data) if format == "docx" else data.decode())


def test_right_to_left_text_is_marked_in_docx_and_said_in_html() -> None:
    what = view(text(1, title="افتتاح مكتب الاتصال", body="قال الوزير.", language="ar"))
    document = Document(io.BytesIO(body(what, "docx")))
    assert document.element.xpath("//w:p[w:pPr/w:bidi]")
    assert 'lang="ar"' in body(what, "html").decode()


def test_what_became_of_the_page_is_told_in_each_state() -> None:
    for page, told in (
        (PageState(), "not fetched yet"),
        (PageState(error="HTTP 503", tries=1), "not fetched yet: HTTP 503"),
        (PageState(state="lost", error="HTTP 410"), "could not be had: HTTP 410"),
        (PageState(state="kept", fetched=AT, sha256="x", size=1, match="same"), "it says the same"),
    ):
        (piece,) = sheet(view(text(1, page=page)), words("en"), AT).pieces
        assert any(told in fact.value for fact in piece.facts)
