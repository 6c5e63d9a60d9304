"""Coverage receipts on a real Elasticsearch: what was looked at, what was nearly found, a test article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from ingest.dates import now
from ingest.records import TaggedArticle
from search.alerts.desk import AlertLine
from search.client import connect
from search.receiptfacts import Heard, Receipts
from search.receiptwords import receipt_line
from search.rules.probing import NOT_FOUND, probed
from search.rules.publishing import Mute, mute
from search.rules.records import Condition, Rule, RuleSet, RuleTests
from search.rules.trying import as_article
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.alertdesks import alert
from tests.desks import feed as followed
from tests.desks import health
from tests.integration.search_material import MemoryHomes, document
from tests.integration.test_alert_desk import write_alerts

pytestmark = pytest.mark.services
RULE = Rule(
    id="kantor-penghubung",
    name="Kantor penghubung",
    owner="desk",
    query='"kantor penghubung" OR concept:none',
    none_of=("lowongan",),
    tests=RuleTests(match=("Kantor penghubung NATO dibuka di Tokyo",)),
)


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        yield client


def tagged(sentence: str) -> TaggedArticle:
    return TaggedArticle(article=as_article(sentence, "id"))


def rule(**changes: object) -> Rule:
    return RULE.model_copy(update={"query": '"kantor penghubung"', **changes})


def receipts(client: Elasticsearch, prefix: str, at: datetime) -> Receipts:
    feeds = [
        health(followed("https://ok.example/rss"), last_success=at),
        health(followed("https://tempo.example/rss"), state="failing", failures=3, error="HTTP 403", error_kind="4xx"),
    ]
    return Receipts(
        client,
        prefix,
        lambda: Heard(feeds),
        probing=lambda one, rules: probed(client, prefix, one, rules, tagged),
        tz="Asia/Jakarta",
    )


def test_a_receipt_counts_what_was_looked_at_and_what_was_nearly_found(
    client: Elasticsearch, index_prefix: str
) -> None:
    ensure_schema(client, index_prefix)
    at = now()
    texts = {
        "NATO buka kantor penghubung": "Rencana itu dibahas.",
        "Kantor hubungan masyarakat pindah": "Gedung baru.",  # by stem alone
        "Lowongan di kantor penghubung": "Dua belas lowongan.",  # kept out
        "Nikel": "Harga naik.",
    }
    documents = [document(title, body=body, seen=at - timedelta(seconds=4)) for title, body in texts.items()]
    old = document("Kantor penghubung lama", body="Arsip.", seen=at - timedelta(days=40)).model_copy(
        update={"backfill": True}
    )
    ElasticsearchIndex(client, index_prefix, MemoryHomes()).write([*documents, old])
    client.indices.refresh(index=f"{index_prefix}articles")
    write_alerts(
        client, index_prefix, [AlertLine(alert=alert("x", now=at)), AlertLine(alert=alert("y", now=at, rule="z"))]
    )
    mute(client, index_prefix, Mute(rule=RULE.id, until=at + timedelta(hours=2)))
    later = now() + timedelta(seconds=2)
    made = receipts(client, index_prefix, later).of_rule(
        rule(), RuleSet(rules=(rule(),)), since=at - timedelta(hours=24), now=later
    )
    assert (made.alerts, made.articles) == (1, 4)
    assert (made.stemmed, [one.title for one in made.near]) == (1, ["Kantor hubungan masyarakat pindah"])
    assert made.excluded == 1
    assert made.delay is not None
    assert 0 <= made.delay < 60
    assert (made.hearing.followed, made.hearing.heard) == (2, 1)
    assert made.muted_until is not None
    assert made.probe is not None
    assert made.probe.found
    assert "1 alert in 24 h; 4 articles from 1 of 2 feeds" in receipt_line(made, "en", "Asia/Jakarta")
    everything = receipts(client, index_prefix, later).of_all(since=at - timedelta(hours=24), now=later)
    assert (everything.alerts, everything.articles, everything.probe) == (2, 4, None)


def test_a_test_article_takes_the_way_of_every_article_and_leaves_nothing(
    client: Elasticsearch, index_prefix: str
) -> None:
    ensure_schema(client, index_prefix)
    good = rule(where=(Condition(field="source", include=("tempo.co",)), Condition(field="lang", include=("id",))))
    probe = probed(client, index_prefix, good, RuleSet(rules=(good,)), tagged)
    assert probe is not None
    assert (probe.found, probe.why) == (True, "")
    assert probe.seconds > 0
    lost = rule(query='"pusat penghubung"')
    missed = probed(client, index_prefix, lost, RuleSet(rules=(lost,)), tagged)
    assert missed is not None
    assert (missed.found, missed.why) == (False, NOT_FOUND)
    broken = rule(query="concept:none")
    unread = probed(client, index_prefix, broken, RuleSet(rules=(broken,)), tagged)
    assert unread is not None
    assert "cannot be read" in unread.why
    assert probed(client, index_prefix, rule(tests=RuleTests()), RuleSet(), tagged) is None
    assert probed(client, index_prefix, rule(type="flatline", threshold=1), RuleSet(), tagged) is None
    assert not client.indices.get(index=f"{index_prefix}trial-*", allow_no_indices=True)
    assert client.count(index=Names(index_prefix).articles)["count"] == 0
