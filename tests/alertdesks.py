"""Alerts in memory, as a desk handles them, and made-up ones as a reader would see them on a busy afternoon."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from search.alerts.desk import DAYS, AlertLine, AlertPage, AlertView, AlertWish
from search.alerts.live import AlertArrival
from search.alerts.records import Alert, Delivery, DeliveryState, alert_id, delivery_id
from search.live import BATCH
from search.ports import Bucket, ServiceUnavailable
from search.rules.publishing import Mute

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DESK, MAIL = "webhook:desk", "mailto:desk"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def alert(title: str, *, minutes_ago: float = 0, now: datetime = NOON, **changes: Any) -> Alert:
    """An alert on an article of this title, raised so many minutes before `now`."""
    at = now - timedelta(minutes=minutes_ago)
    rule, key, episode = changes.get("rule", "kantor-penghubung"), f"story:{title}", changes.get("episode", 1)
    fields: dict[str, Any] = {
        "alert_id": alert_id(rule, key, episode),
        "@timestamp": at,
        "rule": rule,
        "rule_name": "Kantor penghubung",
        "rule_set": "a1b2c3d4e5f60718",
        "rule_type": "any",
        "owner": "desk-asia",
        "priority": "high",
        "match": "exact",
        "dedup": "story",
        "dedup_key": key,
        "episode": episode,
        "why": "first",
        "article_id": digest(title),
        "article_ids": (digest(title),),
        "story_id": digest(f"story {title}"),
        "title": title,
        "url": f"https://news.example/{digest(title)[:8]}",
        "clause": ('"kantor penghubung"',),
        "highlight": (f"Rencana membuka ‹kantor penghubung› dibahas lagi: {title[:40]}",),
        "source": "news.example",
        "source_name": "Contoh Berita",
        "sources": ("news.example",),
        "source_count": 1,
        "language": "id",
        "country": ("JP",),
        "published": at - timedelta(minutes=12),
        "first_seen": at - timedelta(seconds=4),
        "channels": (DESK, MAIL),
        "due": at,
        "tz": "Asia/Jakarta",
        **changes,
    }
    return Alert.model_validate(fields)


def told(one: Alert, channel: str, state: DeliveryState = "delivered", **changes: Any) -> Delivery:
    """A delivery of it."""
    at = one.timestamp
    fields: dict[str, Any] = {
        "delivery_id": delivery_id(one.alert_id, channel),
        "@timestamp": at,
        "alert_id": (one.alert_id,),
        "rule": (one.rule,),
        "owner": one.owner,
        "priority": one.priority,
        "channel": channel,
        "kind": "alert",
        "state": state,
        "attempts": 1,
        "due": at,
        "last_attempt": at + timedelta(seconds=2),
        "delivered_at": at + timedelta(seconds=2) if state == "delivered" else None,
        "seconds": 2.0 if state == "delivered" else None,
        "gives_up_at": at + timedelta(hours=24),
        "body_hash": digest(one.title),
        "body": {"title": one.title},
        **changes,
    }
    return Delivery.model_validate(fields)


def gallery(now: datetime = NOON) -> list[AlertLine]:
    """Alerts of every kind, the newest first."""
    return [
        AlertLine(
            alert=alert(
                "Paris tolak rencana kantor penghubung NATO di Tokyo",
                minutes_ago=2,
                now=now,
                source_count=4,
                sources=("news.example", "harbour.example", "pos.example", "lagoon.example"),
                highlight=(
                    "Membuka ‹kantor penghubung› di Jepang membutuhkan persetujuan bulat dari Dewan Atlantik Utara.",
                    "Beijing telah menyampaikan keberatannya tentang ‹kantor penghubung› yang diusulkan.",
                ),
            ),
            queued=(DESK, MAIL),
            delivered=(DESK,),
        ),
        AlertLine(
            alert=alert(
                "Dua kapal penjaga pantai kembali ke Laut Natuna Utara",
                minutes_ago=9,
                now=now,
                rule="natuna-utara",
                rule_name="Laut Natuna Utara",
                priority="critical",
                why="update",
                episode=2,
                clause=('"Laut Natuna Utara"', '(kapal NEAR/6 "penjaga pantai")'),
                highlight=("Dua ‹kapal penjaga pantai› terlihat lagi di ‹Laut Natuna Utara› sejak Selasa.",),
                source_count=7,
            ),
            queued=(DESK, MAIL),
            delivered=(DESK, MAIL),
        ),
        AlertLine(
            alert=alert(
                "",
                minutes_ago=31,
                now=now,
                rule="pergerakan-pasukan",
                rule_name="Pergerakan pasukan: lonjakan",
                rule_type="spike",
                why="window",
                priority="normal",
                article_id=None,
                story_id=None,
                url=None,
                clause=(),
                highlight=(),
                source=None,
                source_name=None,
                sources=(),
                source_count=0,
                channels=(MAIL,),
                due=now + timedelta(hours=13),
                bundled=True,
                figures={"count": 41, "expected": 9.5, "height": 4.3, "direction": "up", "days": 7, "timeframe": 7200},
            ),
        ),
        AlertLine(
            alert=alert(
                "米、対ロ制裁を拡大 海運会社など30社を追加",
                minutes_ago=55,
                now=now,
                rule="sanksi",
                rule_name="Sanksi",
                match="stemmed",
                priority="normal",
                language="ja",
                clause=("concept:sanctions",),
                highlight=("米財務省は海運会社など30社を‹制裁›対象に加えた。",),
                state="acknowledged",
                acknowledged_at=now - timedelta(minutes=40),
                acknowledged_by="Rini",
                channels=(MAIL,),
            ),
            queued=(MAIL,),
            delivered=(MAIL,),
        ),
        AlertLine(
            alert=alert(
                "Kantor penghubung baru: 12 lowongan di Jakarta",
                minutes_ago=180,
                now=now,
                state="muted",
                muted_until=now + timedelta(hours=20),
                backfilled=True,
            ),
        ),
    ]


class MemoryAlerts:
    """`AlertDesk`. `deliveries_of` by alert; `away` makes Elasticsearch away."""

    def __init__(self, lines: Sequence[AlertLine] = ()) -> None:
        self.lines = {one.alert.alert_id: one for one in lines}
        self.told: list[Delivery] = []
        self.muted: list[Mute] = []
        self.away = False

    def _look(self) -> None:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")

    def add(self, line: AlertLine) -> None:
        self.lines[line.alert.alert_id] = line

    def alerts(self, wish: AlertWish, *, size: int = 50, cursor: str | None = None) -> AlertPage:
        self._look()
        every = [one for one in self._newest() if _fits(one.alert, wish, {"priority", "owner", "story", "since"})]
        found = [one for one in every if _fits(one.alert, wish, {"rule", "state"})]
        begin = int(cursor or 0)
        of_rule = [one.alert for one in every if _fits(one.alert, wish, {"rule"})]
        of_state = [one.alert for one in every if _fits(one.alert, wish, {"state"})]
        return AlertPage(
            total=len(found),
            lines=tuple(found[begin : begin + size]),
            cursor=str(begin + size) if begin + size < len(found) else None,
            states=Counter(one.state for one in of_rule),
            rules=tuple(
                Bucket(value=id, count=n)
                for id, n in sorted(Counter(one.rule for one in of_state).items(), key=lambda one: (-one[1], one[0]))
            ),
        )

    def alert(self, id: str) -> AlertView | None:
        self._look()
        line = self.lines.get(id)
        told = sorted(self.told, key=lambda one: (one.timestamp, one.channel))
        return AlertView(line=line, deliveries=tuple(one for one in told if id in one.alert_id)) if line else None

    def deliveries(
        self, *, state: DeliveryState | None = None, channel: str | None = None, size: int = 100
    ) -> Sequence[Delivery]:
        found = [one for one in self.told if state in {None, one.state} and channel in {None, one.channel}]
        return sorted(found, key=lambda one: (-one.timestamp.timestamp(), one.delivery_id))[:size]

    def acknowledge(self, ids: Collection[str], *, by: str, note: str = "") -> int:
        self._look()
        seen = {"state": "acknowledged", "acknowledged_by": by, "acknowledged_at": datetime.now(UTC)}
        return sum(self._change(id, seen | ({"note": note} if note else {}), "acknowledged") for id in ids)

    def reopen(self, id: str) -> bool:
        one = self.lines.get(id)
        if one is None or one.alert.state != "acknowledged":
            return False
        return self._change(id, {"state": "open", "acknowledged_by": None, "acknowledged_at": None}, "open")

    def _change(self, id: str, changes: Mapping[str, Any], state: str) -> bool:
        one = self.lines.get(id)
        if one is None or one.alert.state == state:
            return False
        self.lines[id] = one.model_copy(update={"alert": one.alert.model_copy(update=dict(changes))})
        return True

    def mute(self, wanted: Mute) -> None:
        kept = [one for one in self.muted if one.id != wanted.id]
        self.muted = [*kept, *([wanted] if wanted.until > datetime.now(UTC) else [])]

    def mutes(self) -> Sequence[Mute]:
        self._look()
        return self.muted

    def daily(self, rules: Collection[str], *, tz: str) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for one in self.lines.values():
            ago = (datetime.now(UTC) - one.alert.timestamp).days
            if one.alert.rule in rules and ago < DAYS:
                found.setdefault(one.alert.rule, [0] * DAYS)[DAYS - 1 - ago] += 1
        return found

    def _newest(self) -> list[AlertLine]:
        return sorted(self.lines.values(), key=lambda one: (-one.alert.timestamp.timestamp(), one.alert.alert_id))


class MemoryStream:
    """`ArrivalPort` of alerts, on the same lines."""

    def __init__(self, desk: MemoryAlerts) -> None:
        self.desk = desk

    def newest(self, query: str, size: int) -> Sequence[AlertArrival]:
        return self._found(query)[::-1][:size]

    def known(self, query: str, since: datetime) -> Mapping[str, datetime]:
        return {one.id: one.line.alert.timestamp for one in self._found(query)[::-1] if _at(one) >= since}

    def since(self, query: str, since: datetime, known: Collection[str]) -> Sequence[AlertArrival]:
        return [one for one in self._found(query) if _at(one) >= since and one.id not in known][:BATCH]

    def _found(self, query: str) -> list[AlertArrival]:
        lines = reversed(self.desk.alerts(AlertWish.of(query), size=1000).lines)
        return [AlertArrival(line=one, at=one.alert.timestamp.isoformat()) for one in lines]


def _at(one: AlertArrival) -> datetime:
    return one.line.alert.timestamp


def _fits(one: Alert, wish: AlertWish, names: Collection[str]) -> bool:
    if "since" in names and wish.since and one.timestamp < wish.since:
        return False
    wanted = {name: getattr(wish, name) for name in names if name != "since"}
    has = {"story": one.story_id, **{name: getattr(one, name) for name in wanted if name != "story"}}
    return all(value is None or has[name] == value for name, value in wanted.items())
