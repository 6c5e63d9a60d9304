"""Names that nobody is to be tagged with any more: a person's right to be forgotten, without losing what others said.

The list is one document beside the notes on articles that are gone; it holds digests, so that nobody can read there who
is on it. Every write of an article reads it as it is now, and so does every new tagging.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from ingest.records import Article, Mention, Record, TaggedArticle
from ingest.shingles import folded
from ingest.tagging.mentions import normalised
from ingest.tagging.names import names_tables
from ingest.terms import LONGEST_TERM
from search.briefs.shelf import Shelf
from search.bulk import Action, Version, action, send
from search.client import SERVICE, missing_is_outage, walk
from search.ports import Document, ServiceUnavailable, WriteResult
from search.schema import Names
from search.store import ElasticsearchIndex
from search.tagfields import tag_fields

NOTE = "suppressed"  # id of the one note that is no article's
KINDS = ("person", "organisation", "place", "thing")
TRIES = 5
TAGS = (*KINDS, "unlinked", "mentions")
NOBODYS = Article(id="", url="", title="", body="", content_hash="")


class Subject(Record):
    """Who is to be forgotten. `id`: of one that a list knows, with all its names; else only a name."""

    type: str
    id: str | None = None
    names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """As a person reads it."""
        return f"{self.type} {self.names[0] if self.names else self.id}" + (f" ({self.id})" if self.id else "")

    def keys(self) -> set[str]:
        """What stands in the list. Who is forgotten by id goes under its names only where no list knows them: a
        namesake with an id of his own stays."""
        told = "loose" if self.id else "name"
        return ({_key("id", self.type, self.id)} if self.id else set()) | {
            _key(told, *form) for name in self.names for form in _forms(self.type, name)
        }

    def articles(self, *, naming: bool = False) -> dict[str, Any]:
        """Articles that may be tagged so; `naming`: also those that say the name, in the text or as their author's."""
        either: list[dict[str, Any]] = [{"term": {self.type: self.id}}] if self.id else []
        for name in self.names:
            exactly = {"value": name, "case_insensitive": True}
            either += [{"term": {kind: exactly}} for kind in (*KINDS, *(["authors"] if naming else []))]
            if " " in name and (naming or not self.id):
                either += [{"match_phrase": {field: name}} for field in ("title", "body")]
        return {"bool": {"should": either, "minimum_should_match": 1}}


def subject(asked: str, gazetteer: Path | None = None) -> Subject:
    """Whom `TYPE/ID` or `TYPE/name` means. Raises ValueError that says what to write instead."""
    type, _, text = asked.partition("/")
    text = " ".join(text.split())
    if type not in KINDS or not text:
        raise ValueError(f"{asked!r} names nobody: write TYPE/ID or TYPE/NAME, the type one of {', '.join(KINDS)}")
    form = normalised(text)
    known = [one for one in names_tables(gazetteer) if one.type == type]
    found = [one for one in known if one.id == text] or [
        one for one in known if any(normalised(name.text.rstrip("~")) == form for name in one.names)
    ]
    if len(found) > 1:
        raise ValueError(f"{text!r} may be {', '.join(f'{type}/{one.id} ({one.english})' for one in found)}: which?")
    if found:
        names = dict.fromkeys(name.text.rstrip("~") for name in found[0].names)
        return Subject(type=type, id=found[0].id, names=tuple(names))
    return Subject(type=type, names=(text,))


def hides(keys: Collection[str], mention: Mention) -> bool:
    """Whether the list has this mention."""
    if mention.linked and _key("id", mention.type, mention.id) in keys:
        return True
    forms = {*_forms(mention.type, mention.name)}
    forms |= {form for one in mention.surfaces if " " in normalised(one) for form in _forms(mention.type, one)}
    told = ("name",) if mention.linked else ("name", "loose")
    return any(_key(kind, *form) in keys for form in forms for kind in told)


def forgets(keys: Collection[str], entity: Mapping[str, Any]) -> bool:
    """Whether the list has this document of the index of names."""
    names = [form for name in entity.get("called", ()) for form in _forms(entity["type"], name)]
    by_id = _key("id", entity["type"], entity["entity_id"]) in keys
    return bool(keys) and (by_id or any(_key("name", *form) in keys for form in names))


def without(tagged: TaggedArticle, keys: Collection[str]) -> TaggedArticle:
    """Tagged with nobody who is on the list."""
    hidden = [one for one in tagged.mentions if hides(keys, one)] if keys else []
    if not hidden:
        return tagged
    features = tagged.features
    if features:
        features = features.model_copy(update={"terms": tuple(_other_terms(features.terms, hidden))})
    kept = tuple(one for one in tagged.mentions if one not in hidden)
    return tagged.model_copy(update={"mentions": kept, "features": features})


