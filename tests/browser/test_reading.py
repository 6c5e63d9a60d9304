"""Finding and reading in a real Chromium: narrow by facets and time, open an article, follow a name, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import serious_faults
from tests.browser.conftest import Open
from tests.browser.gallery import NATO_ID, STORY, full_wire
from tests.browser.wire import Wire, hit, page_of, served

pytestmark = pytest.mark.browser
ARTICLE, CHANGES, WHOLE_STORY = f"/article/{NATO_ID}", f"/article/{NATO_ID}/changes", f"/story/{STORY}"
EVENING = "seen:[2026-03-04T18:00 TO *]"  # the gallery's last hour, by the clocks of Jakarta


@pytest.fixture
def wire() -> Wire:
    return full_wire()


@pytest.fixture
def address(wire: Wire) -> Iterator[str]:
    with served(page_of(wire)) as address:
        yield address


def query(page: Page) -> str:
    """What the address searches for."""
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def plot(page: Page) -> Locator:
    """The timeline, drawn."""
    found = page.locator(".plot")
    expect(found.locator("canvas")).to_be_visible()
    return found


def test_a_facet_adds_its_value_to_the_words_in_the_box_and_a_chip_takes_it_out(open_page: Open, address: str) -> None:
    page = open_page(f"{address}/?q=nato", viewport={"width": 1200, "height": 900})
    page.get_by_role("link", name="English 1").click()
    expect(page.locator("#q")).to_have_value("nato lang:en")
    page.get_by_role("link", name="Without the condition English").click()
    expect(page.locator("#q")).to_have_value("nato")
    page.get_by_role("link", name="Without English", exact=True).click()
    expect(page.locator("#q")).to_have_value("nato -lang:en")
    expect(page.locator(".chip.not")).to_contain_text("English")


def test_a_time_is_brushed_by_mouse(open_page: Open, address: str) -> None:
    page = open_page(address, viewport={"width": 1200, "height": 900})
    box = plot(page).locator(".u-over").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.48, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=5)
    expect(page.locator("#timeline-said")).to_contain_text("…")
    page.mouse.move(box["x"] + box["width"] - 3, middle, steps=5)
    page.mouse.up()
    expect(page.locator("#q")).to_have_value("seen:[2026-03-04T08:00 TO *]")
    page.locator(".chip a").click()
    expect(page.locator("#q")).to_have_value("")


def test_a_time_is_brushed_by_touch(open_page: Open, address: str) -> None:
    page = open_page(address, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    over = plot(page).locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    expect(page.locator("#q")).to_have_value(EVENING)


def test_a_time_is_chosen_by_keyboard(open_page: Open, address: str) -> None:
    page = open_page(address)
    plot(page).focus()
    page.keyboard.press("Home")
    expect(page.locator("#timeline-said")).to_contain_text("1 article")
    page.keyboard.press("Escape")
    expect(page.locator("#timeline-said")).to_be_empty()
    page.keyboard.press("End")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value(EVENING)
    assert query(page) == EVENING


def test_without_script_times_are_chosen_by_a_form(open_page: Open, address: str) -> None:
    page = open_page(address, java_script_enabled=False)
    page.get_by_text("Choose times, see figures").click()
    page.get_by_label("From").fill("2026-03-04T00:00")
    page.locator("[name=to]").fill("2026-03-05T00:00")
    page.get_by_role("button", name="Apply").click()
    assert query(page) == "seen:[2026-03-04 TO 2026-03-04]"
    expect(page.locator("#timeline-figures tr").last).to_contain_text("18:00")


def test_a_folded_story_unfolds_in_place(open_page: Open, address: str) -> None:
    page = open_page(address)
    page.get_by_role("link", name="+2 sources").click()
    others = page.locator(".unfolded li")
    expect(others).to_have_count(2)
    expect(page.get_by_role("link", name="The whole story")).to_be_focused()
    expect(others.first).to_contain_text("Prancis: kantor penghubung NATO bukan untuk Asia")
    page.get_by_role("link", name="every article").click()
    expect(page.locator("li.article")).to_have_count(9)


def test_older_articles_are_put_below_without_leaving_the_page(open_page: Open, address: str, wire: Wire) -> None:
    wire.hits = [hit(f"Artikel {n}", minutes_ago=n) for n in range(70)]
    page = open_page(address)
    page.evaluate("window.sameDocument = true")
    for shown in (60, 70):
        page.get_by_role("link", name="Older articles").click()
        expect(page.locator("li.article")).to_have_count(shown)
    expect(page.get_by_role("link", name="Older articles")).to_have_count(0)
    expect(page.locator(".day")).to_have_count(1)
    assert page.evaluate("window.sameDocument") is True


def test_names_are_suggested_and_chosen_by_keyboard(open_page: Open, address: str) -> None:
    page = open_page(address)
    page.keyboard.press("/")
    page.keyboard.type("tokyo kish")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value('tokyo person:"k-fumio-kishida"')
    expect(page.locator(".chip")).to_contain_text("Fumio Kishida")


def test_keys_open_articles_and_the_help(open_page: Open, address: str) -> None:
    page = open_page(address)
    page.keyboard.press("?")
    expect(page.locator("dialog#help")).to_be_visible()
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog#help")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**{ARTICLE}")
    expect(page.locator("h1")).to_have_text("Paris tolak rencana kantor penghubung NATO di Tokyo")


def test_an_article_tells_all_and_leads_to_whom_it_names(open_page: Open, address: str) -> None:
    page = open_page(address + ARTICLE)
    expect(page.locator(".text p")).to_have_count(4)
    expect(page.locator(".text p").last).to_contain_text('<script>alert("tidak")</script>')
    expect(page.locator(".text .m.organisation").first).to_have_text("NATO")
    expect(page.locator(".times")).to_contain_text("18:47")
    expect(page.locator(".notice").first).to_contain_text("sample site")
    page.get_by_text("Where does this come from?").click()
    expect(page.locator(".evidence")).to_contain_text("the page's structured data (JSON-LD): headline")
    expect(page.locator(".story li")).to_have_count(2)
    name = page.locator(".text .m.person").filter(has_text="Fumio Kishida")
    name.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/entity/person/k-fumio-kishida")
    expect(page.locator("h1")).to_contain_text("Fumio Kishida")


def test_changes_are_shown_word_by_word(open_page: Open, address: str) -> None:
    page = open_page(address + ARTICLE)
    page.get_by_role("link", name="Changed once").click()
    expect(page.locator(".diff del").first).to_have_text("menyetujui")
    expect(page.locator(".diff ins").first).to_have_text("menolak")
    expect(page.locator(".versions .title del")).to_contain_text("setuju")
    page.get_by_role("link", name="Back to the article").click()
    page.wait_for_url(f"**{ARTICLE}")


def test_a_story_tells_its_articles(open_page: Open, address: str) -> None:
    page = open_page(address + ARTICLE)
    page.get_by_role("link", name="The whole story: 3 articles").click()
    expect(page.locator("li.article")).to_have_count(3)
    expect(page.locator(".by")).to_contain_text("3 independent sources")


@pytest.mark.parametrize("path", ["/article/nothing", "/story/nothing", "/article/nothing/changes"])
def test_what_is_not_there_is_said(open_page: Open, address: str, path: str) -> None:
    page = open_page(address + path)
    expect(page.locator("h1")).to_contain_text("There is no such")
    assert serious_faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [ARTICLE, CHANGES, WHOLE_STORY, "/help", "/?q=nato+lang:id"])
def test_every_view_is_sound_for_every_reader_and_fits_a_phone(
    open_page: Open, address: str, scheme: str, path: str
) -> None:
    page = open_page(address + path, viewport={"width": 360, "height": 740}, color_scheme=scheme, locale="id-ID")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("html").get_attribute("lang") == "id"


def test_a_right_to_left_text_is_read_from_the_right(open_page: Open, address: str, wire: Wire) -> None:
    arabic = "وزراء خارجية يبحثون أمن الملاحة"
    wire.articles[NATO_ID] = wire.articles[NATO_ID].model_copy(
        update={"title": arabic, "body": arabic, "language": "ar", "mentions": ()}
    )
    page = open_page(address + ARTICLE)
    for part in ("h1", ".text p"):
        assert page.locator(part).first.evaluate("e => getComputedStyle(e).direction") == "rtl"
