"""Alerts are written here: each episode of a rule and a dedup key once, whoever is cut off in between.

The notice (`search/alerts/episodes.py`) is the commit point: it advances by compare-and-set and holds the alert as it
was raised. Only then is the alert written (`create`, deterministic id), and the notice marked as `written`. Cut off
before that, the same matches decided again find their marks in the notice and bring the alert in line; so does
`complete` with whatever nobody comes back to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch

from search.alerts.episodes import Circumstances, Match, Notice, decide
from search.alerts.records import Alert, notice_id, source_of
from search.bulk import Action, Item, Version, action, send
from search.client import SERVICE, Deadline, complete, missing_is_outage
from search.documents import iso
from search.ports import ServiceUnavailable
from search.realtime import Asked, Found, Realtime, Source
from search.rules.records import Rule
from search.schema import Names

ATTEMPTS = 10  # where another process is in the way
REQUEST_SECONDS, RECORD_SECONDS = 20.0, 60.0
LATER = ("article_ids", "sources", "source_count", "updated_at")  # what an alert learns after it was raised
KEYS = 1_000  # notices read at once
UNWRITTEN_AFTER = timedelta(seconds=30)  # by then whoever was at it would be done


class Told(NamedTuple):
    """A match and its rule, and until when neither the rule nor its story is to be heard."""

    rule: Rule
    match: Match
    muted: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A notice in the state that was read, or just written."""

    notice: Notice
    home: str
    version: Version | None


