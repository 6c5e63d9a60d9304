"""Hostile input ends in a named outcome and disturbs nothing else: the whole flow on real services, a line for each."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
from fastapi.testclient import TestClient

from ingest.fetch import MOST_REDIRECTS
from ingest.urls import article_id
from tests.flow import Flow
from tests.integration.hostile_lines import (
    FORMULA,
    LOOKALIKES,
    NAMES,
    PAGES,
    PRIVATE,
    SECRET,
    SOURCES,
    TIMEOUT,
    links_of,
    page_url,
    serve,
)  # fmt: skip
from tests.integration.storm import Storm
from tests.internet import environment
from tests.newsroom import Newsroom
from tests.services import ValkeyHandle
from worker.settings import Settings

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]


class Outside(NamedTuple):
    """The storm after it has passed, and what stood inside all the while."""

    storm: Storm
    newsroom: Newsroom
    inner: socket.socket
    port: int


@pytest.fixture(scope="module")
def outside(
    valkey: ValkeyHandle, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outside]:
    folder, prefix = tmp_path_factory.mktemp("storm"), f"t{secrets.token_hex(5)}"
    with ExitStack() as ended:
        newsroom = ended.enter_context(Newsroom(window=None))
        inner = ended.enter_context(socket.create_server(("127.0.0.1", 0)))
        inner.setblocking(False)
        settings = {
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_REDIS_PREFIX": f"{prefix}:",
            "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
            "KAWAT_INDEX_PREFIX": f"{prefix}-",
            "KAWAT_ALLOW_HOSTS": f"127.0.0.1:{newsroom.port}",
            "KAWAT_POLL_INTERVAL": "1",
            "KAWAT_FETCH_TIMEOUT": str(TIMEOUT),
            "KAWAT_HOST_DELAY": "0.1",
            "KAWAT_EXTRACT_PROCESSES": "1",
            "KAWAT_REVISIT_SAMPLE": "0",
            "KAWAT_DISK_PAUSE": "0",
            "KAWAT_LOG_FORMAT": "json",
        }
        world = environment(folder / "internet", newsroom.port, NAMES)
        flow = ended.enter_context(Flow(folder / "flow", {**settings, **world}))
        ended.callback(clear, flow)
        storm = Storm(flow, newsroom)
        blow(storm, newsroom, inner.getsockname()[1])
        yield Outside(storm, newsroom, inner, inner.getsockname()[1])


def clear(flow: Flow) -> None:
    """Takes away what the test's prefixes name, though the services go on."""
    client, redis = flow.services.elasticsearch, flow.services.redis
    for index in client.indices.get(index=f"{flow.settings.index_prefix}*", allow_no_indices=True).body:
        client.indices.delete(index=index)
    for template in client.indices.get_index_template(name=f"{flow.settings.index_prefix}*").body["index_templates"]:
        client.indices.delete_index_template(name=template["name"])
    for key in redis.scan_iter(match=f"{flow.settings.redis_prefix}*", count=1000):
        redis.unlink(key)


def blow(storm: Storm, newsroom: Newsroom, inner: int) -> None:
    """Every line, one shortly after the other, the slow ones first: they last through all of it."""
    for name, feed, pages in list(serve(newsroom, inner)):
        storm.begin(name, feed, *pages)
    storm.watch_all(2 * TIMEOUT + 30)
    storm.pass_by()
    storm.flow.services.index.refresh()


@pytest.mark.parametrize("name", PAGES)
def test_a_bad_page_ends_in_its_named_outcome_and_the_healthy_feed_beside_it_keeps_its_latency(
    outside: Outside, name: str
) -> None:
    url, page = page_url(name), PAGES[name]
    outcome = outside.storm.outcome(url)
    assert re.fullmatch(page.outcome, outcome), outcome
    if page.outcome == "indexed":
        (document,) = outside.storm.documents({"prefix": {"url": url}})  # redirects add a query
        page.kept(document)
    outside.storm.expect_latency(name)


@pytest.mark.parametrize("name", ["a slow drip", "an answer that never comes", "a feed that drips"])
def test_while_one_keeps_a_worker_waiting_the_healthy_feed_is_polled_and_its_pages_are_read(
    outside: Outside, name: str
) -> None:
    line = outside.storm.lines[name]
    assert line.ended is not None
    assert line.ended - line.began >= TIMEOUT
    polls, pages = outside.storm.asked_during(name)
    assert polls >= 3
    assert pages >= 3


