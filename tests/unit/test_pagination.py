"""Articles split over several addresses: what is a further page, what is not, and what joining them gives."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pagination import MOST_PAGES, Further, further_pages, joined

SLUG = "menteri-jepang-dan-tiongkok-bertemu"
URL = f"https://warta.example/read/2024/05/03/{SLUG}"
FILLER = "<p>Para menteri bertemu di pelabuhan tua untuk membahas ikan.</p>" * 50


def further(links: str, url: str = URL) -> Further:
    return further_pages(f"<html><head></head><body>{FILLER}{links}{FILLER}</body></html>".encode(), url)


@pytest.mark.parametrize(
    ("link", "following"),
    [
        (f'<link rel="next" href="{URL}?page=2">', f"{URL}?page=2"),
        (f"<LINK HREF='{URL}/2' REL='next'>", f"{URL}/2"),
        ('<a href="?page=2">2</a>', f"{URL}?page=2"),
        ("<a href=?halaman=2>Halaman 2</a>", f"{URL}?halaman=2"),
        (f'<a href="{URL}?halaman=2">Selanjutnya</a>', f"{URL}?halaman=2"),
        (f'<a href="{URL}?utm_source=x&amp;page=2"><b>Next</b></a>', f"{URL}?utm_source=x&page=2"),
        (f'<a href="/read/2024/05/03/{SLUG}/page/2/"><span>2</span></a>', f"{URL}/page/2/"),
        (f'<a href="{URL}/2"><span class="x">2</span></a>', f"{URL}/2"),
        (f'<a class="paging__link" href="{URL}?page=2"><img src="a.png"></a>', f"{URL}?page=2"),
        (f'<a href="{URL}?page=1">1</a><a href="{URL}?page=3">3</a><a href="{URL}?page=2">2</a>', f"{URL}?page=2"),
        (f'<a href="{URL}/seite-2">nächste Seite</a>', f"{URL}/seite-2"),
        (f'<a href="{URL}?page=2#lanjut">Berikutnya</a>', f"{URL}?page=2"),
        (
            f'<a href="//m.warta.example/read/2024/05/03/{SLUG}?page=2">2</a>',
            f"https://m.warta.example{URL[21:]}?page=2",
        ),
        (f'<a rel="next" href="{URL}?page=1">›</a>', f"{URL}?page=1"),
    ],
)
def test_the_next_page_of_an_article_is_found(link: str, following: str) -> None:
    assert further(link) == Further(None, following)


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="{URL}?page=all">Tampilkan semua</a>',
        f'<a href="{URL}?showpage=all">Lihat semua</a>',
        f'<a href="{URL}?single=1">Selengkapnya</a>',
        f'<a href="{URL}?page=2">2</a><a href="{URL}/komplettansicht">Auf einer Seite lesen</a>',
        f'<a href="{URL}/all">single page</a>',
    ],
)
def test_the_page_that_shows_all_is_found(link: str) -> None:
    found = further(link).all
    assert found is not None
    assert found.startswith(URL)


@pytest.mark.parametrize(
    ("url", "link", "following"),
    [
        (f"{URL}?page=2", f'<a href="{URL}">1</a><a href="{URL}?page=3">3</a>', f"{URL}?page=3"),
        (f"{URL}/2", f'<a href="{URL}/3">Selanjutnya</a>', f"{URL}/3"),
        (f"{URL}?page=3", f'<a href="{URL}?page=2">2</a>', None),
        (f"{URL}?page={MOST_PAGES}", f'<a href="{URL}?page={MOST_PAGES + 1}">Next</a>', None),
        (f"{URL}?page=all", f'<a href="{URL}?page=2">2</a>', None),
        ("https://a.example/2024/c_112233.htm", '<a href="c_112233_2.htm">下一页</a>', "https://a.example/2024/c_112233_2.htm"),
        ("https://a.example/c_112233_2.htm", '<a href="c_112233_3.htm">下一页</a>', "https://a.example/c_112233_3.htm"),
        ("https://a.example/news.php?id=77", '<a href="news.php?id=77&page=2">2</a>', "https://a.example/news.php?id=77&page=2"),
        ("https://a.example/?p=123", '<a href="?p=123&amp;page=2">2</a>', "https://a.example/?p=123&page=2"),
        ("https://a.example/новости-дня-и-ночи", '<a href="/новости-дня-и-ночи?page=2">2</a>',
         "https://a.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8-%D0%B4%D0%BD%D1%8F-%D0%B8-%D0%BD%D0%BE%D1%87%D0%B8?page=2"),
    ],
)  # fmt: skip
def test_pages_are_counted_from_the_one_at_hand(url: str, link: str, following: str | None) -> None:
    assert further(link, url).next == following


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (URL, '<link rel="next" href="https://warta.example/read/2024/05/02/berita-lain-dari-kemarin">'),
        (URL, '<a rel="next" href="https://warta.example/read/2024/05/02/berita-lain-dari-kemarin?page=2">2</a>'),
        (URL, f'<a href="https://other.example/read/2024/05/03/{SLUG}?page=2">2</a>'),
        (URL, f'<a href="{URL}-2">Selanjutnya</a>'),
        (URL, f'<a href="{URL}/comment-page-2">2</a>'),
        (URL, f'<a href="{URL}?page=2#comments">2</a>'),
        (URL, f'<div class="comments-list"><ul class="pager"><li><a href="{URL}?page=2">2</a></li></ul></div>'),
        (URL, f'<a href="{URL}?page=2">Harga ikan naik</a>'),
        (URL, f'<script>var next = "{URL}?page=2"</script>'),
        (URL, f'<a href="{URL}?utm_source=share">Next</a><a href="{URL}#2">2</a>'),
        ("https://warta.example/", '<a href="?page=2">2</a>'),
        ("https://warta.example/nasional", '<link rel=next href="?page=2"><a href="/nasional?page=2">2</a>'),
        ("https://warta.example/tag/kantor-penghubung-jepang", '<link rel=next href="?page=2">'),
        ("https://warta.example/?p=12", '<a rel=next href="?p=13">Next</a>'),
        ("https://warta.example/?p=12", '<a rel=next href="?p=2">2</a>'),
        ("not a url", '<a rel=next href="?page=2">2</a>'),
    ],
)  # fmt: skip
def test_other_articles_comments_and_lists_are_no_further_pages(url: str, link: str) -> None:
    assert further(link, url) == Further(None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"<p>Only words, and a <a href='/x'>link</a>.</p>" * 6_500,
        f'<a href="{URL}?page=2"'.encode() * 30_000,
        f"{SLUG}/2 ".encode() * 30_000,
        b"<a href=?page=" * 100_000,
        b'<div class="' * 100_000 + f'<a href="{URL}?page=2">x</a>'.encode() * 100,
        b"?" * 2_000_000,
        b"<" * 2_000_000,
        (SLUG + "?").encode() * 50_000,
    ],
)
def test_a_search_for_pages_ends_soon_whatever_the_page(body: bytes) -> None:
    """Meant to take under a millisecond on a page without; the bound here is for hostile ones on a busy machine."""
    started = time.process_time()
    further_pages(body, URL)
    assert time.process_time() - started < 60


@given(st.binary(max_size=300), st.text(max_size=60))
def test_no_bytes_and_no_address_crash_it(noise: bytes, tail: str) -> None:
    for url in (tail, "https://a.example/" + tail, URL):
        further_pages(noise, url)
        further_pages(f'<a href="{URL}?page='.encode() + noise + b'">2</a>', url)


def test_pages_are_joined_in_order_and_what_they_repeat_stands_once() -> None:
    lead = "Menteri Jepang dan Tiongkok bertemu di pelabuhan."
    box = "Bagikan artikel ini kepada teman Anda"
    first = [lead, "Paragraf pertama cerita ini panjang.", "“Ya.”", "Paragraf kedua.", box]
    second = [lead, "Paragraf ketiga.", "Paragraf keempat.", "“Ya.”", "Kelima.", "Enam.", box]
    last = [lead, "Akhir cerita.", box.replace(" ", "  ").upper()]
    story = joined(["\n".join(page) for page in (first, second, last)])
    assert story.split("\n") == [*first, *second[1:-1], "Akhir cerita."]


def test_a_page_served_again_adds_nothing() -> None:
    assert joined(["a\nb", "a\nb", "b\na"]) == "a\nb"
    assert joined([]) == ""
    assert joined(["x"] + [f"page {n}" for n in range(MOST_PAGES + 5)]).count("\n") == MOST_PAGES - 1