class AlertStore:
    """Notices and alerts on a cluster. Safe to use from many processes. Everything raises ServiceUnavailable."""

    def __init__(
        self, client: Elasticsearch, prefix: str = "", *, tz: str = "UTC", request_seconds: float = REQUEST_SECONDS
    ) -> None:
        self._client = client.options(request_timeout=request_seconds)
        self._request_seconds = request_seconds
        names = Names(prefix)
        self._names, self._tz = names, tz
        self._notices = Realtime(self._client, names.notices)
        self._alerts = Realtime(self._client, names.alerts)

    def marks(self, rule: str, keys: Sequence[str]) -> dict[str, frozenset[str]]:
        """What counted so far of each of `keys` that the rule has told of."""
        read = self._read([notice_id(rule, key) for key in keys], self._deadline())
        return {one.notice.dedup_key: frozenset(one.notice.article_ids) for one in read.values()}

    def record(self, told: Iterable[Told], now: datetime) -> list[Alert]:
        """Decides each match in order, writes what came of it; the alerts raised, or found raised and not written.

        Again: none, and nothing changes.
        """
        waiting: dict[str, list[Told]] = {}
        for one in told:
            waiting.setdefault(notice_id(one.rule.id, one.match.key), []).append(one)
        deadline, raised, in_the_way = self._deadline(), list[Alert](), 0
        while waiting:
            there = self._read(list(waiting), deadline)
            if unwritten := [one for one in there.values() if not one.notice.written]:
                self._bring_in_line(unwritten, deadline)
                raised += [one.notice.alert for one in unwritten]
                there |= self._read([one.notice.id for one in unwritten], deadline)
            steps = {id: _step(there.get(id), these, now, self._tz) for id, these in waiting.items()}
            waiting = {id: waiting[id][len(step.done) :] for id, step in steps.items()}
            changed = {id: (step, step.notice) for id, step in steps.items() if step.notice}
            writing = self._notices.indices(deadline)[0]
            writes = [_write(notice, there.get(id), writing) for id, (_, notice) in changed.items()]
            written: list[_Read] = []
            for (id, (step, notice)), item in zip(changed.items(), self._send(writes, deadline), strict=True):
                if item.status == 409:  # another process was faster: read and decide again
                    waiting[id] = [*step.done, *waiting[id]]
                    continue
                written.append(_Read(notice, there[id].home if id in there else writing, item.version))
                raised += [step.alert] if step.alert else []
            self._bring_in_line(written, deadline)
            waiting = {id: these for id, these in waiting.items() if these}
            in_the_way = in_the_way + 1 if changed and not written else 0
            if in_the_way >= ATTEMPTS:
                raise ServiceUnavailable(SERVICE, "another process keeps changing the same notices")
        return raised

    def alerted(self, matches: Iterable[Match]) -> frozenset[str]:
        """The articles that the last alert of their key is of, whoever raised it and did not live to go on."""
        articles: dict[str, set[str]] = {}
        for one in matches:
            if one.article_id:
                articles.setdefault(notice_id(one.rule, one.key), set()).add(one.article_id)
        deadline = self._deadline()
        read = self._found(self._notices, list(articles), deadline, {"includes": ["alert.article_id"]})
        told = {id: one.source.get("alert", {}).get("article_id") for id, one in read.items()}
        return frozenset(article for id, article in told.items() if article in articles[id])

    def complete(self, now: datetime, most: int = 500) -> int:
        """Writes the alerts of notices whose writer did not live to; how many."""
        with missing_is_outage(self._names.notices):
            answer = self._client.search(
                index=self._names.notices,
                query={
                    "bool": {
                        "filter": [
                            {"term": {"written": False}},
                            {"range": {"updated_at": {"lt": iso(now - UNWRITTEN_AFTER)}}},
                        ]
                    }
                },
                size=most,
                source=False,
                allow_partial_search_results=False,
            )
        ids = [hit["_id"] for hit in complete(answer.body, "looking for unwritten alerts")["hits"]["hits"]]
        deadline = self._deadline()
        unwritten = [one for one in self._read(ids, deadline).values() if not one.notice.written]
        self._bring_in_line(unwritten, deadline)
        return len(unwritten)

    def _bring_in_line(self, notices: Sequence[_Read], deadline: Deadline) -> None:
        """Alerts say what their notices do; then these say so."""
        if not notices:
            return
        homes = self._homes([one.notice.alert.alert_id for one in notices], deadline)
        waiting = [_alert(one.notice.alert, homes) for one in notices]
        for _ in range(ATTEMPTS):
            items = self._send(waiting, deadline)
            waiting = [one for one, item in zip(waiting, items, strict=True) if item.status == 409]
        if waiting:
            raise ServiceUnavailable(SERVICE, "another process keeps changing the same alerts")
        mark = {"doc": {"written": True}}
        # Who changed a notice meanwhile (409) brings the alert in line with that.
        self._send([action("update", one.home, one.notice.id, mark, one.version) for one in notices], deadline)

    def _homes(self, ids: Sequence[str], deadline: Deadline) -> dict[str, str]:
        writing, indices = self._alerts.indices(deadline)
        found = self._alerts.find(ids, indices, deadline) if len(indices) > 1 else {}
        return {id: found.get(id, writing) for id in ids}

    def _read(self, ids: Sequence[str], deadline: Deadline) -> dict[str, _Read]:
        found = self._found(self._notices, ids, deadline)
        return {id: _Read(_notice(one.source), one.index, one.version) for id, one in found.items()}

    def _found(
        self, family: Realtime, ids: Sequence[str], deadline: Deadline, source: Source = True
    ) -> dict[str, Found]:
        if not ids:
            return {}
        _, indices = family.indices(deadline)
        asked = [Asked(index, id, source) for id in ids for index in indices]
        return {one.id: one for one in family.get(asked, deadline)}

    def _send(self, actions: Sequence[Action], deadline: Deadline) -> list[Item]:
        """Each done, or met by another state (409). Raises ServiceUnavailable."""
        items = send(self._client, actions, deadline=deadline) if actions else []
        for item in items:
            if item.waits or item.status == 404:
                raise ServiceUnavailable(SERVICE, f"writing alerts: {item.reason}")
            if item.status not in {200, 201, 409}:
                raise RuntimeError(f"an alert could not be written: {item.reason}")
        return items

    def _deadline(self) -> Deadline:
        return Deadline.within(RECORD_SECONDS, each=self._request_seconds)


class _Step(NamedTuple):
    """What was decided of the first matches of a key, and the notice that comes of it; None: it stays."""

    done: tuple[Told, ...]
    notice: Notice | None
    alert: Alert | None


def _step(read: _Read | None, these: Sequence[Told], now: datetime, tz: str) -> _Step:
    """As many matches as lead up to one alert: the notice holds one at a time."""
    before = notice = read.notice if read else None
    for at, one in enumerate(these, 1):
        notice, alert = decide(notice, one.rule, one.match, Circumstances(now, tz, one.muted))
        if alert:
            return _Step(tuple(these[:at]), notice, alert)
    return _Step(tuple(these), None if notice is before else notice, None)


def _notice(source: Mapping[str, Any]) -> Notice:
    return Notice.model_validate({name: value for name, value in source.items() if name != "notice_id"})


def _write(notice: Notice, read: _Read | None, writing: str) -> Action:
    if read is None:
        return action("create", writing, notice.id, notice.source)
    return action("index", read.home, notice.id, notice.source, read.version)


def _alert(alert: Alert, homes: Mapping[str, str]) -> Action:
    """Creates it, or tells the one that is there what came later: what became of it meanwhile stays."""
    source = source_of(alert)
    later: dict[str, Any] = {name: source[name] for name in LATER if name in source}
    return action("update", homes[alert.alert_id], alert.alert_id, {"doc": later, "upsert": source})
