"""The page, put together: search from Elasticsearch, the flow's status from the ledger."""

from __future__ import annotations

from fastapi import FastAPI

from search.kibana.link import opener
from search.web.app import create_app
from search.web.ports import WebPorts
from worker.listening import names
from worker.metrics import Health
from worker.ruledesk import RuleRoom
from worker.services import Services
from worker.settings import Settings
from worker.status import PageStatus

PATIENCE = 4.0  # seconds that a reader waits for an answer of Elasticsearch, or for a restart of Valkey


def make_page(settings: Settings) -> FastAPI:
    """The app. It opens before Elasticsearch and Valkey are up, and waits for neither longer than a few seconds."""
    services = Services(settings, patience=PATIENCE)
    ports = WebPorts(
        search=services.search,
        articles=services.articles,
        status=PageStatus(services),
        live=services.live,
        feeds=services.desk,
        quarantine=services.quarantine_room,
        vitals=services.vitals,
        health=Health(services),
        kibana=opener(settings.kibana_url, services.search.compiled, settings.index_prefix),
        entities=services.entities,
        briefs=services.briefs,
        alerts=services.alert_desk,
        alert_stream=services.live_alerts,
        rules=RuleRoom(services),
    )
    token = settings.token.get_secret_value() if settings.token else None
    return create_app(ports, tz=settings.tz, hosts=names(settings.page_host, settings.page_hosts), token=token)
