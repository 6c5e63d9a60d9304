"""Live, Feeds, Status and the first visit in a real Chromium, by keyboard too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ingest.urls import feed_id
from search.client import connect
from search.live import Arrival, LiveArticles
from search.ports import ServiceUnavailable
from search.search import Searcher
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.axe import serious_faults
from tests.browser.conftest import Open
from tests.browser.gallery import gallery
from tests.browser.wire import Wire, served
from tests.desks import MemoryFeeds, MemoryQuarantine, MemoryVitals, feed, good_trial, health, site_trial
from tests.integration.search_material import MemoryHomes, document
from tests.unit.test_livehub import Stream

pytestmark = pytest.mark.browser
GOOD, SITE = "https://good.example/rss", "https://site.example/"


@pytest.fixture
def stream() -> Stream:
    stream = Stream()
    stream.arrivals = [Arrival(hit=hit, at=hit.first_seen) for hit in gallery()[:7]]
    return stream


@pytest.fixture
def feeds() -> MemoryFeeds:
    desk = MemoryFeeds(
        health(feed("https://antara.example/rss", folder="Indonesia")),
        health(
            feed("https://kaput.example/" + "w" * 200, folder="World"),
            state="failing",
            failures=3,
            error="https://kaput.example: 404",
            error_kind="4xx",
        ),
    )
    desk.trials = {GOOD: good_trial(GOOD), SITE: site_trial(SITE)}
    return desk


@pytest.fixture
def quarantine() -> MemoryQuarantine:
    return MemoryQuarantine(2)


@pytest.fixture
def address(stream: Stream, feeds: MemoryFeeds, quarantine: MemoryQuarantine) -> Iterator[str]:
    wire = Wire()
    wire.hits = gallery()[:7]
    ports = WebPorts(search=wire, status=wire, live=stream, feeds=feeds, quarantine=quarantine, vitals=MemoryVitals())
    with served(create_app(ports)) as address:
        yield address


def test_an_article_arrives_by_itself_on_top(address: str, open_page: Open, stream: Stream) -> None:
    page = open_page(f"{address}/live")
    rows = page.locator("#arrivals li.article")
    expect(rows).to_have_count(7)
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    stream.come("Baru saja masuk")
    expect(rows).to_have_count(8)
    expect(rows.first).to_contain_text("Baru saja masuk")
    assert serious_faults(page) == []


def test_who_pauses_by_keyboard_is_told_how_many_wait(address: str, open_page: Open, stream: Stream) -> None:
    page = open_page(f"{address}/live")
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    page.keyboard.press("p")
    expect(page.locator("button.pause")).to_have_attribute("aria-pressed", "true")
    stream.come("satu")
    stream.come("dua")
    pill = page.locator("button.waiting")
    expect(pill).to_have_text("2 new articles")
    expect(page.locator("#arrivals li.article")).to_have_count(7)
    page.keyboard.press("p")
    expect(page.locator("#arrivals li.article")).to_have_count(9)
    expect(pill).to_be_hidden()


def test_a_reader_in_the_middle_of_the_list_is_let_be(address: str, open_page: Open, stream: Stream) -> None:
    page = open_page(f"{address}/live", viewport={"width": 800, "height": 500})
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    page.keyboard.press("j")
    expect(page.locator("#arrivals li.article a").first).to_be_focused()
    stream.come("satu")
    expect(page.locator("button.waiting")).to_have_text("1 new article")
    page.locator("button.waiting").click()
    expect(page.locator("#arrivals li.article").first).to_contain_text("satu")
    expect(page.locator("#arrivals li.article a").first).to_be_focused()


def test_a_lost_connection_is_said_and_costs_no_article(address: str, open_page: Open, stream: Stream) -> None:
    """The browser goes on from the last article it got: nothing is missing, nothing doubled."""
    page = open_page(f"{address}/live")
    rows = page.locator("#arrivals li.article")
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    stream.come("before")
    expect(rows).to_have_count(8)
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    stream.come("meanwhile one")
    stream.come("meanwhile two")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(rows).to_have_count(10)
    stream.error = ServiceUnavailable("Elasticsearch", "refused")
    expect(page.locator(".lamp")).to_have_attribute("data-state", "away")
    stream.error = None
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    titles = page.locator("#arrivals h3").all_text_contents()
    assert len(set(titles)) == len(titles) == 10


def test_what_arrives_runs_nothing(address: str, open_page: Open, stream: Stream) -> None:
    """The fixture fails on any dialog, script error or complaint of the policy."""
    page = open_page(f"{address}/live")
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    stream.come('</ol><script>alert(1)</script>\r\n\r\ndata: <img src=x onerror=alert(2)>"')
    expect(page.locator("#arrivals li.article")).to_have_count(8)
    assert page.locator("main img, main script").count() == 0


@pytest.mark.services
def test_an_article_of_a_real_index_arrives_filtered(
    open_page: Open, elasticsearch_url: str, index_prefix: str
) -> None:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
        ports = WebPorts(search=Searcher(client, index_prefix), status=Wire(), live=LiveArticles(client, index_prefix))
        with served(create_app(ports)) as address:
            page = open_page(f"{address}/live", locale="id-ID")
            page.locator("#filter").fill('"kantor penghubung"')
            page.keyboard.press("Enter")
            expect(page.locator(".nothing")).to_be_visible()
            expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
            index.write([document("Rencana di Tokyo"), document("Lain", body="Tidak ada.")])
            expect(page.locator("#arrivals li.article")).to_have_count(1)
            expect(page.locator("#arrivals h3")).to_have_text("Rencana di Tokyo")
            expect(page.locator("#arrivals mark").first).to_have_text("kantor penghubung")
            page.close()


def test_a_broken_feed_says_why_by_keyboard_alone(address: str, open_page: Open, feeds: MemoryFeeds) -> None:
    page = open_page(f"{address}/feeds")
    page.locator("#url").focus()
    page.keyboard.type("https://nix.example/rss")
    page.keyboard.press("Enter")
    trial = page.locator(".trial")
    expect(trial).to_contain_text("Nobody knows this host's address")
    expect(trial).to_contain_text("Look for a slip in the address")
    assert page.url == f"{address}/feeds", "htmx puts the answer in place"
    assert serious_faults(page) == []
    assert feed_id("https://nix.example/rss") not in feeds.followed


def test_a_site_leads_to_its_feed_and_a_good_one_is_followed(address: str, open_page: Open, feeds: MemoryFeeds) -> None:
    feeds.trials[f"{SITE}feed.xml"] = good_trial(f"{SITE}feed.xml")
    page = open_page(f"{address}/feeds")
    page.locator("#url").fill(SITE)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Try: Semua berita").press("Enter")
    expect(page.locator(".trial")).to_contain_text("Kantor penghubung dibuka")
    page.locator("#f-folder").fill("Desk")
    page.get_by_role("button", name="Follow it").press("Enter")
    expect(page.locator(".done")).to_contain_text("It is asked at once")
    assert feeds.followed[feed_id(f"{SITE}feed.xml")].feed.folder == "Desk"


def test_without_script_everything_can_be_done(address: str, open_page: Open, feeds: MemoryFeeds) -> None:
    page = open_page(f"{address}/feeds", java_script_enabled=False)
    page.locator("#url").fill(GOOD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Follow it").click()
    expect(page.locator("h1")).to_contain_text("Warta Contoh")
    page.locator("details.sure summary").click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.locator(".done")).to_contain_text("Removed: 1")
    assert feed_id(GOOD) not in feeds.followed


def test_entries_leave_quarantine_by_keyboard(address: str, open_page: Open, quarantine: MemoryQuarantine) -> None:
    page = open_page(f"{address}/status")
    assert serious_faults(page) == []
    first = quarantine.held[0].id
    page.locator(f"#q-{first}").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send the chosen on again").press("Enter")
    expect(page.locator(".done")).to_contain_text("Sent on again: 1")
    assert quarantine.replayed == [first]
    page.locator("details.sure summary").press("Enter")
    page.get_by_role("button", name="Give up all").press("Enter")
    expect(page.locator("#quarantine")).to_contain_text("Nothing is in quarantine")


def test_the_status_keeps_itself_up_to_date_without_touching_what_is_chosen(
    address: str, open_page: Open, quarantine: MemoryQuarantine
) -> None:
    page = open_page(f"{address}/status")
    page.locator(f"#q-{quarantine.held[0].id}").check()
    page.evaluate("document.querySelector('#now .fits').textContent = 'old'")
    expect(page.locator("#now .fits")).to_have_text("It adds up: nothing was lost.")
    expect(page.locator(f"#q-{quarantine.held[0].id}")).to_be_checked()


def test_the_first_visit_asks_and_is_asked_once(
    address: str, open_page: Open, feeds: MemoryFeeds, tmp_path: Path
) -> None:
    opml = tmp_path / "mine.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline type="rss" text="Satu" xmlUrl="https://satu.example/rss"/></body></opml>'
    )
    page = open_page(address, timezone_id="Asia/Tokyo")
    expect(page.locator("h1")).to_have_text("Welcome to Kawat")
    expect(page.locator("select[name=tz]")).to_have_value("Asia/Tokyo")
    assert serious_faults(page) == []
    page.get_by_label("Bahasa Indonesia").check()
    page.get_by_label("World").check()
    page.locator("input[type=file]").set_input_files(opml)
    page.get_by_role("button", name="Begin").press("Enter")
    expect(page.locator("li.article").first).to_be_visible()
    expect(page.locator("footer")).to_contain_text("Asia/Tokyo")
    assert page.locator("html").get_attribute("lang") == "id"
    assert {"Bbc", "Satu", "Antara"} <= {one.feed.name for one in feeds.feeds()}
    page.goto(address)
    expect(page.locator("li.article").first).to_be_visible()
    assert page.url == f"{address}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/live", "/feeds", "/feeds/packs", "/status", "/welcome", "/feeds/new"])
def test_each_view_fits_a_phone_in_light_and_dark(address: str, open_page: Open, scheme: str, path: str) -> None:
    page = open_page(address + path, viewport={"width": 360, "height": 740}, color_scheme=scheme, locale="id-ID")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious_faults(page) == []
