"""The whole page on real services: each of an operator's views, and the stream of new articles for programs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from search.store import ElasticsearchIndex
from tests.browser.wire import served
from tests.integration.search_material import MemoryHomes, document
from tests.services import ValkeyHandle
from worker.page import make_page
from worker.services import Services
from worker.settings import Settings, read_settings
from worker.start import prepare

pytestmark = pytest.mark.services
TAG = re.compile(r"<[^<>]*>")
PATIENCE = 30.0  # seconds until what is bound to come counts as not coming


@pytest.fixture
def settings(
    valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> Settings:
    settings = read_settings(
        {
            "KAWAT_STATE_DIR": str(tmp_path),
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_REDIS_PREFIX": redis_prefix,
            "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
            "KAWAT_INDEX_PREFIX": index_prefix,
            "KAWAT_SAMPLE": "false",
            "KAWAT_PACKS": "false",
        }
    )
    prepare(settings)
    return settings


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(make_page(settings)) as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
        yield client


def told(client: httpx.Client, n: int, **headers: str) -> tuple[list[str], str]:
    """The titles of the next `n` articles, and the id of the last; the connection is cut then."""
    titles: list[str] = []
    place = ""
    until = time.monotonic() + PATIENCE
    with client.stream("GET", "/live/stream", params={"q": "tokyo"}, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers, "what is compressed is held back"
        for line in answer.iter_lines():
            if line.startswith("id: "):
                place = line.removeprefix("id: ")
            if "<h3" in line:
                titles.append(TAG.sub("", line.removeprefix("data: ")).strip())
            if len(titles) == n and not line:
                break
            assert time.monotonic() < until
    return titles, place


def test_every_view_of_an_operator_is_there(client: httpx.Client) -> None:
    for path in ("/live", "/feeds", "/feeds/packs", "/feeds/new", "/status", "/status/now", "/welcome", "/feeds.opml"):
        answer = client.get(path)
        assert answer.status_code == 200, path
    status = client.get("/status").text
    assert "each write is on disk before it counts" in status
    assert "green" in status or "yellow" in status


def test_the_stream_goes_on_where_it_was_cut(client: httpx.Client, settings: Settings) -> None:
    services = Services(settings)
    with closing(services.elasticsearch) as elasticsearch:
        index = ElasticsearchIndex(elasticsearch, settings.index_prefix, MemoryHomes())
        place = client.get("/live", params={"q": "tokyo"}).text.partition('data-place="')[2].partition('"')[0]
        index.write([document(f"Tokyo {n}") for n in range(4)])
        first, place = told(client, 4, **{"Last-Event-ID": place})
        index.write([document(f"Tokyo {n}") for n in range(4, 7)])
        rest, _ = told(client, 3, **{"Last-Event-ID": place})
        assert sorted(first + rest) == [f"Tokyo {n}" for n in range(7)]
    assert client.get("/live/stream", params={"q": "cuntry:JP"}).status_code == 400


def test_another_site_can_change_nothing(client: httpx.Client) -> None:
    for path in ("/feeds", "/feeds/try", "/feeds/packs", "/feeds/import", "/status/quarantine", "/welcome"):
        answer = client.post(path, data={"url": "https://x.example"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403, path


def test_a_feed_lives_on_the_page_from_its_trial_to_its_end(client: httpx.Client) -> None:
    private = client.post("/feeds/try", data={"url": "http://127.0.0.1:9/rss"}).text
    assert "private network" in private
    added = client.post("/feeds", data={"url": "https://satu.example/rss", "name": "Satu"})
    assert added.status_code == 303
    assert "Satu" in client.get(added.headers["location"]).text
    assert 'xmlUrl="https://satu.example/rss"' in client.get("/feeds.opml").text
    id = added.headers["location"].partition("?")[0].rpartition("/")[2]
    assert client.get("/feeds", params={"q": "satu"}).text.count('class="feed"') == 1
    client.post(f"/feeds/{id}/remove")
    assert client.get(f"/feeds/{id}").status_code == 404
