"""Pages of links as sources, and the addresses that name them."""

from __future__ import annotations

import pytest

from ingest.errors import NotAFeed, Refused
from ingest.feedaddress import FeedAddress, feed_address
from ingest.listpages import likely_selector, listed_links
from ingest.opml import read_opml, write_opml
from ingest.records import Feed
from ingest.urls import feed_id
from search.feeddesk import UnwantedError
from worker.desk import feed_of

URL = "https://www.example.com/kanal/dunia"
PAGE = b"""<html><head><base href="/"></head><body><nav><a class="menu" href="/tentang">Tentang kami</a></nav>
<div class="daftar">
<article class="kartu"><a href="berita/1"><img alt="Foto" src="x.jpg"></a>
<h2><a href="/berita/1?utm_source=x">Kantor penghubung NATO dibuka di Tokyo</a></h2></article>
<article class="kartu">
<h2><a href="https://berita.example.com/2">Menteri luar negeri <b>bertemu</b> di Jakarta</a></h2></article>
<article class="kartu">
<h2><a href="https://lain.example.net/3">Iklan dari situs lain yang tidak dibaca</a></h2></article>
<article class="kartu"><h2><a href="javascript:alert(1)">Tautan yang bukan halaman sama sekali</a></h2></article>
</div></body></html>"""


def links(selector: str, body: bytes = PAGE) -> dict[str, str | None]:
    return listed_links(body, url=URL, selector=selector)


@pytest.mark.parametrize("selector", ["article", ".kartu a", "div.daftar > article", "article a[href]"])
def test_links_of_the_own_site_are_entries_with_their_words_as_title(selector: str) -> None:
    assert links(selector) == {
        "https://www.example.com/berita/1": "Kantor penghubung NATO dibuka di Tokyo",
        "https://berita.example.com/2": "Menteri luar negeri bertemu di Jakarta",
    }


@pytest.mark.parametrize(("selector", "why"), [(".nyheter a", "fits nothing"), ("h1, nav h2", "fits nothing")])
def test_a_selector_that_fits_nothing_is_a_failure_of_its_own_kind(selector: str, why: str) -> None:
    with pytest.raises(NotAFeed, match=why) as caught:
        links(selector)
    assert caught.value.reason == "no-match"


def test_a_selector_that_fits_only_other_sites_links_says_so() -> None:
    with pytest.raises(NotAFeed, match="lead to other sites") as caught:
        links("a[href*='lain.']")
    assert caught.value.reason == "no-match"


@pytest.mark.parametrize("body", [b"", b"   ", b"<a>" * 20_000, b"\x00\xff", b"<p>" + b"<div>" * 10_000])
def test_pages_without_anything_to_read_say_so(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        links("a", body)


def test_a_list_of_headlines_is_guessed_by_its_surroundings() -> None:
    items = "".join(
        f'<li class="item"><a class="judul" href="/b/{n}">Judul berita nomor {n} yang cukup panjang</a></li>'
        for n in range(8)
    )
    page = f"<body><nav class='m'>{'<a href=/x>Menu</a>' * 20}</nav><ul class='daftar'>{items}</ul></body>".encode()
    selector = likely_selector(page, URL)
    assert selector
    assert len(links(selector, page)) == 8
    assert likely_selector(b"<p>Selamat datang</p>", URL) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/rss",
        "sitemap:https://example.com/sitemap_news.xml?a=1",
        "page:https://example.com/dunia#css=h2 a",
        "page:https://example.com/dunia?p=1#css=div.list > a:not(.ad)",
        'page:https://example.com/#css=a[href*="/berita/"]',
        "page:https://example.com/#css=a[title='100%25']",
    ],
)
def test_an_address_reads_back_as_it_was_written_and_stays_itself_in_opml(text: str) -> None:
    address = feed_address(text)
    assert feed_address(address.text) == address
    feed = feed_of(text)
    assert (feed.id, feed.url, feed.name) == (address.id, address.text, "example.com")
    (back,) = read_opml(write_opml([feed], "K"), "x").feeds
    assert (back.id, back.url) == (feed.id, feed.url)


def test_ids_tell_kinds_and_selectors_apart_and_a_feeds_stays_what_it_was() -> None:
    url = "https://example.com/dunia"
    texts = (url, f"sitemap:{url}", f"page:{url}#css=h2 a", f"page:{url}#css=h3 a")
    assert len({feed_address(text).id for text in texts}) == 4
    assert feed_address(url).id == feed_id(url)
    assert Feed(id="x", url=FeedAddress(form="sitemap", url=url).text, name="x").url == f"sitemap:{url}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("page:https://example.com/", "names no links"),
        ("page:https://example.com/#css=", "names no links"),
        ("page:https://example.com/#css=a[[", "no CSS selector"),
        ("page:https://example.com/#css=" + "a " * 300, "longer than"),
        ("sitemap:ftp://example.com/", "https://"),
        ("sitemap:example.com", "https://"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        feed_address(text)
    with pytest.raises(UnwantedError, match=why):
        feed_of(text)
