"""The page in a real Chromium: what a reader sees, and what happens without a reload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from ingest.tagging import tag
from search.articles import Articles
from search.client import connect
from search.entityindex import EntityIndex
from search.entitysearch import EntitySearch
from search.ports import Document, ServiceUnavailable
from search.search import Searcher
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.axe import serious_faults
from tests.browser.conftest import Open
from tests.browser.gallery import full_wire
from tests.browser.wire import RUNNING, SETTING_UP, Wire, hit, page_of, served
from tests.integration.search_material import SEEN, MemoryHomes, article, digest, document, feed
from tests.newsroom.sample import sample_articles

STORIES = 7  # of the gallery's nine articles, three tell one
pytestmark = pytest.mark.browser


@pytest.fixture
def wire() -> Wire:
    return full_wire()


@pytest.fixture
def address(wire: Wire) -> Iterator[str]:
    with served(page_of(wire)) as address:
        yield address


def look_now(page: Page) -> None:
    """As if the reader came back to the tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_articles_stand_newest_first_with_all_about_them(open_page: Open, address: str) -> None:
    page = open_page(address)
    rows = page.locator("li.article")
    expect(rows).to_have_count(STORIES)
    first = rows.first
    expect(first.locator("h3")).to_have_text("Paris tolak rencana kantor penghubung NATO di Tokyo")
    expect(first.locator("h3 mark")).to_have_text("kantor penghubung")
    expect(first.locator(".about")).to_contain_text("Kawat Contoh")
    expect(first.locator(".badge")).to_have_text("sample")
    assert first.locator("a.source").get_attribute("rel") == "noopener noreferrer nofollow"
    assert page.locator("[lang=ar] >> nth=0").evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_a_new_article_appears_by_itself_without_a_reload(open_page: Open, address: str, wire: Wire) -> None:
    page = open_page(address)
    page.evaluate("window.sameDocument = true")
    wire.hits.append(hit("Baru saja masuk", minutes_ago=0))
    expect(page.locator("li.article").first).to_contain_text("Baru saja masuk")
    assert page.locator("li.article").first.evaluate("e => e.classList.contains('new')")
    assert page.evaluate("window.sameDocument") is True


def test_the_set_up_turns_into_the_list_by_itself(open_page: Open, address: str, wire: Wire) -> None:
    wire.state = SETTING_UP
    page = open_page(address)
    expect(page.locator(".step.running")).to_contain_text("31 of 44 MB of jars")
    wire.state = RUNNING
    expect(page.locator("li.article")).to_have_count(STORIES)


def test_an_index_that_is_away_comes_back_by_itself(open_page: Open, address: str, wire: Wire) -> None:
    wire.error = ServiceUnavailable("Elasticsearch", "connection refused")
    page = open_page(address)
    expect(page.locator("h1")).to_have_text("The index does not answer")
    wire.error = None
    expect(page.locator("li.article")).to_have_count(STORIES)


def test_a_lost_server_is_said_and_found_again(open_page: Open, address: str) -> None:
    page = open_page(address)
    page.route("**/fragment*", lambda route: route.abort())
    look_now(page)
    expect(page.locator(".offline")).to_be_visible()
    expect(page.locator("li.article")).to_have_count(STORIES)
    page.unroute("**/fragment*")
    look_now(page)
    expect(page.locator(".offline")).to_be_hidden()


def test_a_reader_in_the_middle_of_the_list_is_not_disturbed(open_page: Open, address: str, wire: Wire) -> None:
    page = open_page(address, viewport={"width": 800, "height": 400})
    page.evaluate("window.scrollTo(0, 500)")
    wire.hits.append(hit("Baru saja masuk", minutes_ago=0))
    look_now(page)
    pill = page.locator(".pill")
    expect(pill).to_have_text("1 new article")
    expect(page.locator("li.article")).to_have_count(STORIES)
    pill.click()
    expect(page.locator("li.article")).to_have_count(STORIES + 1)
    expect(pill).to_be_hidden()
    assert page.evaluate("window.scrollY") == 0


def test_the_keyboard_reaches_the_search_and_the_articles(open_page: Open, address: str) -> None:
    page = open_page(address)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("smelter/baru")
    expect(page.locator("#q")).to_have_value("smelter/baru")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("li.article h3 a").nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("li.article h3 a").nth(0)).to_be_focused()
    page.keyboard.press("/")
    page.locator("#q").fill("smelter")
    page.keyboard.press("Enter")
    expect(page.locator("li.article")).to_have_count(1)
    expect(page.locator("#q")).to_have_value("smelter")


