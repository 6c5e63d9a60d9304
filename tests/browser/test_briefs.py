"""Kliping in a real Chromium, on a real index: keep, note, put in order by keyboard and by hand, take out, export."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from docx import Document
from elasticsearch import Elasticsearch
from playwright.sync_api import Page, expect

from search.briefs.pages import PageShelf
from search.briefs.store import ElasticsearchBriefs
from search.client import connect
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.axe import serious_faults
from tests.browser.conftest import Open
from tests.browser.wire import Wire, served
from tests.integration.search_material import MemoryHomes, digest, document
from tests.integration.test_briefs import PAGE, raw

pytestmark = [pytest.mark.browser, pytest.mark.services]
TITLES = ("NATO buka kantor penghubung", "Smelter berhenti", "Kabel laut putus")
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>"onmouseover="alert(3)'


@pytest.fixture(scope="module")
def prefix(elasticsearch_url: str) -> Iterator[str]:
    """Of one schema for all tests here: to make it is most of what they cost."""
    prefix = f"t{secrets.token_hex(5)}-"
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        ensure_schema(client, prefix)
        ElasticsearchIndex(client, prefix, MemoryHomes()).write([document(title) for title in (*TITLES, HOSTILE)])
        yield prefix
        for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all"):
            client.indices.delete(index=index)
        for template in client.indices.get_index_template(name=f"{prefix}*")["index_templates"]:
            client.indices.delete_index_template(name=template["name"])


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        yield client


@pytest.fixture(scope="module")
def desk(client: Elasticsearch, prefix: str) -> ElasticsearchBriefs:
    return ElasticsearchBriefs(client, prefix, tz="Asia/Jakarta")


@pytest.fixture(scope="module")
def shelf(client: Elasticsearch, prefix: str) -> PageShelf:
    return PageShelf(client, prefix)


@pytest.fixture(scope="module")
def address(desk: ElasticsearchBriefs) -> Iterator[str]:
    wire = Wire()
    with served(create_app(WebPorts(search=wire, status=wire, briefs=desk))) as address:
        yield address


@pytest.fixture
def brief(desk: ElasticsearchBriefs, address: str) -> str:
    """The address of a brief of this test's own, with three clippings."""
    id = desk.begin(desk.today(), "Rapat pagi")
    for title in TITLES:
        desk.keep(article=digest(title), brief=id)
    return f"{address}/kliping/{id}"


def titles(page: Page) -> list[str]:
    return page.locator(".clipping h2").all_text_contents()


def test_todays_brief_is_begun_from_the_list_and_named_by_its_reader(open_page: Open, address: str) -> None:
    page = open_page(f"{address}/kliping")
    page.get_by_role("button", name="Open today’s brief").click()
    expect(page.locator("h1")).to_contain_text("Brief of")
    page.get_by_text("Title and note of this brief").click()
    page.get_by_label("Title").fill("Rapat sore")
    page.get_by_label("Note").fill("Untuk <b>rapat</b>")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Rapat sore")
    expect(page.locator(".lead .note")).to_have_text("Untuk <b>rapat</b>")
    page.get_by_role("link", name="All briefs").click()
    expect(page.get_by_role("link", name="Rapat sore")).to_be_visible()


def test_a_note_is_written_and_stays(open_page: Open, brief: str) -> None:
    page = open_page(brief)
    row = page.locator(".clipping").first
    row.locator(".edit summary").click()
    row.locator("textarea[name=note]").fill("Bandingkan.\nCek lagi.")
    row.get_by_label("For whom").fill("meja Asia")
    row.get_by_role("button", name="Save").click()
    expect(page.locator("p.done")).to_have_text("Saved.")
    page.reload()
    expect(page.locator(".clipping .note").first).to_have_text("Bandingkan.\nCek lagi.")
    expect(page.locator(".clipping .concerns").first).to_contain_text("meja Asia")