class Suppressed:
    """The list on a cluster. All raise ServiceUnavailable."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._names = client, Names(prefix)
        self._notes = Shelf(client, self._names.tombstones)

    def keys(self) -> frozenset[str]:
        """As it is now, refreshed or not."""
        found = self._notes.get([NOTE]).get(NOTE)
        return frozenset(found.source.get("suppressed", ())) if found else frozenset()

    def add(self, who: Subject) -> bool:
        """From now on; False where it is there already."""
        for _ in range(TRIES):
            found = self._notes.get([NOTE]).get(NOTE)
            keys = set(found.source.get("suppressed", ())) if found else set()
            if who.keys() <= keys:
                return False
            told = {"forgotten": "done", "suppressed": sorted(keys | who.keys())}
            if self._notes.replace(found, told) if found else self._notes.create(NOTE, told):
                return True
        raise ServiceUnavailable(SERVICE, "others keep changing the list of forgotten names")

    def tagged(self, who: Subject) -> int:
        """How many articles are tagged so now."""
        return sum(1 for _ in self._changes(who))

    def untag(self, who: Subject) -> int:
        """Takes the tags off every article that has them, and the name out of the index of names; how many articles."""
        changed = 0
        for _ in range(TRIES):
            writes = 0
            for part in _parts(self._changes(who)):
                items = send(self._client, part)
                wrong = next((item for item in items if item.status not in {200, 404, 409}), None)
                if wrong is not None:
                    raise ServiceUnavailable(SERVICE, f"forgetting a name: {wrong.reason}")
                changed, writes = changed + sum(item.status == 200 for item in items), writes + len(items)
            if not writes:
                break
        self._forget_entity(who)
        return changed

    def _changes(self, who: Subject) -> Iterator[Action]:
        keys = who.keys()
        with missing_is_outage(self._names.articles):
            self._client.indices.refresh(index=self._names.articles)
        for hits in walk(self._client, self._names.articles, who.articles(), source=("mentions", "story_terms")):
            for hit in hits:
                if fields := _fewer_tags(hit["_source"], keys):
                    version = Version(hit["_seq_no"], hit["_primary_term"])
                    yield action("update", hit["_index"], hit["_id"], {"doc": fields}, version)

    def _forget_entity(self, who: Subject) -> None:
        alias = self._names.entities
        with missing_is_outage(alias):
            self._client.indices.refresh(index=alias)
        named = [{"term": {"name": {"value": name, "case_insensitive": True}}} for name in who.names]
        loose = {"bool": {"filter": {"term": {"linked": False}}, "should": named, "minimum_should_match": 1}}
        known = {"bool": {"filter": [{"term": {"type": who.type}}, {"term": {"entity_id": who.id or ""}}]}}
        for hits in walk(self._client, alias, {"bool": {"should": [loose, known]}}, source=()):
            send(self._client, [action("delete", hit["_index"], hit["_id"]) for hit in hits])
        with missing_is_outage(alias):
            self._client.indices.refresh(index=alias)


class UnnamingIndex(ElasticsearchIndex):
    """`ArticleIndex` that tags with nobody who is on the list, whenever the article was tagged."""

    def __init__(self, client: Elasticsearch, prefix: str, *given: Any, **options: Any) -> None:
        super().__init__(client, prefix, *given, **options)
        self._suppressed = Suppressed(client, prefix)

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """See `ArticleIndex`. Raises ServiceUnavailable."""
        keys = self._suppressed.keys()
        return super().write([one.model_copy(update={"tagged": without(one.tagged, keys)}) for one in documents])


def _fewer_tags(source: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """The fields of an article's document that have to change; none where nobody on the list is in it."""
    mentions = [Mention.model_validate(one) for one in source.get("mentions", ())]
    hidden = [one for one in mentions if hides(keys, one)]
    if not hidden:
        return {}
    left = tuple(one for one in mentions if one not in hidden)
    fields = tag_fields(TaggedArticle(article=NOBODYS, mentions=left))
    terms = list(_other_terms(source.get("story_terms", ()), hidden))
    return {name: fields.get(name, []) for name in TAGS} | {"story_terms": terms}


def _other_terms(terms: Iterable[str], hidden: Iterable[Mention]) -> Iterator[str]:
    names = {folded(one.id)[:LONGEST_TERM] for one in hidden}
    return (one for one in terms if not (one.startswith("n") and one.partition(":")[2] in names))


def _forms(type: str, name: str) -> Iterator[tuple[str, str]]:
    """A full name is one whatever a model takes it for; a single word is a name of that type only."""
    form = normalised(name)
    yield ("*" if " " in form else type), form


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _parts(actions: Iterable[Action]) -> Iterator[list[Action]]:
    part: list[Action] = []
    for one in actions:
        part.append(one)
        if len(part) == 500:
            yield part
            part = []
    if part:
        yield part
