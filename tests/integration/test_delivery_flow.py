"""Deliveries by real worker processes: at once where all is well, whole where they are killed."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from ingest.dates import now
from search.alerts.records import delivery_id
from search.schema import Names
from tests.alertwire import alert, write
from tests.flow import Flow
from tests.receiver import Receiver, failing

pytestmark = pytest.mark.services
KINDS = ("beat", "control", "alerts")


@pytest.fixture
def environment(elasticsearch_url: str, index_prefix: str, valkey: Any, redis_prefix: str) -> dict[str, str]:
    return {
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_DISK_PAUSE": "0",
        "KAWAT_LEASE": "5",
    }


def test_what_is_told_of_is_sent_without_waiting_for_a_look(environment: dict[str, str], tmp_path: Path) -> None:
    with Receiver() as receiver:
        environment["KAWAT_CHANNELS"] = f"webhook:desk={receiver.url('/desk')}"
        with Flow(tmp_path / "flow", environment, KINDS) as flow:
            client, prefix = flow.services.elasticsearch, flow.settings.index_prefix
            first = alert(1, raised=now())
            write(client, prefix, first)
            flow.services.post.tell([first])
            flow.wait(lambda: len(receiver.got) == 1, 120, "the first, while everything starts")
            for n in range(2, 12):
                one = alert(n, raised=now())
                write(client, prefix, one)
                flow.services.post.tell([one])
                flow.wait(lambda n=n: len(receiver.got) >= n, 60, f"alert {n}")  # type: ignore[misc]
            assert len(receiver.arrived("/desk")) == len(receiver.got) == 11


@pytest.mark.timeout(600)
def test_workers_killed_at_any_moment_lose_nothing_and_change_no_message(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Alerts whose deliveries nobody made (who raised them was killed) among them."""
    seed = 7
    luck, draw = random.Random(seed), failing(1 / 3, seed)
    names = ("webhook:fails", "webhook:fine")
    with Receiver(lambda path: draw() if path == "/fails" else 200) as receiver:
        environment["KAWAT_CHANNELS"] = ";".join(f"{name}={receiver.url('/' + name[8:])}" for name in names)
        with Flow(tmp_path / "flow", environment, KINDS) as flow:
            client, prefix = flow.services.elasticsearch, flow.settings.index_prefix
            alerts = [alert(n, raised=now(), channels=names) for n in range(60)]
            write(client, prefix, *alerts)
            flow.services.post.tell(alerts[:40])
            for _ in range(4):
                flow.wait(lambda: len(receiver.got) > 0, 120, "the first delivery")
                time.sleep(luck.uniform(0.1, 1.5))
                flow.kill(luck.choice(("alerts", "alerts", "control")))
                flow.keep_running()
            wanted = {delivery_id(one.alert_id, name) for one in alerts for name in names}

            def left() -> list[str]:
                held = flow.services.post.queueing.deliveries.get(sorted(wanted))
                waiting = [one.delivery for one in held.values() if one.delivery.state != "delivered"]
                told = [
                    f"{one.channel} {one.state} {one.attempts} {one.next_attempt} {one.last_error}" for one in waiting
                ]
                return told + [f"{len(wanted) - len(held)} missing"] * (len(held) < len(wanted))

            deadline = time.monotonic() + 400
            while waiting := left():
                assert time.monotonic() < deadline, (now(), waiting)
                time.sleep(0.5)
            client.indices.refresh(index=Names(prefix).deliveries)
            listed = flow.services.post.queueing.deliveries.listed(1000)
            assert {one.delivery_id for one in listed} == wanted
            assert set(receiver.arrived("/fails")) | set(receiver.arrived("/fine")) == wanted
            assert receiver.keys_with_two_bodies() == []
