"""What the page and the API stand on: one port a subject, each described where it is made. A view is there only if its
port is given, so tests give what they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from search.alerts.desk import AlertDesk
from search.alerts.live import AlertArrival
from search.articles import ArticlePort
from search.briefs.desk import BriefPort
from search.entityrecords import EntityPort
from search.feeddesk import FeedDesk
from search.flowdesk import HealthPort, QuarantineDesk, Vitals
from search.live import ArrivalPort, LivePort
from search.ports import FlowStatus, SearchPort
from search.ruledesk import RuleDesk


@dataclass(frozen=True)
class WebPorts:
    """The ports that `create_app` takes. One line for each further one, `None` where it is not given."""

    search: SearchPort
    status: FlowStatus
    articles: ArticlePort | None = None
    live: LivePort | None = None
    feeds: FeedDesk | None = None
    quarantine: QuarantineDesk | None = None
    vitals: Vitals | None = None
    health: HealthPort | None = None
    kibana: Callable[[str, bool], str] | None = None  # a query, and whether its words are stemmed → address of Discover
    entities: EntityPort | None = None
    briefs: BriefPort | None = None
    alerts: AlertDesk | None = None
    alert_stream: ArrivalPort[AlertArrival] | None = None  # given wherever `alerts` is
    rules: RuleDesk | None = None  # needs `alerts`
