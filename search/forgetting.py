"""An article that a person wants forgotten, out of every index: the steps, in the order that makes them safe.

First a note that it is forgotten (`search/lifecycle/tombstones.py`): from then on no writer takes it for new. Then, as
soon as all who read before that note are done (the worker's side knows), the article itself, what it said before, its
places in stories, what rules said of it. The note says `begun` until all of that is gone: cut off anywhere, the next
run finds it. What readers kept of it stands in `search/briefs/forgetting.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from ingest.dates import now
from ingest.records import Record
from ingest.urls import article_id, canonical_url, fetchable_url
from search.articles import ID
from search.bulk import Action, Version, action, send
from search.client import SERVICE, complete, outages, walk
from search.lifecycle.tombstones import Gone, bury, clean
from search.ports import ServiceUnavailable
from search.revisions import claimed_id
from search.schema import Names

ASKED = 1_000  # ids a query; a terms query takes 65,536


class Target(Record):
    """An article that is to be forgotten. `there`: it stands in the index; else only a note or what hangs on it may."""

    article_id: str
    entry_id: str
    url: str = ""
    title: str = ""
    there: bool = False


class Extent(Record):
    """How much there is of it: documents, by what they are. `copies`: articles of others with its text, which stay."""

    articles: int = 0
    revisions: int = 0
    stories: int = 0
    alerts: int = 0
    deliveries: int = 0
    kept_texts: int = 0
    kept_pages: int = 0
    briefs: int = 0
    copies: int = 0

    @property
    def kept(self) -> bool:
        """Whether a reader kept any of it."""
        return bool(self.kept_texts or self.kept_pages or self.briefs)

    @property
    def gone(self) -> bool:
        """Whether nothing of it is left."""
        return not any(value for name, value in self if name != "copies")

    @property
    def but_kept(self) -> Extent:
        """Without what readers kept."""
        return self.model_copy(update={"kept_texts": 0, "kept_pages": 0, "briefs": 0})


class Forgetting:
    """Forgets articles on a cluster. Every step may be done again. All raise ServiceUnavailable."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._prefix, self.names = client, prefix, Names(prefix)

    def targets(self, asked: Sequence[str]) -> list[Target]:
        """The articles of these addresses (or article ids): as they stand, as an earlier run noted them, and the id
        that such an address has, there or not. Raises Refused for what is no address."""
        found: dict[str, Target] = {}
        for one in asked:
            ids = [one] if ID.fullmatch(one) else [article_id(one), claimed_id(one)]
            urls = [] if ID.fullmatch(one) else list({one, fetchable_url(one), canonical_url(one)})
            either = [{"terms": {name: ids}} for name in ("article_id", "entry_id")] + [{"terms": {"url": urls}}]
            for target in self.matching({"bool": {"should": either}}):
                found[target.article_id] = target
            noted = {"bool": {"filter": {"exists": {"field": "forgotten"}}, "must": {"bool": {"should": either[:2]}}}}
            found = {**{target.article_id: target for target in self._noted(noted)}, **found}
            for id in ids:
                found.setdefault(id, Target(article_id=id, entry_id=ids[0], url=urls[0] if urls else ""))
        return list(found.values())

    def unfinished(self) -> list[Target]:
        """What an earlier run began and did not end."""
        return list(self._noted({"term": {"forgotten": "begun"}}))

    def matching(self, query: Mapping[str, Any]) -> Iterator[Target]:
        """The articles that a query finds, unrefreshed ones too."""
        self._refresh(self.names.articles)
        for hits in self._walk(self.names.articles, query, ("entry_id", "url", "title")):
            for hit in hits:
                yield Target(article_id=hit["_id"], there=True, **hit["_source"])

    def extent(self, targets: Sequence[Target]) -> Extent:
        """How much there is of them now."""
        families = (*self._families(), self.names.briefs, self.names.pages)
        self._refresh(*families)
        ids = [one.article_id for one in targets]
        texts = self.kept_texts(ids)
        counts: dict[str, int] = {}
        for part in _parts(ids):
            for name, (alias, query) in self._hanging(part).items():
                counts[name] = counts.get(name, 0) + self._count(alias, query)
        alerts = self._alerts(ids)
        deliveries = sum(self._count(self.names.deliveries, {"terms": {"alert_id": part}}) for part in _parts(alerts))
        pages = sum(self._count(self.names.pages, {"terms": {"text_id": part}}) for part in _parts(list(texts)))
        return Extent(**counts, deliveries=deliveries, kept_texts=len(texts), kept_pages=pages)

    def note(self, targets: Sequence[Target]) -> None:
        """Notes that these are forgotten."""
        gone = [Gone(one.article_id, one.entry_id) for one in targets]
        bury(self._client, self.names, gone, now(), forgotten="begun")
        self._refresh(self.names.tombstones)

    def note_done(self, targets: Sequence[Target]) -> None:
        """Nothing is left of them."""
        end = {"doc": {"forgotten": "done"}}
        self._send([action("update", self.names.tombstones, one.article_id, end) for one in targets])
        self._refresh(self.names.tombstones)

    def erase_articles(self, targets: Sequence[Target]) -> None:
        """The articles themselves, wherever they stand. No search finds them afterwards."""
        self._refresh(self.names.articles)
        for part in _parts([one.article_id for one in targets]):
            self._delete(self.names.articles, {"ids": {"values": part}})
        self._refresh(self.names.articles)

    def erase_the_rest(self, targets: Sequence[Target]) -> None:
        """What they said before, their places in stories, and what rules said of them."""
        self._refresh(*self._families())
        ids = [one.article_id for one in targets]
        for part in _parts(ids):
            self._erase_alerts(part)
        clean(self._client, self.names, now())
        self._refresh(self.names.stories)
        for part in _parts(ids):  # of more than 500 articles, the listed ones all forgotten: the title is theirs
            self._delete(self.names.stories, {"terms": {"article_ids": part}})
        self._refresh(*self._families())

    def kept_texts(self, ids: Collection[str]) -> dict[str, str]:
        """What readers kept of these articles: article by text."""
        self._refresh(self.names.clippings)
        return {
            hit["_id"]: hit["_source"]["article_id"]
            for part in _parts(list(ids))
            for hits in self._walk(self.names.clippings, {"terms": {"article_id": part}}, ("article_id",))
            for hit in hits
        }

    def _hanging(self, ids: Sequence[str]) -> dict[str, tuple[str, dict[str, Any]]]:
        names, of = self.names, {"terms": {"article_id": ids}}
        alerts = {"bool": {"should": [of, {"terms": {"article_ids": ids}}]}}
        return {
            "articles": (names.articles, {"ids": {"values": ids}}),
            "revisions": (names.revisions, of),
            "stories": (names.stories, {"terms": {"article_ids": ids}}),
            "alerts": (names.alerts, alerts),
            "briefs": (names.briefs, {"terms": {"article_ids": ids}}),
            "copies": (names.articles, {"bool": {"filter": {"terms": {"duplicate_of": ids}}, "must_not": of}}),
        }

    def _alerts(self, ids: Sequence[str]) -> list[str]:
        """Those that these articles raised."""
        query = {"terms": {"article_id": ids}}
        return [hit["_id"] for hits in self._walk(self.names.alerts, query, ()) for hit in hits]

    def _erase_alerts(self, ids: Sequence[str]) -> None:
        """Those that these articles raised go, with what was sent of them; one of a window that counted them among
        others stays, without them and without words that may be theirs."""
        gone = set(self._alerts(ids))
        for part in _parts(sorted(gone)):
            query = {"terms": {"alert_id": part}}
            for hits in self._walk(self.names.deliveries, query, ("*",)):
                self._send([_without_alerts(hit, gone) for hit in hits])
        self._delete(self.names.alerts, {"terms": {"article_id": ids}})
        for hits in self._walk(self.names.alerts, {"terms": {"article_ids": ids}}, ("*",)):
            self._send([_without_articles(hit, set(ids)) for hit in hits if hit["_id"] not in gone])

    def _families(self) -> tuple[str, ...]:
        names = self.names
        return names.articles, names.revisions, names.stories, names.alerts, names.deliveries, names.clippings

    def _noted(self, query: Mapping[str, Any]) -> Iterator[Target]:
        self._refresh(self.names.tombstones)
        for hits in self._walk(self.names.tombstones, query, ("entry_id",)):
            for hit in hits:
                if ID.fullmatch(hit["_id"]):
                    yield Target(article_id=hit["_id"], entry_id=hit["_source"]["entry_id"])

    def _walk(self, alias: str, query: Mapping[str, Any], source: Sequence[str]) -> Iterator[list[Any]]:
        """Nothing where there is no such index: an older Kawat made none."""
        with outages():
            there = self._client.indices.exists_alias(name=alias)
        if there:
            yield from walk(self._client, alias, query, source=source)

    def _count(self, alias: str, query: Mapping[str, Any]) -> int:
        try:
            with outages():
                answer = self._client.count(index=alias, query=query)
        except NotFoundError:
            return 0
        return int(complete(answer.body, f"counting {alias}")["count"])

    def _delete(self, alias: str, query: Mapping[str, Any]) -> None:
        for hits in self._walk(alias, query, ()):
            self._send([action("delete", hit["_index"], hit["_id"]) for hit in hits])

    def _send(self, actions: Sequence[Action]) -> None:
        """What another process changed meanwhile (409) the next look finds again."""
        items = send(self._client, actions) if actions else []
        wrong = next((item for item in items if item.status not in {200, 201, 404, 409}), None)
        if wrong is not None:
            raise ServiceUnavailable(SERVICE, f"forgetting: {wrong.reason or wrong.status}")

    def _refresh(self, *aliases: str) -> None:
        for alias in aliases:
            with outages():
                self._client.options(ignore_status=404).indices.refresh(index=alias)


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
    fields = {name: value for name, value in hit["_source"].items() if name not in {"title", "highlight", "url"}}
    fields["article_ids"] = [one for one in fields["article_ids"] if one not in gone]
    return action("index", hit["_index"], hit["_id"], fields, Version(hit["_seq_no"], hit["_primary_term"]))


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), ASKED):
        yield list(ids[start : start + ASKED])
