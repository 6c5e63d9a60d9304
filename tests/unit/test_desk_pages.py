"""Feeds, status and the first visit without a browser: what they answer, what a form changes, what can do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest

from ingest.opml import read_opml
from ingest.schedule import WEIGHTS
from ingest.urls import feed_id
from search.ports import ServiceUnavailable
from search.web.app import create_app
from search.web.feedrows import in_plain_words
from search.web.ports import WebPorts
from search.web.views import Reader
from tests.browser.wire import RUNNING, Wire, served
from tests.desks import MemoryFeeds, MemoryQuarantine, MemoryVitals, feed, good_trial, health, site_trial

GOOD, SITE = "https://good.example/rss", "https://site.example/"
OPML = b'<opml version="2.0"><body><outline type="rss" text="Satu" xmlUrl="https://satu.example/rss"/></body></opml>'
STAGES = {"fetch": {"ready": 9, "due": 4, "leased": 2, "oldest": 4000.0, "waiting": "<b>slow</b>"}}


class Desk(SimpleNamespace):
    wire: Wire
    feeds: MemoryFeeds
    quarantine: MemoryQuarantine
    client: httpx.Client


@pytest.fixture
def desk() -> Iterator[Desk]:
    wire, quarantine = Wire(), MemoryQuarantine(3)
    wire.state = {**RUNNING, "stages": STAGES, "discarded_by_reason": {"robots": 30, "odd-reason": 6}}
    feeds = MemoryFeeds(
        health(feed("https://antara.example/rss", folder="Indonesia", country="ID", kind="think-tank")),
        health(
            feed("https://kaput.example/rss", folder="World"),
            state="failing",
            failures=3,
            error="https://kaput.example/rss: 404 <script>alert(1)</script>",
            error_kind="4xx",
        ),
        health(feed("https://stil.example/rss", name="Stil & <i>"), state="quiet", seen=0.0, expected=3.2),
    )
    feeds.trials = {GOOD: good_trial(GOOD), SITE: site_trial(SITE)}
    ports = WebPorts(search=wire, status=wire, feeds=feeds, quarantine=quarantine, vitals=MemoryVitals())
    with served(create_app(ports)) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Desk(wire=wire, feeds=feeds, quarantine=quarantine, client=client)


def test_every_feed_is_told_with_its_state_and_those_in_trouble_stand_first(desk: Desk) -> None:
    page = desk.client.get("/feeds").text
    assert page.index(">Kaput<") < page.index("Stil &amp; &lt;i&gt;") < page.index(">Antara<")
    for text in ("failing 1", "quiet 1", "44 of 48 a day", "there is nothing at this address", "0.0 of 3.2 a day"):
        assert text in page, text


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("state=failing", ["Kaput"]),
        ("state=quiet", ["Stil"]),
        ("folder=Indonesia", ["Antara"]),
        ("q=KAPUT", ["Kaput"]),
        ("q=world+rss", ["Kaput"]),
        ("q=nothing-of-it", []),
        ("sort=name", ["Antara", "Kaput", "Stil"]),
        ("sort=no-such-order", ["Kaput", "Stil", "Antara"]),
    ],
)
def test_feeds_are_filtered_and_sorted(desk: Desk, asked: str, names: list[str]) -> None:
    page = desk.client.get(f"/feeds?{asked}").text
    shown = [part.split(">", 1)[1].split("<", 1)[0].split(" ")[0] for part in page.split('<a href="/feeds/')[1:]]
    assert [name for name in shown if name in {"Antara", "Kaput", "Stil"}] == names


def test_one_feed_says_all_that_is_known_of_it(desk: Desk) -> None:
    page = desk.client.get(f"/feeds/{feed_id('https://kaput.example/rss')}").text
    assert "3 times in a row" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert desk.client.get("/feeds/abcdef0123456789").status_code == 404
    assert desk.client.get("/feeds/../etc").status_code in {400, 404}


def test_a_feed_is_tried_before_it_is_followed(desk: Desk) -> None:
    page = desk.client.post("/feeds/try", data={"url": GOOD}).text
    for text in ("Warta Contoh", "rss20, 2 entries", "Kantor penghubung dibuka", "&lt;script&gt;", 'action="/feeds"'):
        assert text in page, text
    assert feed_id(GOOD) not in desk.feeds.followed
    answer = desk.client.post("/feeds", data={"url": GOOD, "name": "Warta", "country": "id", "kind": "state"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/feeds/{feed_id(GOOD)}?done=added"
    kept = desk.feeds.followed[feed_id(GOOD)].feed
    assert (kept.name, kept.country, kept.kind) == ("Warta", "ID", "state")
    assert "It is asked at once" in desk.client.get(answer.headers["location"]).text
    assert "It is followed already" in desk.client.post("/feeds/try", data={"url": GOOD}).text


def test_a_broken_feed_says_why_and_what_to_do(desk: Desk) -> None:
    page = desk.client.post("/feeds/try", data={"url": "https://nix.example/rss"}).text
    assert "It does not work" in page
    assert "Nobody knows this host&#39;s address" in page
    assert "Look for a slip in the address" in page


def test_a_site_names_its_feeds_and_htmx_gets_the_part_alone(desk: Desk) -> None:
    page = desk.client.post("/feeds/try", data={"url": SITE}, headers={"HX-Request": "true"}).text
    assert "<html" not in page
    assert "This is a page, not a feed" in page
    assert 'value="https://site.example/feed.xml"' in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "gopher://x"}, "gopher"),
        ({"country": "Indonesai"}, "did you mean ID"),
        ({"language": "klingonish"}, "ISO 639-1"),
        ({"kind": "royal"}, "use state, private"),
    ],
)
def test_what_cannot_be_followed_is_told(desk: Desk, changes: dict[str, str], told: str) -> None:
    answer = desk.client.post("/feeds", data={"url": GOOD, **changes})
    assert answer.status_code == 400
    assert told in answer.text
    assert feed_id(GOOD) not in desk.feeds.followed


def test_a_feed_is_asked_at_once_and_removed_by_post_alone(desk: Desk) -> None:
    id = feed_id("https://stil.example/rss")
    assert desk.client.post(f"/feeds/{id}/poll").headers["location"] == f"/feeds/{id}?done=polled"
    assert desk.feeds.polled == [id]
    assert desk.client.get(f"/feeds/{id}/remove").status_code == 405
    answer = desk.client.post(f"/feeds/{id}/remove")
    assert answer.status_code == 303
    assert id not in desk.feeds.followed
    assert "Removed: 1" in desk.client.get(answer.headers["location"]).text
    assert desk.client.post(f"/feeds/{id}/poll").status_code == 404


def test_opml_comes_in_and_goes_out(desk: Desk) -> None:
    page = desk.client.post("/feeds/import", files={"file": ("mine.opml", OPML)}).text
    assert "mine.opml: 1 new, 0 changed, 0 followed already" in page
    answer = desk.client.get("/feeds.opml")
    assert "attachment" in answer.headers["content-disposition"]
    assert len(read_opml(answer.content, "it").feeds) == 4


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"file": ("x.opml", b"<rss/>")}, "not &lt;opml&gt;"),
        ({"file": ("x.opml", b"no xml")}, "no OPML file"),
        ({"other": ("x.opml", OPML)}, "No file was chosen"),
        ({"file": ("x.opml", OPML.replace(b"https://satu", b"ftp://satu"))}, "x.opml:1"),
    ],
)
def test_what_is_no_opml_is_told(desk: Desk, files: dict[str, tuple[str, bytes]], told: str) -> None:
    assert told in desk.client.post("/feeds/import", files=files).text


def test_a_form_is_bounded(desk: Desk) -> None:
    large = b"x" * 5_100_000
    assert desk.client.post("/feeds/import", files={"file": ("x.opml", large)}).status_code == 413
    assert desk.client.post("/feeds/try", data={"url": "x" * 200_000}).status_code == 413
    unsaid = desk.client.post("/feeds/try", content=iter([b"url=x"]))
    assert unsaid.status_code == 411


def test_packs_are_followed_and_dropped(desk: Desk) -> None:
    assert "1 of 2 followed" in desk.client.get("/feeds/packs").text
    assert (
        "Newly followed: 1"
        in desk.client.post("/feeds/packs", data={"follow": "Indonesia"}, follow_redirects=True).text
    )
    assert "Removed: 2" in desk.client.post("/feeds/packs", data={"drop": "Indonesia"}, follow_redirects=True).text


@pytest.mark.parametrize("path", ["/feeds", "/feeds/packs", "/feeds/0123456789abcdef"])
def test_a_ledger_that_is_away_is_told(desk: Desk, path: str) -> None:
    desk.feeds.away = True
    answer = desk.client.get(path)
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.text


def test_every_kind_of_failure_has_plain_words() -> None:
    for language in ("en", "id"):
        reader = Reader(language, "UTC")
        other = in_plain_words("other", reader)
        for kind in WEIGHTS:
            assert kind == "other" or in_plain_words(kind, reader) != other, kind


def test_the_status_adds_up_and_tells_what_waits(desk: Desk) -> None:
    page = desk.client.get("/status").text
    for text in (
        "It adds up",
        "1 h 6 min",
        "&lt;b&gt;slow&lt;/b&gt;",
        "kept from us by robots.txt",
        "odd-reason",
        "42 GB",
    ):
        assert text in page, text
    assert "<svg" in page
    assert "in the last hour" in page
    desk.wire.state = {**RUNNING, "counts": {**RUNNING["counts"], "seen": 1900}}
    assert "entries are missing" in desk.client.get("/status/now").text
    desk.wire.state = {"error": "Valkey does not answer", "paused": "disk full"}
    page = desk.client.get("/status").text
    assert "Valkey does not answer" in page
    assert "disk full" in page


def test_entries_are_sent_on_again_or_given_up(desk: Desk) -> None:
    page = desk.client.get("/status").text
    assert "3 entries" in page
    assert "&lt;b&gt;broken&lt;/b&gt;" in page
    ids = [one.id for one in desk.quarantine.held]
    answer = desk.client.post("/status/quarantine", data={"act": "replay", "id": [ids[0], "../x"]})
    assert answer.headers["location"] == "/status?done=replay&n=1#quarantine"
    assert desk.quarantine.replayed == ids[:1]
    assert "Sent on again: 1" in desk.client.get("/status?done=replay&n=1").text
    assert "done=nothing" in desk.client.post("/status/quarantine", data={"act": "discard"}).headers["location"]
    desk.client.post("/status/quarantine", data={"act": "discard-all"})
    assert desk.quarantine.discarded == ids[1:]
    assert "Nothing is in quarantine" in desk.client.get("/status").text
    assert desk.client.post("/status/quarantine", data={"act": "explode"}).status_code == 400
    assert desk.client.get("/status/quarantine").status_code == 405


def test_a_browser_that_comes_for_the_first_time_is_asked_what_it_needs(desk: Desk) -> None:
    browser = {"Sec-Fetch-Mode": "navigate"}
    assert desk.client.get("/", headers=browser).headers["location"] == "/welcome"
    assert desk.client.get("/").status_code == 200, "a program is no visitor"
    assert desk.client.get("/?q=x", headers=browser).status_code == 200, "who follows a link sees what it leads to"
    assert desk.client.get("/", headers={**browser, "Cookie": "kawat_welcomed=1"}).status_code == 200


def test_what_is_chosen_at_the_first_visit_holds(desk: Desk) -> None:
    assert 'value="Indonesia" checked' in desk.client.get("/welcome").text
    chosen = {"language": "id", "tz": "Asia/Makassar", "pack": ["World"], "shown": ["Indonesia"]}
    answer = desk.client.post("/welcome", data=chosen, files={"file": ("mine.opml", OPML)})
    assert answer.status_code == 303
    names = {one.feed.name for one in desk.feeds.feeds()}
    assert "Bbc" in names
    assert "Satu" in names
    assert "Antara" not in names
    page = desk.client.get("/status").text
    assert 'lang="id"' in page
    assert "Asia/Makassar" in page
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in desk.client.cookies.jar)


def test_the_first_visit_is_skipped_with_one_click(desk: Desk) -> None:
    before = set(desk.feeds.followed)
    answer = desk.client.post("/welcome", data={"skip": "1", "language": "id", "shown": ["Indonesia"]})
    assert answer.headers["location"] == "/"
    assert set(desk.feeds.followed) == before
    assert set(desk.client.cookies) == {"kawat_welcomed"}


def test_a_file_that_is_no_opml_ends_no_first_visit(desk: Desk) -> None:
    answer = desk.client.post("/welcome", files={"file": ("x.opml", b"<rss/>")})
    assert answer.status_code == 400
    assert "kawat_welcomed" not in desk.client.cookies
    assert "not &lt;opml&gt;" in answer.text


@pytest.mark.parametrize("path", ["/feeds", "/feeds/new", "/feeds/packs", "/status", "/welcome"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_no_view_has_anything_inline_and_each_is_light(desk: Desk, path: str, language: str) -> None:
    page = desk.client.get(path, headers={"Accept-Language": language}).text
    for bad in ("<style", " style=", "<script>", " onclick", "hx-on", "javascript:"):
        assert bad not in page
    assert len(page) < 60_000


def test_two_thousand_feeds_are_shown_a_hundred_at_a_time(desk: Desk) -> None:
    desk.feeds.followed = {
        one.feed.id: one for one in (health(feed(f"https://f{n:04}.example/rss")) for n in range(2000))
    }
    page = desk.client.get("/feeds?sort=name").text
    assert page.count('class="feed"') == 100
    assert len(page) < 150_000
    assert 'rel="next" href="/feeds?sort=name&amp;page=1"' in page
    assert "F0150" in desk.client.get("/feeds?sort=name&page=1").text


def test_an_index_that_is_away_does_not_hide_the_status(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise ServiceUnavailable("Valkey", "refused")

    monkeypatch.setattr(desk.quarantine, "total", away)
    answer = desk.client.get("/status")
    assert answer.status_code == 200
    assert "Valkey is not available" in answer.text
