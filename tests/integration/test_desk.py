"""Feeds, quarantine and services as the page handles them, on a real ledger and a real index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.records import Entry
from ingest.urls import entry_id
from search.ports import ServiceUnavailable
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document
from tests.newsroom.newsroom import Newsroom
from tests.services import ValkeyHandle
from worker.desk import PACKS, Feeds, QuarantineRoom
from worker.services import Services
from worker.settings import read_settings
from worker.verdicts import End

pytestmark = pytest.mark.services


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as newsroom:
        yield newsroom


@pytest.fixture
def services(valkey: ValkeyHandle, redis_prefix: str, tmp_path: Path, newsroom: Newsroom) -> Iterator[Services]:
    settings = read_settings(
        {
            "KAWAT_STATE_DIR": str(tmp_path),
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_REDIS_PREFIX": redis_prefix,
            "KAWAT_SAMPLE": "false",
            "KAWAT_ALLOW_HOSTS": newsroom.url.removeprefix("http://"),
        }
    )
    services = Services(settings, patience=2)
    yield services
    services.redis.close()


def quarantined(services: Services, n: int) -> list[str]:
    """So many entries that failed at their first stage."""
    urls = [f"https://news.example/{at}" for at in range(n)]
    entries = [Entry(id=entry_id(None, url, None), feed_id=None, url=url) for url in urls]
    services.ledger.claim(entries, stage="fetch")
    lease = services.ledger.lease("fetch", n)
    services.ledger.apply(lease, [(item, End("quarantined", "broken")) for item in lease.items], following="extract")
    return [entry.id for entry in entries]


def test_a_real_feed_is_tried_followed_asked_and_left(services: Services, newsroom: Newsroom) -> None:
    desk = services.desk
    url = next(iter(newsroom.feeds().values())) if newsroom.feeds() else newsroom.add_feed("dunia")
    trial = desk.try_feed(url)
    assert (trial.error, trial.followed) == ("", False)
    feed, added = desk.follow(url, name="Warta", language="id")
    assert (added.new, desk.try_feed(url).followed) == (1, True)
    health = desk.feed(feed.id)
    assert health is not None
    assert (health.state, health.feed.name) == ("new", "Warta")
    assert desk.poll_now([feed.id]) == 1
    assert [one.feed.id for one in desk.feeds()] == [feed.id]
    assert desk.remove([feed.id]) == 1
    assert desk.feed(feed.id) is None


def test_a_feed_that_is_not_there_says_so(services: Services, newsroom: Newsroom) -> None:
    trial = services.desk.try_feed(f"{newsroom.url}/nothing-here")
    assert trial.error_kind == "4xx"
    assert "404" in trial.error


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/rss", "http://[::1]/rss", "http://169.254.169.254/latest"])
def test_no_trial_enters_a_private_network(services: Services, url: str) -> None:
    trial = services.desk.try_feed(url)
    assert trial.error_kind == "refused"
    assert services.desk.follow(url)[1].new == 1, (
        "an operator may follow what is not there yet; it is refused each time"
    )


def test_packs_are_followed_and_dropped_whole(services: Services) -> None:
    desk = services.desk
    packs = {pack.name: pack for pack in desk.packs()}
    assert sum(pack.feeds for pack in packs.values()) == PACKS.read_text().count("xmlUrl=")
    assert all(pack.followed == 0 and pack.languages for pack in packs.values())
    name = next(iter(packs))
    assert desk.follow_packs([name, "no such pack"]).new == packs[name].feeds
    assert {pack.name: pack.followed for pack in desk.packs()}[name] == packs[name].feeds
    again = desk.import_opml(desk.export_opml(), "mine")
    assert (again.new, again.changed, again.known) == (0, 0, packs[name].feeds)
    assert desk.drop_packs([name]) == packs[name].feeds
    assert list(desk.feeds()) == []


def test_quarantine_is_counted_sent_on_and_given_up(services: Services) -> None:
    room = services.quarantine_room
    ids = quarantined(services, 5)
    assert (room.total(), len(room.listed(3))) == (5, 3)
    assert room.listed()[0].why == "broken"
    assert room.replay([*ids[:2], "0" * 32]) == 2
    assert services.ledger.counts().in_flight == 2
    assert room.discard([ids[2]]) == 1
    assert room.discard(None) == 2
    counts = services.ledger.counts()
    assert (room.total(), counts.discarded, counts.missing) == (0, 3, 0)


def test_a_ledger_that_is_away_is_an_outage(tmp_path: Path) -> None:
    settings = read_settings({"KAWAT_STATE_DIR": str(tmp_path), "KAWAT_REDIS_URL": f"unix://{tmp_path}/none.sock"})
    services = Services(settings, patience=0.5)
    for ask in (services.desk.feeds, services.desk.packs, services.quarantine_room.total):
        with pytest.raises(ServiceUnavailable):
            ask()
    assert isinstance(services.desk, Feeds)
    assert isinstance(services.quarantine_room, QuarantineRoom)


def test_what_is_away_is_told_beside_what_is_there(services: Services) -> None:
    found = {vital.name: vital for vital in services.vitals.vitals()}
    assert found["elasticsearch"].state == "fail"
    assert found["elasticsearch"].to_do
    assert found["valkey"].state == found["durability"].state == found["disk"].state == "ok"
    assert found["ledger"].values["began"]
    assert list(services.vitals.throughput()) == []


def test_services_and_throughput_of_a_real_index(
    valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> None:
    settings = read_settings(
        {
            "KAWAT_STATE_DIR": str(tmp_path),
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_REDIS_PREFIX": redis_prefix,
            "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
            "KAWAT_INDEX_PREFIX": index_prefix,
        }
    )
    services = Services(settings)
    with closing(services.elasticsearch) as client:
        ensure_schema(client, index_prefix)
        index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
        index.write([document("satu"), document("dua")])
        index.refresh()
        (vital,) = (one for one in services.vitals.vitals() if one.name == "elasticsearch")
        assert (vital.state, vital.values["articles"]) == ("ok", 2)
        minutes = services.vitals.throughput(30)
        assert len(minutes) == 30
        assert sum(one.indexed for one in minutes) == 2
        assert sum(one.indexed for one in minutes[-2:]) == 2
    services.redis.close()
