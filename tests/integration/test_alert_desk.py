"""One suite for whoever is an `AlertDesk`: alerts in memory, and on a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from search.alerts.desk import DAYS, AlertDesk, AlertLine, AlertWish
from search.alerts.listing import AlertShelf
from search.alerts.live import LiveAlerts
from search.alerts.records import Delivery, source_of
from search.client import connect
from search.ports import CursorError
from search.rules.publishing import Mute
from search.schema import Names
from search.upkeep import ensure_schema
from tests.alertdesks import DESK, MAIL, MemoryAlerts, MemoryStream, alert, digest, gallery, told

pytestmark = pytest.mark.services
NOW = datetime.now(UTC).replace(microsecond=0)
TZ = "Asia/Jakarta"
Put = Callable[[Sequence[AlertLine], Sequence[Delivery]], None]


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as client:
        yield client


@pytest.fixture(params=["memory", "elasticsearch"])
def desk_and_put(request: pytest.FixtureRequest) -> tuple[AlertDesk, Put]:
    """A desk, and a way to fill it."""
    if request.param == "memory":
        memory = MemoryAlerts()

        def keep(lines: Sequence[AlertLine], deliveries: Sequence[Delivery]) -> None:
            for one in lines:
                memory.add(one)
            memory.told += deliveries

        return memory, keep
    client, prefix = request.getfixturevalue("client"), request.getfixturevalue("index_prefix")
    ensure_schema(client, prefix)

    def write(lines: Sequence[AlertLine], deliveries: Sequence[Delivery]) -> None:
        write_alerts(client, prefix, lines, deliveries)

    return AlertShelf(client, prefix), write


def write_alerts(
    client: Elasticsearch, prefix: str, lines: Sequence[AlertLine], deliveries: Sequence[Delivery] = ()
) -> None:
    """Writes them as the worker does: document ids are the alerts'."""
    names = Names(prefix)
    for one in lines:
        far = {"queued": list(one.queued), "delivered": list(one.delivered)}
        document = source_of(one.alert) | {name: value for name, value in far.items() if value}
        client.index(index=names.alerts, id=one.alert.alert_id, document=document)
    for told_one in deliveries:
        client.index(index=names.deliveries, id=told_one.delivery_id, document=source_of(told_one))
    client.indices.refresh(index=f"{names.alerts},{names.deliveries}")


def test_alerts_are_listed_narrowed_counted(desk_and_put: tuple[AlertDesk, Put]) -> None:
    desk, put = desk_and_put
    put(gallery(NOW), [])
    page = desk.alerts(AlertWish())
    assert page.total == 5
    assert list(page.lines) == gallery(NOW)
    assert dict(page.states) == {"open": 3, "acknowledged": 1, "muted": 1}
    assert (page.rules[0].value, page.rules[0].count) == ("kantor-penghubung", 2)
    narrowed = desk.alerts(AlertWish(rule="kantor-penghubung", state="open"))
    assert [one.alert.title for one in narrowed.lines] == ["Paris tolak rencana kantor penghubung NATO di Tokyo"]
    assert dict(narrowed.states) == {"open": 1, "muted": 1}
    assert {one.value for one in narrowed.rules} == {"kantor-penghubung", "natuna-utara", "pergerakan-pasukan"}
    assert desk.alerts(AlertWish(priority="critical")).total == 1
    assert desk.alerts(AlertWish(owner="nobody")).total == 0
    assert desk.alerts(AlertWish(since=NOW - timedelta(minutes=30))).total == 2
    assert desk.alerts(AlertWish(story=gallery(NOW)[0].alert.story_id)).total == 1


