"""Entries whose pages are refused, on real services: each is found with the reason, none is lost, some become whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow import Flow
from tests.newsroom import Newsroom
from tests.newsroom.generated import generated_articles
from tests.newsroom.server import Response
from tests.services import ValkeyHandle

pytestmark = pytest.mark.services
PATIENCE = 240.0  # seconds: processes start slowly where others are at work
HTML = ("Content-Type", "text/html; charset=utf-8")
CHALLENGE = (
    b"<!doctype html><title>Just a moment...</title><noscript>Enable JavaScript and cookies to continue</noscript>"
    b"<script>window._cf_chl_opt={cvId:'3'}</script>"
)
CONSENT = (
    b"<!doctype html><title>Privacy</title><p>We and our partners use cookies.</p><button>Accept all cookies</button>"
)
OFFER = b"<!doctype html><title>Berita</title><article><p>Subscribe now to continue reading this article.</p></article>"


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(window=None) as room:
        yield room


@pytest.fixture
def flow(
    tmp_path: Path, valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str
) -> Iterator[Flow]:
    environment = {
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_ALLOW_HOSTS": "127.0.0.1",
        "KAWAT_POLL_INTERVAL": "1",
        "KAWAT_EXTRACT_PROCESSES": "1",
        "KAWAT_LEASE": "5",
        "KAWAT_DISK_PAUSE": "0",
    }
    with Flow(tmp_path / "flow", environment) as running:
        yield running


def answer(body: bytes, status: int = 200, *headers: tuple[str, str]) -> Response:
    return Response(status, (HTML, *headers), body)


def found(flow: Flow, query: str) -> dict[str, dict[str, Any]]:
    """By address, the articles that a search finds, as their documents stand."""
    flow.services.index.refresh()
    urls = {hit.url: hit.id for hit in flow.services.search.search(query, size=100).hits}
    alias = f"{flow.settings.index_prefix}articles"
    hits = flow.services.elasticsearch.search(index=alias, query={"match_all": {}}, size=100)["hits"]["hits"]
    return {hit["_source"]["url"]: hit["_source"] for hit in hits if hit["_source"]["url"] in urls}


def test_refused_pages_are_searchable_by_what_their_feed_says_and_become_whole_later(
    flow: Flow, newsroom: Newsroom
) -> None:
    feed = newsroom.add_feed("walls", language="id")
    articles = generated_articles(9, seed=4242)
    pages = [newsroom.publish("walls", one) for one in articles]
    paths = [page.removeprefix(newsroom.url) for page in pages]
    (robots, forbidden, challenge, consent, offer, reserved, missing, noarchive, healthy) = pages
    newsroom.set_robots(f"User-agent: *\nDisallow: {paths[0]}\n")
    newsroom.fail(paths[1], 403)
    newsroom.serve(paths[2], answer(CHALLENGE, 403, ("cf-mitigated", "challenge")))
    newsroom.serve(paths[3], answer(CONSENT))
    newsroom.serve(paths[4], answer(OFFER))
    told = "".join(f"<p>{text}</p>" for text in articles[5].body).encode()
    newsroom.serve(paths[5], answer(b"<!doctype html><article>" + told + b"</article>", 200, ("tdm-reservation", "1")))
    newsroom.fail(paths[6], 404)
    told = "".join(f"<p>{text}</p>" for text in articles[7].body).encode()
    page = b'<!doctype html><title>Berita</title><meta name="robots" content="noarchive"><article>%b</article>' % told
    newsroom.serve(paths[7], answer(page))
    only = newsroom.add_feed("only")
    unasked = [newsroom.publish("only", one) for one in generated_articles(3, seed=77)]
    flow.follow(feed, language="id")
    flow.follow(only, fetch="feed-only")
    flow.wait(lambda: flow.settled(12), PATIENCE, "twelve outcomes")
    counts = flow.services.ledger.counts()
    assert (counts.seen, counts.indexed, counts.missing) == (12, 12, 0)
    asked = {seen.path for seen in newsroom.requests()}
    assert paths[0] not in asked, "robots.txt keeps it from us"
    assert not asked & {page.removeprefix(newsroom.url) for page in unasked}, "a feed-only feed's page was asked for"
    partial = found(flow, "is:partial")
    reasons = {url: source["partial"] for url, source in partial.items()}
    assert reasons == {
        robots: "robots",
        forbidden: "forbidden",
        challenge: "challenge",
        consent: "consent",
        offer: "paywall-stub",
        reserved: "reserved",
        missing: "gone",
        **dict.fromkeys(unasked, "feed-only"),
    }
    assert set(found(flow, "partial:challenge")) == {challenge}
    assert set(found(flow, "is:reserved")) == {reserved, noarchive}
    assert set(found(flow, "NOT is:partial")) == {noarchive, healthy}
    for url, article in zip(pages[:7], articles, strict=False):
        assert partial[url]["title"] == article.title
        assert "cookies" not in partial[url]["body"]
        assert partial[url]["story_id"]
    shown = flow.services.articles.article(found(flow, "reserved:noarchive")[noarchive]["article_id"])
    assert shown is not None
    assert len(shown.body) <= 302
    assert len(found(flow, "reserved:noarchive")[noarchive]["body"]) > 302

    newsroom.heal(paths[1])
    newsroom.serve(paths[2], answer(b"<!doctype html><title>x</title><article>" + told + b"</article>"))
    ledger = flow.services.ledger
    look_again(flow)
    flow.wait(
        lambda: flow.services.revisits.counts().made >= 6 and ledger.counts().in_flight == 0, PATIENCE, "the looks"
    )
    whole = found(flow, "changed:whole")
    assert set(whole) == {forbidden, challenge}
    assert all("partial" not in source and source["revision"] == 2 for source in whole.values())
    assert len(whole[forbidden]["body"]) > len(partial[forbidden]["body"])
    assert set(found(flow, "is:partial")) == {robots, consent, offer, reserved, missing, *unasked}
    counts = ledger.counts()
    assert (counts.seen, counts.indexed, counts.missing) == (12, 12, 0)


def look_again(flow: Flow) -> None:
    """Makes every planned look due now."""
    ledger = flow.services.ledger
    planned = ledger.redis.zrange(ledger.key("revisits"), 0, -1)
    assert planned, "no look is planned"
    ledger.redis.zadd(ledger.key("revisits"), dict.fromkeys(planned, 0))


def test_workers_that_are_killed_over_refused_pages_lose_none(flow: Flow, newsroom: Newsroom) -> None:
    feed = newsroom.add_feed("killed")
    pages = [newsroom.publish("killed", one) for one in generated_articles(30, seed=99)]
    for page in pages:
        newsroom.fail(page.removeprefix(newsroom.url), 403)
    flow.follow(feed)
    for kind in ("pages", "articles", "index"):
        flow.wait(lambda: flow.services.ledger.counts().seen == 30, PATIENCE, "the entries")
        flow.signal(kind, signal.SIGKILL)
        flow.processes[kind].wait()
        flow.start(kind)
    flow.wait(lambda: flow.settled(30), PATIENCE, "thirty outcomes")
    counts = flow.services.ledger.counts()
    assert (counts.indexed, counts.quarantined, counts.discarded, counts.missing) == (30, 0, 0, 0)
    assert set(found(flow, "partial:forbidden")) == set(pages)
