"""What the newsroom publishes: the sample articles, invented ones, and real pages under new addresses."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import trafilatura
from trafilatura.settings import Document

from tests.newsroom import Newsroom
from tests.newsroom.corpus import CorpusMissingError, corpus_pages, hold_corpus, own_urls, readdressed
from tests.newsroom.generated import LANGUAGES, article_mark, generated_articles
from tests.newsroom.sample import SAMPLE_SITE, open_sample, sample_article, sample_articles

NATO = "macron-tentang-pembukaan-kantor-penghubung-nato-di-tokyo"
# of the article's words as they were given, one space between them
NATO_SHA256 = "9d9dbd1d2c9ee96e0ccd85c4bc43f2acb5895a9a8e1f67660ff1d03d7449b34c"
PHRASES = ("kantor penghubung", "kantor hubungan masyarakat", "pusat penghubung", "liaison office")


def extracted(html: str, url: str) -> Document:
    """What a reader that knows nothing of our templates finds on a page."""
    found = trafilatura.bare_extraction(html, url=url, with_metadata=True)
    assert isinstance(found, Document)
    return found


# ── the sample source ──


def test_the_nato_article_stands_word_for_word() -> None:
    (article,) = [each for each in sample_articles() if each.slug == NATO]
    words = " ".join(" ".join(article.body).split())
    assert hashlib.sha256(words.encode()).hexdigest() == NATO_SHA256
    assert words.endswith("[IT/r]")
    assert article.language == "id"
    assert article.published == datetime(2023, 6, 6, 1, 15, tzinfo=UTC)
    assert article.authors == ()


def test_the_sample_speaks_many_languages_at_length() -> None:
    articles = sample_articles()
    assert len(articles) >= 13
    languages = [article.language for article in articles]
    assert languages.count("id") >= 4
    assert languages.count("en") >= 2
    assert {"ms", "ar", "zh", "ru", "fr", "ja", "es"} <= set(languages)
    for article in articles:
        assert 5 <= len(article.body) <= 8, article.slug
        assert article.section in SAMPLE_SITE.sections, article.slug
        assert article.published is not None, article.slug
    assert len({article.title for article in articles}) == len({article.slug for article in articles}) == len(articles)


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_wording_for_a_liaison_office_is_there_to_be_told_apart(phrase: str) -> None:
    texts = [" ".join((article.title, *article.body)).lower() for article in sample_articles()]
    assert 0 < sum(phrase in text for text in texts) < 5


def test_sample_pages_give_back_what_went_in() -> None:
    """An independent extractor finds headline, authors, day, and the body without any of the page's furniture."""
    with Newsroom(site=SAMPLE_SITE) as newsroom, httpx.Client(trust_env=False) as web:
        open_sample(newsroom)
        for page in newsroom.pages():
            article, html = page.article, web.get(page.url).text
            found = extracted(html, page.url)
            assert found.title == article.title
            assert found.author == ("; ".join(article.authors) or None)
            assert found.date == (article.published and article.published.strftime("%Y-%m-%d"))
            dateline = f"{article.dateline} — " if article.dateline else ""
            assert found.text == dateline + "\n".join(article.body)


def test_the_sample_site_says_what_it_is_and_where_its_feeds_are() -> None:
    with Newsroom(site=SAMPLE_SITE) as newsroom, httpx.Client(trust_env=False) as web:
        open_sample(newsroom)
        front = web.get(f"{newsroom.url}/").text
        assert "Situs contoh bawaan Kawat" in front
        assert f'href="{newsroom.url}/rss.xml"' in front
        arabic = next(page.url for page in newsroom.pages() if page.article.language == "ar")
        assert '<html lang="ar" dir="rtl">' in web.get(arabic).text
        import feedparser

        listed = feedparser.parse(web.get(f"{newsroom.url}/rss.xml").content)
        assert len(listed.entries) == len(sample_articles())
        assert [entry.link for entry in listed.entries if NATO in entry.link]
        section = feedparser.parse(web.get(f"{newsroom.url}/asia-pasifik/atom.xml").content)
        assert section.version == "atom10"
        assert 0 < len(section.entries) < len(listed.entries)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tanpa kepala", "TOML between two lines"),
        ("+++\ntitle = \n+++\n", "contoh.md"),
        ('+++\ntitle = "a"\nslug = "a"\njudul = "b"\n+++\n\nIsi.', "judul"),
        ('+++\ntitle = "a"\nslug = "a"\npublished = 2024-01-01T00:00:00\n+++\n\nIsi.', "time zone"),
    ],
)
def test_a_faulty_sample_file_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        sample_article(text, "contoh.md")
    assert "contoh.md" in str(error.value)


# ── invented articles ──


def test_invented_articles_are_the_same_for_the_same_seed_and_else_different() -> None:
    articles = generated_articles(60, seed=7)
    assert articles[:20] == generated_articles(20, seed=7)
    assert {article.body for article in articles}.isdisjoint(each.body for each in generated_articles(60, seed=8))
    assert len({article.body for article in articles}) == len({article.url_path for article in articles}) == 60
    assert [article.language for article in articles[:6]] == list(LANGUAGES)


