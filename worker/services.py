"""Where the parts are put together: one set of services a process, made when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from elasticsearch import Elasticsearch

from ingest.fetch import HttpFetcher
from search.alerts.listing import AlertShelf
from search.alerts.live import LiveAlerts
from search.alerts.records import Alert
from search.articles import Articles
from search.briefs.pages import PageShelf
from search.briefs.store import ElasticsearchBriefs
from search.client import connect as connect_elasticsearch
from search.entitysearch import EntitySearch
from search.live import LiveArticles
from search.matching.watch import RuleWatch
from search.search import Searcher
from search.stories import ElasticsearchStories
from search.subscriptions import FeedIndex
from search.suppression import UnnamingIndex
from search.web.access import Access
from worker import topology
from worker.desk import Feeds, QuarantineRoom
from worker.gate import Gate
from worker.homes import LedgerHomes
from worker.keeping import KeepPorts, watcher
from worker.ledger import Ledger
from worker.match import MatchPorts
from worker.poll import PollPorts
from worker.postroom import PostRoom
from worker.quarantine import Quarantine
from worker.revisits import Revisits
from worker.rulesinforce import ConceptsInForce, RuleFiles, RulesInForce
from worker.settings import Settings
from worker.stages import Ports
from worker.subscriptions import Subscriptions
from worker.valkey import Client, connect
from worker.vitals import ServiceVitals
from worker.watching import Watching

TRIAL = 12.0  # seconds that a look at a feed may take while a person waits


@dataclass(frozen=True)
class Services:
    """Everything that stands behind the ports, opened lazily. `patience`: seconds to outlast a restart of Valkey."""

    settings: Settings
    patience: float = 30

    @cached_property
    def redis(self) -> Client:
        return connect(self.settings, patience=self.patience)

    @cached_property
    def ledger(self) -> Ledger:
        s = self.settings
        return Ledger(
            self.redis,
            s.redis_prefix,
            stages=tuple(topology.STAGES),
            attempts=s.attempts,
            lease=s.lease,
            bytes_limit=s.bytes_in_flight,
            entries_limit=s.entries_waiting,
            revisit_every=s.revisit_every,
            revisit_after=s.revisit_seconds,
        )

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self.ledger)

    @cached_property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.ledger)

    @cached_property
    def desk(self) -> Feeds:
        """Feeds as an operator handles them. A trial is shorter than a poll: a person waits."""
        s = self.settings
        fetcher = HttpFetcher(
            user_agent=s.user_agent,
            timeout=min(s.fetch_timeout, TRIAL),
            max_bytes=s.page_bytes,
            allowed_hosts=s.allowed_hosts,
        )
        return Feeds(self.subscriptions, fetcher, self.gate)

    @cached_property
    def quarantine_room(self) -> QuarantineRoom:
        return QuarantineRoom(self.quarantine)

    @cached_property
    def live(self) -> LiveArticles:
        s = self.settings
        return LiveArticles(self.elasticsearch, s.index_prefix, tz=s.tz, own_names=s.gazetteer, concepts=self.concepts)

    @cached_property
    def alert_desk(self) -> AlertShelf:
        return AlertShelf(self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def live_alerts(self) -> LiveAlerts:
        return LiveAlerts(self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def vitals(self) -> ServiceVitals:
        return ServiceVitals(self.settings, self.redis, self.ledger, self.elasticsearch)

    @cached_property
    def revisits(self) -> Revisits:
        return Revisits(self.ledger)

    @cached_property
    def fetcher(self) -> HttpFetcher:
        s = self.settings
        return HttpFetcher(
            user_agent=s.user_agent, timeout=s.fetch_timeout, max_bytes=s.page_bytes, allowed_hosts=s.allowed_hosts
        )

    @cached_property
    def gate(self) -> Gate:
        s = self.settings
        return Gate(
            self.redis,
            s.redis_prefix,
            self.fetcher,
            delay=s.host_delay,
            hold=s.fetch_timeout + 5,
            free=s.allowed_hosts,
            agent=s.user_agent,
            share=s.revisit_share,
        )

    @cached_property
    def elasticsearch(self) -> Elasticsearch:
        s = self.settings
        key = s.elasticsearch_api_key.get_secret_value() if s.elasticsearch_api_key else None
        return connect_elasticsearch(s.elasticsearch, api_key=key, timeout=self.patience)

    @cached_property
    def index(self) -> UnnamingIndex:
        return UnnamingIndex(self.elasticsearch, self.settings.index_prefix, self.homes)

    @cached_property
    def stories(self) -> ElasticsearchStories:
        return ElasticsearchStories(self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def feed_index(self) -> FeedIndex:
        return FeedIndex(self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def rules(self) -> RulesInForce:
        return RulesInForce(self.ledger, self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def concepts(self) -> ConceptsInForce:
        return ConceptsInForce(self.rules)

    @cached_property
    def rule_files(self) -> RuleFiles:
        return RuleFiles(self.settings.rules_folder)

    @cached_property
    def search(self) -> Searcher:
        token = self.settings.token
        secret = Access(token.get_secret_value()).secret("cursors") if token else b""
        s = self.settings
        return Searcher(
            self.elasticsearch,
            s.index_prefix,
            tz=s.tz,
            secret=secret,
            own_names=s.gazetteer,
            concepts=self.concepts,
        )

    @cached_property
    def articles(self) -> Articles:
        return Articles(self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def briefs(self) -> ElasticsearchBriefs:
        return ElasticsearchBriefs(self.elasticsearch, self.settings.index_prefix, tz=self.settings.tz)

    @cached_property
    def pages(self) -> PageShelf:
        return PageShelf(self.elasticsearch, self.settings.index_prefix)

    @cached_property
    def post(self) -> PostRoom:
        """What brings alerts to people."""
        return PostRoom(self.settings, self.ledger, self.elasticsearch)

    @cached_property
    def entities(self) -> EntitySearch:
        return EntitySearch(self.elasticsearch, self.settings.index_prefix, tz=self.settings.tz)

    @cached_property
    def homes(self) -> LedgerHomes:
        return LedgerHomes(self.redis, self.settings.redis_prefix, days=self.settings.record_days)

    @cached_property
    def rule_watch(self) -> RuleWatch:
        s = self.settings
        return RuleWatch(self.elasticsearch, s.index_prefix, self.homes, tz=s.tz, own_names=s.gazetteer)

    @cached_property
    def watching(self) -> Watching:
        s = self.settings
        return Watching(self.elasticsearch, s.index_prefix, self.homes, self.revisits, self.subscriptions)

    @cached_property
    def match_ports(self) -> MatchPorts:
        """Made once: they hold the pace of matching."""
        look_again, measure = self.watching.watch, self.post.measures.matched
        return MatchPorts(self.rule_watch, self.rules.waited_for, self.tell, look_again, measure)

    def ports(self, stage: str) -> Any:
        """The ports that this stage's function takes."""
        if stage == "poll":
            return PollPorts(
                fetcher=self.fetcher,
                turns=self.gate,
                claim=lambda entries, feed: self.ledger.claim(entries, stage=topology.FIRST, feed=feed),
                touch=self.ledger.touch,
                interval=self.settings.poll_interval,
                shortest=self.settings.poll_shortest,
                longest=self.settings.poll_longest,
            )
        if stage == "notify":
            return self.post.ports
        if stage in {"match", "windows", "lookback"}:
            return self.match_ports
        if stage in {"keep", "compare"}:
            return KeepPorts(self.fetcher, self.gate, self.pages, watcher(self.revisits, self.subscriptions))
        s = self.settings
        return Ports(self.fetcher, self.gate, self.index, self.stories, sample=s.revisit_sample, gazetteer=s.gazetteer)

    def tell(self, alerts: Sequence[Alert]) -> None:
        """See `PostRoom.tell`. Nobody is woken: whoever delivers looks each second."""
        self.post.tell(alerts)
