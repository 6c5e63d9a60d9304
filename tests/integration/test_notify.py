"""The stage `notify` on a real Elasticsearch, a real Valkey and real receivers: each delivery arrives, however the
other side behaves, and one channel's trouble touches no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from ingest.dates import now
from search.alerts.queueing import Queueing
from search.alerts.records import Alert, delivery_id
from search.client import connect
from search.notify.channels import Channel
from search.notify.messages import Messages
from search.schema import Names
from search.unalerting import AlertEraser
from search.upkeep import ensure_schema
from tests.alertwire import alert, write
from tests.receiver import Receiver, failing
from worker.lanes import Lanes
from worker.ledger import Ledger
from worker.measures import Measures
from worker.notify import NotifyPorts, _one
from worker.outages import Outages
from worker.runner import run_batch
from worker.topology import STAGES
from worker.wanting import want

pytestmark = pytest.mark.services


class Desk:
    """All that delivers, in this process: what the tick does and workers, by hand."""

    def __init__(self, client: Elasticsearch, prefix: str, redis: Redis, redis_prefix: str, urls: Mapping[str, str]):
        self.client, self.prefix, self.redis = client, prefix, redis
        self.queueing = Queueing(client, prefix, Messages())
        self.ledger = Ledger(redis, redis_prefix, stages=tuple(STAGES), attempts=3, lease=30, bytes_limit=10_000_000)
        self.outages = Outages(redis, redis_prefix)
        self.measures = Measures(redis, redis_prefix)
        self.channels = {name: Channel(name, url) for name, url in urls.items()}
        self.lanes = Lanes()

    @property
    def ports(self) -> NotifyPorts:
        return NotifyPorts(
            deliveries=self.queueing.deliveries,
            channels=self.channels,
            outages=self.outages,
            lanes=self.lanes,
            mark_delivered=self.queueing.mark_delivered,
            release=self.queueing.release,
            attempted=self.measures.attempted,
        )

    def raise_(self, *alerts: Alert) -> list[str]:
        write(self.client, self.prefix, *alerts)
        return self.queueing.queue(alerts)

    def work(self) -> int:
        """A look for what is due and one batch."""
        self.client.indices.refresh(index=Names(self.prefix).deliveries)
        down = [one.channel for one in self.outages.of(list(self.channels)).values() if one.until > time.time()]
        due = self.queueing.deliveries.due(now(), 100, but=down)
        want(self.ledger, "notify", due)
        return run_batch(STAGES["notify"], self.ledger, self.ports, lambda _: None)

    def work_until_all_arrived(self, ids: list[str], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self.work()
            held = self.queueing.deliveries.get(ids)
            left = [one.delivery for one in held.values() if one.delivery.state != "delivered"]
            if not left:
                assert len(held) == len(set(ids))
                return
            assert time.monotonic() < deadline, [(one.channel, one.state, one.last_error) for one in left][:5]
            time.sleep(0.05)


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as one:
        ensure_schema(one, index_prefix)
        yield one


@pytest.fixture
def make(client: Elasticsearch, index_prefix: str, valkey: Any, redis_prefix: str) -> Iterator[Any]:
    with closing(Redis.from_url(valkey.url)) as redis:
        yield lambda **urls: Desk(client, index_prefix, redis, redis_prefix, urls)


def test_a_channel_that_fails_a_third_of_the_time_and_one_that_hangs_first_get_everything_once(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a third, which is healthy, gets all of it while the others are in trouble."""
    monkeypatch.setattr("search.alerts.retrying.FIRST", 0.2)
    monkeypatch.setattr("worker.outages.FIRST", 0.2)
    luck, healed = failing(1 / 3), threading.Event()

    def answer(path: str) -> int | str:
        if path == "/hangs":
            return 200 if healed.is_set() else "hang"
        return luck() if path == "/fails" else 200

    names = ("fails", "hangs", "fine")
    with Receiver(answer) as receiver:
        desk = make(**{name: receiver.url(f"/{name}?timeout={1 if name == 'hangs' else 30}") for name in names})
        alerts = [alert(n, raised=now(), channels=names) for n in range(40)]
        ids = desk.raise_(*alerts)
        desk.work_until_all_arrived([delivery_id(one.alert_id, "fine") for one in alerts])
        stuck = desk.queueing.deliveries.get([delivery_id(one.alert_id, "hangs") for one in alerts])
        assert all(one.delivery.state != "delivered" for one in stuck.values())
        healed.set()
        desk.work_until_all_arrived(ids)
        for name in names:
            arrived = receiver.arrived(f"/{name}")
            assert set(arrived) == {delivery_id(one.alert_id, name) for one in alerts}
        assert receiver.keys_with_two_bodies() == []
        assert len([got for got in receiver.got if got.path == "/fine"]) == len(alerts)
    assert desk.measures.attempts()["fine", "delivered"] == len(alerts)
    found = desk.client.get(index=Names(desk.prefix).alerts, id=alerts[0].alert_id)["_source"]
    assert set(found["delivered"]) == set(names)