@pytest.mark.parametrize("query", ["tokyo cuntry:JP", "东京 cuntry:JP"])
def test_the_caret_stands_under_the_character(open_page: Open, address: str, query: str) -> None:
    page = open_page(f"{address}/?q={query}")
    caret = page.locator(".caret b").bounding_box()
    left = page.evaluate(
        """() => { const text = document.querySelector('.caret code').firstChild, range = document.createRange();
        const at = text.data.indexOf('cuntry'); range.setStart(text, at); range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left; }"""
    )
    assert caret is not None
    assert abs(caret["x"] - left) < 1.5
    page.get_by_role("link", name="country:JP").click()
    expect(page.locator("#q")).to_have_value(query.replace("cuntry", "country"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?q=tokyo", "/?q=tokyo+cuntry:JP", "/?q=zebra"])
def test_axe_finds_no_serious_fault(open_page: Open, address: str, scheme: str, path: str) -> None:
    assert serious_faults(open_page(address + path, color_scheme=scheme)) == []


def test_a_hostile_article_runs_nothing(open_page: Open, address: str, wire: Wire) -> None:
    """The fixture fails on any dialog, script error or complaint of the policy."""
    bad = '<script>alert(1)</script><img src=x onerror=alert(2)>"onmouseover="alert(3)'
    wire.hits = [hit(bad, source_name=bad, url=f"https://a.example/{bad}"), hit("scheme", url="javascript:alert(4)")]
    page = open_page(address)
    expect(page.locator("li.article h3").first).to_have_text(bad)
    wire.hits.append(hit(bad + "2", minutes_ago=0))
    look_now(page)
    expect(page.locator("li.article")).to_have_count(3)
    page.locator("li.article h3 a").first.hover()
    assert page.locator("li.article a.source").count() == 2  # a script's address is no link
    assert page.locator("main img, main script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?q=tokyo+cuntry:JP", "/?q=zebra"])
def test_it_fits_a_phone_in_light_and_dark(open_page: Open, address: str, scheme: str, path: str, wire: Wire) -> None:
    wire.hits.append(hit("w" * 300, url="https://a.example", source_name="s" * 200))
    page = open_page(address + path, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (_light(paper) > _light(ink)) == (scheme == "light")


def _light(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


@pytest.mark.services
def test_an_article_written_to_a_real_index_shows_up_and_is_found(
    open_page: Open, elasticsearch_url: str, index_prefix: str
) -> None:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
        app = create_app(WebPorts(search=Searcher(client, index_prefix), status=Wire()), tz="Asia/Jakarta")
        with served(app) as address:
            page = open_page(address, locale="id-ID")
            expect(page.locator("h1")).to_have_text("Belum ada yang masuk")
            index.write([document("Rencana <b>kantor</b> di Tokyo"), document("Lain", body="Tidak ada.")])
            expect(page.locator("li.article")).to_have_count(2)
            page.locator("#q").fill('"kantor penghubung"')
            page.locator("#q").press("Enter")
            expect(page.locator("li.article")).to_have_count(1)
            expect(page.locator("li.article h3")).to_have_text("Rencana <b>kantor</b> di Tokyo")
            expect(page.locator(".snippet mark").first).to_have_text("kantor penghubung")


def sample_documents() -> Iterator[Document]:
    """The sample articles, tagged, one an hour."""
    for hour, one in enumerate(sample_articles()):
        text = article(one.title, body="\n".join(one.body), language=one.language, authors=one.authors)
        seen = SEEN + timedelta(hours=hour)
        yield Document(entry_id=digest(one.slug), tagged=tag(text), feed=feed(), first_seen=seen)


@pytest.mark.services
def test_a_reader_searches_narrows_reads_and_follows_a_name_on_a_real_index(
    open_page: Open, elasticsearch_url: str, index_prefix: str
) -> None:
    """The whole journey by keyboard, on articles that were extracted and tagged as any other."""
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        written = list(sample_documents())
        ElasticsearchIndex(client, index_prefix, MemoryHomes()).write(written)
        EntityIndex(client, index_prefix).load()
        client.indices.refresh(index=f"{index_prefix}*")
        ports = WebPorts(
            search=Searcher(client, index_prefix, tz="Asia/Jakarta"),
            status=Wire(),
            articles=Articles(client, index_prefix),
            entities=EntitySearch(client, index_prefix, tz="Asia/Jakarta"),
        )
        with served(create_app(ports, tz="Asia/Jakarta")) as address:
            page = open_page(address, viewport={"width": 1200, "height": 900})
            expect(page.locator("li.article")).to_have_count(len(written))
            page.keyboard.press("/")
            page.keyboard.type('"kantor penghubung"')
            page.keyboard.press("Enter")
            expect(page.locator("li.article")).to_have_count(2)
            expect(page.locator(".snippet mark").first).to_have_text("kantor penghubung")
            page.get_by_role("link", name="Indonesian 2").press("Enter")
            expect(page.locator("#q")).to_have_value('"kantor penghubung" lang:id')
            page.get_by_role("link", name="NATO 1", exact=True).press("Enter")
            expect(page.locator("li.article")).to_have_count(1)
            page.keyboard.press("j")
            page.keyboard.press("o")
            page.wait_for_url("**/article/*")
            expect(page.locator(".text")).to_contain_text("kantor penghubung")
            country = page.locator(".text .m.country").first
            expect(country).to_have_attribute("href", re.compile("^/entity/country/[A-Z]{2}$"))
            country.press("Enter")
            expect(page.locator(".what").first).to_have_text("country")
            page.go_back()
            page.locator(".text .m.organisation", has_text="NATO").first.press("Enter")
            page.wait_for_url("**/entity/organisation/Q7184")
            expect(page.locator("h1")).to_have_text("NATO")
            assert serious_faults(page) == []
            page.get_by_role("link", name="Read them all").press("Enter")
            expect(page.locator(".chip")).to_contain_text("NATO")
            expect(page.locator("li.article").first).to_be_visible()
            page.get_by_role("link", name="Search", exact=True).press("Enter")
            page.locator(".plot canvas").wait_for()
            page.locator(".plot").focus()
            page.keyboard.press("Home")
            page.keyboard.press("Enter")
            page.wait_for_url("**/?q=seen*")
            expect(page.locator("li.article")).to_have_count(1)
            expect(page.locator(f"#a-{written[0].id}")).to_be_visible()
