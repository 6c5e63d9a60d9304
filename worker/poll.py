"""The first stage: one poll of a feed. Its entries are claimed before anything else is remembered of the poll."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ingest import dates
from ingest.errors import HostBusy, IngestError
from ingest.feeds import body_hash, parse_feed
from ingest.fetch import FEED_ACCEPT, Fetcher, Response
from ingest.records import Entry, Feed
from worker.failures import said, verdict_for
from worker.stages import Group, Turns
from worker.verdicts import Again, Defer, Item

SLOWEST = 86_400.0  # seconds: a failing feed is asked at least once a day
LONGEST_ASKED = 3_600.0  # of a feed's ttl and Cache-Control: many name a day and publish every hour
JITTER = 0.1  # of the interval, so that feeds added together drift apart
BROKEN_KEPT = 5  # problems told of one body


@dataclass(frozen=True, slots=True)
class PollPorts:
    """What a poll needs: `claim` says which entries are new, `touch` keeps alive those of an unchanged feed."""

    fetcher: Fetcher
    turns: Turns
    claim: Callable[[Sequence[Entry], Feed], list[bool]]
    touch: Callable[[Sequence[str]], None]
    interval: float  # seconds between two polls


def poll(items: Sequence[Item], ports: PollPorts) -> Iterator[Group]:
    """Polls each feed; its verdict is always its next poll."""
    for item in items:
        try:
            yield [(item, _poll_one(item, ports))]
        except Exception as error:  # noqa: BLE001  # a feed that fails slows down, whatever it was
            verdict = verdict_for(error, item.attempt)
            yield [(item, verdict if isinstance(verdict, Defer) else failed(item, error, ports.interval))]


def _poll_one(item: Item, ports: PollPorts) -> Again:
    feed = Feed.model_validate_json(item.fields["record"])
    with ports.turns.turn(feed.url, urgent=True):
        response = ports.fetcher.get(
            feed.url,
            etag=item.fields.get("etag") or None,
            last_modified=item.fields.get("last_modified") or None,
            accept=FEED_ACCEPT,
        )
    digest = body_hash(response.body)
    if response.not_modified or digest == item.fields.get("body_hash"):
        ports.touch(orjson.loads(item.fields.get("listed", "[]")))
        return succeeded(item, response, ports.interval, {})
    parsed = parse_feed(
        response.body, url=response.url, feed_id=feed.id, language=feed.language, content_type=response.content_type
    )
    new = sum(ports.claim(parsed.entries, feed))
    fields = {
        "body_hash": digest,
        "listed": orjson.dumps([entry.id for entry in parsed.entries]).decode(),
        "problems": "; ".join(parsed.problems[:BROKEN_KEPT]),
        "entries": str(int(item.fields.get("entries", 0)) + new),
        "ttl": str(parsed.ttl or 0),
    }
    if new:
        fields["last_new"] = dates.now().isoformat()
    return succeeded(item, response, ports.interval, fields)


def succeeded(item: Item, response: Response, interval: float, fields: Mapping[str, str]) -> Again:
    """The next poll after a good one, with the validators that the server gave (a 304 may leave them out)."""
    now = dates.now().isoformat()
    kept = {
        "etag": response.etag or (item.fields.get("etag", "") if response.status == 304 else ""),
        "last_modified": response.last_modified
        or (item.fields.get("last_modified", "") if response.status == 304 else ""),
        "polls": str(int(item.fields.get("polls", 0)) + 1),
        "last_poll": now,
        "last_success": now,
        "failures": "0",
        "error": "",
    }
    asked = max(int(fields.get("ttl", item.fields.get("ttl", 0))), response.max_age or 0)
    return Again(jittered(max(interval, min(asked, LONGEST_ASKED))), {**kept, **fields})


def failed(item: Item, error: Exception, interval: float) -> Again:
    """The next poll after a bad one: twice as late with each failure in a row, at most a day, never given up."""
    failures = int(item.fields.get("failures", 0)) + 1
    after = min(interval * 2 ** min(failures - 1, 20), SLOWEST)
    if isinstance(error, HostBusy) and error.retry_after:
        after = min(max(after, error.retry_after), SLOWEST)
    fields = {
        "polls": str(int(item.fields.get("polls", 0)) + 1),
        "last_poll": dates.now().isoformat(),
        "failures": str(failures),
        "error": said(error),
        "error_kind": error.reason if isinstance(error, IngestError) else "unforeseen",
    }
    return Again(jittered(after), fields)


def jittered(seconds: float) -> float:
    """`seconds`, give or take a tenth."""
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # spreading load, no secret