def test_a_clipping_goes_two_places_by_one_key(open_page: Open, brief: str, desk: ElasticsearchBriefs) -> None:
    page = open_page(brief)
    page.get_by_role("button", name=f"Move down: {TITLES[0]}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".clipping h2").nth(1)).to_have_text(TITLES[0])
    expect(page.get_by_role("button", name=f"Move down: {TITLES[0]}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".clipping h2").nth(2)).to_have_text(TITLES[0])
    expect(page.get_by_role("button", name=f"Move up: {TITLES[0]}")).to_be_focused()
    view = desk.brief(brief.rpartition("/")[2])
    assert view is not None
    assert [one.title for one in view.brief.clippings] == [TITLES[1], TITLES[2], TITLES[0]]


def test_a_clipping_is_dragged_to_the_top(open_page: Open, brief: str) -> None:
    page = open_page(brief)
    start = page.locator(".handle").nth(2).bounding_box()
    goal = page.locator(".clipping").nth(0).bounding_box()
    assert start is not None
    assert goal is not None
    page.mouse.move(start["x"] + 5, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, goal["y"] + 40, steps=5)
    page.mouse.move(start["x"] + 5, goal["y"] + 2)
    with page.expect_navigation():
        page.mouse.up()
    expect(page.locator(".clipping h2").first).to_have_text(TITLES[2])
    assert titles(page) == [TITLES[2], TITLES[0], TITLES[1]]


def test_what_is_taken_out_is_put_back_where_it_stood(open_page: Open, brief: str) -> None:
    page = open_page(brief)
    page.get_by_role("button", name=f"Take out: {TITLES[1]}").click()
    expect(page.locator(".clipping")).to_have_count(2)
    page.get_by_role("button", name="Put it back", exact=True).first.click()
    expect(page.locator(".clipping")).to_have_count(3)
    assert titles(page) == list(TITLES)


def test_of_two_who_edit_at_once_the_second_is_told_and_keeps_the_words(open_page: Open, brief: str) -> None:
    mine, theirs = open_page(brief), open_page(brief)
    for page, note in ((theirs, "dari mereka"), (mine, "dari saya")):
        row = page.locator(".clipping").first
        row.locator(".edit summary").click()
        row.locator("textarea[name=note]").fill(note)
        with page.expect_navigation():
            row.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("alert")).to_contain_text("Somebody else changed this brief meanwhile")
    row = mine.locator(".clipping").first
    expect(row.locator(".theirs")).to_contain_text("dari mereka")
    expect(row.locator("textarea[name=note]")).to_have_value("dari saya")
    row.get_by_role("button", name="Save").click()
    expect(mine.locator(".clipping .note").first).to_have_text("dari saya")


def test_a_brief_is_exported_and_its_raw_page_comes_as_bytes_that_nothing_renders(
    open_page: Open, brief: str, shelf: PageShelf
) -> None:
    page = open_page(brief)
    id = page.locator(".clipping").first.get_attribute("data-id") or ""
    shelf.shelve(raw(id))
    shelf.mark_match(id, "other", "title")
    page.reload()
    expect(page.locator(".match-other")).to_contain_text("something else when it was fetched (title)")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the raw page").click()
    data = Path(coming.value.path()).read_bytes()
    assert data == PAGE
    assert hashlib.sha256(data).hexdigest() in page.locator(".page code").inner_text()
    answer = page.request.get(f"{brief.rpartition('/kliping')[0]}/kliping/page/{id}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for ending in ("md", "html", "docx"):
        with page.expect_download() as coming:
            page.locator(f".exports a[href$='.{ending}']").click()
        assert coming.value.suggested_filename.endswith(f".{ending}")
        data = Path(coming.value.path()).read_bytes()
        if ending == "docx":
            assert TITLES[0] in "\n".join(one.text for one in Document(io.BytesIO(data)).paragraphs)
        else:
            assert TITLES[0] in data.decode()


def test_a_hostile_article_runs_nothing_here_either(open_page: Open, address: str, desk: ElasticsearchBriefs) -> None:
    """The fixture fails on any dialog, script error or complaint of the policy."""
    kept = desk.keep(article=digest(HOSTILE), note=HOSTILE, concerns=HOSTILE[:200])
    page = open_page(f"{address}/kliping/{kept.brief_id}")
    expect(page.locator(".clipping h2")).to_have_text(HOSTILE)
    expect(page.locator(".clipping .note")).to_have_text(HOSTILE)
    assert page.locator("main img, main script").count() == 0
    page.get_by_role("button", name="Take out").click()
    expect(page.locator("form.done")).to_contain_text(HOSTILE)


def test_it_works_without_script(open_page: Open, brief: str) -> None:
    page = open_page(brief, java_script_enabled=False)
    page.get_by_role("button", name=f"Move down: {TITLES[0]}").click()
    expect(page.locator(".clipping h2").nth(1)).to_have_text(TITLES[0])


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "id-ID")])
def test_it_fits_a_phone_and_axe_finds_nothing_serious(
    open_page: Open, brief: str, shelf: PageShelf, scheme: str, locale: str
) -> None:
    list_address = brief.rpartition("/")[0]
    page = open_page(brief, viewport={"width": 360, "height": 740}, color_scheme=scheme, locale=locale)
    ids = [row.get_attribute("data-id") or "" for row in page.locator(".clipping").all()]
    shelf.shelve(raw(ids[0]))
    shelf.mark_match(ids[0], "other", "title, body")
    shelf.mark_failed(ids[1], "https://news.example/" + "x" * 200, due=None)
    for address in (brief, list_address):
        page.goto(address)
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert serious_faults(page) == []
