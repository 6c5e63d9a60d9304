"""Entities in a real Chromium: found while typing, followed from view to view, on a phone and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.axe import serious_faults
from tests.browser.conftest import Open
from tests.browser.namesakes import Names
from tests.browser.wire import Wire, served

pytestmark = pytest.mark.browser


@pytest.fixture
def address() -> Iterator[str]:
    wire = Wire()
    with served(create_app(WebPorts(search=wire, status=wire, entities=Names()))) as address:
        yield address


def test_names_appear_while_typing_and_lead_to_their_view(open_page: Open, address: str) -> None:
    page = open_page(f"{address}/entities")
    rows = page.locator("#names li")
    expect(rows).to_have_count(4)
    page.locator(".namebox input").press_sequentially("日本")
    expect(rows).to_have_count(1)
    rows.locator("a").click()
    expect(page.locator("h1")).to_have_text("Japan")
    expect(page.locator(".times rect")).to_have_count(24)  # days on which anything was
    expect(page.locator(".world circle")).to_have_count(1)


def test_both_of_two_are_one_step_away_and_the_way_back_too(open_page: Open, address: str) -> None:
    page = open_page(f"{address}/entity/country/JP")
    page.get_by_role("link", name="Both: NATO").click()
    expect(page.locator("h1")).to_have_text("Japan + NATO")
    expect(page.locator(".pair")).to_contain_text("5 times as many")
    page.get_by_role("link", name="only NATO").click()
    expect(page.locator("h1")).to_have_text("NATO")
    second = page.locator("input[name=also]")
    second.fill("jap")
    second.press("Enter")
    expect(page.locator("h1")).to_have_text("NATO + Japan")


@pytest.mark.parametrize("path", ["/entities", "/entity/country/JP", "/entity/country/JP?with=organisation/Q7184", "/entity/country/ZZ"])  # fmt: skip # noqa: E501
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_scrolls_one_way(
    open_page: Open, address: str, path: str, scheme: str
) -> None:
    page = open_page(address + path, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious_faults(page) == []


def test_it_works_without_scripts(open_page: Open, address: str) -> None:
    page = open_page(f"{address}/entities", java_script_enabled=False)
    page.locator(".namebox input").fill("nat")
    page.locator(".namebox button").click()
    page.locator("#names a").first.click()
    expect(page.locator("h1")).to_have_text("NATO")
