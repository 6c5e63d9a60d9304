"""The stage `notify`: brings each delivery to its channel, one attempt a lease.

What is to be sent, how often it was tried and what came of it stands in the delivery's own document
(`search/alerts/deliveries.py`); the ledger only says who is at work on what. So whoever is killed, whatever queue is
lost, a delivery is tried again, under the same key, with the same bytes.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from ingest.dates import now
from search.alerts.deliveries import Held
from search.alerts.records import Delivery
from search.alerts.retrying import settled, taken
from search.notify.channels import Channel, unknown
from search.notify.sending import Message, Sent
from search.ports import ServiceUnavailable
from worker.failures import verdict_for
from worker.lanes import Lanes
from worker.stages import Group
from worker.verdicts import Defer, Item, Leave, Verdict

log = structlog.get_logger(__name__)

DONE = ("delivered", "dead")
FORGOTTEN = "an article in it was forgotten (kawat forget); what is left goes in another digest"
ROOM_IN = 2.0  # seconds until a channel whose lanes are full is looked at again
NOTED_WITHIN = 20.0  # seconds that an attempt's end waits for Elasticsearch to be back


class DeliveryShelf(Protocol):
    """`search.alerts.deliveries.Deliveries` as this stage sees it. Everything raises ServiceUnavailable."""

    def get(self, ids: Sequence[str]) -> dict[str, Held]: ...
    def put(self, held: Held, delivery: Delivery) -> Held | None: ...


class Downs(Protocol):
    """`worker.outages.Outages` as this stage sees it."""

    def down(self, channel: str) -> bool: ...
    def arrived(self, channel: str) -> None: ...
    def failed(self, channel: str, sent: Sent) -> None: ...


@dataclass(frozen=True, slots=True)
class NotifyPorts:
    """The world of this stage. `mark_delivered(alert_ids, channel)` notes it in the alerts, `release` takes back that
    they have a delivery there, `attempted(channel, sent)` counts for the metrics."""

    deliveries: DeliveryShelf
    channels: Mapping[str, Channel]
    outages: Downs
    lanes: Lanes
    mark_delivered: Callable[[Sequence[str], str], None]
    release: Callable[[Sequence[str], str], None]
    attempted: Callable[[str, Sent], None]
    clock: Callable[[], datetime] = now


def notify(items: Sequence[Item], ports: NotifyPorts) -> Iterator[Group]:
    """Each channel's deliveries one after the other, the channels side by side: one that hangs holds up no other."""
    try:
        held = ports.deliveries.get([item.id for item in items])
    except Exception as error:  # noqa: BLE001  # every failure becomes a verdict
        yield [(item, verdict_for(error, item.attempt)) for item in items]
        return
    gone = [item for item in items if item.id not in held]
    if gone:
        yield [(item, Leave()) for item in gone]
    by_channel: dict[str, list[Item]] = {}
    for item in items:
        if item.id in held:
            by_channel.setdefault(held[item.id].delivery.channel, []).append(item)
    yield from _side_by_side(by_channel, held, ports)


def _side_by_side(
    by_channel: Mapping[str, Sequence[Item]], held: Mapping[str, Held], ports: NotifyPorts
) -> Iterator[Group]:
    said: queue.SimpleQueue[tuple[Item, Verdict]] = queue.SimpleQueue()

    def work(channel: str, items: Sequence[Item]) -> None:
        room = ports.lanes.take(channel)
        try:
            for item in items:
                verdict = _guarded(item, held[item.id], ports) if room else Defer(ROOM_IN, f"{channel} is busy")
                said.put((item, verdict))
        finally:
            if room:
                ports.lanes.free(channel)

    for channel, items in by_channel.items():
        threading.Thread(target=work, args=(channel, items), name=f"notify-{channel}", daemon=True).start()
    for _ in range(sum(map(len, by_channel.values()))):
        yield [said.get()]


def _guarded(item: Item, held: Held, ports: NotifyPorts) -> Verdict:
    try:
        return _one(held, ports)
    except Exception as error:  # noqa: BLE001  # every failure becomes a verdict
        return verdict_for(error, item.attempt)


def _one(held: Held, ports: NotifyPorts) -> Verdict:
    """One attempt. What it is not the time for is left: the tick brings it back when it is (`worker/delivering.py`)."""
    delivery, at = held.delivery, ports.clock()
    early = delivery.next_attempt is not None and delivery.next_attempt > at  # or somebody is at it
    channel = ports.channels.get(delivery.channel)
    if delivery.state in DONE or early or (channel and ports.outages.down(channel.name)):
        return Leave()
    if not delivery.body:
        return _given_up(held, ports)
    begun = ports.deliveries.put(held, taken(delivery, at))
    if begun is None:
        return Leave()
    sent = _sent(delivery, channel, ports)
    ended = settled(begun.delivery, sent, ports.clock())
    with suppress(Exception):  # these only say when to try, and count: the attempt's own end matters more
        ports.attempted(delivery.channel, sent)
        if channel is not None:
            (ports.outages.arrived(channel.name) if sent.arrived else ports.outages.failed(channel.name, sent))
    if _put(begun, ended, ports) is None:
        return Leave()
    _tell(ended)
    if sent.arrived:
        with suppress(ServiceUnavailable):  # the delivery says so, the alert only repeats it
            ports.mark_delivered(delivery.alert_id, delivery.channel)
    return Leave()


def _given_up(held: Held, ports: NotifyPorts) -> Verdict:
    """A digest with an article that was forgotten cannot be sent, nor made anew under the same key: perhaps it arrived.
    The alerts that are left go into another one."""
    ports.release(held.delivery.alert_id, held.delivery.channel)  # first: cut off here, they stay in this one
    changes = {"state": "dead", "next_attempt": None, "alert_id": (), "last_error": FORGOTTEN, "error_kind": "fault"}
    ports.deliveries.put(held, held.delivery.model_copy(update=changes))
    return Leave()


def _sent(delivery: Delivery, channel: Channel | None, ports: NotifyPorts) -> Sent:
    if channel is None:
        return Sent("no-channel", error=unknown(delivery.channel, ports.channels))
    message = Message.model_validate(dict(delivery.body))
    sent = ports.lanes.sent(channel.name, lambda: channel.sender.send(message, delivery.delivery_id))
    return Sent(sent.kind, sent.status, sent.retry_after, channel.masked(sent.error))


def _put(begun: Held, ended: Delivery, ports: NotifyPorts) -> Held | None:
    """The attempt's end, noted. Lost, it would be sent a second time: worth a while of waiting."""
    ends = time.monotonic() + NOTED_WITHIN
    while True:
        try:
            return ports.deliveries.put(begun, ended)
        except ServiceUnavailable:
            if time.monotonic() > ends:
                raise
            time.sleep(1)


def _tell(delivery: Delivery) -> None:
    about = {"channel": delivery.channel, "id": delivery.delivery_id, "attempts": delivery.attempts}
    if delivery.state == "delivered":
        log.info("delivered", **about, kind=delivery.kind)
    elif delivery.state == "dead":
        log.error("given up: not delivered", **about, why=delivery.last_error)
    else:
        log.warning("not delivered, again later", **about, why=delivery.last_error, at=str(delivery.next_attempt))