@pytest.mark.parametrize("name", SOURCES)
def test_a_bad_feed_fails_by_its_kind_or_gives_what_is_good_in_it_and_the_healthy_one_keeps_its_latency(
    outside: Outside, name: str
) -> None:
    storm, source = outside.storm, SOURCES[name]
    health = storm.lines[name].health
    assert health is not None, "it was never polled"
    assert (health.error_kind, health.entries) == (source.kind, source.entries), health
    assert re.search(source.said, health.error or health.problems, re.DOTALL), health
    for link in links_of(name)[: source.entries]:
        assert storm.outcome(link) == "indexed"
        document = storm.document(link)
        source.kept(document)
        assert socket.gethostname() not in document["title"]
    storm.expect_latency(name)


@pytest.mark.parametrize("link", PRIVATE)
def test_nothing_on_a_private_address_is_ever_connected_to(outside: Outside, link: str) -> None:
    """By number in any form, by name, and by a name that is public when robots.txt is asked for and private after."""
    assert outside.storm.outcome(link.format(inner=outside.port)) == "discarded: private-address"
    outside.storm.expect_latency("private addresses")
    with pytest.raises(BlockingIOError):
        outside.inner.accept()


def test_credentials_in_an_address_are_left_out_and_kept_nowhere(outside: Outside) -> None:
    storm = outside.storm
    url = "http://kredensial.example/rahasia"
    assert storm.outcome(url) == "indexed"
    assert storm.document(url)["url"] == url
    (asked,) = outside.newsroom.requests("/rahasia")
    assert asked.host == "kredensial.example"
    assert "authorization" not in asked.headers
    services, prefix = storm.flow.services, storm.flow.settings.index_prefix
    for answer in services.elasticsearch.search(index=f"{prefix}*", size=1000)["hits"]["hits"]:
        assert SECRET not in json.dumps(answer["_source"])
    for key in services.redis.scan_iter(match=f"{storm.flow.settings.redis_prefix}*", count=1000):
        kept = services.redis.dump(key) or b""  # a lease may end between the two
        assert SECRET.encode() not in kept
    for kind in storm.flow.kinds:
        assert SECRET not in storm.flow.logs(kind)
    storm.expect_latency("credentials")


def test_a_host_that_looks_like_another_stays_another_and_is_shown_as_what_it_is(outside: Outside) -> None:
    storm = outside.storm
    latin, cyrillic = LOOKALIKES
    assert [storm.outcome(one) for one in LOOKALIKES] == ["indexed", "indexed"]
    shown = {document["url"] for document in storm.documents({"wildcard": {"url": "*ntara*.example/sama"}})}
    shown |= {document["url"] for document in storm.documents({"prefix": {"url": "http://xn--"}})}
    assert latin in shown
    assert cyrillic not in shown
    assert len(shown) == 2
    assert all(url.isascii() for url in shown)
    storm.expect_latency("look-alikes")


def test_half_of_the_healthy_articles_are_found_as_soon_as_in_calm_weather(outside: Outside) -> None:
    """Each line has its own; the middle one does not hang on what else the machine did for a moment."""
    storm = outside.storm
    assert storm.median_latency() < storm.allowed, f"{storm.usual:.1f} s in calm weather"


def test_the_counts_add_up_after_all_of_it(outside: Outside) -> None:
    counts = outside.storm.flow.services.ledger.counts()
    assert (counts.in_flight, counts.missing) == (0, 0)
    discards = outside.storm.flow.services.ledger.discards()
    private = {article_id(link.format(inner=outside.port)) for link in PRIVATE}  # some name one address in two ways
    assert discards == {"private-address": len(private) + 1, "bad-url": 2, "not-html": 2, "unreachable": 3}


def test_no_line_of_the_logs_is_forged_and_none_moves_a_terminal(outside: Outside) -> None:
    flow = outside.storm.flow
    lines = [line for kind in flow.kinds for line in flow.logs(kind).splitlines()]
    assert any("forged" in line for line in lines), "the bad header was not logged at all"
    for line in lines:
        assert line.isascii() and line.isprintable(), repr(line)  # noqa: PT018  # one fault: a character that acts
        if "forged" in line:
            assert json.loads(line)["event"] == "quarantined"


def test_hostile_text_is_shown_as_text_on_the_page_and_in_a_spreadsheet(outside: Outside) -> None:
    from worker.page import make_page

    with TestClient(make_page(outside.storm.flow.settings), base_url="http://127.0.0.1:8000") as reader:
        shown = reader.get("/", params={"q": "title:HYPERLINK"}).text
        rows = list(csv.DictReader(io.StringIO(reader.get("/api/search.csv", params={"q": "title:HYPERLINK"}).text)))
    assert "alert(1)" in shown
    assert "<script>alert" not in shown
    assert [row["title"] for row in rows] == ["'" + FORMULA]


def test_the_limits_are_those_that_were_promised() -> None:
    limits = {name: Settings.model_fields[name].default for name in ("fetch_timeout", "page_bytes")}
    assert limits == {"fetch_timeout": 30, "page_bytes": 10_000_000}
    assert MOST_REDIRECTS == 5
