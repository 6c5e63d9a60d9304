"""The API over a real index: what it answers, and that nothing anybody sends makes it answer otherwise than it says."""

from __future__ import annotations

import csv
import io
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any, cast

import feedparser
import httpx
import orjson
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from ingest.fingerprint import features
from ingest.records import Feed, Mention, TaggedArticle
from search.articles import Articles
from search.client import connect
from search.entitysearch import EntitySearch
from search.feeddesk import FeedDesk, FeedHealth
from search.ports import Document
from search.schema import Names, families
from search.search import Searcher
from search.store import ElasticsearchIndex
from search.stories import ElasticsearchStories
from search.upkeep import ensure_schema
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.wire import served
from tests.integration.search_material import BODY, SEEN, MemoryHomes, digest, document, feed
from tests.integration.visits import EDITED, STORY, visit
from tests.newsroom.generated import generated_articles

pytestmark = pytest.mark.services

KISHIDA = Mention.model_validate(
    {"id": "Q1", "type": "person", "name": "Fumio Kishida", "surfaces": ("Kishida",), "count": 1, "spans": ((0, 4),)}
)
SEED = 20260304
FEWEST = 9  # requests of each operation at least: else it was not tried
# Bounded by examples alone: with a bound by time it would go on until that was over, and try less on a slow machine.
# What a query or a cursor may say is no matter of a JSON schema: any text may come, and not all of it is one. Where
# neither is taken, all that the description allows must be answered.
CONFIG: dict[str, Any] = {
    "seed": SEED,
    "continue-on-failure": True,
    "generation": {"max-examples": 8, "deterministic": True, "no-shrink": True, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    "checks": {"positive_data_acceptance": {"enabled": False}},
    "operations": [
        {
            "include-path-regex": "^/(api/(articles|entities|feeds|status)|healthz)",
            "checks": {"positive_data_acceptance": {"enabled": True}},
        }
    ],
}


class Desk:
    """The feeds alone."""

    def __init__(self, *feeds: Feed) -> None:
        nothing: dict[str, Any] = dict.fromkeys(("last_success", "last_new", "next_poll", "expected", "seen"))
        told: dict[str, Any] = dict.fromkeys(("error", "error_kind", "problems", "moved"), "")
        self.health = [
            FeedHealth(feed=one, state="ok", polls=3, entries=9, last_poll=SEEN, failures=0, **nothing, **told)
            for one in feeds
        ]

    def feeds(self) -> list[FeedHealth]:
        return self.health

    def feed(self, feed_id: str) -> FeedHealth | None:
        return next((one for one in self.health if one.feed.id == feed_id), None)


class Status:
    def summary(self) -> dict[str, object]:
        return {"phase": "running", "counts": {"seen": 3}}


def articles() -> list[Document]:
    """A dozen, of which three are one story told again."""
    body = "\n".join(generated_articles(1, languages=["id"])[0].body)
    found = [
        document(f"Kantor penghubung {n}", seen=SEEN + timedelta(minutes=n), mentions=(KISHIDA,)) for n in range(9)
    ]
    for n in range(3):
        told = document(
            f"Salinan {n}",
            body=body,
            url=f"https://s{n}.example/{n}",
            published=SEEN + timedelta(hours=n),
            feed=feed(url=f"https://s{n}.example/rss", owner=f"Owner {n}"),
        )
        found.append(told.model_copy(update={"tagged": with_features(told.tagged)}))
    return found


def with_features(tagged: TaggedArticle) -> TaggedArticle:
    return tagged.model_copy(update={"features": features(tagged)})


@pytest.fixture(scope="module")
def app(elasticsearch_url: str) -> Iterator[FastAPI]:
    prefix = f"t{secrets.token_hex(5)}-"
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        ensure_schema(client, prefix)
        index = ElasticsearchIndex(client, prefix, MemoryHomes())
        made = articles()
        index.write(made)
        ElasticsearchStories(client, prefix).place(made)
        first = document("Berubah", body=STORY).model_copy(update={"fetched": SEEN})
        index.write([first])
        assert index.write([visit(first, 2, title="Judul baru", body=EDITED)])[0].outcome == "revised"
        client.indices.refresh(index=f"{prefix}*")
        ports = WebPorts(
            search=Searcher(client, prefix, tz="Asia/Jakarta"),
            status=Status(),
            articles=Articles(client, prefix),
            entities=EntitySearch(client, prefix, tz="Asia/Jakarta"),
            feeds=cast(FeedDesk, Desk(feed(), feed(url="https://b.example/rss", name="B"))),
        )
        yield create_app(ports, tz="Asia/Jakarta", hosts=("127.0.0.1", "localhost", "testserver"))
        for name in client.indices.get(index=f"{prefix}*", allow_no_indices=True).body:
            client.indices.delete(index=name)
        for family in families(Names(prefix)):
            client.options(ignore_status=404).indices.delete_index_template(name=family.alias)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with served(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield client


def test_a_search_answers_with_facets_a_timeline_and_a_way_on(client: httpx.Client) -> None:
    how = {"q": 'title:"kantor penghubung"', "size": "4", "facets": ["country", "person"], "timeline": "true"}
    answer = client.get("/api/search", params=how)
    body = answer.json()
    assert body["total"] == 9
    assert body["facets"]["person"] == [{"value": "Fumio Kishida", "count": 9, "label": None}]
    assert body["timeline"]["interval"] == "1h"
    assert body["hits"][0]["people"] == ["Fumio Kishida"]
    found = [hit["id"] for hit in body["hits"]]
    while link := next((one for one in answer.headers["link"].split(", ") if 'rel="next"' in one), None):
        answer = client.get(link.partition("<")[2].partition(">")[0])
        found += [hit["id"] for hit in answer.json()["hits"]]
    assert len(found) == len(set(found)) == 9


def test_a_folded_search_shows_a_story_once_and_how_large_it_is(client: httpx.Client) -> None:
    body = client.get("/api/search", params={"fold": "true", "size": 100}).json()
    folded = [hit["fold"] for hit in body["hits"] if hit["fold"]]
    assert body["total"] == 13
    assert len(body["hits"]) == 11
    assert [(one["size"], one["sources"]) for one in folded] == [(3, 3)]


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({"cursor": "forged"}, "cursor"),
        ({"q": "cuntry:JP"}, "query"),
        ({"from": "9990", "size": "20"}, "parameter"),
        ({"from": "1", "fold": "1"}, "parameter"),
        ({"size": "101", "fold": "1"}, "parameter"),
        ({"facets": "nothing"}, "parameter"),
        ({"size": "1001"}, "parameter"),
        ({"sort": "random"}, "parameter"),
    ],
)
def test_what_cannot_be_had_is_a_problem_that_says_why(client: httpx.Client, params: dict[str, str], kind: str) -> None:
    answer = client.get("/api/search", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:kawat:problem:{kind}"
    assert answer.json()["detail"]


def test_a_cursor_is_of_no_use_in_another_search(client: httpx.Client) -> None:
    cursor = client.get("/api/search", params={"size": 2}).json()["cursor"]
    assert client.get("/api/search", params={"size": 2, "cursor": cursor}).status_code == 200
    answer = client.get("/api/search", params={"q": "kantor", "cursor": cursor})
    assert answer.json()["type"] == "urn:kawat:problem:cursor"


def test_files_hold_all_that_is_found(client: httpx.Client) -> None:
    answer = client.get("/api/search.csv", params={"q": "kantor"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="kawat.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == client.get("/api/search", params={"q": "kantor"}).json()["total"]
    assert rows[0]["first_seen"].endswith("+07:00")
    lines = client.get("/api/search.ndjson", params={"limit": 5}).text.splitlines()
    assert len([orjson.loads(line) for line in lines]) == 5
    assert client.get("/api/search.csv", params={"q": "cuntry:JP"}).status_code == 400


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_every_search_is_a_feed_with_the_same_ids_in_each(client: httpx.Client, kind: str) -> None:
    answer = client.get(f"/api/search.{kind}", params={"q": 'title:"kantor penghubung"', "size": 5})
    assert answer.headers["content-type"] == f"application/{kind}+xml; charset=utf-8"
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert read.feed.title == 'Kawat: title:"kantor penghubung"'
    assert len(read.entries) == 5
    assert read.entries[0].title == "Kantor penghubung 8"
    other = feedparser.parse(client.get(f"/api/search.{kind}", params={"q": "title:penghubung", "size": 5}).content)
    assert [one.id for one in other.entries] == [one.id for one in read.entries]
    etag = answer.headers["etag"]
    again = client.get(answer.url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_an_article_tells_all_that_is_known_of_it(client: httpx.Client) -> None:
    body = client.get(f"/api/articles/{digest('Kantor penghubung 3')}").json()
    assert body["body"] == BODY
    assert body["mentions"][0]["name"] == "Fumio Kishida"
    assert body["mentions"][0]["spans"] == [[0, 4]]
    assert body["countries"] == [{"code": "JP", "weight": None, "about": False}]
    assert body["published"] == "2026-03-04T01:02:03Z"
    for id in ("0" * 32,):
        assert client.get(f"/api/articles/{id}").status_code == 404
        assert client.get(f"/api/articles/{id}/history").status_code == 404
        assert client.get(f"/api/stories/{id}").status_code == 404
    assert client.get("/api/articles/no-id").status_code == 400


def test_a_history_says_what_changed_word_by_word(client: httpx.Client) -> None:
    address = f"/api/articles/{digest('Berubah')}/history"
    body = client.get(address).json()
    assert [(one["label"], one["title"]) for one in body["versions"]] == [("1", "Berubah"), ("2", "Judul baru")]
    assert (body["difference"]["old"], body["difference"]["new"]) == ("1", "2")
    kinds = {one["kind"] for one in body["difference"]["body"]}
    assert {"same", "added"} <= kinds or {"same", "removed"} <= kinds
    shown = "".join(one["text"] for one in body["difference"]["body"] if one["kind"] != "removed")
    assert "".join(shown.split()) == "".join(EDITED.split())
    same = client.get(address, params={"from": "1", "to": "1"}).json()["difference"]
    assert {one["kind"] for one in same["body"]} == {"same"}
    assert client.get(address, params={"from": "7"}).status_code == 404
    assert client.get(f"/api/articles/{digest('Salinan 0')}/history").json()["difference"] is None


def test_a_story_lists_its_articles_page_by_page(client: httpx.Client) -> None:
    whole = client.get(f"/api/stories/{digest('Salinan 1')}").json()
    assert whole["size"] == 3
    times = [one["time"] for one in whole["members"]]
    assert times == sorted(times)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = client.get(
            f"/api/stories/{whole['id']}", params={"size": 1} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += [one["article_id"] for one in page["members"]]
        cursor = page["cursor"]
    assert cursor is None
    assert found == [one["article_id"] for one in whole["members"]]
    answer = client.get(f"/api/stories/{whole['id']}", params={"cursor": "forged"})
    assert answer.json()["type"] == "urn:kawat:problem:cursor"


def test_feeds_are_listed_by_how_they_do(client: httpx.Client) -> None:
    body = client.get("/api/feeds").json()
    assert (body["total"], len(body["feeds"])) == (2, 2)
    assert client.get("/api/feeds", params={"state": "failing"}).json()["feeds"] == []
    one = client.get(f"/api/feeds/{feed().id}").json()
    assert (one["feed"]["name"], one["state"]) == ("Contoh Berita", "ok")
    assert client.get(f"/api/feeds/{'0' * 16}").status_code == 404


def test_the_description_is_read_out_without_a_script(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    page = client.get("/docs")
    assert page.status_code == 200
    assert "<script>" not in page.text
    for path in described["paths"]:
        assert path in page.text
    assert "422" not in str(described["paths"])
    assert described["components"]["schemas"]["Problem"]


def faults_of(app: FastAPI, path: str | None = None) -> tuple[list[str], Counter[str]]:
    """What Schemathesis finds, and in how many requests of each operation."""
    given = {**CONFIG, "operations": []} if path else CONFIG  # settings of single ones would bring all of them back
    config = SchemathesisConfig.from_dict(given)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
    faults, tried = [], Counter[str]()
    for event in from_schema(schema.include(path=path) if path else schema).execute():
        if isinstance(event, ScenarioFinished):
            tried[event.label or ""] += len(event.recorder.interactions)
            faults += [
                f"{event.label}: {check.name}: {check.failure_info.failure}\n{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info
            ]
        elif isinstance(event, NonFatalError | FatalError):
            faults.append(str(getattr(event, "value", None) or getattr(event, "exception", event)))
    return list(dict.fromkeys(faults)), tried


@pytest.mark.timeout(900)  # a thousand requests, on whatever machine
def test_it_answers_as_it_says_whatever_is_sent(app: FastAPI) -> None:
    """Schemathesis sends what the description allows and what it forbids: no answer is a server's fault, of a status
    or a type that is not described, or of another form than described; what is forbidden is refused."""
    faults, tried = faults_of(app)
    assert not faults, "\n\n".join(faults)
    assert {label: n for label, n in tried.items() if n < FEWEST} == {}
    assert len(tried) == len(app.openapi()["paths"])


def test_a_fault_of_the_server_would_be_found() -> None:
    class Broken(Status):
        def summary(self) -> dict[str, object]:
            raise RuntimeError("broken on purpose")

    ports = WebPorts(search=Searcher(connect("http://127.0.0.1:1")), status=Broken())
    faults, _ = faults_of(create_app(ports, hosts=("testserver",)), "/api/status")
    assert faults == ["broken on purpose"]