def test_retry_after_is_obeyed_for_the_whole_channel(make: Any) -> None:
    with Receiver(lambda _: (429, {"Retry-After": "3600"})) as receiver:
        desk = make(desk=receiver.url("/"))
        ids = desk.raise_(*(alert(n, raised=now(), channels=("desk",)) for n in range(5)))
        for _ in range(5):
            desk.work()
        assert len(receiver.got) == 1
        (tried,) = [one.delivery for one in desk.queueing.deliveries.get(ids).values() if one.delivery.attempts]
        assert (tried.state, tried.status) == ("retrying", 429)
        assert tried.next_attempt is not None
        assert tried.next_attempt - now() > timedelta(minutes=55)


def test_an_attempt_that_nobody_ended_is_made_again_with_the_same_bytes(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a SIGKILL between sending and noting it."""
    monkeypatch.setattr("search.alerts.retrying.TAKEN", timedelta(seconds=0.5))
    with Receiver() as receiver:
        desk = make(desk=receiver.url("/"))
        ids = desk.raise_(alert(raised=now(), channels=("desk",)))

        def killed(*_: object) -> None:
            raise SystemExit

        with monkeypatch.context() as patched:
            patched.setattr("worker.notify.settled", killed)
            held = desk.queueing.deliveries.get(ids)[ids[0]]
            with pytest.raises(SystemExit):
                _one(held, desk.ports)
        assert desk.queueing.deliveries.get(ids)[ids[0]].delivery.state == "sending"
        desk.work_until_all_arrived(ids)
        assert len(receiver.got) == 2
        assert receiver.keys_with_two_bodies() == []


def test_a_channel_that_is_no_more_is_told_of_and_waits_for_its_return(make: Any) -> None:
    desk = make()
    ids = desk.raise_(alert(raised=now(), channels=("webhook:dsk",)))
    desk.work()
    (one,) = desk.queueing.deliveries.get(ids).values()
    assert (one.delivery.state, one.delivery.error_kind) == ("retrying", "no-channel")
    assert "webhook:dsk" in (one.delivery.last_error or "")


def test_what_cannot_be_delivered_for_a_day_is_dead(make: Any) -> None:
    with Receiver(lambda _: 500) as receiver:
        desk = make(desk=receiver.url("/"))
        ids = desk.raise_(alert(raised=now(), channels=("desk",)))
        (held,) = desk.queueing.deliveries.get(ids).values()
        late = held.delivery.model_copy(update={"gives_up_at": now() - timedelta(seconds=1)})
        assert desk.queueing.deliveries.put(held, late) is not None
        desk.work()
        (held,) = desk.queueing.deliveries.get(ids).values()
        assert (held.delivery.state, held.delivery.status, held.delivery.attempts) == ("dead", 500, 1)
        assert desk.work() == 0


def test_errors_tell_no_credentials(make: Any) -> None:
    with Receiver() as receiver:
        url = receiver.url("/hooks/T0KENT0KEN?secret=s3cr3ts3cr3t")
    desk = make(desk=url)
    ids = desk.raise_(alert(raised=now(), channels=("desk",)))
    desk.work()
    (one,) = desk.queueing.deliveries.get(ids).values()
    assert one.delivery.error_kind == "unreachable"
    assert "T0KEN" not in str(one.delivery)
    assert "s3cr3t" not in str(one.delivery)


def test_a_digest_with_a_forgotten_article_gives_the_others_to_another_one(make: Any) -> None:
    """And nobody gets the same key with two bodies: the first may have arrived before."""
    with Receiver() as receiver:
        desk = make(desk=receiver.url("/"))
        at = now()
        one, other = (alert(n, raised=at, due=at, bundled=True, channels=("desk",)) for n in (1, 2))
        write(desk.client, desk.prefix, one, other)
        (id,) = desk.queueing.gather(["desk"], at)
        desk.client.indices.refresh(index=Names(desk.prefix).deliveries)
        AlertEraser(desk.client, Names(desk.prefix)).erase([str(one.article_id)])
        desk.work()
        desk.client.indices.refresh(index=Names(desk.prefix).alerts)
        (again,) = desk.queueing.gather(["desk"], at)
        assert again != id
        desk.work_until_all_arrived([again])
        (got,) = receiver.got
        assert other.title in got.body.decode()
        assert one.title not in got.body.decode()
        assert desk.queueing.deliveries.get([id])[id].delivery.state == "dead"
        assert desk.queueing.gather(["desk"], at) == []


def test_a_delivery_that_cannot_be_read_holds_up_no_other(make: Any) -> None:
    with Receiver() as receiver:
        desk = make(desk=receiver.url("/"))
        bad, good = desk.raise_(alert(1, raised=now(), channels=("desk",)), alert(2, raised=now(), channels=("desk",)))
        alias = Names(desk.prefix).deliveries
        desk.client.update(index=alias, id=bad, doc={"priority": "whatever"}, refresh=True)
        want(desk.ledger, "notify", [bad, good])
        desk.work_until_all_arrived([good])
        assert [got.key for got in receiver.got] == [good]
