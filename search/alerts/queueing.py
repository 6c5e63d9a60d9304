"""From alerts to deliveries: one record for each alert and channel, whoever makes it, however often, cut off anywhere.

An alert that goes at once has a delivery of its own for each channel, whose id is made of the two. One that waits for
others goes into a digest of its (owner, channel, due). A digest has parts: what is in one stays in it, and an alert
that comes after the first was made goes into the next. Each part is made by `create`, so of two processes one comes
second, reads what the first put in, and goes on behind it: no alert stands in two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.alerts.deliveries import Deliveries
from search.alerts.records import Alert, Delivery, delivery_id
from search.alerts.retrying import PATIENCE
from search.briefs.shelf import Shelf
from search.bulk import Action, action, send
from search.client import complete, missing_is_outage
from search.documents import iso
from search.notify.messages import Messages
from search.notify.payload import Coverage
from search.notify.sending import Message
from search.notify.wording import Words
from search.rules.records import PRIORITIES
from search.schema import Names

TOGETHER = 100  # alerts in one part of a digest
OURS = ("queued", "delivered")  # fields of an alert that only deliveries write
CHANNELS = 1000
PARTS = 1000
Covering = Callable[[str, str, datetime], Sequence[Coverage]]


class Bundle(NamedTuple):
    """What goes together: one owner's digest for one channel at one time."""

    owner: str
    channel: str
    due: datetime

    def id(self, part: int) -> str:
        """Of the delivery of its `part`, from 1."""
        moment = iso(self.due)
        return delivery_id(f"digest\n{self.owner}\n{moment}\n{part}", self.channel)


