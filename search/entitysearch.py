"""Entities looked up by the beginning of a name, and everything about one: `EntityPort` on a cluster.

A profile is four requests: who is meant; how many articles and from when to when; everything that is counted over
them, and the newest; names and titles for what was found. All are counts over columns of keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch

from ingest.dates import now
from search import entityqueries as ask
from search.client import SERVICE, complete, missing_is_outage
from search.entities import SPAN
from search.entityindex import DAYS
from search.entitynames import entity_name, nearest, ranked, whole_name
from search.entityrecords import TYPES, EntityName, EntityPort, EntityProfile, Share
from search.ports import ServiceUnavailable
from search.schema import Names

LONGEST = 80  # characters of what is typed
MORE = 3  # times as many as are wanted are looked at, and put in order here
# Where nothing begins so: one letter off from four on, two from eight on; the first is right.
NEARLY = {"fuzziness": "AUTO:4,8", "prefix_length": 1, "min_length": 4, "unicode_aware": True}
LABEL = ["entity_id", "type", "name", "names.en", "names.id", "kind", "country", "linked", "articles", "location"]
ID = re.compile(r"Q[1-9]\d*|k-[a-z0-9-]+|[A-Z]{2}")
SECONDS = "10s"
SECONDS_IN = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}


class EntitySearch(EntityPort):
    """`EntityPort`. Holds no state but its arguments. `tz`: the time zone in which days are whole."""

    def __init__(self, client: Elasticsearch, prefix: str = "", *, tz: str = "UTC") -> None:
        self._client = client
        self._names = Names(prefix)
        self._tz = tz

    def suggest(self, text: str, *, size: int = 10, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        """See `EntityPort`. One request, two where nothing begins so. Raises ValueError for a type there is not."""
        text = " ".join(text.split())[:LONGEST]
        if not text or size < 1:
            return ()
        wanted = _types(types)
        if found := self._completed(text, size, wanted):
            return ranked(text, found)[:size]
        return nearest(text, self._completed(text, size, wanted, NEARLY))[:size]

    def lately(self, *, size: int = 30, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        """See `EntityPort`. Counted anew each time, not as of the last count."""
        wanted = _types(types)
        request = {
            "size": 0,
            "query": {"range": {"first_seen": {"gte": f"now-{DAYS}d/h"}}},
            "aggs": {type: {"terms": {"field": type, "size": 2 * size}} for type in wanted},
            "track_total_hits": False,
        }
        (answer,) = self._asked((self._names.articles, request))
        counted = {type: ask.values(answer, type) for type in wanted}
        names = self._labels({type: [value for value, _ in found] for type, found in counted.items()})
        found = [
            names[type][value].model_copy(update={"count": n})
            for type, values in counted.items()
            for value, n in values
            if value in names[type]
        ]
        return tuple(sorted(found, key=lambda one: (-one.count, one.name)))[:size]

    def profile(
        self, type: str, id: str, *, beside: tuple[str, str] | None = None, since: str | None = None
    ) -> EntityProfile | None:
        """See `EntityPort`."""
        if since is not None and not SPAN.fullmatch(since):
            raise ValueError(f"{since!r} is no span of time: write 12h, 30d or 4w")
        found = self._meant([(type, id), *([beside] if beside else [])])
        if None in found:
            return None
        entities = [EntityName.model_validate(one["entity"]) for one in found if one]
        period = [{"range": {"first_seen": {"gte": _ago(since)}}}] if since else []
        each = [ask.named(one) for one in entities]
        query = ask.every([*each, *period])
        alone = [ask.every([one, *period]) for one in each] if beside else []
        articles = self._names.articles
        first, *others = self._asked(*((articles, ask.counts(one)) for one in (query, *alone, ask.every(period))))
        numbers = [ask.total(one) for one in (others[:-1] if beside else [first])]
        if not since and any(not one.linked and not n for one, n in zip(entities, numbers, strict=True)):
            return None
        width = ask.interval(*ask.ends(first))
        background = period[0] if period else None
        counted, latest = self._asked(
            (articles, ask.whole(query, ask.total(first), background, width, self._tz)), (articles, ask.newest(query))
        )
        return self._profile(entities, found[0] or {}, (first, others, counted, latest), width, since)

    def _profile(
        self,
        entities: Sequence[EntityName],
        meant: Mapping[str, Any],
        answers: tuple[Any, Sequence[Any], Any, Any],
        width: str,
        since: str | None,
    ) -> EntityProfile:
        first, others, counted, latest = answers
        stories = ask.values(counted, "stories")
        weighed = {field: ask.weighed(counted, field) for field in ask.WEIGHED}
        places, about = ask.values(counted, "place"), ask.values(counted, "about")
        wanted = {type: [one[0] for one in weighed[type]] for type in TYPES}
        wanted["place"] += [value for value, _ in places]
        wanted["country"] += [value for value, _ in about]
        names, told = self._labels_and_stories(wanted, [id for id, _ in stories])
        names["topic"] = {one[0]: EntityName(id=one[0], type="topic", name=one[0]) for one in weighed["topic"]}
        without = {one.id for one in entities}
        begun, ended = ask.ends(first)
        numbers = [ask.total(one) for one in others]
        return EntityProfile(
            entity=entities[0],
            beside=entities[1] if len(entities) > 1 else None,
            pair=ask.pair(ask.total(first), *numbers) if len(entities) > 1 else None,
            known_as={language: tuple(texts) for language, texts in meant.get("names", {}).items()},
            note=meant.get("note"),
            query=" AND ".join([*(one.query for one in entities), *([f"seen:>=now-{since}"] if since else [])]),
            since=since,
            total=ask.total(first),
            first=begun,
            last=ended,
            timeline=ask.bars(counted, width),
            together={type: ask.together(weighed[type], names[type], without) for type in weighed},
            places=_labelled(places, names["place"], without),
            countries=_labelled(about, names["country"], set()),
            topics=ask.shares(ask.values(counted, "topic")),
            sources=ask.shares(ask.values(counted, "source")),
            source_count=int(counted["aggregations"]["sources"]["value"]),
            languages=ask.shares(ask.values(counted, "language")),
            stories=ask.stories(told, stories),
            newest=ask.lines(latest),
        )

    def _meant(self, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """Each entity's document and its name; of a name that no list knows, only the name. None: nothing so called."""
        known = [(type, id) for type, id in wanted if type in TYPES and 0 < len(id) <= 200]
        either = [
            {"bool": {"filter": [{"term": {"type": type}}, {"terms": {field: [id]}}]}}
            for type, id in known
            for field in ("entity_id", "name")
        ]
        request = {"size": 20, "query": {"bool": {"should": either}}, "track_total_hits": False}
        (answer,) = self._asked((self._names.entities, request | {"_source": {"excludes": ["suggest"]}}))
        hits = [hit["_source"] for hit in answer["hits"]["hits"]]
        found: list[dict[str, Any] | None] = []
        for type, id in wanted:
            mine = [one for one in hits if one["type"] == type and id in {one["entity_id"], one["name"]}]
            best = max(mine, key=lambda one: (one["entity_id"] == id, one["linked"], one["articles"]), default=None)
            if best:
                found.append({**best, "entity": entity_name(best)})
            elif (type, id) in known and not ID.fullmatch(id) and type not in {"country", "thing"}:
                found.append({"entity": EntityName(id=id, type=type, name=id, linked=False)})
            else:
                found.append(None)
        return found

    def _completed(
        self, text: str, size: int, types: Sequence[str], fuzzy: Mapping[str, Any] | None = None
    ) -> list[EntityName]:
        completion = {"field": "suggest", "size": MORE * size, "contexts": {"type": list(types)}}
        asked = {"prefix": text, "completion": completion | ({"fuzzy": fuzzy} if fuzzy else {})}
        with missing_is_outage(self._names.entities):
            answer = self._client.search(
                index=self._names.entities,
                suggest={"names": asked},
                source={"includes": [*LABEL, "names"]},
                allow_partial_search_results=False,
            )
        complete(answer.body, f"looking up names in {self._names.entities}")
        return [
            entity_name(one["_source"], whole_name(one["text"], one["_source"]["names"]))
            for one in answer["suggest"]["names"][0]["options"]
        ]

    def _labels(self, wanted: Mapping[str, Sequence[str]]) -> dict[str, dict[str, EntityName]]:
        """By type, the entity of each value: ids, and names that no list knows; others are names of those."""
        return self._labels_and_stories(wanted, [])[0]

    def _labels_and_stories(
        self, wanted: Mapping[str, Sequence[str]], stories: Sequence[str]
    ) -> tuple[dict[str, dict[str, EntityName]], dict[str, Any]]:
        ids = [f"{type}/{value}" for type, values in wanted.items() for value in values if ID.fullmatch(value)]
        texts = sorted({value for values in wanted.values() for value in values if not ID.fullmatch(value)})
        query = {"bool": {"should": [{"ids": {"values": ids}}, {"terms": {"name": texts}}]}}
        request = {"size": 2_000, "query": query, "_source": LABEL, "track_total_hits": False}
        titles = {"size": len(stories), "query": {"terms": {"story_id": list(stories)}}, "track_total_hits": False}
        titles["_source"] = ["story_id", "title", "size", "source_count", "first", "last", "merged_into"]
        found, told = self._asked((self._names.entities, request), (self._names.stories, titles))
        known = [entity_name(hit["_source"]) for hit in found["hits"]["hits"]]
        names: dict[str, dict[str, EntityName]] = {type: {} for type in wanted}
        taken = {(one.type, one.name) for one in known if one.linked}
        for type, values in wanted.items():
            for value in values:
                if not ID.fullmatch(value) and (type, value) not in taken:
                    names[type][value] = EntityName(id=value, type=type, name=value, linked=False)
        for one in known:
            if one.linked and one.id in set(wanted.get(one.type, ())):
                names[one.type][one.id] = one
        return names, told

    def _asked(self, *requests: tuple[str, Mapping[str, Any]]) -> list[Any]:
        """The answers to several searches, asked at once."""
        lines: list[Mapping[str, Any]] = []
        for index, body in requests:
            lines += [{"index": index, "allow_partial_search_results": False}, {"timeout": SECONDS, **body}]
        aliases = ", ".join(sorted({index for index, _ in requests}))
        with missing_is_outage(aliases):
            answers = self._client.msearch(searches=lines)["responses"]
        for one in answers:
            if "error" in one:
                error = one["error"]
                raise ServiceUnavailable(SERVICE, f"searching {aliases}: {error['type']}: {error.get('reason')}")
        return [complete(one, f"searching {aliases}") for one in answers]


def _types(given: Sequence[str]) -> Sequence[str]:
    """Raises ValueError that names those there are."""
    unknown = [one for one in given if one not in TYPES]
    if unknown:
        raise ValueError(f"there is no type {unknown[0]!r}: {', '.join(TYPES)}")
    return given or TYPES


def _ago(span: str) -> str:
    """When that was, in UTC. `now-30d` itself cannot stand in every query: significant terms compare with what is
    remembered from one request to the next."""
    return (now() - timedelta(seconds=int(span[:-1]) * SECONDS_IN[span[-1]])).isoformat()


def _labelled(
    found: Iterable[tuple[str, int]], names: Mapping[str, EntityName], without: set[str]
) -> tuple[Share, ...]:
    """Those of the values that are an entity's id, with the entity."""
    return tuple(
        Share(value=value, count=n, entity=names[value])
        for value, n in found
        if value in names and names[value].linked and value not in without
    )
