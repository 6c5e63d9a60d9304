"""Told by itself, and to those who watch: on a real Elasticsearch and a real Valkey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from ingest.dates import now
from search.alerts.retrying import settled, taken
from search.notify.sending import Sent
from search.schema import Names
from search.store import ElasticsearchIndex
from tests.alertwire import alert, write
from tests.integration.search_material import MemoryHomes, document
from tests.receiver import Receiver
from worker.health import beat, look, tell
from worker.metrics import Health
from worker.page import make_page
from worker.process import Process
from worker.settings import read_settings
from worker.start import prepare

pytestmark = pytest.mark.services


@pytest.fixture
def make(
    elasticsearch_url: str, index_prefix: str, valkey: Any, redis_prefix: str, tmp_path: Path
) -> Iterator[Callable[..., Process]]:
    made: list[Process] = []

    def here(**more: str) -> Process:
        given = {
            "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
            "KAWAT_INDEX_PREFIX": index_prefix,
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_REDIS_PREFIX": redis_prefix,
            "KAWAT_STATE_DIR": str(tmp_path),
            "KAWAT_PACKS": "false",
            "KAWAT_SAMPLE": "false",
            "KAWAT_DISK_PAUSE": "0",
            **more,
        }
        one = Process(read_settings(given))
        prepare(one.settings)
        vars(one)["_wake"] = lambda _: None  # nobody listens
        made.append(one)
        return one

    yield here
    for one in made:
        one.redis.close()
        one.elasticsearch.close()


CHANNELS = "webhook:ops=webhook+http://127.0.0.1:9/x"


def listed(here: Process) -> list[dict[str, Any]]:
    alias = Names(here.settings.index_prefix).alerts
    here.elasticsearch.indices.refresh(index=alias)
    hits = here.elasticsearch.search(index=alias, size=100)["hits"]["hits"]
    return [hit["_source"] for hit in hits]


def test_a_full_disk_is_told_once_on_an_ordinary_channel_and_again_when_it_comes_back(
    make: Callable[..., Process],
) -> None:
    here = make(KAWAT_CHANNELS=CHANNELS, KAWAT_HEALTH_NOTIFY="webhook:ops")
    assert tell(here) == []
    here.ledger.pause("disk:a", "0.1 GB free")
    (id,) = tell(here)
    assert tell(here) == []
    (one,) = listed(here)
    assert (one["alert_id"], one["rule"], one["channels"]) == (id, "kawat-disk", ["webhook:ops"])
    assert one["queued"] == ["webhook:ops"]
    here.ledger.resume("disk:a")
    assert tell(here) == []
    here.redis.hset(here.ledger.key("health:since"), "other", "x")  # what is over is forgotten
    tell(here)
    assert here.redis.hlen(here.ledger.key("health:since")) == 0


def test_deliveries_given_up_are_told_by_what_is_new(make: Callable[..., Process]) -> None:
    here = make(KAWAT_CHANNELS=CHANNELS, KAWAT_HEALTH_NOTIFY="webhook:ops")

    def die(n: int) -> None:
        one = alert(n, raised=now() - timedelta(days=2))
        write(here.elasticsearch, here.settings.index_prefix, one)
        (id,) = here.post.queueing.queue([one])
        held = here.post.queueing.deliveries.get([id])[id]
        late = held.delivery.gives_up_at
        dead = settled(taken(held.delivery, late), Sent("refused", 403, None, "HTTP 403: no"), late)
        assert here.post.queueing.deliveries.put(held, dead) is not None
        here.elasticsearch.indices.refresh(index=Names(here.settings.index_prefix).deliveries)

    die(1)
    assert len(tell(here)) == 1
    assert tell(here) == []
    die(2)
    here.ledger.pause("disk:a", "0.1 GB free")
    (disk,) = tell(here)  # and not one alert for each delivery
    assert next(one for one in listed(here) if one["alert_id"] == disk)["rule"] == "kawat-disk"
    here.redis.delete(here.ledger.key("health:quiet", "deliveries"))  # an hour later
    (id,) = tell(here)
    told = next(one for one in listed(here) if one["alert_id"] == id)
    assert told["title"].startswith("2 deliveries")
    assert told["highlight"] == ["webhook:desk: HTTP 403: no"]


def test_the_heartbeat_goes_only_while_articles_flow(make: Callable[..., Process]) -> None:
    with Receiver() as receiver:
        here = make(KAWAT_HEARTBEAT_URL=receiver.url("/ping/T0KEN", "http"))
        assert not beat(here)  # nothing was indexed yet
        index = ElasticsearchIndex(here.elasticsearch, here.settings.index_prefix, MemoryHomes())
        index.write([document("Kantor penghubung")])
        here.elasticsearch.indices.refresh(index=Names(here.settings.index_prefix).articles)
        assert beat(here)
        here.ledger.pause("disk:a", "0.1 GB free")
        assert not beat(here)
        here.ledger.resume("disk:a")
        assert beat(here)
        assert receiver.pings == ["/ping/T0KEN"] * 2
    assert not beat(here)  # its address is away
    assert b"T0KEN" not in (here.redis.get(here.ledger.key("heartbeat")) or b"")
    look(here)


def test_prometheus_reads_figures_of_all_that_matters(make: Callable[..., Process]) -> None:
    here = make(KAWAT_CHANNELS=CHANNELS)
    write(here.elasticsearch, here.settings.index_prefix, alert(raised=now() - timedelta(minutes=5)))
    here.post.queueing.queue([alert(raised=now() - timedelta(minutes=5))])
    here.elasticsearch.indices.refresh(index=Names(here.settings.index_prefix).deliveries)
    here.post.measures.matched(0.2, articles=100, candidates=250, alerts=3)
    here.post.measures.matched(7.0, articles=100, candidates=50, alerts=0)
    here.post.measures.attempted("webhook:ops", Sent("timeout"))
    here.post.measures.attempted("webhook:ops", Sent())
    families = {one.name: one for one in text_string_to_metric_families(Health(here).metrics().decode())}
    samples = {
        (one.name, *sorted(one.labels.items())): one.value for family in families.values() for one in family.samples
    }
    assert samples["kawat_up", ("service", "elasticsearch")] == samples["kawat_up", ("service", "valkey")] == 1
    assert samples[("kawat_match_candidates_sum",)] == 300
    assert samples[("kawat_match_candidates_count",)] == 200
    assert samples["kawat_match_seconds_bucket", ("le", "0.25")] == 1
    assert samples["kawat_match_seconds_bucket", ("le", "+Inf")] == 2
    assert samples[("kawat_match_seconds_sum",)] == pytest.approx(7.2)
    assert samples["kawat_deliveries", ("channel", "webhook:desk"), ("state", "waiting")] == 1
    assert samples["kawat_undelivered_oldest_seconds", ("channel", "webhook:desk")] >= 299
    assert samples["kawat_delivery_attempts_total", ("channel", "webhook:ops"), ("outcome", "timeout")] == 1
    assert samples["kawat_channel_down", ("channel", "webhook:ops")] == 0
    assert ("kawat_stage_oldest_seconds", ("stage", "notify")) in samples


def test_what_is_away_is_said_to_be(make: Callable[..., Process]) -> None:
    away = make().settings.model_copy(update={"elasticsearch_url": "http://127.0.0.1:9"})
    health = Health(Process(away))
    assert b'kawat_up{service="elasticsearch"} 0.0' in health.metrics()
    assert b'kawat_up{service="valkey"} 1.0' in health.metrics()
    assert health.ready()["elasticsearch"] == "fail"


def test_machines_ask_the_page(make: Callable[..., Process]) -> None:
    """Whether it lives and is ready is nobody's secret; the figures are."""
    token = "t" * 32
    here = make(KAWAT_TOKEN=token)
    client = TestClient(make_page(here.settings), base_url="http://127.0.0.1")
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["services"]["elasticsearch"]) == (200, "ok")
    assert client.get("/metrics").status_code == 401
    told = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert told.status_code == 200
    assert told.headers["Content-Type"].startswith("text/plain")
    assert "kawat_entries" in told.text
