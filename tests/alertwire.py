"""Alerts for tests, as rules raise them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from search.alerts.records import Alert, alert_id, source_of
from search.schema import Names

RAISED = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def alert(n: int = 1, *, rule: str = "kantor-penghubung", raised: datetime = RAISED, **about: Any) -> Alert:
    """The first notice of rule and story `n`."""
    key = about.pop("dedup_key", f"story-{n}")
    episode = about.pop("episode", 1)
    known: dict[str, Any] = {
        "alert_id": alert_id(rule, key, episode),
        "@timestamp": raised,
        "rule": rule,
        "rule_name": "Kantor penghubung",
        "rule_set": "0" * 16,
        "rule_type": "any",
        "owner": "desk-asia",
        "priority": "high",
        "match": "exact",
        "dedup": "story",
        "dedup_key": key,
        "episode": episode,
        "why": "first",
        "article_id": f"{n:032x}",
        "story_id": key,
        "title": f"NATO membuka kantor penghubung di Tokyo ({n})",
        "url": f"https://news.example/{n}",
        "clause": ('"kantor penghubung"',),
        "highlight": ("NATO membuka ‹kantor penghubung› di Tokyo",),
        "source": "news.example",
        "source_name": "Contoh",
        "sources": ("news.example",),
        "source_count": 1,
        "language": "id",
        "published": raised - timedelta(minutes=5),
        "channels": ("webhook:desk",),
        "due": raised,
        "tz": "Asia/Jakarta",
    }
    return Alert.model_validate({**known, **about})


def write(client: Elasticsearch, prefix: str, *alerts: Alert) -> None:
    """As whoever raises them does."""
    for one in alerts:
        client.index(index=Names(prefix).alerts, id=one.alert_id, document=source_of(one), refresh=True)