def test_pages_follow_each_other_without_a_gap(desk_and_put: tuple[AlertDesk, Put]) -> None:
    desk, put = desk_and_put
    put([AlertLine(alert=alert(f"n{n}", minutes_ago=n // 4, now=NOW)) for n in range(23)], [])
    seen: list[str] = []
    cursor = None
    while True:
        page = desk.alerts(AlertWish(), size=5, cursor=cursor)
        seen += [one.alert.title for one in page.lines]
        cursor = page.cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 23


def test_one_alert_comes_with_its_deliveries_a_digest_too(desk_and_put: tuple[AlertDesk, Put]) -> None:
    desk, put = desk_and_put
    lines = gallery(NOW)
    one, other = lines[0].alert, lines[1].alert
    ids = (one.alert_id, other.alert_id)
    digest_of_both = told(one, MAIL, "waiting", kind="digest", alert_id=ids, delivery_id=digest("d"), delivered_at=None)
    later = told(other, DESK, "dead", last_error="refused")
    put(lines, [told(one, DESK), digest_of_both, later])
    view = desk.alert(one.alert_id)
    assert view is not None
    assert [(each.channel, each.kind) for each in view.deliveries] == [(MAIL, "digest"), (DESK, "alert")]
    assert view.deliveries[1].body == {"title": one.title}
    assert desk.alert("0" * 32) is None
    assert [each.delivery_id for each in desk.deliveries(state="dead")] == [later.delivery_id]
    assert {each.channel for each in desk.deliveries(channel=MAIL)} == {MAIL}
    assert len(desk.deliveries(size=2)) == 2


def test_seen_to_counts_once_and_is_taken_back(desk_and_put: tuple[AlertDesk, Put]) -> None:
    desk, put = desk_and_put
    put(gallery(NOW), [])
    ids = [one.alert.alert_id for one in gallery(NOW)[:2]]
    assert desk.acknowledge([*ids, "0" * 32], by="Rini", note="dibahas") == 2
    assert desk.acknowledge(ids, by="Budi") == 0
    view = desk.alert(ids[0])
    assert view is not None
    assert (view.line.alert.state, view.line.alert.acknowledged_by, view.line.alert.note) == (
        "acknowledged",
        "Rini",
        "dibahas",
    )
    assert view.line.delivered == (DESK,)
    assert desk.alerts(AlertWish(state="acknowledged")).total == 3
    assert desk.reopen(ids[0])
    assert not desk.reopen(ids[0])
    reopened = desk.alert(ids[0])
    assert reopened is not None
    assert (reopened.line.alert.state, reopened.line.alert.acknowledged_at) == ("open", None)


def test_a_mute_is_kept_until_its_end(desk_and_put: tuple[AlertDesk, Put]) -> None:
    desk, _ = desk_and_put
    until = NOW + timedelta(hours=3)
    wanted = Mute(story_id=digest("s"), until=until, published_by="Rini")
    desk.mute(wanted)
    assert list(desk.mutes()) == [wanted]
    desk.mute(wanted.model_copy(update={"until": NOW - timedelta(seconds=1)}))
    assert list(desk.mutes()) == []


def test_days_are_counted_by_rule_today_the_last(desk_and_put: tuple[AlertDesk, Put]) -> None:
    desk, put = desk_and_put
    old = alert("lama", now=NOW, minutes_ago=60 * 24 * (DAYS + 3))
    lately = [alert(f"a{n}", now=NOW) for n in range(3)]
    put([AlertLine(alert=one) for one in (old, *lately, alert("lain", now=NOW, rule="lain"))], [])
    found = desk.daily(["kantor-penghubung", "tak-ada"], tz=TZ)
    assert list(found) == ["kantor-penghubung"]
    assert len(found["kantor-penghubung"]) == DAYS
    assert (found["kantor-penghubung"][-1], sum(found["kantor-penghubung"])) == (3, 3)


def test_a_cursor_that_is_none_is_refused(client: Elasticsearch, index_prefix: str) -> None:
    ensure_schema(client, index_prefix)
    for wrong in ("x", "1.", "9" * 40 + ".a", "1.\u0000", "1.a.b"):
        with pytest.raises(CursorError):
            AlertShelf(client, index_prefix).alerts(AlertWish(), cursor=wrong)


@pytest.mark.parametrize("kind", ["memory", "elasticsearch"])
def test_a_reader_who_follows_gets_each_alert_once(kind: str, client: Elasticsearch, index_prefix: str) -> None:
    lines = gallery(NOW)
    if kind == "memory":
        stream: MemoryStream | LiveAlerts = MemoryStream(MemoryAlerts(lines))
    else:
        ensure_schema(client, index_prefix)
        write_alerts(client, index_prefix, lines)
        stream = LiveAlerts(client, index_prefix)
    assert [one.line for one in stream.newest("", 3)] == lines[:3]
    since = NOW - timedelta(minutes=40)
    known = stream.known("", since)
    assert set(known) == {one.alert.alert_id for one in lines[:3]}
    assert [one.id for one in stream.since("", since, [lines[1].alert.alert_id])] == [
        lines[2].alert.alert_id,
        lines[0].alert.alert_id,
    ]
    rule = AlertWish(rule="natuna-utara").query
    assert [one.line for one in stream.newest(rule, 9)] == [lines[1]]
    assert [one.id for one in stream.since(rule, since, ())] == [lines[1].alert.alert_id]
