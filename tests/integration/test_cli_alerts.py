"""`kawat alerts` and `kawat channels`, on real services."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from search.alerts.queueing import Queueing
from search.alerts.records import delivery_id
from search.client import connect
from search.notify.messages import Messages
from search.notify.sending import Sent
from search.upkeep import ensure_schema
from tests.alertwire import RAISED, alert, write
from tests.receiver import Receiver
from worker.settings import PROJECT

pytestmark = pytest.mark.services
Kawat = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as one:
        ensure_schema(one, index_prefix)
        yield one


@pytest.fixture
def kawat(elasticsearch_url: str, index_prefix: str, valkey: Any, redis_prefix: str, tmp_path: Path) -> Kawat:
    given = {
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_STATE_DIR": str(tmp_path),
    }

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("KAWAT_")}
        return subprocess.run(
            [sys.executable, "-m", "worker.cli", *words],
            cwd=PROJECT,
            env={**plain, **given, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def objects(said: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_alerts_are_listed_shown_and_seen_to(client: Elasticsearch, index_prefix: str, kawat: Kawat) -> None:
    one, other = alert(1), alert(2, rule="natuna", rule_name="Natuna", title="Kapal \x1b[31mdi Natuna")
    write(client, index_prefix, one, other)
    Queueing(client, index_prefix, Messages()).queue([one])
    listed = objects(kawat("alerts", "list", "--json"))
    assert {line["alert_id"] for line in listed} == {one.alert_id, other.alert_id}
    assert "\x1b[31m" not in kawat("alerts", "list").stdout
    (only,) = objects(kawat("alerts", "list", "--rule", "natuna", "--json"))
    assert only["alert_id"] == other.alert_id
    shown = kawat("alerts", "show", one.alert_id[:8])
    assert shown.returncode == 0, shown.stderr
    for part in ("‹kantor penghubung›", "webhook:desk", "waiting"):
        assert part in shown.stdout
    assert kawat("alerts", "ack", one.alert_id[:8], "--note", "ditelepon").returncode == 0
    (seen,) = objects(kawat("alerts", "list", "--state", "acknowledged", "--json"))
    assert (seen["alert_id"], seen["note"]) == (one.alert_id, "ditelepon")
    for command in ("list", "tail"):
        typo = kawat("alerts", command, "--rule", "natunna")
        assert (typo.returncode, "no rule is called 'natunna'" in typo.stderr) == (2, True), typo.stderr
    missing = kawat("alerts", "show", "ffff")
    assert missing.returncode == 1
    assert "no alert" in missing.stderr


def test_what_was_given_up_is_shown_and_tried_again(client: Elasticsearch, index_prefix: str, kawat: Kawat) -> None:
    from search.alerts.retrying import PATIENCE, settled, taken

    write(client, index_prefix, alert())
    queueing = Queueing(client, index_prefix, Messages())
    (id,) = queueing.queue([alert()])
    held = queueing.deliveries.get([id])[id]
    late = RAISED + 1000 * PATIENCE
    dead = settled(taken(held.delivery, late), Sent("refused", 403, None, "HTTP 403: no"), late)
    assert queueing.deliveries.put(held, dead) is not None
    client.indices.refresh(index=f"{index_prefix}deliveries")
    (told,) = objects(kawat("alerts", "deliveries", "--dead", "--json"))
    assert (told["delivery_id"], told["last_error"]) == (delivery_id(alert().alert_id, "webhook:desk"), "HTTP 403: no")
    (row,) = objects(kawat("channels", "list", "--json"))
    assert (row["channel"], row["address"], row["dead"]) == ("webhook:desk", "not in KAWAT_CHANNELS", 1)
    assert "1 are tried again" in kawat("alerts", "retry", "--all").stdout
    assert queueing.deliveries.get([id])[id].delivery.state == "retrying"


def test_a_channel_is_rung_by_hand(client: Elasticsearch, kawat: Kawat) -> None:
    answers = [200, 503]
    with Receiver(lambda _: answers.pop(0)) as receiver:
        channels = f"webhook:desk={receiver.url('/hook?secret=s3cr3ts3cr3t')}"
        rung = kawat("channels", "test", "webhook:desk", KAWAT_CHANNELS=channels)
        assert rung.returncode == 0, rung.stderr
        assert json.loads(receiver.got[0].body)["kind"] == "test"
        failed = kawat("channels", "test", "webhook:desk", KAWAT_CHANNELS=channels)
        assert failed.returncode == 1
        assert "503" in failed.stderr
        assert len({got.key for got in receiver.got}) == 2
        wrong = kawat("channels", "test", "webhook:dsk", KAWAT_CHANNELS=channels)
        assert wrong.returncode == 2
        assert "did you mean webhook:desk" in wrong.stderr
        listed = kawat("channels", "list", KAWAT_CHANNELS=channels)
        assert "s3cr3t" not in listed.stdout + listed.stderr + rung.stdout + failed.stderr
