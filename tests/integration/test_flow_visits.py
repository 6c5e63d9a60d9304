"""The whole flow on real services, looking at articles again: what changed, what vanished, what is split over pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.urls import article_id
from tests.flow import Flow
from tests.newsroom import Newsroom
from tests.newsroom.generated import generated_articles
from tests.services import ValkeyHandle
from worker.status import status

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
PATIENCE = 180  # seconds: a flow is five processes that start, on a machine that may have other work


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(window=None) as room:
        yield room


@pytest.fixture
def environment(
    valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> dict[str, str]:
    """Without rules: articles that alert are looked at by plan, too."""
    (tmp_path / "rules").mkdir()
    return {
        "KAWAT_RULES": str(tmp_path / "rules"),
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_ALLOW_HOSTS": "127.0.0.1",
        "KAWAT_POLL_INTERVAL": "1",
        "KAWAT_EXTRACT_PROCESSES": "1",
        "KAWAT_LEASE": "10",
        "KAWAT_DISK_PAUSE": "0",
        "KAWAT_REVISIT_SAMPLE": "0",
        "KAWAT_REVISIT_EVERY": "1",
    }


def article(flow: Flow, url: str) -> dict[str, Any]:
    found = flow.services.elasticsearch.search(
        index=f"{flow.settings.index_prefix}articles", query={"term": {"article_id": article_id(url)}}, size=2
    )
    (hit,) = found["hits"]["hits"]
    source: dict[str, Any] = hit["_source"]
    return source


def revisions(flow: Flow, url: str) -> list[dict[str, Any]]:
    """What the article said before, oldest first."""
    alias = f"{flow.settings.index_prefix}revisions"
    flow.services.elasticsearch.indices.refresh(index=alias)
    found = flow.services.elasticsearch.search(
        index=alias, query={"term": {"article_id": article_id(url)}}, size=100, sort=["revision"]
    )
    return [hit["_source"] for hit in found["hits"]["hits"]]


def visits(flow: Flow, **expected: int) -> bool:
    counts = flow.services.revisits.counts()
    return all(getattr(counts, name) >= number for name, number in expected.items())


def hurry(flow: Flow, hours: int) -> None:
    """Moves all that is planned, and where the plans began, so far into the past."""
    ledger = flow.services.ledger
    with ledger.redis.pipeline(transaction=True) as pipe:
        for id in ledger.redis.zrange(ledger.key("revisits"), 0, -1):
            pipe.hincrby(ledger.key("entry", id.decode()), "plan", -hours * 3_600_000)
            pipe.zincrby(ledger.key("revisits"), -hours * 3_600_000, id)
        pipe.execute()


def test_an_entry_that_changes_in_its_feed_gives_a_new_revision_and_keeps_the_old_text(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    feed = newsroom.add_feed("revised")
    first, second = generated_articles(2, seed=2024, languages=("id",))
    changed, untouched = newsroom.publish("revised", first), newsroom.publish("revised", second)
    with Flow(tmp_path / "flow", environment) as flow:
        flow.follow(feed)
        flow.wait(lambda: flow.settled(2), PATIENCE, "the articles")
        body = ("Kantor penghubung itu batal dibuka, kata juru bicara kementerian pada hari Senin.", *first.body[1:])
        newsroom.change(changed, title="Kantor penghubung batal dibuka di Tokyo", body=body)
        flow.wait(lambda: visits(flow, changed=1) and flow.settled(2), PATIENCE, "the visit")
        flow.services.index.refresh()
        now = article(flow, changed)
        assert (now["title"], now["revision"]) == ("Kantor penghubung batal dibuka di Tokyo", 2)
        assert {"title", "body"} <= set(now["changed"])
        assert body[0] in now["body"]
        (before,) = revisions(flow, changed)
        assert (before["title"], before["revision"]) == (first.title, 1)
        assert first.body[0] in before["body"]
        assert article(flow, untouched)["revision"] == 1
        counts = flow.services.ledger.counts()
        assert (counts.seen, counts.indexed, counts.missing) == (2, 2, 0)
        assert len(newsroom.requests(untouched)) == 1
        assert flow.services.revisits.counts().planned == 0


def test_the_sample_is_looked_at_by_plan_and_finds_what_changed_in_silence_vanished_or_came_back(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    feed = newsroom.add_feed("planned")
    silent, gone, same = (
        newsroom.publish("planned", one) for one in generated_articles(3, seed=2025, languages=("id",))
    )
    plan = {"KAWAT_REVISIT_SAMPLE": "1", "KAWAT_REVISIT_AFTER": "1h,6h"}
    with Flow(tmp_path / "flow", {**environment, **plan}) as flow:
        flow.follow(feed)
        flow.wait(lambda: flow.settled(3), PATIENCE, "the articles")
        assert flow.services.revisits.counts().planned == 3
        text = ("Pejabat kementerian meralat keterangan mereka tentang pertemuan itu pada Selasa malam.",) * 1
        newsroom.rewrite(silent, body=(*text, *generated_articles(1, seed=2025, languages=("id",))[0].body))
        newsroom.withdraw(gone)
        hurry(flow, hours=2)
        flow.wait(lambda: visits(flow, made=3) and flow.settled(3), PATIENCE, "the first look")
        flow.services.index.refresh()
        assert article(flow, silent)["revision"] == 2
        assert text[0] in article(flow, silent)["body"]
        vanished = article(flow, gone)
        assert "vanished" in vanished["changed"]
        assert vanished["body"], "what it said stays"
        assert "changed" not in article(flow, same)
        hurry(flow, hours=6)
        flow.wait(lambda: visits(flow, made=6) and flow.settled(3), PATIENCE, "the second look")
        counts = flow.services.revisits.counts()
        assert (counts.planned, counts.changed, counts.vanished, counts.unchanged, counts.failed) == (0, 1, 1, 4, 0)
        assert status(flow.services)["revisits"]["made"] == 6
        held = flow.services.ledger.counts()
        assert (held.indexed, held.quarantined, held.discarded, held.missing) == (3, 0, 0, 0)


@pytest.mark.parametrize("shows_all", [False, True])
def test_an_article_split_over_pages_is_one_document_in_order(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path, shows_all: bool
) -> None:
    name = f"split-{shows_all}"
    feed = newsroom.add_feed(name)
    story = generated_articles(1, seed=2026 + shows_all, languages=("id",))[0]
    page = newsroom.prepare(name, story)
    addresses = newsroom.split(page, 3, shows_all=shows_all)
    newsroom.list_in_feed(name, page)
    with Flow(tmp_path / "flow", environment) as flow:
        flow.follow(feed)
        flow.wait(lambda: flow.settled(1), PATIENCE, "the article")
        flow.services.index.refresh()
        found = article(flow, page)
        places = [found["body"].find(paragraph) for paragraph in story.body]
        assert -1 not in places, "a part is missing"
        assert places == sorted(places)
        assert len(found["body"]) < 1.2 * sum(len(paragraph) + 1 for paragraph in story.body), "something is twice"
        assert found["title"] == story.title
        assert flow.services.ledger.counts().seen == 1
        asked = [len(newsroom.requests(address)) for address in addresses]
        assert asked == ([1, 0, 0, 1] if shows_all else [1, 1, 1])


def test_a_further_page_that_is_gone_leaves_the_article_with_what_there_is(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    feed = newsroom.add_feed("half")
    story = generated_articles(1, seed=2030, languages=("id",))[0]
    page = newsroom.prepare("half", story)
    newsroom.fail(newsroom.split(page, 2)[1], 404)
    newsroom.list_in_feed("half", page)
    with Flow(tmp_path / "flow", environment) as flow:
        flow.follow(feed)
        flow.wait(lambda: flow.settled(1), PATIENCE, "the article")
        flow.services.index.refresh()
        assert story.body[0] in article(flow, page)["body"]
        assert flow.services.ledger.counts().indexed == 1
