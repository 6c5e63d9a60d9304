"""The views and the API of entities without a browser: what they answer, and what can do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from search.association import SURE
from search.entityrecords import Bars, Pair
from search.ports import ServiceUnavailable
from search.web import entityviews as views
from search.web.app import create_app
from search.web.ports import WebPorts
from search.web.views import Reader
from search.web.words import WORDS
from tests.browser.namesakes import EVIL, JAPAN, NATO, Names, profile
from tests.browser.wire import Wire, served

READER = Reader("en", "Asia/Jakarta")
EVIL_PATH = f"/entity/person/{quote(EVIL.id, safe='')}"


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def client(names: Names) -> Iterator[httpx.Client]:
    wire = Wire()
    app = create_app(WebPorts(search=wire, status=wire, entities=names))
    with served(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield client


def test_the_api_finds_names_and_without_words_those_named_lately(client: httpx.Client) -> None:
    found = client.get("/api/entities", params={"q": "日"}).json()["entities"]
    assert [one["id"] for one in found] == ["JP"]
    assert len(client.get("/api/entities").json()["entities"]) == 4
    only = client.get("/api/entities", params={"type": "organisation"}).json()["entities"]
    assert [one["id"] for one in only] == ["Q7184"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/entities?size=0", 400),
        ("/api/entities?type=town", 400),
        ("/api/entities/country/JP", 200),
        ("/api/entities/country/JP?with=organisation/Q7184&since=30d", 200),
        ("/api/entities/country/JP?since=yesterday", 400),
        ("/api/entities/country/JP?with=NATO", 400),
        ("/api/entities/town/JP", 400),
        ("/api/entities/country/ZZ", 404),
        ("/api/entities/country/JP?with=country/ZZ", 404),
    ],
)
def test_the_api_says_what_is_wrong(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


def test_the_api_tells_of_two_together(client: httpx.Client) -> None:
    body = client.get("/api/entities/country/JP", params={"with": "organisation/Q7184"}).json()
    assert body["pair"]["times"] == 5.0
    assert body["beside"]["name"] == "NATO"


def test_a_view_shows_everything_in_the_readers_language(client: httpx.Client) -> None:
    page = client.get("/entity/country/JP", headers={"Accept-Language": "id"}).text
    for said in (
        "Jepang",
        "日本",
        "41 artikel di 1 sumber",
        "Disebut bersama",
        "NATO",
        "(8×)",
        "Penghubung",
        "aliansi",
    ):
        assert (said in page) == (said != "aliansi"), said  # a kind is said of its own entity
    assert "aliansi" in client.get("/entity/organisation/Q7184", headers={"Accept-Language": "id"}).text


def test_names_and_titles_are_escaped_and_addresses_hold_any_name(client: httpx.Client) -> None:
    answer = client.get(EVIL_PATH)
    assert answer.status_code == 200
    assert "<b>" not in answer.text
    assert "<i>Kantor" not in answer.text
    assert f'href="{EVIL_PATH}"' in client.get("/entities").text
    assert "<b>" not in client.get("/entities/suggest", params={"q": "<b>"}).text


def test_a_second_name_leads_to_both(client: httpx.Client) -> None:
    answer = client.get("/entity/country/JP", params={"also": "nat", "since": "30d"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/entity/country/JP?with=organisation%2FQ7184&since=30d"
    page = client.get(answer.headers["location"]).text
    assert "Both are named in 12 articles; by chance it would be 2.4. That is 5 times as many." in page
    unknown = client.get("/entity/country/JP", params={"also": "qqq"})
    assert unknown.status_code == 200
    assert "Nobody here knows “qqq”." in unknown.text


def test_nobody_and_nothing_have_words_of_their_own(client: httpx.Client, names: Names) -> None:
    assert client.get("/entity/country/ZZ").status_code == 404
    assert "No such name" in client.get("/entities", params={"q": "qqq"}).text
    names.total = 0
    assert "No article names it in this time." in client.get("/entity/country/JP").text
    assert client.get("/entity/country/JP?with=country/ZZ").status_code == 200


def test_an_outage_is_said_and_suggestions_are_simply_none(client: httpx.Client, names: Names) -> None:
    names.fails = ServiceUnavailable("Elasticsearch", "away")
    assert client.get("/entity/country/JP").status_code == 503
    assert "does not answer" in client.get("/entities").text
    suggested = client.get("/entities/suggest", params={"q": "j"})
    assert (suggested.status_code, suggested.text.strip()) == (200, "")
    assert client.get("/api/entities").status_code == 503


def test_suggestions_are_options_that_carry_their_query(client: httpx.Client) -> None:
    found = client.get("/entities/suggest", params={"q": "nat"}).text
    assert 'role="option"' in found
    assert 'data-query="org:&#34;Q7184&#34;"' in found
    assert "<html" not in client.get("/entities/suggest", params={"q": "nat", "view": "list"}).text


def test_bars_reach_from_the_first_to_the_last_and_the_highest_is_full() -> None:
    days = tuple((f"2026-03-0{day}T17:00:00Z", n) for day, n in ((1, 1), (2, 0), (3, 4)))
    shown = profile(JAPAN, total=3, since=None).model_copy(update={"timeline": Bars(interval="1d", counts=days)})
    first, last = views.bars(shown, READER)
    assert (first.x, first.height, last.height) == (0, 30, 120)
    assert last.x + last.width <= 600
    assert first.says == "2 Mar 2026: 1 article"


@pytest.mark.parametrize(
    ("interval", "said"),
    [("1h", "2 Mar 00:00"), ("1d", "2 Mar 2026"), ("7d", "2 Mar – 8 Mar 2026"), ("1M", "March 2026")],
)
def test_a_bar_says_its_time_in_the_readers_zone(interval: str, said: str) -> None:
    assert views.period("2026-03-01T17:00:00Z", interval, READER) == said


@pytest.mark.parametrize(("score", "said"), [(SURE, "times as many"), (0.0, "says nothing"), (-SURE, "less often")])
def test_two_names_are_told_by_how_sure_it_is(score: float, said: str) -> None:
    told = profile(JAPAN, NATO, total=12, since=None).model_copy(
        update={"pair": Pair(articles=12, alone=(41, 18), expected=2.4, times=5.0, score=score, total=900)}
    )
    assert said in views.pair(told, READER)


def test_every_kind_of_the_lists_has_a_word() -> None:
    from search.entitydocs import listed

    kinds = {one["kind"] for one in listed() if "kind" in one}
    assert sorted(kind for kind in kinds if f"entity_kind_{kind}" not in WORDS["id"]) == []
