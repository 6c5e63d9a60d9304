"""Alerts and rules in a real Chromium: a stream, keys, mutes, a rule made of a search, a wrong match taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch
from playwright.sync_api import expect

from search.alerts.desk import AlertLine
from search.alerts.listing import AlertShelf
from search.alerts.live import LiveAlerts
from search.client import connect
from search.rules.faults import Fault
from search.upkeep import ensure_schema
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.alertdesks import DESK, MAIL, MemoryAlerts, MemoryStream, alert, gallery, told
from tests.browser.axe import serious_faults
from tests.browser.conftest import PATIENCE, Open
from tests.browser.gallery import gallery as articles
from tests.browser.wire import Wire, served
from tests.integration.test_alert_desk import write_alerts
from tests.ruledesks import MemoryRules

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)
HOSTILE = '</ol><script>alert(1)</script><img src=x onerror=alert(2)>"onmouseover="alert(3)'


@pytest.fixture
def alerts() -> MemoryAlerts:
    now = datetime.now(UTC)
    desk = MemoryAlerts(gallery(now))
    one = gallery(now)[0].alert
    desk.told += [told(one, DESK), told(one, MAIL, "retrying", attempts=3, last_error="550 " + "x" * 200)]
    return desk


@pytest.fixture
def rules() -> MemoryRules:
    return MemoryRules()


@pytest.fixture
def address(alerts: MemoryAlerts, rules: MemoryRules) -> Iterator[str]:
    wire = Wire()
    wire.hits = articles()
    ports = WebPorts(search=wire, status=wire, alerts=alerts, alert_stream=MemoryStream(alerts), rules=rules)
    with served(create_app(ports)) as address:
        yield address


def test_an_alert_arrives_by_itself_on_top_and_can_be_seen_to(
    address: str, open_page: Open, alerts: MemoryAlerts
) -> None:
    page = open_page(f"{address}/alerts")
    rows = page.locator("#arrivals li.alert")
    expect(rows).to_have_count(5)
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    expect(page.locator(".receipt")).to_contain_text("4,812 articles from 41 of 42 feeds")
    alerts.add(AlertLine(alert=alert("Baru saja dicatat", now=datetime.now(UTC))))
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("Baru saja dicatat")
    rows.first.get_by_role("button", name="Seen to").click()
    expect(rows.first).to_contain_text("seen to by somebody at the page")
    rows.first.get_by_role("button", name="Open again").click()
    expect(rows.first.get_by_role("button", name="Seen to")).to_be_visible()
    assert serious_faults(page) == []


def test_a_desk_works_through_its_alerts_by_keyboard(address: str, open_page: Open, alerts: MemoryAlerts) -> None:
    page = open_page(f"{address}/alerts")
    rows = page.locator("#arrivals li.alert")
    page.keyboard.press("j")
    expect(rows.nth(0).locator("a").first).to_be_focused()
    page.keyboard.press("a")
    expect(rows.nth(0)).to_have_class("article alert acknowledged high")
    expect(rows.nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("a")
    expect(rows.nth(1)).to_have_class("article alert acknowledged critical")
    assert sum(one.alert.state == "acknowledged" for one in alerts.lines.values()) == 3


def test_a_story_is_muted_for_a_while_and_heard_again(address: str, open_page: Open, alerts: MemoryAlerts) -> None:
    page = open_page(f"{address}/alerts?rule=kantor-penghubung")
    expect(page.locator("h1")).to_have_text("Alerts: Kantor penghubung")
    row = page.locator("#arrivals li.alert").first
    row.locator(".mute summary").click()
    row.get_by_label("For").select_option("8 hours")
    row.get_by_role("button", name="Mute").click()
    expect(page.locator("p.done")).to_have_text("Muted.")
    expect(page).to_have_url(f"{address}/alerts?rule=kantor-penghubung&done=muted")
    expect(page.locator(".mutes")).to_contain_text("Story")
    assert alerts.muted[0].story_id is not None
    page.get_by_role("button", name="End the silence").click()
    expect(page.locator(".mutes")).to_have_count(0)


def test_one_alert_says_who_was_told_and_takes_a_note(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/alerts")
    page.get_by_role("link", name="Paris tolak rencana kantor penghubung NATO di Tokyo").click()
    expect(page.locator(".deliveries li")).to_have_count(2)
    expect(page.locator(".deliveries")).to_contain_text("tried again")
    page.get_by_label("Your name").fill("Rini")
    page.get_by_label("Note").fill("Sudah <b>dibahas</b>")
    page.get_by_role("button", name="Seen to").click()
    expect(page.locator("p.notice")).to_have_text("Sudah <b>dibahas</b>")
    expect(page.locator(".opening")).to_contain_text("seen to by Rini")


def test_a_search_becomes_a_rule_that_shows_what_it_would_have_caught(
    address: str, open_page: Open, rules: MemoryRules
) -> None:
    page = open_page(f"{address}/?q=kantor")
    page.get_by_role("link", name="Alert me").click()
    expect(page.locator(".caught")).to_contain_text("34 articles")
    page.get_by_label("all forms").check()
    expect(page.locator(".caught")).to_contain_text("61 articles")
    page.get_by_label("What is looked for").fill("cuntry:JP")
    expect(page.locator(".caught")).to_contain_text("did you mean country:?")
    page.get_by_label("What is looked for").fill("nikel AND Halmahera")
    expect(page.locator(".caught")).to_contain_text("61 articles")
    page.get_by_label("Name", exact=True).fill("Nikel Halmahera")
    page.get_by_label("Priority").select_option("high")
    page.get_by_label(DESK).check()
    page.get_by_text("More: stories").click()
    page.get_by_label("A sentence it must find").fill("Nikel Halmahera diekspor")
    page.get_by_role("button", name="Write the rule").click()
    expect(page.locator("p.done")).to_have_text("The rule is written and in force.")
    expect(page.locator("h1")).to_contain_text("Nikel Halmahera")
    (draft,) = rules.added
    assert (draft.query, draft.match, draft.priority, draft.notify) == (
        "nikel AND Halmahera",
        "stemmed",
        "high",
        (DESK,),
    )


def test_what_was_no_match_is_taken_back_after_a_look_at_what_else_would_go(
    address: str, open_page: Open, rules: MemoryRules
) -> None:
    page = open_page(f"{address}/alerts")
    page.get_by_role("link", name="Paris tolak rencana kantor penghubung NATO di Tokyo").click()
    page.get_by_role("link", name="This was no match").click()
    expect(page.locator("#losing")).to_contain_text("still found")
    page.get_by_label("What to leave out").fill("lowongan")
    expect(page.locator("#losing")).to_contain_text("1 other article would be lost")
    expect(page.locator("#losing")).to_contain_text("This article would no longer be found.")
    page.get_by_role("button", name="Write it to the rule").click()
    expect(page.locator("p.done")).to_have_text("Written to the rule's file, and in force.")
    assert [(rule, none_of) for rule, _, none_of in rules.taken] == [("kantor-penghubung", "lowongan")]


def test_the_box_of_the_rules_answers_while_one_writes_and_a_channel_is_rung(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/rules")
    page.get_by_label("Query").press_sequentially("kantor")
    expect(page.locator("#caught")).to_contain_text("34 articles")
    page.get_by_role("button", name=f"Send test: {DESK}").click()
    expect(page.locator("#rung")).to_contain_text("arrived after 0.4 s")
    page.get_by_role("button", name=f"Send test: {MAIL}").click()
    expect(page.locator("#rung")).to_contain_text("no answer within 10 s")


def test_what_arrives_runs_nothing(address: str, open_page: Open, alerts: MemoryAlerts) -> None:
    """The fixture fails on any dialog, script error or complaint of the policy."""
    page = open_page(f"{address}/alerts")
    expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
    hostile = alert(
        HOSTILE, now=datetime.now(UTC), highlight=(f"a ‹{HOSTILE}› b",), clause=(HOSTILE,), rule_name=HOSTILE
    )
    alerts.add(AlertLine(alert=hostile))
    expect(page.locator("#arrivals li.alert")).to_have_count(6)
    page.goto(f"{address}/alerts/{hostile.alert_id}")
    expect(page.locator("blockquote")).to_contain_text("<script>")
    assert page.locator("main img, main script").count() == 0


def test_it_works_without_script(address: str, open_page: Open, rules: MemoryRules) -> None:
    page = open_page(f"{address}/alerts", java_script_enabled=False)
    page.locator("#arrivals li.alert").first.get_by_role("button", name="Seen to").click()
    expect(page.locator("p.done")).to_have_text("Seen to: 1.")
    page.goto(f"{address}/rules/try?query=kantor")
    expect(page.locator(".caught")).to_contain_text("34 articles")
    page.goto(f"{address}/rule/kantor-penghubung/no-match")
    page.get_by_label("The sentence").fill("x")
    page.get_by_label("What to leave out").fill("lowongan")
    page.get_by_role("button", name="Show what would be lost").click()
    expect(page.locator("#losing")).to_contain_text("1 other article would be lost")
    page.get_by_role("button", name="Write it to the rule").click()
    expect(page.locator("p.done")).to_be_visible()
    assert rules.taken == [("kantor-penghubung", "x", "lowongan")]


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "id-ID")])
def test_it_fits_a_phone_and_axe_finds_nothing_serious(
    address: str, open_page: Open, alerts: MemoryAlerts, rules: MemoryRules, *, scheme: str, locale: str
) -> None:
    rules.faults = (Fault(file="a.yaml", line=3, column=8, message="no key " + "x" * 120, suggestion="query"),)
    long = alert("p" * 180, now=datetime.now(UTC), rule_name="r" * 90, clause=("c" * 200,))
    alerts.add(AlertLine(alert=long))
    one = gallery(datetime.now(UTC))[0].alert.alert_id
    page = open_page(f"{address}/alerts", viewport={"width": 360, "height": 740}, color_scheme=scheme, locale=locale)
    paths = ("/alerts", f"/alerts/{one}", "/rules?q=kantor", "/rule/kantor-penghubung", "/rules/new?q=kantor")
    for path in (*paths, f"/rule/kantor-penghubung/no-match?alert={one}&none_of=lowongan"):
        page.goto(f"{address}{path}")
        if path not in {f"/alerts/{one}", "/rules/new?q=kantor"} and "no-match" not in path:
            expect(page.locator(".receipt")).to_be_visible()
        for summary in page.locator("main summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert serious_faults(page) == [], path


@pytest.mark.services
def test_on_a_real_index_an_alert_appears_by_itself(open_page: Open, elasticsearch_url: str) -> None:
    prefix, wire, now = f"t{secrets.token_hex(5)}-", Wire(), datetime.now(UTC).replace(microsecond=0)
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        ensure_schema(client, prefix)
        write_alerts(client, prefix, gallery(now))
        desk, stream = AlertShelf(client, prefix), LiveAlerts(client, prefix)
        with served(create_app(WebPorts(search=wire, status=wire, alerts=desk, alert_stream=stream))) as address:
            page = open_page(f"{address}/alerts?state=open")
            rows = page.locator("#arrivals li.alert")
            expect(rows).to_have_count(3)
            expect(page.locator(".lamp")).to_have_attribute("data-state", "following")
            write_alerts(client, prefix, [AlertLine(alert=alert("Dari indeks", now=now))])
            expect(rows.first).to_contain_text("Dari indeks")
            rows.first.get_by_role("button", name="Seen to").click()
            expect(rows.first).to_contain_text("seen to by")
            page.reload()
            expect(rows).to_have_count(3)
        remove_all(client, prefix)


def remove_all(client: Elasticsearch, prefix: str) -> None:
    for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all"):
        client.indices.delete(index=index)
    for template in client.indices.get_index_template(name=f"{prefix}*")["index_templates"]:
        client.indices.delete_index_template(name=template["name"])
