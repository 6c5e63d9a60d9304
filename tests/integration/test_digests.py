"""Digests at their time, by the tick, on a real Elasticsearch and a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.dates import now
from search.alerts.records import Alert
from search.alerts.timing import due, next_time
from search.rules import publishing
from search.rules.records import Digest, QuietHours, Rule, RuleSet
from search.schema import Names
from tests.alertwire import alert, write
from worker.digests import made
from worker.process import Process
from worker.rulesinforce import mirror
from worker.settings import read_settings
from worker.start import prepare

pytestmark = pytest.mark.services
HOURLY = Digest(schedule="0 * * * *", tz="Asia/Jakarta")
QUIET = QuietHours(start="22:00", end="06:00", tz="Asia/Jakarta")


class Clock:
    """What `now` says in the modules that ask it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """On the hour after next: what is due is in the future of nobody."""
    one = Clock(now().replace(minute=20, second=0, microsecond=0))
    monkeypatch.setattr("worker.digests.now", one)
    return one


@pytest.fixture
def here(
    elasticsearch_url: str, index_prefix: str, valkey: Any, redis_prefix: str, tmp_path: Path
) -> Iterator[Process]:
    given = {
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_STATE_DIR": str(tmp_path),
        "KAWAT_PACKS": "false",
        "KAWAT_SAMPLE": "false",
        "KAWAT_CHANNELS": "webhook:desk=webhook+http://127.0.0.1:9/x",
    }
    one = Process(read_settings(given))
    prepare(one.settings)
    yield one
    one.redis.close()
    one.elasticsearch.close()


def in_force(here: Process, *rules: Rule) -> None:
    rule_set = RuleSet(rules=rules)
    publishing.publish(here.elasticsearch, here.settings.index_prefix, rule_set, by="test")
    mirror(here.ledger, rule_set.id)


def rule(id: str = "kp", *, digest: Digest | None = HOURLY, quiet: QuietHours | None = None, **about: Any) -> Rule:
    known = {"name": "Kantor penghubung", "owner": "desk-asia", "query": "kantor", "notify": ("webhook:desk",)}
    return Rule(id=id, digest=digest, quiet_hours=quiet, **{**known, **about})


def raised(here: Process, of: Rule, n: int, at: datetime) -> Alert:
    moment, bundled = due(of, at)
    one = alert(n, rule=of.id, raised=at, due=moment, bundled=bundled)
    write(here.elasticsearch, here.settings.index_prefix, one)
    return one


def bodies(here: Process, ids: list[str]) -> list[dict[str, Any]]:
    here.elasticsearch.indices.refresh(index=Names(here.settings.index_prefix).deliveries)
    return [dict(one.delivery.body) for one in here.post.queueing.deliveries.get(ids).values()]


def test_alerts_wait_for_their_digest_which_says_what_it_covers(here: Process, clock: Clock) -> None:
    kp = rule()
    in_force(here, kp)
    assert made(here) == []
    first, second = raised(here, kp, 1, clock.at), raised(here, kp, 2, clock.at + timedelta(minutes=5))
    assert made(here) == []
    clock.at = next_time(HOURLY, clock.at) + timedelta(seconds=10)
    ids = made(here)
    (body,) = bodies(here, sorted(set(ids)))
    assert first.title in body["text"]
    assert second.title in body["text"]
    assert "Seberapa dapat dipercaya" in body["text"]  # the receipt's heading, in the rule's language
    assert made(here) == []


def test_a_digest_without_alerts_comes_too_unless_the_rule_says_otherwise(here: Process, clock: Clock) -> None:
    in_force(here, rule("kp"), rule("natuna", owner="desk-laut", digest=HOURLY.model_copy(update={"empty": False})))
    assert made(here) == []  # none for the time before the rule was seen
    clock.at = next_time(HOURLY, clock.at) + timedelta(seconds=10)
    (id,) = made(here)
    (body,) = bodies(here, [id])
    assert body["subject"].startswith("Tidak ada peringatan")
    assert made(here) == []
    clock.at = next_time(HOURLY, clock.at) + timedelta(seconds=10)
    (other,) = made(here)
    assert other != id


def test_what_quiet_hours_held_up_comes_in_one_piece_at_their_end(here: Process, clock: Clock) -> None:
    night = rule(digest=None, quiet=QUIET)
    in_force(here, night)
    clock.at = (clock.at - timedelta(days=2)).replace(hour=17)  # midnight in Jakarta
    raised(here, night, 1, clock.at)
    raised(here, night, 2, clock.at + timedelta(hours=2))
    assert made(here) == []
    clock.at = clock.at.replace(hour=23, minute=0) + timedelta(seconds=10)  # six in the morning there
    (id,) = made(here)
    (body,) = bodies(here, [id])
    assert body["subject"].startswith("2 peringatan")
