"""What the addresses of rules answer, on a desk in memory: lists, one rule, alert me, no match, tests, receipts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from search.rules.faults import Fault
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.alertdesks import DESK, MAIL, MemoryAlerts, MemoryStream, gallery
from tests.browser.gallery import gallery as articles
from tests.browser.wire import Wire, served
from tests.ruledesks import HOSTILE, MemoryRules

WIRE = Wire()


@pytest.fixture(scope="module")
def desks() -> tuple[MemoryRules, MemoryAlerts]:
    return MemoryRules(), MemoryAlerts()


@pytest.fixture(scope="module")
def address(desks: tuple[MemoryRules, MemoryAlerts]) -> Iterator[str]:
    rules, alerts = desks
    ports = WebPorts(search=WIRE, status=WIRE, alerts=alerts, alert_stream=MemoryStream(alerts), rules=rules)
    with served(create_app(ports)) as address:
        yield address


@pytest.fixture
def desk(desks: tuple[MemoryRules, MemoryAlerts]) -> MemoryRules:
    rules, alerts = desks
    rules.__init__()  # type: ignore[misc]  # fresh for each test
    alerts.__init__(gallery(datetime.now(UTC)))  # type: ignore[misc]  # likewise
    return rules


@pytest.fixture
def client(address: str, desk: MemoryRules) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=20, headers={"Accept-Language": "en"}) as client:
        yield client


def test_the_rules_in_force_are_listed_with_their_days_and_whom_they_tell(client: httpx.Client) -> None:
    page = client.get("/rules").text
    assert "5 rules" in page
    assert 'href="/rule/kantor-penghubung">Kantor penghubung' in page
    assert "at once to webhook:desk, mailto:desk" in page
    assert "in a digest to mailto:desk" in page
    assert "switched off" in page
    assert "2 alerts" in page
    assert page.count("<rect") >= 4 * 30
    assert "put in force by rini" in page


def test_faults_of_the_files_are_shown_with_their_places(client: httpx.Client, desk: MemoryRules) -> None:
    desk.faults = (Fault(file="a.yaml", line=3, column=8, message=f"no key {HOSTILE}", suggestion="query"),)
    page = client.get("/rules").text
    assert "<code>a.yaml:3:8</code>" in page
    assert "Perhaps: query" in page
    assert "/srv/kawat/rules" in page
    assert HOSTILE not in page


def test_the_box_shows_what_a_rule_would_have_caught(client: httpx.Client) -> None:
    part = client.get("/rules/try", params={"query": "kantor"}, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "34 articles" in part.text
    assert "about 9 stories" in part.text
    assert "<mark>kantor</mark>" in part.text
    assert "61 articles" in client.get("/rules/try", params={"query": "kantor", "match": "stemmed"}).text
    wrong = client.get("/rules/try", params={"query": "cuntry:JP"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "did you mean country:?" in wrong.text) == (200, True)
    assert client.get("/rules/try", params={"query": "cuntry:JP"}).status_code == 400
    assert "34 articles" in client.get("/rules", params={"q": "kantor"}).text


def test_a_search_leads_to_a_rule(client: httpx.Client) -> None:
    WIRE.hits = articles()
    assert 'href="/rules/new?q=kantor&amp;stemmed=1"' in client.get("/", params={"q": "kantor", "stemmed": "1"}).text
    assert "/rules/new" not in client.get("/").text
    form = client.get("/rules/new", params={"q": '"kantor penghubung"', "stemmed": "1"}).text
    assert "&#34;kantor penghubung&#34;</textarea>" in form
    assert 'value="kantor penghubung"' in form
    assert 'value="stemmed" checked' in form


def test_alert_me_writes_a_rule(client: httpx.Client, desk: MemoryRules) -> None:
    form = {
        "name": "Nikel Halmahera",
        "query": "nikel AND Halmahera",
        "owner": "meja",
        "priority": "high",
        "match": "exact",
        "dedup": "story",
        "update_after": "3",
        "realert": "1d",
        "schedule": "0 7 * * *",
        "tz": "Asia/Jakarta",
        "language": "id",
        "notify": [DESK, MAIL],
        "quiet_from": "",
    }
    answer = client.post("/rules", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/rule/nikel-halmahera?done=added")
    assert (desk.added[0].notify, desk.added[0].update_after, desk.added[0].schedule) == ((DESK, MAIL), 3, "0 7 * * *")
    assert "written and in force" in client.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"query": "cuntry:JP"}, "did you mean country:?"),
        ({"name": ""}, "Name"),
        ({"priority": "urgent"}, "Priority"),
        ({"update_after": "many"}, "so many more sources"),
    ],
)
def test_a_draft_that_is_no_good_comes_back_with_all_that_was_written(
    client: httpx.Client, desk: MemoryRules, changes: dict[str, str], said: str
) -> None:
    form = {"name": "Nikel", "query": "nikel", "owner": "meja <x>", "notify": MAIL, **changes}
    answer = client.post("/rules", data=form)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="meja &lt;x&gt;"' in answer.text
    assert f'value="{MAIL}" checked' in answer.text
    assert desk.added == []


def test_faults_of_a_new_file_are_told_with_what_was_meant(client: httpx.Client, desk: MemoryRules) -> None:
    desk.refuses = True
    answer = client.post("/rules", data={"name": "Nikel", "query": "nikel"})
    assert answer.status_code == 400
    assert "x.yaml:3:8" in answer.text
    assert "Perhaps: NATO" in answer.text


def test_one_rule_shows_all_of_it(client: httpx.Client) -> None:
    page = client.get("/rule/kantor-penghubung").text
    for said in ("Quiet hours", "22:00–06:00", "3 more sources", "Kantor hubungan masyarakat pindah", "12 lowongan"):
        assert said in page
    assert client.get("/rule/nothing").status_code == 404
    assert "every day at 7:00" in client.get("/rule/pergerakan-pasukan").text


def test_what_was_no_match_is_taken_back_and_shows_what_else_would_go(client: httpx.Client, desk: MemoryRules) -> None:
    one = gallery(datetime.now(UTC))[0].alert
    where = "/rule/kantor-penghubung/no-match"
    page = client.get(where, params={"alert": one.alert_id}).text
    assert (
        "Membuka kantor penghubung di Jepang membutuhkan persetujuan bulat dari Dewan Atlantik Utara.</textarea>"
        in page
    )
    assert "still found" in page
    assert "Beijing telah menyampaikan" in page
    asked = {"alert": one.alert_id, "sentence": "x", "none_of": "lowongan"}
    part = client.get(where, params=asked, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "1 other article would be lost" in part
    assert "This article would no longer be found." in part
    assert "still be found" in client.get(where, params={**asked, "none_of": "humas"}).text
    assert "did you mean country:?" in client.get(where, params={**asked, "none_of": "cuntry:x"}).text
    answer = client.post(where, data=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/rule/kantor-penghubung?done=taken")
    assert desk.taken == [("kantor-penghubung", "x", "lowongan")]
    assert client.post(where, data={"sentence": " "}).status_code == 400
    assert client.post(where, data={"sentence": "x", "none_of": "cuntry:x"}).status_code == 400
    assert client.post("/rule/nothing/no-match", data={"sentence": "x"}).status_code == 404
    desk.refuses = True
    assert "changed meanwhile" in client.post(where, data={"sentence": "x"}).text


def test_send_test_rings_the_channel(client: httpx.Client, desk: MemoryRules) -> None:
    assert "arrived after 0.4 s" in client.post("/rules/ring", data={"channel": DESK}).text
    part = client.post("/rules/ring", data={"channel": MAIL}, headers={"HX-Request": "true"}).text
    assert "no answer within 10 s" in part
    assert "<html" not in part
    assert desk.rung == [DESK, MAIL]
    assert client.post("/rules/ring", data={"channel": "nothing"}).status_code == 404


def test_the_strip_says_what_the_silence_is_worth(client: httpx.Client, desk: MemoryRules) -> None:
    strip = client.get("/rules/receipt").text
    assert "Heard." in strip
    assert "4,812 articles from 41 of 42 feeds" in strip
    assert "Blind: Tempo (403 since" in strip
    desk.doubted = True
    doubted = client.get("/rules/receipt", params={"rule": "sanksi", "testing": "true"}).text
    assert "Do not trust the silence." in doubted
    assert "What was nearly found" in doubted
    assert client.get("/rules/receipt", params={"rule": "nothing"}).status_code == 404
    assert 'hx-get="/rules/receipt?rule=sanksi"' in client.get("/alerts?rule=sanksi").text


def test_an_outage_is_said(client: httpx.Client, desk: MemoryRules) -> None:
    desk.away = True
    assert client.get("/rules").status_code == 503
    assert client.get("/rules/try", params={"query": "x"}).status_code == 503
    assert client.get("/api/rules").status_code == 503


def test_the_api_lists_rules_and_makes_receipts(client: httpx.Client) -> None:
    found = client.get("/api/rules").json()
    assert [one["id"] for one in found["rules"]][:2] == ["kantor-penghubung", "natuna-utara"]
    assert client.get("/api/rules/sanksi").json()["match"] == "stemmed"
    made = client.get("/api/rules/sanksi/receipt", params={"testing": "true", "hours": 12}).json()
    assert made["trusted"] is True
    assert made["text"].startswith("No alert in 12 h; 4,812 articles")
    assert client.get("/api/rules/nothing").status_code == 404
    assert client.get("/api/rules/nothing/receipt").status_code == 404
    assert client.get("/api/rules/sanksi/receipt", params={"hour": 12}).status_code == 400
