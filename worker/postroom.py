"""All that brings alerts to people, put together for one process: deliveries, channels, what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from elasticsearch import Elasticsearch

from search.alerts.queueing import Queueing
from search.alerts.records import Alert
from search.notify.channels import Channel
from search.notify.messages import Messages
from worker.lanes import Lanes
from worker.ledger import Ledger
from worker.measures import Measures
from worker.notify import NotifyPorts
from worker.outages import Outages
from worker.settings import Settings
from worker.wanting import want

STAGE = "notify"


@dataclass(frozen=True)
class PostRoom:
    """Opened lazily, as all services are."""

    settings: Settings
    ledger: Ledger
    elasticsearch: Elasticsearch

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """By name."""
        return {channel.name: channel for channel in self.settings.named_channels}

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.settings.templates, self.settings.page_url)

    @cached_property
    def queueing(self) -> Queueing:
        return Queueing(self.elasticsearch, self.settings.index_prefix, self.messages)

    @cached_property
    def outages(self) -> Outages:
        return Outages(self.ledger.redis, self.ledger.prefix)

    @cached_property
    def measures(self) -> Measures:
        return Measures(self.ledger.redis, self.ledger.prefix)

    @cached_property
    def lanes(self) -> Lanes:
        """One set for all threads of this process."""
        return Lanes()

    @cached_property
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

    def tell(self, alerts: Sequence[Alert]) -> int:
        """These alerts were raised: their deliveries are made, and ready to go; how many that were not under way.

        Raises ServiceUnavailable, RedisError; done again, it goes on where it stopped.
        """
        return want(self.ledger, STAGE, self.queueing.queue(alerts))