class Queueing:
    """Everything raises ServiceUnavailable where Elasticsearch is away; done again, it goes on where it stopped.

    `covering(owner, channel, due)` gives the coverage receipts of a digest.
    """

    def __init__(
        self, client: Elasticsearch, prefix: str, messages: Messages, covering: Covering = lambda *_: ()
    ) -> None:
        self._client, self._alias = client, Names(prefix).alerts
        self._shelf = Shelf(client, self._alias)
        self.deliveries = Deliveries(client, prefix)
        self._messages, self._covering = messages, covering

    def queue(self, alerts: Sequence[Alert]) -> list[str]:
        """Makes the deliveries of alerts that go by themselves, and notes it there; ids of all that they have. Of one
        that is muted or waits for its digest: nothing."""
        alone = [one for one in alerts if one.state != "muted" and not one.bundled]
        made = [self._alone(alert, channel) for alert in alone for channel in dict.fromkeys(alert.channels)]
        if made:
            self.deliveries.create(made)
            self._note({one.alert_id: one.channels for one in alone}, "queued")
        return [one.delivery_id for one in made]

    def complete(self, channels: Iterable[str], *, since: datetime, before: datetime, most: int = 500) -> list[str]:
        """Alerts raised between the two that lack a delivery for one of `channels`, though nothing defers them, get it:
        who was to make it did not live to. Ids of what was made. As of the last refresh."""
        when = {"range": {"@timestamp": {"gte": iso(since), "lt": iso(before)}}}
        left: dict[str, Alert] = {}
        for channel in channels:
            for alert in self._lacking(channel, when, False, most):
                left[alert.alert_id] = alert
        return self.queue(list(left.values()))

    def gather(self, channels: Iterable[str], at: datetime, *, most: int = 2000) -> list[str]:
        """Digests of all alerts whose time has come; ids of the deliveries that were made or found."""
        ids: list[str] = []
        for channel in channels:
            if not self._lacking(channel, {"range": {"due": {"lte": iso(at)}}}, True, 1):
                continue
            self._refresh()  # all of them go into one, also what was written just now
            bundles: dict[Bundle, list[Alert]] = {}
            for alert in self._lacking(channel, {"range": {"due": {"lte": iso(at)}}}, True, most):
                bundles.setdefault(Bundle(alert.owner, channel, alert.due), []).append(alert)
            for bundle, alerts in bundles.items():
                ids += self.bundle(bundle, alerts)
        return ids

    def bundle(self, bundle: Bundle, alerts: Sequence[Alert], words: Words | None = None) -> list[str]:
        """Each of these alerts in exactly one part of the bundle, and noted there; ids of those parts. Without any:
        the first part, if there is none yet, says that nothing was found, in these `words`."""
        left = {one.alert_id: one for one in sorted(alerts, key=lambda one: (one.timestamp, one.alert_id))}
        found: list[str] = []
        for part in range(1, PARTS):
            id = bundle.id(part)
            held = self.deliveries.get([id]).get(id)
            if held is None:
                if not left and part > 1:
                    break
                members = list(left.values())[:TOGETHER]
                if not self.deliveries.create([self._digest(bundle, id, members, words)])[0]:
                    held = self.deliveries.get([id]).get(id)  # somebody was faster
            inside = held.delivery.alert_id if held else tuple(one.alert_id for one in members)
            ours = {one: left.pop(one) for one in inside if one in left}
            if ours or held is None:
                found.append(id)
            self._note(dict.fromkeys(ours, (bundle.channel,)), "queued")
            if not left:
                break
        return found

    def waiting_channels(self) -> list[str]:
        """Channels that alerts name, as of the last refresh: also those that the settings no longer know."""
        with missing_is_outage(self._alias):
            answer = self._client.search(
                index=self._alias,
                size=0,
                aggs={"channels": {"terms": {"field": "channels", "size": CHANNELS}}},
                allow_partial_search_results=False,
            )
        buckets = complete(answer.body, "which channels alerts name")["aggregations"]["channels"]["buckets"]
        return [bucket["key"] for bucket in buckets]

    def mark_delivered(self, alert_ids: Sequence[str], channel: str) -> None:
        """The alerts say that this channel has them."""
        self._note(dict.fromkeys(alert_ids, (channel,)), "delivered")

    def release(self, alert_ids: Sequence[str], channel: str) -> None:
        """These have no delivery for this channel any more: `gather` finds them another."""
        self._note(dict.fromkeys(alert_ids, (channel,)), "queued", gone=True)

    def _note(self, channels: Mapping[str, Sequence[str]], field: str, *, gone: bool = False) -> None:
        """Adds to the lists of `field`, or takes away. Whoever comes second reads again: nobody's change is lost."""
        left = dict(channels)
        for _ in range(20):
            actions: list[tuple[str, Action]] = []
            for id, found in self._shelf.get(list(left), {"includes": [field]}).items():
                there = _several(found.source.get(field))
                kept = [one for one in there if not gone or one not in left[id]]
                now = kept if gone else [*there, *(one for one in left[id] if one not in there)]
                if now != there:
                    change = action("update", found.index, id, {"doc": {field: now}}, found.version)
                    actions.append((id, change))
            if not actions:
                return
            items = send(self._client, [one for _, one in actions])
            left = {id: left[id] for (id, _), item in zip(actions, items, strict=True) if item.status >= 300}
            if not left:
                return

    def _alone(self, alert: Alert, channel: str) -> Delivery:
        id = delivery_id(alert.alert_id, channel)
        message = self._messages.alert(alert, channel, id)
        about = {"owner": alert.owner, "channel": channel, "kind": "alert"}
        return _delivery(id, message, [alert], at=alert.timestamp, due=alert.due, **about)

    def _digest(self, bundle: Bundle, id: str, alerts: Sequence[Alert], words: Words | None) -> Delivery:
        owner, channel, due = bundle
        if alerts:
            words = Words(alerts[0].message_language, alerts[0].tz)
        words = words or Words("id", "UTC")
        coverage = self._covering(owner, channel, due)
        message = self._messages.digest(alerts, channel, id, owner=owner, due=due, words=words, coverage=coverage)
        return _delivery(id, message, alerts, at=due, due=due, owner=owner, channel=channel, kind="digest")

    def _lacking(self, channel: str, when: Mapping[str, Any], bundled: bool, most: int) -> list[Alert]:
        together: dict[str, Any] = {"term": {"bundled": True}}
        query = {
            "bool": {
                "filter": [{"term": {"channels": channel}}, when, *([together] if bundled else [])],
                "must_not": [
                    {"term": {"queued": channel}},
                    {"term": {"state": "muted"}},
                    *([] if bundled else [together]),
                ],
            }
        }
        with missing_is_outage(self._alias):
            answer = self._client.search(
                index=self._alias,
                query=query,
                size=most,
                sort=[{"@timestamp": "asc"}],
                allow_partial_search_results=False,
            )
        hits = complete(answer.body, "looking for alerts without a delivery")["hits"]["hits"]
        return [alert_of(hit["_source"]) for hit in hits]

    def _refresh(self) -> None:
        with missing_is_outage(self._alias):
            self._client.indices.refresh(index=self._alias)


def alert_of(source: Mapping[str, Any]) -> Alert:
    """An alert as its document says, without what deliveries wrote there."""
    return Alert.model_validate({name: value for name, value in source.items() if name not in OURS})


def _several(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value] if value else []


def _delivery(
    id: str, message: Message, alerts: Sequence[Alert], *, at: datetime, due: datetime, **about: Any
) -> Delivery:
    return Delivery.model_validate(
        {
            **about,
            "delivery_id": id,
            "@timestamp": at,
            "alert_id": [one.alert_id for one in alerts],
            "rule": list(dict.fromkeys(one.rule for one in alerts)),
            "priority": max([one.priority for one in alerts] or ["normal"], key=PRIORITIES.index),
            "due": due,
            "next_attempt": due,
            "gives_up_at": max(due, now()) + PATIENCE,
            "body_hash": message.hash,
            "body": message.model_dump(),
        }
    )
