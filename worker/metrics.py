"""Prometheus' view: all is read when it is asked for, from where it stands. No process keeps figures of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import structlog
from elasticsearch import ApiError, TransportError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from search.alerts.deliveries import Deliveries
from search.ports import IncompleteAnswerError, ServiceUnavailable
from worker.services import Services
from worker.status import status
from worker.vitals import kawat_version

log = structlog.get_logger(__name__)

AWAY = (RedisError, ServiceUnavailable, ApiError, TransportError, IncompleteAnswerError)
NEEDED = ("elasticsearch", "valkey", "durability", "ledger")
TIMEOUT = 4.0  # seconds a request


class Health:
    """`search.flowdesk.HealthPort` on the services in force."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def ready(self) -> Mapping[str, str]:
        """See the port."""
        return {one.name: one.state for one in self._services.vitals.vitals() if one.name in NEEDED}

    def metrics(self) -> bytes:
        """See the port: of a service that is away, `kawat_up` says so."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(self._services))
        return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("kawat_up", "Whether the service answers.", labels=["service"])
        for service, parts in (("valkey", (_flow, _matching, _channels)), ("elasticsearch", (_deliveries,))):
            found, answers = _asked(self._services, parts)
            yield from found
            up.add_metric([service], float(answers))
        yield up
        version = GaugeMetricFamily("kawat_info", "Which version this is.", labels=["version"])
        version.add_metric([kawat_version()], 1)
        yield version


def _asked(services: Services, parts: Iterable[Callable[[Services], Iterator[Metric]]]) -> tuple[list[Metric], bool]:
    found: list[Metric] = []
    try:
        for part in parts:
            found += part(services)
    except AWAY as error:
        log.debug("a service does not answer", why=f"{type(error).__name__}: {error}")
        return found, False
    return found, True


def _flow(services: Services) -> Iterator[Metric]:
    found = status(services)
    entries = GaugeMetricFamily("kawat_entries", "Entries by what became of them.", labels=["outcome"])
    for outcome in ("seen", "indexed", "duplicate", "discarded", "quarantined", "in_flight"):
        entries.add_metric([outcome], found["counts"][outcome])
    yield entries
    items = GaugeMetricFamily("kawat_stage_items", "Items at each stage of the flow.", labels=["stage", "state"])
    oldest = GaugeMetricFamily("kawat_stage_oldest_seconds", "How long the oldest due one waits.", labels=["stage"])
    for stage, count in found["stages"].items():
        for state in ("ready", "due", "leased"):
            items.add_metric([stage, state], count[state])
        oldest.add_metric([stage], count["oldest"])
    yield from (items, oldest)
    feeds = GaugeMetricFamily("kawat_feeds", "Followed feeds by how they do.", labels=["state"])
    for state in ("ok", "waiting", "quiet", "gone", "failing"):
        feeds.add_metric([state], found["feeds"][state])
    yield feeds
    yield GaugeMetricFamily("kawat_bytes_in_flight", "Bytes of pages in flight.", value=found["bytes_in_flight"])
    yield GaugeMetricFamily("kawat_intake_paused", "Reasons why intake is paused.", value=len(found["paused"]))


def _matching(services: Services) -> Iterator[Metric]:
    counted = services.post.measures.matching()
    buckets = [(str(bound), float(count)) for bound, count in counted.buckets.items()]
    seconds = HistogramMetricFamily("kawat_match_seconds", "Seconds that a batch takes at the stage match.")
    seconds.add_metric([], [*buckets, ("+Inf", float(counted.batches))], sum_value=counted.seconds)
    yield seconds
    pairs = "Pairs of rule and article that were confirmed, by article."
    yield SummaryMetricFamily("kawat_match_candidates", pairs, counted.articles, counted.candidates)
    yield CounterMetricFamily("kawat_alerts_raised", "Alerts that the stage match raised.", value=counted.alerts)


def _channels(services: Services) -> Iterator[Metric]:
    told = CounterMetricFamily(
        "kawat_delivery_attempts", "Attempts at a channel by what came of them.", labels=["channel", "outcome"]
    )
    for (channel, outcome), count in sorted(services.post.measures.attempts().items()):
        told.add_metric([channel, outcome], count)
    yield told
    down = GaugeMetricFamily("kawat_channel_down", "Whether a channel is left alone just now.", labels=["channel"])
    names = [channel.name for channel in services.settings.named_channels]
    outages = services.post.outages.of(names)
    for name in names:
        outage = outages.get(name)
        down.add_metric([name], float(bool(outage and outage.until > time.time())))
    yield down


def _deliveries(services: Services) -> Iterator[Metric]:
    client = services.elasticsearch.options(request_timeout=TIMEOUT)
    states = GaugeMetricFamily("kawat_deliveries", "Deliveries by channel and state.", labels=["channel", "state"])
    oldest = GaugeMetricFamily(
        "kawat_undelivered_oldest_seconds", "Age of the oldest that is due and not delivered.", labels=["channel"]
    )
    now = datetime.now(UTC)
    for tally in Deliveries(client, services.settings.index_prefix).tallies():
        for state, count in sorted(tally.states.items()):
            states.add_metric([tally.channel, state], count)
        waited = (now - tally.oldest).total_seconds() if tally.oldest else 0.0
        oldest.add_metric([tally.channel], max(0.0, waited))
    yield from (states, oldest)
