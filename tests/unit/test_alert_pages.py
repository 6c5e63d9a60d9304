"""What the addresses of alerts answer, on a desk in memory: lists, one alert, seen to, muted, feeds, the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import httpx
import pytest

from search.alerts.desk import AlertLine, AlertWish
from search.alerts.feed import alerts_atom
from search.alerts.marks import marked, unmarked
from search.feedxml import Channel
from search.web import alertrows
from search.web.access import Access
from search.web.app import create_app
from search.web.ports import WebPorts
from search.web.views import Reader
from tests.alertdesks import DESK, MAIL, MemoryAlerts, MemoryStream, alert, digest, gallery, told
from tests.browser.wire import Wire, served

HOSTILE = '<script>alert(1)</script>"onmouseover="alert(2)'
TOKEN = "0123456789abcdef0123456789abcdef"
READER = Reader("en", "Asia/Jakarta")


@pytest.fixture(scope="module")
def desk() -> MemoryAlerts:
    return MemoryAlerts()


@pytest.fixture(scope="module")
def address(desk: MemoryAlerts) -> Iterator[str]:
    ports = WebPorts(search=Wire(), status=Wire(), alerts=desk, alert_stream=MemoryStream(desk))
    with served(create_app(ports)) as address:
        yield address


@pytest.fixture
def client(address: str, desk: MemoryAlerts) -> Iterator[httpx.Client]:
    desk.__init__(gallery(datetime.now(UTC)))  # type: ignore[misc]  # fresh for each test
    with httpx.Client(base_url=address, timeout=20, headers={"Accept-Language": "en"}) as client:
        yield client


def first(desk: MemoryAlerts) -> AlertLine:
    return desk.alerts(AlertWish()).lines[0]


def test_the_list_says_what_matched_where_and_why_now(client: httpx.Client) -> None:
    page = client.get("/alerts").text
    assert "<mark>kantor penghubung</mark>" in page
    assert "&#34;kantor penghubung&#34;</code>" in page
    assert "and 3 more sources" in page
    assert "the story grew" in page
    assert "webhook:desk: delivered" in page
    assert "in another form of the words" in page
    assert "times the usual <b>4.3</b>" in page
    assert page.index("Paris tolak") < page.index("Dua kapal") < page.index("12 lowongan")


def test_a_choice_of_rule_and_state_narrows_and_counts_what_the_other_would_show(client: httpx.Client) -> None:
    page = client.get("/alerts", params={"rule": "kantor-penghubung", "state": "open"}).text
    assert "Paris tolak" in page
    assert "Dua kapal" not in page
    assert 'href="/alerts?rule=kantor-penghubung&amp;state=muted">muted 1' in page
    assert 'href="/alerts?rule=natuna-utara&amp;state=open"' in page
    assert client.get("/alerts", params={"state": "lost"}).status_code == 400
    assert client.get("/alerts", params={"story": "x" * 32}).status_code == 400


def test_older_ones_are_on_further_pages(client: httpx.Client, desk: MemoryAlerts) -> None:
    for n in range(60):
        desk.add(AlertLine(alert=alert(f"Judul {n}", minutes_ago=500 + n, now=datetime.now(UTC))))
    page = client.get("/alerts").text
    assert 'rel="next" href="/alerts?cursor=40"' in page
    older = client.get("/alerts?cursor=40").text
    assert "Judul 59" in older
    assert "data-stream" not in older


def test_one_alert_shows_its_deliveries_and_what_went_wrong(client: httpx.Client, desk: MemoryAlerts) -> None:
    one = first(desk).alert
    desk.told += [told(one, DESK), told(one, MAIL, "dead", attempts=9, last_error="550 mailbox full")]
    page = client.get(f"/alerts/{one.alert_id}").text
    assert "550 mailbox full" in page
    assert "given up" in page
    assert "took 2 s" in page
    assert client.get(f"/alerts/{'0' * 32}").status_code == 404
    assert client.get("/alerts/nothing").status_code in {400, 404}


def test_seen_to_and_open_again_lead_back_to_where_the_form_stood(client: httpx.Client, desk: MemoryAlerts) -> None:
    id = first(desk).alert.alert_id
    form = {"id": id, "by": "Rini", "note": "sudah dibahas", "back": "/alerts?rule=kantor-penghubung&done=x"}
    answer = client.post("/alerts/acknowledge", data=form)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/alerts?rule=kantor-penghubung&done=acknowledged&n=1",
    )
    assert "Seen to: 1." in client.get(answer.headers["location"]).text
    page = client.get(f"/alerts/{id}").text
    assert "seen to by Rini" in page
    assert "sudah dibahas" in page
    client.post("/alerts/reopen", data={"id": id})
    assert first(desk).alert.state == "open"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/alerts//x", "/alerts\\x", "/feeds", ""])
def test_a_form_leads_nowhere_else(client: httpx.Client, back: str) -> None:
    answer = client.post("/alerts/acknowledge", data={"id": "0" * 32, "back": back})
    assert answer.headers["location"] == "/alerts?done=acknowledged&n=0"


def test_htmx_gets_the_row_alone(client: httpx.Client, desk: MemoryAlerts) -> None:
    id = first(desk).alert.alert_id
    row = client.post("/alerts/acknowledge", data={"id": id}, headers={"HX-Request": "true"}).text
    assert "<html" not in row
    assert "Open again" in row
    assert "Seen to" in client.post("/alerts/reopen", data={"id": id}, headers={"HX-Request": "true"}).text


def test_a_story_or_a_rule_is_muted_for_a_while_and_heard_again(client: httpx.Client, desk: MemoryAlerts) -> None:
    one = first(desk).alert
    client.post("/alerts/mute", data={"what": "story", "story": one.story_id, "rule": one.rule, "hours": "8"})
    client.post("/alerts/mute", data={"what": "rule", "rule": "sanksi", "hours": "24"})
    assert [(mute.rule, mute.story_id) for mute in desk.muted] == [(None, one.story_id), ("sanksi", None)]
    assert timedelta(hours=7.9) < desk.muted[0].until - datetime.now(UTC) < timedelta(hours=8.1)
    assert "Rule sanksi, until" in client.get("/alerts").text
    client.post("/alerts/mute", data={"what": "rule", "rule": "sanksi", "hours": "0"})
    assert [mute.rule for mute in desk.muted] == [None]
    for wrong in ({"what": "rule", "hours": "8"}, {"what": "rule", "rule": "x", "hours": "nan"}, {"rule": "x"}):
        assert client.post("/alerts/mute", data=wrong).status_code == 400


def test_a_hostile_article_stays_text(client: httpx.Client, desk: MemoryAlerts) -> None:
    desk.add(AlertLine(alert=alert(HOSTILE, now=datetime.now(UTC), highlight=(f"‹{HOSTILE}›",), clause=(HOSTILE,))))
    for path in ("/alerts", f"/alerts/{alert(HOSTILE).alert_id}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<mark>&lt;script&gt;" in page


def test_an_outage_is_said(client: httpx.Client, desk: MemoryAlerts) -> None:
    desk.away = True
    assert client.get("/alerts").status_code == 503
    assert client.get("/api/alerts").status_code == 503
    assert client.get("/alerts/stream?q=rule%3Dnobody").status_code == 503
    assert client.get("/alerts/stream?q=rle%3Dx").status_code == 400


def test_the_api_lists_shows_and_changes(client: httpx.Client, desk: MemoryAlerts) -> None:
    found = client.get("/api/alerts", params={"rule": "kantor-penghubung", "size": 1}).json()
    assert found["total"] == 2
    assert found["lines"][0]["alert"]["@timestamp"].endswith("Z")
    assert found["states"] == {"open": 1, "muted": 1}
    id = found["lines"][0]["alert"]["alert_id"]
    desk.told.append(told(first(desk).alert, DESK, "retrying"))
    assert client.get(f"/api/alerts/{id}").json()["deliveries"][0]["channel"] == DESK
    seen = client.post(f"/api/alerts/{id}/acknowledge", json={"by": "skrip"}).json()
    assert (seen["line"]["alert"]["state"], seen["line"]["alert"]["acknowledged_by"]) == ("acknowledged", "skrip")
    assert client.post(f"/api/alerts/{id}/reopen").json()["line"]["alert"]["state"] == "open"
    assert len(client.get("/api/deliveries", params={"state": "retrying"}).json()["deliveries"]) == 1
    assert client.get("/api/deliveries", params={"state": "dead"}).json()["deliveries"] == []
    assert client.get("/api/alerts", params={"rle": "x"}).status_code == 400
    assert client.get(f"/api/alerts/{'0' * 32}").status_code == 404


@pytest.mark.parametrize(("kind", "version"), [("rss", "rss20"), ("atom", "atom10")])
def test_each_rule_has_its_feed(client: httpx.Client, kind: str, version: str) -> None:
    answer = client.get(f"/api/alerts.{kind}", params={"rule": "kantor-penghubung"})
    read = feedparser.parse(answer.content)
    assert (read.bozo, read.version, len(read.entries)) == (False, version, 2)
    assert read.entries[0].title == "Kantor penghubung: Paris tolak rencana kantor penghubung NATO di Tokyo"
    assert "<b>kantor penghubung</b>" in read.entries[0].summary
    assert read.entries[0].id.startswith("urn:kawat:alert:")
    again = client.get(
        f"/api/alerts.{kind}", params={"rule": "kantor-penghubung"}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    assert len(feedparser.parse(client.get(f"/api/alerts.{kind}").content).entries) == 5


def test_a_window_s_item_leads_to_the_alert_and_hostile_text_stays_text() -> None:
    lines = [gallery()[2], AlertLine(alert=alert(HOSTILE, highlight=(f"a ‹{HOSTILE}› b",)))]
    read = feedparser.parse(alerts_atom(Channel("t", "http://k/alerts", "http://k/a"), lines, "UTC", "http://k"))
    assert read.entries[0].link == f"http://k/alerts/{lines[0].alert.alert_id}"
    assert "expected 9.5" in read.entries[0].summary
    assert "<script>" not in read.entries[1].summary


def test_a_feed_s_key_opens_that_feed_alone(desk: MemoryAlerts) -> None:
    desk.__init__(gallery())  # type: ignore[misc]  # fresh
    ports = WebPorts(search=Wire(), status=Wire(), alerts=desk, alert_stream=MemoryStream(desk))
    access = Access(TOKEN)
    with served(create_app(ports, token=TOKEN)) as address, httpx.Client(base_url=address) as client:
        keyed = access.keyed("/api/alerts.rss?rule=sanksi")
        assert client.get(keyed).status_code == 200
        assert client.get(keyed.replace("sanksi", "natuna-utara")).status_code == 401
        assert client.get(keyed.replace("/api/alerts.rss", "/api/search.rss")).status_code == 401
        assert client.get(f"/api/alerts.rss?key={access.feed_key([])}").status_code == 401  # of the search for all
        login = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get("/api/alerts/feeds?rule=sanksi", headers=login).json()["rss"].endswith(keyed)
        assert client.get("/alerts/stream").status_code == 401


def test_what_matched_is_marked_and_everything_else_escaped() -> None:
    assert marked("a <b> ‹x & y› c") == "a &lt;b&gt; <mark>x &amp; y</mark> c"
    assert marked("‹x›", "b") == "<b>x</b>"
    assert unmarked("a ‹x› ‹y") == "a x ‹y"


def test_figures_are_told_as_readers_write_them() -> None:
    told = dict(
        alertrows.figures(
            {"count": 1200, "height": 4.25, "direction": "down", "timeframe": 5400, "odd_one": ["a", "b"], "no": None},
            READER,
        )
    )
    assert told == {
        "counted": "1,200",
        "times the usual": "4.2",
        "direction": "less than usual",
        "within": "1 h 30 min",
        "odd one": "a, b",
    }


def test_a_wish_is_the_same_text_however_it_was_made() -> None:
    wish = AlertWish(state="open", rule="a&b=c", story=digest("x"))
    assert AlertWish.of(wish.query) == wish
    assert AlertWish().query == ""
