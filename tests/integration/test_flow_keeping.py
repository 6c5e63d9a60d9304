"""Raw pages of what readers keep, through the whole flow on real services: killed anywhere, stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.urls import article_id
from search.briefs.records import PageState
from search.schema import Names
from tests.flow import Flow
from tests.newsroom import Newsroom
from tests.newsroom.generated import generated_articles
from tests.services import ValkeyHandle

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(window=None) as room:
        yield room


@pytest.fixture
def environment(valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str) -> dict[str, str]:
    return {
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_ALLOW_HOSTS": "127.0.0.1",
        "KAWAT_POLL_INTERVAL": "1",
        "KAWAT_EXTRACT_PROCESSES": "1",
        "KAWAT_LEASE": "2",
        "KAWAT_DISK_PAUSE": "0",
        "KAWAT_REVISIT_SAMPLE": "0",
    }


def page_of(flow: Flow, text_id: str) -> PageState:
    text = flow.services.pages.text(text_id)
    assert text is not None
    return text.page


def settled(flow: Flow, *ids: str) -> bool:
    """Each page is there and compared, or given up, and nobody is at work on any."""
    states = [page_of(flow, id) for id in ids]
    stages = flow.services.ledger.stage_counts()
    idle = not any(stages[name].ready + stages[name].leased for name in ("keep", "compare"))
    return idle and all(one.match or one.state == "lost" for one in states)


def test_what_is_kept_keeps_its_raw_page_and_one_that_changed_or_went_is_said_so(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    feed = newsroom.add_feed("kept")
    articles = generated_articles(3, seed=2031, languages=("id",))
    same, changed, gone = (newsroom.publish("kept", one) for one in articles)
    with Flow(tmp_path / "flow", environment) as flow:
        flow.follow(feed)
        flow.wait(lambda: flow.settled(3), 60, "the articles")
        body = (
            "Kantor penghubung itu batal dibuka, kata juru bicara kementerian hari Senin.",
            *articles[1].body[1:],
        )
        newsroom.rewrite(changed, title="Kantor penghubung batal dibuka di Tokyo", body=body)
        newsroom.withdraw(gone)
        desk = flow.services.briefs
        ids = [desk.keep(article=article_id(url)).clipping_id for url in (same, changed, gone)]
        flow.wait(lambda: settled(flow, *ids), 60, "the pages")
        pages = [page_of(flow, id) for id in ids]
        assert [(one.state, one.match) for one in pages] == [("kept", "same"), ("kept", "other"), ("lost", None)]
        assert set((pages[1].why or "").split(", ")) == {"title", "body"}
        assert "410" in (pages[2].error or "")
        for id, page in zip(ids[:2], pages[:2], strict=True):
            raw = desk.page(id)
            assert raw is not None
            assert hashlib.sha256(raw.body).hexdigest() == raw.sha256 == page.sha256
        assert body[0].encode() in (raw.body if raw else b"")
        view = desk.brief(desk.today().isoformat())
        assert view is not None
        assert articles[1].body[0] in view.texts[ids[1]].body, "the text stays what it was"
        assert flow.services.revisits.counts().planned == 3, "what is kept is looked at again"
        assert flow.services.ledger.counts().missing == 0


def test_workers_killed_in_between_lose_no_page_and_store_none_twice(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    feed = newsroom.add_feed("killed")
    urls = [newsroom.publish("killed", one) for one in generated_articles(12, seed=2032, languages=("id",))]
    with Flow(tmp_path / "flow", environment) as flow:
        flow.follow(feed)
        flow.wait(lambda: flow.settled(len(urls)), 60, "the articles")
        for url in urls:
            newsroom.slow(url, 0.4)
        desk = flow.services.briefs
        ids = [desk.keep(article=article_id(url)).clipping_id for url in urls]
        for _ in range(3):
            flow.wait(lambda: flow.services.ledger.stage_counts()["keep"].leased > 0 or settled(flow, *ids), 60, "work")
            flow.kill("pages")
            flow.kill("articles")
            flow.keep_running()
        flow.wait(lambda: settled(flow, *ids), 90, "the pages")
        assert {(page_of(flow, id).state, page_of(flow, id).match) for id in ids} == {("kept", "same")}
        alias = Names(flow.settings.index_prefix).pages
        flow.services.elasticsearch.indices.refresh(index=alias)
        assert flow.services.elasticsearch.count(index=alias)["count"] == len(ids)
        assert all(desk.page(id) for id in ids)
        counts = flow.services.ledger.counts()
        assert (counts.seen, counts.in_flight, counts.missing) == (len(urls), 0, 0)
        assert not list(flow.services.redis.scan_iter(match=f"{flow.settings.redis_prefix}kept:*"))
