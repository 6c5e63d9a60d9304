"""A site's archive on real services: all of it is there, each article once, and what is new does not wait for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flow import Flow
from tests.newsroom import NewsArticle, Newsroom, sitemaps
from tests.services import ValkeyHandle
from worker.settings import PROJECT

pytestmark = pytest.mark.services
ARCHIVED, DAYS, FRESH = 300, 40, 10


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
        "KAWAT_LEASE": "5",
        "KAWAT_DISK_PAUSE": "0",
        "KAWAT_REVISIT_SAMPLE": "0",
    }


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(window=20) as room:
        yield room


def article(number: int, published: datetime, kind: str = "arsip") -> NewsArticle:
    body = tuple(
        f"Menteri nomor {number} mengatakan pada bagian {part} bahwa kantor {kind} {number * 7 + part} akan dibuka oleh"
        f" {number + part} negara di kota ke-{number * 3 + part} pada tahun depan, menurut juru bicara nomor {number}."
        for part in range(6)
    )
    title = f"Kantor {kind} nomor {number} akan dibuka di kota ke-{number * 3}"
    return NewsArticle(f"{kind}-{number}", title, body, published=published, language="id")


def with_archive(newsroom: Newsroom) -> list[str]:
    """300 articles of 40 days, a packed sitemap a week in an index that robots.txt names; the live feed lists none."""
    now = datetime.now(UTC).replace(microsecond=0)
    newsroom.add_feed("arsip", language="id")
    ages = [timedelta(days=DAYS * (n + 1) / (ARCHIVED + 1)) for n in range(ARCHIVED)]
    urls = [newsroom.publish("arsip", article(n, now - age)) for n, age in enumerate(ages)]
    parts = []
    for week in range(0, DAYS, 7):
        mine = [(url, now - age) for url, age in zip(urls, ages, strict=True) if week <= age.days < week + 7]
        newsroom.serve(f"/s{week}.xml.gz", sitemaps.served(sitemaps.urlset(mine), packed=True))
        parts.append((f"{newsroom.url}/s{week}.xml.gz", mine[0][1]))
    newsroom.serve("/index.xml", sitemaps.served(sitemaps.index(parts)))
    newsroom.set_robots(f"User-agent: *\nAllow: /\nSitemap: {newsroom.url}/index.xml\n")
    return urls


def backfill(flow: Flow, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "worker.cli", "backfill", *args, "--json"]
    environment = {"PATH": "/usr/bin:/bin", **flow.environment}
    return subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> dict[str, object]:
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    found: dict[str, object] = json.loads(out)
    return found


def documents(flow: Flow) -> list[dict[str, object]]:
    flow.services.index.refresh()
    answer = flow.services.elasticsearch.search(
        index=f"{flow.settings.index_prefix}articles",
        size=1_000,
        source_includes=["url", "backfill", "published", "first_seen"],
    )
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def test_an_archive_is_there_after_a_backfill_and_the_live_feed_is_not_delayed(
    environment: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    archived = with_archive(newsroom)
    live = newsroom.add_feed("hidup", language="id")
    with Flow(tmp_path / "flow", environment) as flow:
        first = newsroom.publish("hidup", article(900, datetime.now(UTC), "baru"))
        flow.follow(live, name="Warta Hidup")
        flow.wait(lambda: flow.settled(1), 90, "the first article")
        dry = said(backfill(flow, newsroom.url, "--since", f"{DAYS}d", "--dry-run"))
        assert (dry["claimed"], flow.services.ledger.counts().seen) == (ARCHIVED, 1)

        killed = backfill(flow, newsroom.url, "--since", f"{DAYS}d")
        flow.wait(lambda: flow.services.ledger.counts().seen > 1 or killed.poll() is not None, 60, "the walk")
        killed.kill()
        killed.communicate()
        done = said(backfill(flow, newsroom.url, "--since", f"{DAYS}d"))
        assert done["complete"], done

        urls, left = [first], list[tuple[int, int]]()
        for number in range(FRESH):
            url = newsroom.publish("hidup", article(1_000 + number, datetime.now(UTC), "baru"))
            before = flow.services.ledger.counts().in_flight
            flow.wait(lambda url=url: url in {one["url"] for one in documents(flow)}, 60, "a new article")  # type: ignore[misc]  # mypy cannot infer it
            left.append((before, flow.services.ledger.counts().in_flight))
            urls.append(url)
            if number == FRESH // 2:
                flow.kill("pages")
                flow.keep_running()
        flow.wait(lambda: flow.settled(ARCHIVED + 1 + FRESH), 180, "the archive")
        found = documents(flow)
        assert sorted(str(one["url"]) for one in found) == sorted([*archived, *urls])
        assert {str(one["url"]) for one in found if one.get("backfill")} == set(archived)
        counts = flow.services.ledger.counts()
        assert (counts.indexed, counts.missing) == (ARCHIVED + 1 + FRESH, 0)
        of_archive = [one for one in found if one.get("backfill")]
        assert all(str(one["published"]) < str(one["first_seen"]) for one in of_archive)
        assert len({str(one["published"])[:10] for one in of_archive}) >= DAYS - 1, "each has its own day"
        overtook = [after for before, after in left if before > ARCHIVED / 2]
        assert overtook, f"the archive was read before anything new came: {left}"
        assert all(after > 0 for after in overtook), f"new articles waited for the archive: {left}"
