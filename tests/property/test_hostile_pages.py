"""Whatever comes in place of a page, the failure map knows what comes of reading it; time and memory are bounded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.body import LONGEST_BODY
from ingest.discover import feed_links
from ingest.errors import IngestError
from ingest.headline import LONGEST_TITLE
from ingest.pagination import further_pages
from ingest.records import Entry, TaggedArticle
from tests.property.damage import CHARSETS, bounded, damaged, expect_known
from worker.blob import Part
from worker.reading import read, read_feed

GOLDEN = Path(__file__).resolve().parents[1] / "golden/articles"
PAGES = [path.read_bytes() for path in sorted(GOLDEN.glob("*.html"))]
URL = "https://kabar.example/berita/1/kantor"
FEARED = [
    b"<div>", b"</div>", b"<table><tr><td>", b"<p>", b"<svg><foreignObject>", b"<math><mtext>", b"<template>",
    b"<!--", b"-->", b"<![CDATA[", b"<script type=application/ld+json>", b"</script>", b"[", b'{"@graph":[',
    b'{"@type":"NewsArticle",', b'"headline":"\\ud800",', b'"datePublished":"9999-99-99T99:99:99Z",',
    b'"author":[{"name":{"name":1}}],', b'"articleBody":"<p>\\u0000",', b"}]}", b"\0", b"&#0;", b"&#xD800;",
    b"&#x110000;", b"\xed\xa0\xbd", b"\xff\xfe", b"<meta charset=utf-7>",
    b"<meta http-equiv=content-type content='text/html; charset=utf-16'>", b"<base href='//[::1'>",
    b"<link rel=canonical href='http://u:p@\xd0\xb0.example:99999/'>",
    b"<link rel=canonical href='javascript:alert(1)'>", b"<link rel=next href='?page=2'>",
    b"<a href='javascript:alert(1)'>x</a>", b"<a href='/berita/1/kantor?page=2'>2</a>",
    b"<meta property='article:published_time' content='0000-00-00'>", b"<time datetime='-1'>",
    b"<html lang='\xd9\xa3'>", b"<h1>", b"<body>", b"</body>", b"</html>", b"<plaintext>", b"<textarea>",
    b"<select><option>", b"<frameset>", b"<" * 200, b"&" * 200, b"<a b=" + b"'" * 99,
    "\u202e\u2028\x85\u0344".encode(), b"<br>", b"Oleh Siti (" * 9, b" | " * 99,
    b"<meta name=keywords content='" + b"a," * 300, "東京で".encode() * 200, b"(" * 500, b"Mr. J. R. R. " * 40,
    b"1.1.1.1." * 99,
]  # fmt: skip


def read_page(body: bytes, content_type: str | None) -> None:
    """What the stages do with a page, to the bytes that the ledger keeps. Raises what no failure map knows."""
    entry = Entry(id="0" * 32, feed_id="f" * 16, url=URL, title="Kantor", content=body[:9000].decode("latin-1"))
    further = further_pages(body, URL)
    for url in (further.next, further.all):
        assert url is None or url.startswith(("http://", "https://"))
    for found in feed_links(body, URL):
        assert found.url.startswith(("http://", "https://"))
    part = Part(URL, content_type or "", "first", body)
    expect_article(lambda: read([part], entry, datetime(2026, 1, 1, tzinfo=UTC)))
    expect_article(lambda: read_feed(entry, None, "robots"))


def expect_article(reading: Callable[[], TaggedArticle]) -> None:
    try:
        tagged = reading()
    except IngestError as error:
        expect_known(error)
        return
    article = tagged.article
    assert len(article.title) <= LONGEST_TITLE
    assert len(article.body) <= LONGEST_BODY
    assert article.url.startswith(("http://", "https://"))
    assert article.image is None or article.image.startswith(("http://", "https://"))
    texts = article.title + article.body + "".join(article.authors)
    assert not ({*map(chr, range(32))} - {"\n"}) & set(texts)
    orjson.dumps(tagged.model_dump(mode="json", exclude_defaults=True))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged(PAGES, FEARED), st.sampled_from(CHARSETS))
def test_a_damaged_page_gives_an_article_or_a_failure_that_is_known(body: bytes, content_type: str | None) -> None:
    with bounded():
        read_page(body, content_type)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000), st.sampled_from(CHARSETS))
@example(b"", None)
@example(b"\xff\xfe", None)
def test_raw_bytes_give_an_article_or_a_failure_that_is_known(body: bytes, content_type: str | None) -> None:
    for whole in (body, b"<html><body>" + body, b"<p>" + body + b"</p>" * 3):
        read_page(whole, content_type)
