"""What rules said of articles that are forgotten: alerts, what was sent of them, and the notices that would write them
again (`search/alerts/store.py`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from search.alerts.records import notice_id
from search.bulk import Action, Version, action
from search.erasing import Eraser, parts_of
from search.schema import Names

MARKED = 200  # ids a query that asks for each mark's beginning: a query takes 1,024 clauses
WORDS = frozenset({"title", "highlight", "url"})  # of an alert that no one article raised: they may be anyone's


class AlertEraser(Eraser):
    """Everything may be done again. All raise ServiceUnavailable."""

    def __init__(self, client: Elasticsearch, names: Names) -> None:
        super().__init__(client)
        self._names = names

    def counts(self, ids: Sequence[str]) -> tuple[int, int, int]:
        """How many alerts, deliveries and notices there are of these articles."""
        names = self._names
        alerts = sum(self.count(names.alerts, _naming(part)) for part in parts_of(ids))
        raised = sorted(self._raised(ids))
        deliveries = sum(self.count(names.deliveries, {"terms": {"alert_id": part}}) for part in parts_of(raised))
        notices = sum(self.count(names.notices, _marked(part)) for part in parts_of(ids, MARKED))
        return alerts, deliveries, notices

    def erase(self, ids: Sequence[str]) -> None:
        """Alerts that these articles raised go, with what was sent of them and their notices; what counted them among
        others stays, without them and without words that may be theirs."""
        names, gone = self._names, self._raised(ids)
        keys = [notice_id(rule, key) for rule, key in gone.values()]
        for part in parts_of(ids, MARKED):
            query = {"bool": {"should": [_marked(part), {"ids": {"values": keys}}]}}
            for hits in self.walk(names.notices, query, ("*",)):
                self.send([_unmarked(hit, set(ids)) for hit in hits])
        for part in parts_of(sorted(gone)):
            for hits in self.walk(names.deliveries, {"terms": {"alert_id": part}}, ("*",)):
                self.send([_without_alerts(hit, gone.keys()) for hit in hits])
        for part in parts_of(ids):
            self.delete(names.alerts, {"terms": {"article_id": part}})
            for hits in self.walk(names.alerts, _naming(part), ("*",)):
                self.send([_without_articles(hit, set(ids)) for hit in hits if hit["_id"] not in gone])

    def _raised(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Rule and dedup key by alert: those that these articles raised."""
        fields = ("rule", "dedup_key")
        found: Iterator[Any] = (
            hit
            for part in parts_of(ids)
            for hits in self.walk(self._names.alerts, {"terms": {"article_id": part}}, fields)
            for hit in hits
        )
        return {hit["_id"]: (hit["_source"].get("rule", ""), hit["_source"].get("dedup_key", "")) for hit in found}


def _naming(ids: Sequence[str]) -> dict[str, Any]:
    return {"bool": {"should": [{"terms": {"article_id": ids}}, {"terms": {"article_ids": ids}}]}}


def _marked(ids: Sequence[str]) -> dict[str, Any]:
    """Notices by what counted in them: an article's id, with a time behind it where the article had changed by then."""
    either: list[dict[str, Any]] = [{"terms": {"article_ids": ids}}, {"terms": {"dedup_key": ids}}]
    return {"bool": {"should": [*either, *({"prefix": {"article_ids": f"{id}@"}} for id in ids)]}}


def _unmarked(hit: Mapping[str, Any], gone: Collection[str]) -> Action:
    """A notice whose last alert these articles raised goes: of its key rules begin anew."""
    version = Version(hit["_seq_no"], hit["_primary_term"])
    fields = dict(hit["_source"])
    alert = fields.get("alert", {})
    if alert.get("article_id") in gone or fields.get("dedup_key") in gone:
        return action("delete", hit["_index"], hit["_id"], version=version)
    fields["article_ids"] = [one for one in fields["article_ids"] if one.partition("@")[0] not in gone]
    listed = alert.get("article_ids", [])
    if any(one in gone for one in listed):
        fields["alert"] = _unnamed(alert, gone)
    return action("index", hit["_index"], hit["_id"], fields, version)


def _without_alerts(hit: Mapping[str, Any], gone: Collection[str]) -> Action:
    """A delivery of theirs alone goes; of a digest of several, what was rendered goes."""
    version = Version(hit["_seq_no"], hit["_primary_term"])
    told = hit["_source"]["alert_id"]
    left = [one for one in ([told] if isinstance(told, str) else told) if one not in gone]
    if not left:
        return action("delete", hit["_index"], hit["_id"], version=version)
    fields = {name: value for name, value in hit["_source"].items() if name not in {"body", "body_hash"}}
    return action("index", hit["_index"], hit["_id"], {**fields, "alert_id": left}, version)


def _without_articles(hit: Mapping[str, Any], gone: Collection[str]) -> Action:
    fields = _unnamed(hit["_source"], gone)
    return action("index", hit["_index"], hit["_id"], fields, Version(hit["_seq_no"], hit["_primary_term"]))


def _unnamed(alert: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """Its words stay where they are those of the article that raised it, which is another."""
    fields = {name: value for name, value in alert.items() if name not in WORDS or alert.get("article_id")}
    return {**fields, "article_ids": [one for one in alert.get("article_ids", []) if one not in gone]}
