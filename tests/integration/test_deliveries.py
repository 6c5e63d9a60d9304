"""Deliveries on a real Elasticsearch: one record for each alert and channel, whoever makes it, however often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from elasticsearch import Elasticsearch

from search.alerts.deliveries import Deliveries
from search.alerts.queueing import Bundle, Queueing
from search.alerts.records import delivery_id
from search.alerts.retrying import settled, taken
from search.client import connect
from search.notify.messages import Messages
from search.notify.payload import Coverage
from search.notify.sending import Sent
from search.schema import Names
from search.upkeep import ensure_schema
from tests.alertwire import RAISED, alert, write

pytestmark = pytest.mark.services
TWO = ("webhook:desk", "mailto:desk")
LATER = RAISED + timedelta(hours=1)


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as one:
        ensure_schema(one, index_prefix)
        yield one


@pytest.fixture
def queueing(client: Elasticsearch, index_prefix: str) -> Queueing:
    return Queueing(client, index_prefix, Messages())


def refresh(client: Elasticsearch, prefix: str) -> None:
    client.indices.refresh(index=[Names(prefix).alerts, Names(prefix).deliveries])


def source(client: Elasticsearch, prefix: str, id: str) -> dict[str, object]:
    found: dict[str, object] = client.get(index=Names(prefix).alerts, id=id)["_source"]
    return found


def test_each_alert_and_channel_has_one_record_however_often_it_is_queued(
    client: Elasticsearch, index_prefix: str, queueing: Queueing
) -> None:
    alerts = [alert(n, channels=TWO) for n in range(10)]
    write(client, index_prefix, *alerts)
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: queueing.queue(alerts), range(4)))
    assert all(sorted(one) == sorted(ids[0]) for one in ids)
    refresh(client, index_prefix)
    listed = queueing.deliveries.listed(100)
    assert sorted(one.delivery_id for one in listed) == sorted(ids[0])
    assert len(listed) == 20
    assert set(source(client, index_prefix, alerts[0].alert_id)["queued"]) == set(TWO)  # type: ignore[call-overload]


def test_a_body_never_changes(client: Elasticsearch, index_prefix: str, queueing: Queueing) -> None:
    """Whoever renders it again, from an alert that has grown meanwhile, comes second."""
    write(client, index_prefix, alert())
    (id,) = queueing.queue([alert()])
    before = queueing.deliveries.get([id])[id].delivery
    queueing.queue([alert(source_count=9, sources=("a.example", "b.example"))])
    assert queueing.deliveries.get([id])[id].delivery.body == before.body


def test_muted_alerts_have_no_delivery(client: Elasticsearch, index_prefix: str, queueing: Queueing) -> None:
    muted = alert(state="muted")
    write(client, index_prefix, muted)
    assert queueing.queue([muted]) == []
    assert queueing.complete(TWO, since=RAISED - timedelta(days=1), before=LATER) == []


def test_what_was_cut_off_is_completed(client: Elasticsearch, index_prefix: str, queueing: Queueing) -> None:
    """One alert without any delivery, one with one of two, one whose deliveries nobody noted, one that is whole."""
    none, half, unnoted, whole = alerts = [alert(n, channels=TWO) for n in range(4)]
    write(client, index_prefix, *alerts)
    queueing.queue([half.model_copy(update={"channels": TWO[:1]}), whole])
    queueing.deliveries.create([queueing._alone(unnoted, channel) for channel in TWO])
    refresh(client, index_prefix)
    queueing.complete(TWO, since=RAISED - timedelta(days=1), before=LATER)
    refresh(client, index_prefix)
    wanted = {delivery_id(one.alert_id, channel) for one in alerts for channel in TWO}
    assert {one.delivery_id for one in queueing.deliveries.listed(100)} == wanted
    assert queueing.complete(TWO, since=RAISED - timedelta(days=1), before=LATER) == []
    assert none.alert_id in {id for one in queueing.deliveries.listed(100) for id in one.alert_id}


def test_a_digest_holds_what_waits_for_it_and_comes_at_its_time(
    client: Elasticsearch, index_prefix: str, queueing: Queueing
) -> None:
    alerts = [alert(n, bundled=True, due=LATER) for n in range(3)]
    other = alert(7, bundled=True, due=LATER, owner="desk-eropa")
    write(client, index_prefix, *alerts, other)
    assert queueing.queue(alerts) == []
    assert queueing.gather(["webhook:desk"], LATER - timedelta(seconds=1)) == []
    first, second = sorted(queueing.gather(["webhook:desk"], LATER))
    held = queueing.deliveries.get([first, second])
    members = {one.delivery.owner: set(one.delivery.alert_id) for one in held.values()}
    assert members == {"desk-asia": {one.alert_id for one in alerts}, "desk-eropa": {other.alert_id}}
    refresh(client, index_prefix)
    assert queueing.gather(["webhook:desk"], LATER) == []


def test_what_comes_after_its_digest_was_made_goes_into_a_second_part(
    client: Elasticsearch, index_prefix: str, queueing: Queueing
) -> None:
    early, late = alert(1, bundled=True, due=LATER), alert(2, bundled=True, due=LATER)
    write(client, index_prefix, early)
    (first,) = queueing.gather(["webhook:desk"], LATER)
    write(client, index_prefix, late)
    (second,) = queueing.gather(["webhook:desk"], LATER)
    held = queueing.deliveries.get([first, second])
    assert [held[id].delivery.alert_id for id in (first, second)] == [(early.alert_id,), (late.alert_id,)]


def test_gatherers_at_the_same_time_put_no_alert_into_two_digests(
    client: Elasticsearch, index_prefix: str, queueing: Queueing
) -> None:
    alerts = [alert(n, bundled=True, due=LATER) for n in range(250)]
    for one in alerts:
        write_unrefreshed(client, index_prefix, one)
    refresh(client, index_prefix)
    gate = threading.Barrier(4)
    bundle = Bundle("desk-asia", "webhook:desk", LATER)

    def gather(turn: int) -> list[str]:
        gate.wait()
        return queueing.bundle(bundle, alerts[turn * 50 : 100 + turn * 50])  # each sees others, and some the same

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(gather, range(4)))
    queueing.gather(["webhook:desk"], LATER)
    refresh(client, index_prefix)
    members = [id for one in queueing.deliveries.listed(100) for id in one.alert_id]
    assert sorted(members) == sorted(one.alert_id for one in alerts)


def write_unrefreshed(client: Elasticsearch, prefix: str, one: object) -> None:
    from search.alerts.records import Alert, source_of

    assert isinstance(one, Alert)
    client.index(index=Names(prefix).alerts, id=one.alert_id, document=source_of(one))


def test_a_digest_without_alerts_says_what_the_silence_is_worth(client: Elasticsearch, index_prefix: str) -> None:
    covering = [Coverage(rule="kp", rule_name="Kantor penghubung", text=("0 alerts in 24 h; 4,812 articles",))]
    queueing = Queueing(client, index_prefix, Messages(), lambda *_: covering)
    (id,) = queueing.bundle(Bundle("desk-asia", "webhook:desk", LATER), [])
    body = queueing.deliveries.get([id])[id].delivery.body
    assert "4,812 articles" in body["text"]
    assert queueing.bundle(Bundle("desk-asia", "webhook:desk", LATER), []) == []


def test_only_one_of_two_takes_an_attempt(client: Elasticsearch, index_prefix: str, queueing: Queueing) -> None:
    write(client, index_prefix, alert())
    (id,) = queueing.queue([alert()])
    held = queueing.deliveries.get([id])[id]
    begun = queueing.deliveries.put(held, taken(held.delivery, LATER))
    assert begun is not None
    assert queueing.deliveries.put(held, taken(held.delivery, LATER)) is None
    assert queueing.deliveries.put(begun, settled(begun.delivery, Sent(status=200), LATER)) is not None
    queueing.mark_delivered([alert().alert_id], "webhook:desk")
    assert source(client, index_prefix, alert().alert_id)["delivered"] == ["webhook:desk"]


def test_what_is_due_is_found_but_not_of_channels_that_are_down(
    client: Elasticsearch, index_prefix: str, queueing: Queueing
) -> None:
    write(client, index_prefix, alert(1, channels=TWO), alert(2, due=LATER))
    queueing.queue([alert(1, channels=TWO), alert(2, due=LATER)])
    refresh(client, index_prefix)
    shelf = Deliveries(client, index_prefix)
    now = RAISED + timedelta(minutes=1)
    assert set(shelf.due(now, 10)) == {delivery_id(alert(1).alert_id, one) for one in TWO}
    assert shelf.due(now, 10, but=["webhook:desk"]) == [delivery_id(alert(1).alert_id, "mailto:desk")]
    tallies = {one.channel: one for one in shelf.tallies()}
    assert tallies["webhook:desk"].states == {"waiting": 2}
    assert tallies["webhook:desk"].oldest == RAISED
