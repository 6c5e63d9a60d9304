"""Who gets in where a token is set, what opens what, and what another site cannot do."""

from __future__ import annotations

import html
import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.datastructures import Headers

from search.web.access import COOKIE, LASTS, Access, onward
from search.web.app import create_app
from search.web.guard import hostname, same_site
from search.web.ports import WebPorts
from tests.browser.wire import Wire, hit, served
from worker.settings import SettingsError, environment, read_settings

TOKEN = "correct-horse-battery-staple"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    wire = Wire()
    wire.hits = [hit("Kantor penghubung")]
    with served(create_app(WebPorts(search=wire, status=wire), token=TOKEN)) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=20) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/api/search", "/api/search.csv", "/api/search.rss", "/api/status", "/api/openapi.json", "/api/nothing"]
)
def test_programs_need_the_token(client: httpx.Client, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Cookie": f"{COOKIE}={TOKEN}"}):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "urn:kawat:problem:token"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get(path, headers=BEARER).status_code == (404 if path.endswith("nothing") else 200)


def test_people_are_sent_to_the_login_and_back_to_where_they_were_going(client: httpx.Client) -> None:
    answer = client.get("/?q=kantor&sort=published")
    assert answer.status_code == 303
    login = answer.headers["location"]
    assert login.startswith("/login?next=")
    page = client.get(login)
    assert page.status_code == 200
    assert 'type="password"' in page.text
    answer = client.post("/login", data={"token": TOKEN, "next": parse_qs(urlsplit(login).query)["next"][0]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=kantor&sort=published")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert "Kantor penghubung" in client.get(answer.headers["location"]).text
    assert client.get("/api/search").status_code == 200  # the page's own scripts
    client.post("/logout")
    assert client.get("/").status_code == 303


def test_a_wrong_token_is_said_to_be_wrong(client: httpx.Client) -> None:
    answer = client.post("/login", data={"token": "guess", "next": "/"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "KAWAT_TOKEN" in answer.text


def test_what_is_nobodys_is_open(client: httpx.Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/kawat.css").status_code == 200


@pytest.mark.parametrize("path", ["/static/../api/search", "/static/%2e%2e/api/search", "//api/search", "/login/../"])
def test_no_way_round_the_door(address: str, path: str) -> None:
    with httpx.Client() as client:
        answer = client.send(httpx.Request("GET", address + path))
    assert answer.status_code in {303, 401, 404}
    assert "Kantor" not in answer.text


def test_a_feeds_key_opens_that_feed_alone(client: httpx.Client) -> None:
    found = client.get("/api/search/feeds", params={"q": "kantor", "sort": "published"}, headers=BEARER).json()
    with httpx.Client() as reader:
        for kind in ("rss", "atom"):
            answer = reader.get(found[kind])
            assert answer.status_code == 200
            assert "Kantor penghubung" in answer.text
            assert "key=" not in answer.text  # what readers show hands no key on
            assert reader.get(found[kind] + "&size=10").status_code == 200
            for other in (
                found[kind].replace("q=kantor", "q=kanto"),
                found[kind].replace("sort=published", "sort=seen"),
                found[kind] + "&fold=1",
                found[kind] + "&q=nato",
                found[kind].replace("key=", "key=0"),
                found[kind].replace(f"search.{kind}", "search"),
                found[kind].replace(f"search.{kind}", "search.csv"),
            ):
                assert reader.get(other).status_code == 401, other


def test_the_page_hands_feed_readers_a_link_that_opens(client: httpx.Client) -> None:
    for query in ({"q": "kantor"}, {}, {"q": "kantor", "sort": "published", "fold": "0"}):
        page = client.get("/", params=query, headers=BEARER).text
        link = html.unescape(page.split('type="application/atom+xml"')[1].split('href="')[1].split('"')[0])
        assert "key=" in link
        with httpx.Client(base_url=str(client.base_url)) as reader:
            assert reader.get(link).status_code == 200


def test_a_session_ends_and_cannot_be_made_longer() -> None:
    access, now = Access(TOKEN), 1_000_000.0
    cookie = access.session(now)
    assert access.is_session(cookie, now + LASTS - 1)
    assert not access.is_session(cookie, now + LASTS + 1)
    ends, _, signature = cookie.partition(".")
    assert not access.is_session(f"{int(ends) + 1}.{signature}", now)
    for wrong in ("", ".", "x", cookie + "0", cookie[:-1], f".{signature}", "9999999999.", "ü.ü"):
        assert not access.is_session(wrong, now)
    assert not Access(TOKEN + "!").is_session(cookie, now)


def test_keys_of_different_purposes_tell_nothing_of_each_other() -> None:
    access = Access(TOKEN)
    assert len({access.secret("cursors"), access.secret("session"), access.secret("feed")}) == 3


@pytest.mark.parametrize(
    ("given", "leads"),
    [
        ("/?q=a", "/?q=a"),
        ("/article/1", "/article/1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/a\nb", "/"),
        ("/" + "a" * 9_000, "/"),
    ],
)
def test_the_login_leads_nowhere_else(given: str, leads: str) -> None:
    assert onward(given) == leads


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),  # curl
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://kawat.example:8000"}, False),
        ({"origin": "http://kawat.example:8000"}, True),
        ({"origin": "http://kawat.example"}, False),
        ({"origin": "http://kawat.example:8001"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://[bad"}, False),
        ({"origin": ""}, False),
    ],
)
def test_only_our_own_pages_and_programs_change_anything(headers: dict[str, str], ours: bool) -> None:
    assert same_site(Headers({"host": "kawat.example:8000", **headers})) is ours


def test_a_form_of_another_site_is_refused(client: httpx.Client) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = client.post("/login", data={"token": TOKEN}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:kawat:problem:cross-site"
        assert "set-cookie" not in answer.headers


def test_bodies_are_bounded(client: httpx.Client, address: str) -> None:
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.putrequest("POST", "/login")
        connection.putheader("Content-Length", "99999999999")
        connection.endheaders()
        assert connection.getresponse().status == 413
    assert client.post("/login", content=(b"a" for _ in range(3))).status_code == 411


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:8000", "localhost"),
        ("LOCALHOST", "localhost"),
        ("localhost.:80", "localhost"),
        ("[::1]:8000", "::1"),
        ("", ""),
        ("127.0.0.1.evil.example", "127.0.0.1.evil.example"),
        ('localhost:80"><b>', ""),
        ("localhost:80@evil.example", ""),
        ("[::1].evil.example", ""),
        ("[::1", ""),
    ],
)
def test_a_host_headers_name(header: str, name: str) -> None:
    assert hostname(header) == name


def test_without_a_token_the_page_stays_on_this_machine() -> None:
    for host in ("0.0.0.0", "::", "10.0.0.5", "203.0.113.7"):
        with pytest.raises(SettingsError, match="set KAWAT_TOKEN too"):
            read_settings({"KAWAT_PAGE_HOST": host})
        assert read_settings({"KAWAT_PAGE_HOST": host, "KAWAT_TOKEN": TOKEN}).page_host == host
    for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost"):
        assert read_settings({"KAWAT_PAGE_HOST": host}).page_host in {host, "127.0.0.1"}
    with pytest.raises(SettingsError, match="an address of this machine"):
        read_settings({"KAWAT_PAGE_HOST": "kawat.example", "KAWAT_TOKEN": TOKEN})


@pytest.mark.parametrize("token", ["short", "with a space in it somewhere", "tokén-with-an-accent-here", "a" * 19])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused_untold(token: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"KAWAT_TOKEN": token, "KAWAT_PAGE_HOST": "0.0.0.0"})
    assert "KAWAT_TOKEN=" in str(caught.value)
    assert token not in str(caught.value)
    assert "KAWAT_PAGE_HOST" not in str(caught.value)  # one fault, not two


def test_names_of_the_page_are_names() -> None:
    given = {"KAWAT_PAGE_HOSTS": "Kawat.Example, 10.0.0.5,[::1],my_host"}
    settings = read_settings(given)
    assert settings.page_hosts == ("kawat.example", "10.0.0.5", "::1", "my_host")
    assert read_settings(environment(settings)) == settings
    for wrong in ("https://kawat.example", "kawat.example:80", "*", "a b", "-a", "a" * 300):
        with pytest.raises(SettingsError, match="KAWAT_PAGE_HOSTS"):
            read_settings({"KAWAT_PAGE_HOSTS": wrong})
