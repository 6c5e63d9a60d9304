"""An article that a person wants forgotten, out of every index: the steps, in the order that makes them safe.

First a note that it is forgotten (`search/lifecycle/tombstones.py`): from then on no writer takes it for new. Then, as
soon as all who read before that note are done (the worker's side knows), the article itself, what it said before, its
places in stories, what rules said of it. The note says `begun` until all of that is gone: cut off anywhere, the next
run finds it. What readers kept of it stands in `search/briefs/forgetting.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from ingest.dates import now
from ingest.records import Record
from ingest.urls import article_id, canonical_url, fetchable_url
from search.articles import ID
from search.bulk import action
from search.erasing import Eraser, parts_of
from search.lifecycle.tombstones import Gone, bury, clean
from search.revisions import claimed_id
from search.schema import Names
from search.unalerting import AlertEraser


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
    notices: int = 0
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


class Forgetting(Eraser):
    """Forgets articles on a cluster. Every step may be done again. All raise ServiceUnavailable."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        super().__init__(client)
        self._prefix, self.names = prefix, Names(prefix)
        self._alerts = AlertEraser(client, self.names)

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
        self.refresh(self.names.articles)
        for hits in self.walk(self.names.articles, query, ("entry_id", "url", "title")):
            for hit in hits:
                yield Target(article_id=hit["_id"], there=True, **hit["_source"])

    def extent(self, targets: Sequence[Target]) -> Extent:
        """How much there is of them now."""
        families = (*self._families(), self.names.briefs, self.names.pages)
        self.refresh(*families)
        ids = [one.article_id for one in targets]
        texts = self.kept_texts(ids)
        counts: dict[str, int] = {}
        for part in parts_of(ids):
            for name, (alias, query) in self._hanging(part).items():
                counts[name] = counts.get(name, 0) + self.count(alias, query)
        alerts, deliveries, notices = self._alerts.counts(ids)
        pages = sum(self.count(self.names.pages, {"terms": {"text_id": part}}) for part in parts_of(list(texts)))
        counts |= {"alerts": alerts, "deliveries": deliveries, "notices": notices}
        return Extent(**counts, kept_texts=len(texts), kept_pages=pages)

    def note(self, targets: Sequence[Target]) -> None:
        """Notes that these are forgotten."""
        gone = [Gone(one.article_id, one.entry_id) for one in targets]
        bury(self._client, self.names, gone, now(), forgotten="begun")
        self.refresh(self.names.tombstones)

    def note_done(self, targets: Sequence[Target]) -> None:
        """Nothing is left of them."""
        end = {"doc": {"forgotten": "done"}}
        self.send([action("update", self.names.tombstones, one.article_id, end) for one in targets])
        self.refresh(self.names.tombstones)

    def erase_articles(self, targets: Sequence[Target]) -> None:
        """The articles themselves, wherever they stand. No search finds them afterwards."""
        self.refresh(self.names.articles)
        for part in parts_of([one.article_id for one in targets]):
            self.delete(self.names.articles, {"ids": {"values": part}})
        self.refresh(self.names.articles)

    def erase_the_rest(self, targets: Sequence[Target]) -> None:
        """What they said before, their places in stories, and what rules said of them."""
        self.refresh(*self._families())
        ids = [one.article_id for one in targets]
        for part in parts_of(ids):
            self._alerts.erase(part)
        clean(self._client, self.names, now())
        self.refresh(self.names.stories)
        for part in parts_of(ids):  # of more than 500 articles, the listed ones all forgotten: the title is theirs
            self.delete(self.names.stories, {"terms": {"article_ids": part}})
        self.refresh(*self._families())

    def kept_texts(self, ids: Collection[str]) -> dict[str, str]:
        """What readers kept of these articles: article by text."""
        self.refresh(self.names.clippings)
        return {
            hit["_id"]: hit["_source"]["article_id"]
            for part in parts_of(list(ids))
            for hits in self.walk(self.names.clippings, {"terms": {"article_id": part}}, ("article_id",))
            for hit in hits
        }

    def _hanging(self, ids: Sequence[str]) -> dict[str, tuple[str, dict[str, Any]]]:
        names, of = self.names, {"terms": {"article_id": ids}}
        return {
            "articles": (names.articles, {"ids": {"values": ids}}),
            "revisions": (names.revisions, of),
            "stories": (names.stories, {"terms": {"article_ids": ids}}),
            "briefs": (names.briefs, {"terms": {"article_ids": ids}}),
            "copies": (names.articles, {"bool": {"filter": {"terms": {"duplicate_of": ids}}, "must_not": of}}),
        }

    def _families(self) -> tuple[str, ...]:
        names = self.names
        said = (names.alerts, names.deliveries, names.notices)
        return names.articles, names.revisions, names.stories, *said, names.clippings

    def _noted(self, query: Mapping[str, Any]) -> Iterator[Target]:
        self.refresh(self.names.tombstones)
        for hits in self.walk(self.names.tombstones, query, ("entry_id",)):
            for hit in hits:
                if ID.fullmatch(hit["_id"]):
                    yield Target(article_id=hit["_id"], entry_id=hit["_source"]["entry_id"])
