"""The page and the API without a browser: what they answer, in which words, and what can do no harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from search.ports import CursorError, IncompleteAnswerError, ServiceUnavailable
from search.web.asked import Asked
from search.web.guard import POLICY
from search.web.views import Reader, address, days
from search.web.words import WORDS, preferred
from tests.browser.wire import SETTING_UP, Wire, hit, page_of, served

INDONESIAN = {"Accept-Language": "id,en;q=0.5"}


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[Wire, str]]:
    wire = Wire()
    with served(page_of(wire)) as address:
        yield wire, address


@pytest.fixture
def wire(_served: tuple[Wire, str]) -> Wire:
    wire = _served[0]
    vars(wire).update(vars(Wire()))
    return wire


@pytest.fixture
def client(wire: Wire, _served: tuple[Wire, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=_served[1], timeout=20) as client:
        yield client


def test_search_answers_total_and_hits_under_the_documents_names(wire: Wire, client: httpx.Client) -> None:
    wire.hits = [hit("Kantor penghubung", is_=("sample",)), hit("Lain")]
    answer = client.get("/api/search", params={"q": "kantor"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["total"] == 1
    assert set(body["hits"][0]) >= {
        "id", "url", "title", "source", "language", "published", "first_seen", "countries", "highlight", "is",
    }  # fmt: skip
    assert body["hits"][0]["is"] == ["sample"]


def test_a_bad_query_is_a_problem_that_points_at_the_character(client: httpx.Client) -> None:
    answer = client.get("/api/search", params={"q": "tokyo cuntry:JP"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["position"], body["suggestion"]) == (400, 6, "country")
    assert body["type"] == "urn:kawat:problem:query"
    assert "cuntry" in body["detail"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ServiceUnavailable("Elasticsearch", "refused"), 503, "unavailable"),
        (IncompleteAnswerError("1 of 2 shards failed"), 502, "incomplete"),
        (RuntimeError("secret"), 500, "fault"),
    ],
)
def test_every_failure_is_a_problem(wire: Wire, client: httpx.Client, error: Exception, status: int, kind: str) -> None:
    wire.error = error
    answer = client.get("/api/search")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(kind)
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    "params", ["size=many", "size=-1", "size=100000", "sort=random", "from=-1", "from=9999&size=20"]
)
def test_parameters_out_of_bounds_are_problems(client: httpx.Client, params: str) -> None:
    answer = client.get(f"/api/search?{params}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_unknown_addresses_are_problems(client: httpx.Client) -> None:
    assert client.get("/api/nothing").headers["content-type"] == "application/problem+json"


def test_people_are_told_in_a_page_what_programs_are_told_in_a_problem(wire: Wire, client: httpx.Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = client.get("/nothing<b>", headers=browser | INDONESIAN)
    assert page.status_code == 404
    assert "<title>Tidak ada apa-apa di alamat ini" in page.text
    assert page.headers["content-security-policy"] == POLICY
    assert "<b>" not in page.text.partition("<main")[2]
    assert client.get("/nothing", headers=browser | {"HX-Request": "true"}).json()["status"] == 404
    assert client.get("/api/nothing", headers=browser).json()["status"] == 404
    refused = client.post("/", headers=browser)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert refused.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("headers", [{}, {"Accept": "text/html"}])
def test_a_fault_of_ours_is_guarded_like_every_answer_and_tells_nothing(
    wire: Wire, client: httpx.Client, headers: dict[str, str]
) -> None:
    wire.error = RuntimeError("secret <i>path</i>")
    answer = client.get("/", headers=headers)
    assert answer.status_code == 500
    assert "Kawat made a mistake" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/search?query=nato", "did you mean q?"),
        ("/api/search.csv?q=nato&stemed=1", "did you mean stemmed?"),
        ("/api/search?q=nato&limit=5", "did you mean size?"),
        ("/api/search.rss?utm_source=x", "there are size, key, q, "),
        ("/api/status?x=1", "takes none"),
    ],
)
def test_a_parameter_that_is_not_there_is_refused_rather_than_passed_over(
    wire: Wire, client: httpx.Client, path: str, told: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]
    assert wire.asked == []


@pytest.mark.parametrize("limits", [("0001-01-01", "2026-01-01"), ("2026-01-01", "9999-12-31T23:59:59-23:59")])
def test_times_at_the_ends_of_the_calendar_are_passed_over(client: httpx.Client, limits: tuple[str, str]) -> None:
    answer = client.get("/", params={"from": limits[0], "to": limits[1]}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.params["q"].count("*") == 1


def test_status_is_what_the_flow_says(wire: Wire, client: httpx.Client) -> None:
    assert client.get("/api/status").json() == dict(wire.state)
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/", "/fragment", "/api/search", "/api/nothing", "/static/kawat.css"])
def test_every_answer_is_guarded(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"  # so that our own forms say where they are from


def test_the_policy_allows_nothing_inline_and_the_page_needs_nothing_inline(wire: Wire, client: httpx.Client) -> None:
    wire.hits = [hit("Satu")]
    assert "unsafe" not in POLICY
    for state in (wire.state, SETTING_UP):
        wire.state = state
        page = client.get("/").text
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert " onclick" not in page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "kawat.local:8000"])
def test_another_host_name_is_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:8000"}).status_code == 200


def test_static_files_are_kept_for_good_under_their_digest(client: httpx.Client) -> None:
    page = client.get("/").text
    found = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in client.get(found).headers["cache-control"]
    assert "immutable" not in client.get("/static/kawat.css").headers["cache-control"]
    assert client.get("/").headers["cache-control"] == "no-store"


HOSTILE: list[Callable[[], Any]] = [
    lambda: hit("<script>alert(1)</script>\"'>"),
    lambda: hit("x", source_name="<img src=x onerror=alert(1)>"),
    lambda: hit("x", url='https://a.example/"onmouseover="alert(1)'),
    lambda: hit("x", url="javascript:alert(1)"),
    lambda: hit("x", url=" data:text/html,<script>alert(1)</script>"),
    lambda: hit("x", language='"><script>alert(1)</script>'),
    lambda: hit("x", countries=('"><script>alert(1)</script>',)),
    lambda: hit("x", is_=('"><script>alert(1)</script>',)),
]


@pytest.mark.parametrize("make", HOSTILE)
def test_nothing_an_article_says_becomes_markup(wire: Wire, client: httpx.Client, make: Callable[[], Any]) -> None:
    wire.hits = [make()]
    page = client.get("/").text
    assert 'data-state="list"' in page
    for bad in ("<script>alert", "<img src=x", '"onmouseover=', 'href="javascript', 'href=" data:', 'href="data:'):
        assert bad not in page


def test_nothing_in_the_address_becomes_markup(client: httpx.Client) -> None:
    query = '"><script>alert(1)</script>'
    for path in ("/", "/fragment"):
        assert "<script>alert" not in client.get(path, params={"q": query}).text


def test_an_article_is_shown_with_source_times_language_countries(wire: Wire, client: httpx.Client) -> None:
    wire.hits = [hit("Kantor penghubung", is_=("sample",))]
    page = client.get("/", headers=INDONESIAN).text
    assert 'rel="noopener noreferrer nofollow"' in page
    for text in ("Kantor penghubung", "Contoh Berita", "Indonesia", ">JP<", ">19:00<", "terbit 18:48", ">contoh<"):
        assert text in page
    assert "Rabu, 4 Maret 2026" in page


def test_the_page_speaks_the_readers_language(client: httpx.Client) -> None:
    assert "Belum ada yang masuk" in client.get("/", headers=INDONESIAN).text
    answer = client.get("/", headers={"Accept-Language": "fr"})
    assert "Nothing has come in yet" in answer.text
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["vary"].split(", "))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("id", "id"),
        ("ID-id,en;q=0.9", "id"),
        ("en-GB,id;q=0.9", "en"),
        ("fr,id;q=0.2,en;q=0.1", "id"),
        ("ms", "id"),
        ("id;q=zzz", "en"),
        ("*", "en"),
        ("id;q=0", "en"),
    ],
)
def test_languages_are_weighed(header: str, language: str) -> None:
    assert preferred(header) == language


def test_both_languages_have_the_same_words_and_blanks() -> None:
    import string

    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert set(WORDS["id"]) == set(WORDS["en"])
    for name, text in WORDS["en"].items():
        assert blanks(text) == blanks(WORDS["id"][name]), name


def test_a_fault_in_the_query_is_shown_with_its_place_and_a_way_out(client: httpx.Client) -> None:
    answer = client.get("/", params={"q": "tokyo cuntry:JP"})
    assert answer.status_code == 400
    assert 'value="tokyo cuntry:JP"' in answer.text
    assert '<span class="before" aria-hidden="true">tokyo </span>' in answer.text
    assert "q=tokyo+country%3AJP" in answer.text


def test_the_page_opens_before_elasticsearch_does(wire: Wire, client: httpx.Client) -> None:
    wire.error = ServiceUnavailable("Elasticsearch", "connection refused")
    answer = client.get("/")
    assert answer.status_code == 200
    assert 'data-state="away"' in answer.text
    wire.state = SETTING_UP
    page = client.get("/").text
    assert 'data-state="setting-up"' in page
    assert "31 of 44 MB of jars" in page
    wire.state = {"phase": "setting-up", "steps": [{"name": "Java", "state": "failed", "detail": "no wheel"}]}
    assert "did not work" in client.get("/").text


def test_a_status_with_little_in_it_is_enough(wire: Wire, client: httpx.Client) -> None:
    for state in ({}, {"error": "Valkey does not answer"}, {"paused": "disk full"}, {"counts": None, "feeds": None}):
        wire.state = state
        page = client.get("/")
        assert page.status_code == 200
        assert all(str(value) in page.text for value in state.values() if value)


def test_paging_goes_on_and_ends(wire: Wire, client: httpx.Client) -> None:
    wire.hits = [hit(f"Artikel {n}", minutes_ago=n) for n in range(60)]
    first = client.get("/").text
    assert 'rel="next" href="/?cursor=30&amp;day=2026-03-04"' in first
    second = client.get("/?cursor=30&day=2026-03-04").text
    assert "Artikel 59" in second
    assert "Artikel 29<" not in second
    assert 'rel="next"' not in second
    assert 'href="/"' in second
    rows = client.get("/older?cursor=30&day=2026-03-04").text
    assert "Artikel 30" in rows
    assert "<html" not in rows
    assert '<h2 class="day">' not in rows  # the rows go on with the day that the list before them ended with
    wire.error = CursorError("this cursor has expired")
    assert "has expired" in client.get("/?cursor=30").text


def test_days_follow_the_order_asked_for() -> None:
    reader = Reader("en", "Asia/Jakarta")
    hits = [hit("a", minutes_ago=0), hit("b", minutes_ago=18 * 60), hit("c", minutes_ago=20 * 60)]
    assert [len(day.rows) for day in days(hits, reader, "seen")] == [2, 1]
    assert [day.name for day in days(hits, reader, "relevance")] == [""]
    assert days([], reader, "relevance") == []


def test_addresses_hold_what_is_not_usual_only() -> None:
    assert address("") == "/"
    assert Asked().address() == "/"
    asked = Asked('a "b"', sort="published", cursor="x", day="2026-03-04")
    assert asked.address() == "/?q=a+%22b%22&sort=published"
    assert asked.address("/older", cursor="y", fold=False) == "/older?q=a+%22b%22&sort=published&fold=0&cursor=y"
