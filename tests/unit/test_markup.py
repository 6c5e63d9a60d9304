"""Bytes to tree: charsets, and what is no HTML."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article import extract
from ingest.errors import NoText, NotHtml
from ingest.markup import decoded, tree_of
from ingest.records import Article, Entry, Page
from ingest.tagging import tag

URL = "https://post.example/story"
STORY = "<p>" + "The ministers of Japan and China met in the old harbour town to speak about fish. " * 5 + "</p>"


def page(body: bytes, content_type: str | None = "text/html") -> Page:
    return Page.model_validate(
        {"url": URL, "body": body, "content_type": content_type, "fetched": "2024-06-01T00:00:00Z"}
    )


def article(body: bytes, content_type: str | None = "text/html") -> Article:
    return extract(page(body, content_type), Entry(id="0" * 32, feed_id=None, url=URL))


@pytest.mark.parametrize(
    ("text", "charset", "content_type", "meta"),
    [
        ("Ещё не решено", "windows-1251", "text/html; charset=windows-1251", ""),
        ("Ещё не решено", "windows-1251", "text/html", "windows-1251"),
        ("Ещё не решено", "windows-1251", "text/html; charset=ISO-8859-1", "windows-1251"),
        ("Ещё не решено", "utf-8", "text/html; charset=ISO-8859-1", "windows-1251"),
        ("Ещё не решено", "koi8-r", "text/html; charset=KOI8-R", "windows-1251"),
        ("日本語の記事です", "shift_jis", None, "x-sjis"),
        ("日本語の記事です", "iso-2022-jp", "text/html; charset=iso-2022-jp", ""),
        ("日本語の記事です", "euc-jp", None, "euc-jp"),
        ("中文新闻，镕", "gb18030", None, "gb2312"),
        ("繁體中文新聞", "big5", "text/html; charset=big5", ""),
        ("한국어 기사", "euc-kr", None, "ks_c_5601-1987"),
        ("naïve “quoted” – dash", "cp1252", None, "iso-8859-1"),
        ("ภาษาไทย", "tis-620", None, "TIS-620"),
        ("Grüße", "utf-16", None, ""),
        ("Grüße", "utf-8-sig", "text/html; charset=latin-1", ""),
    ],
)
def test_a_declared_charset_gives_no_mojibake(text: str, charset: str, content_type: str | None, meta: str) -> None:
    head = f'<html><head><meta charset="{meta}"></head>' if meta else "<html>"
    body = f"{head}<body>{text}</body></html>".encode(charset)
    assert text in decoded(body, content_type)


def test_undeclared_russian_is_detected() -> None:
    text = "Министр заявил, что переговоры о рыболовстве продолжатся в следующем месяце в Москве. " * 5
    assert text in decoded(f"<html><body><p>{text}</p></body></html>".encode("cp1251"), None)


def test_a_few_broken_bytes_do_not_change_the_charset() -> None:
    body = ("<html><body>" + "Grüße aus Köln. " * 200).encode() + b"\xff\xfe" + "Öl".encode()[:1]
    assert "Grüße aus Köln." in decoded(body, "text/html; charset=utf-8")


@pytest.mark.parametrize("label", ["hex", "base64", "unicode_escape", "utf-7", "undefined", "no-such", "", "x" * 5000])
def test_a_charset_that_is_none_is_ignored(label: str) -> None:
    body = b'<html><meta charset="' + label.encode() + b'">\xe9t\xe9</html>'
    assert decoded(body, f"text/html; charset={label}")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 <html>", "text/html"),
        (b"\x89PNG\r\n\x1a\n<p>", None),
        (b'{"html": "<p>x</p>"}', "application/json"),
        (b'{"html": "no tag"}', "text/html"),
        (random.Random(1).randbytes(100_000), "text/html"),
        (b"<p>x</p>", "image/svg+xml"),
    ],
)
def test_what_is_no_html_is_refused_by_name(body: bytes, content_type: str | None) -> None:
    with pytest.raises(NotHtml, match=URL):
        tree_of(page(body, content_type))


@pytest.mark.parametrize(
    "body", [b"", b" \n\t", b"\x00" * 100, b"<html></html>", b"<html><body><p>Menu</p></body></html>"]
)
def test_a_page_without_a_story_has_no_text(body: bytes) -> None:
    with pytest.raises(NoText, match=URL):
        article(body)


JSON_LD = b'<html><script type="application/ld+json">'
END = b"</script>" + STORY.encode()
HOSTILE = {
    "10,000 nested elements": b"<html><body>" + b"<div>" * 10_000 + STORY.encode() + b"</div>" * 10_000,
    "entities upon entities": b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><html><body>'
    + b"&b;" * 10_000
    + STORY.encode(),
    "references to nothing": b"<html><body><p>" + b"&#0;&#xD800;&#x110000;&#99999999999;" * 10_000 + STORY.encode(),
    "deep JSON-LD": JSON_LD + b"[" * 100_000 + END,
    "endless comments in JSON-LD": b'<html><script type="application/ld+json">'
    + b"/* " * 50_000
    + b"</script>"
    + STORY.encode(),
    "JSON-LD of the wrong types": JSON_LD
    + b'{"@type":"NewsArticle","headline":1,"author":[[["x"]]],"datePublished":{"@value":[1]},"url":[{}],"@id":["q"]}'
    + END,
    "a title of separators": b"<html><title>" + b" | " * 100_000 + b"</title>" + STORY.encode(),
    "bad addresses": b'<html><link rel=canonical href="http://[::1"><link rel=canonical href="javascript:alert(1)">'
    b'<meta property="og:url" content="https://evil.invalid/x"><meta property="og:image" content="data:,x">'
    + STORY.encode(),
    "50,000 times": b"<html><body>" + b"<time datetime=2020-01-01>x</time>" * 50_000 + STORY.encode(),
    "open tags": b"<html><body>" + b"<" * 100_000 + STORY.encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_in_an_article_or_in_no_text(name: str) -> None:
    try:
        tagged = tag(article(HOSTILE[name]))
    except NoText:
        return
    assert tagged.article.url == URL
    assert len(tagged.article.title) <= 1000


def test_control_characters_and_surrogates_reach_no_text() -> None:
    body = "<html><title>a\x00b\x1b\u202e\ud800c</title>".encode("utf-8", "surrogatepass")
    found = article(body + b"<p>\x01\x02 &#2; soft\xc2\xadhyphen \xed\xa0\xbd </p>" + STORY.encode())
    assert found.title == "abc"
    assert "softhyphen" in found.body
    assert not set(map(ord, found.title + found.body)) & ({*range(32)} - {10})
    found.model_dump_json().encode()


@settings(deadline=None)  # two cores, shared
@given(st.binary(max_size=400))
def test_no_bytes_crash_the_extraction(noise: bytes) -> None:
    for body in (noise, b"<html><body>" + noise + STORY.encode()):
        try:
            article(body).model_dump_json().encode()
        except (NoText, NotHtml):
            continue