def test_each_invented_article_has_a_mark_of_its_own() -> None:
    articles = generated_articles(30, seed=3)
    for number in range(30):
        bearers = [article for article in articles if article_mark(3, number) in " ".join(article.body)]
        assert bearers == [articles[number]]


def test_invented_articles_fill_every_slot_and_read_at_length() -> None:
    for article in generated_articles(300, seed=5):
        text = " ".join((article.title, *article.body))
        assert "{" not in text
        assert "}" not in text
        assert len(text) > (300 if article.language == "zh" else 900), article.slug


def test_a_language_without_vocabulary_is_said() -> None:
    with pytest.raises(ValueError, match=r"'xx'.*ar, en, id"):
        generated_articles(1, languages=("xx",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_crowded_pages_keep_the_article_apart_from_the_furniture(language: str) -> None:
    """An independent extractor gives back the body exactly: no advert, comment, cookie notice or related link."""
    with Newsroom() as newsroom, httpx.Client(trust_env=False) as web:
        newsroom.add_feed("uji")
        for article in generated_articles(8, seed=2, languages=(language,)):
            url = newsroom.publish("uji", article)
            found = extracted(web.get(url).text, url)
            assert found.title == article.title
            assert found.text == "\n".join(article.body)


# ── real pages ──

REAL = b"""<html><head>
<link href='https://contoh.test/a/berita?x=1&amp;y=2' rel=canonical>
<meta content="https://contoh.test/a/berita" property="og:url">
<script type="application/ld+json">{"@type":"NewsArticle","url":"https:\\/\\/www.contoh.test\\/a\\/berita\\/",
"mainEntityOfPage":{"@id":"https://contoh.test/a/berita"},"publisher":{"url":"https://contoh.test/"}}</script>
</head><body><a href="https://contoh.test/a/berita-lain">lain</a> <a href="https://contoh.test/a/berita/2">2</a>
<p>Isi.</p></body></html>"""


def test_a_copy_names_its_new_address_wherever_the_page_named_its_own() -> None:
    old = own_urls(REAL, "https://contoh.test/a/berita?utm_source=rss")
    page = readdressed(REAL, old, "http://127.0.0.1:9/s/1/berita").decode()
    assert page.count("http://127.0.0.1:9/s/1/berita") == 4
    assert "https://contoh.test/a/berita-lain" in page
    assert "https://contoh.test/a/berita/2" in page
    assert '"publisher":{"url":"https://contoh.test/"}' in page


def small_corpus(folder: Path) -> Path:
    (folder / "pages").mkdir()
    (folder / "pages" / "xx-Contoh.html.gz").write_bytes(gzip.compress(REAL))
    row = {
        "file": "xx-Contoh.html.gz",
        "url": "https://contoh.test/a/berita",
        "title": "Judul nyata",
        "authors": None,
        "published": "2024-05-03 15:47:42.389000+00:00",
    }
    (folder / "expected.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def test_copies_of_a_page_are_articles_of_their_own(tmp_path: Path) -> None:
    """Held back until released; each at its own URL, which it declares as canonical."""
    with Newsroom(window=None) as newsroom, httpx.Client(trust_env=False) as web:
        feed = newsroom.add_feed("korpus")
        urls = hold_corpus(newsroom, small_corpus(tmp_path), ["korpus"], copies=3)
        assert len(set(urls)) == newsroom.held() == 3
        assert "<item>" not in web.get(feed).text
        assert newsroom.release(2) == urls[:2]
        assert web.get(feed).text.count("<item>") == 2
        assert "<pubDate>Fri, 03 May 2024 15:47:42 +0000</pubDate>" in web.get(feed).text
        for url in urls:
            assert web.get(url).text.count(url) == 4


def test_a_folder_without_corpus_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusMissingError, match=r"KAWAT_CORPUS"):
        list(corpus_pages(tmp_path))


@pytest.mark.skipif("KAWAT_CORPUS" not in os.environ, reason="KAWAT_CORPUS names no folder of real pages")
def test_an_independent_reader_believes_every_real_copy() -> None:
    """For each real page, the URL that trafilatura reads from the page is the one it is served under (7 s)."""
    with Newsroom(window=None) as newsroom, httpx.Client(trust_env=False) as web:
        newsroom.add_feed("korpus")
        urls = hold_corpus(newsroom, Path(os.environ["KAWAT_CORPUS"]), ["korpus"])
        for url in urls:
            document = trafilatura.extract_metadata(web.get(url).content.decode("utf-8", "replace"))
            assert document.url == url


def test_released_entries_follow_the_beat(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        newsroom.add_feed("korpus")
        urls = hold_corpus(newsroom, small_corpus(tmp_path), ["korpus"], copies=6)
        started = time.time()
        newsroom.release(per_second=50)
        (publisher,) = newsroom.publishers
        assert publisher.wait(60)
        assert [each.url for each in publisher.published] == urls
        assert publisher.published[-1].at - started >= 5 / 50 - 0.005  # two clocks: their difference
