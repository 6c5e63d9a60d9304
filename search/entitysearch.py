"""Entities looked up by the beginning of a name, and everything about one: `EntityPort` on a cluster.

A profile is three rounds: who is meant, with how many articles from when to when; everything that is counted over
them, and the newest; names and titles for what was found. All of it is read from columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch

from ingest.dates import now
from search import entitylookup as look
from search import entityqueries as ask
from search.client import SERVICE, complete, missing_is_outage
from search.entities import SPAN
from search.entityindex import DAYS
from search.entitynames import COLUMNS, entity_name, nearest, ranked
from search.entityrecords import COUNTRY, TYPES, EntityName, EntityPort, EntityProfile, Share
from search.ports import ServiceUnavailable
from search.schema import Names

LONGEST = 80  # characters of what is typed
MORE = 2  # times as many as are wanted are looked at, and put in order here
# Where nothing begins so: one letter off from four on, two from eight on; the first is right.
NEARLY = {"fuzziness": "AUTO:4,8", "prefix_length": 1, "min_length": 4, "unicode_aware": True}
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
        wanted = _types(types)
        if not text or size < 1:
            return ()
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
        values = {type: [value for value, _ in found] for type, found in counted.items()}
        (answer,) = self._asked((self._names.entities, look.labels_request(values)))
        names = look.labels(values, answer)
        found = [
            names[type][value].model_copy(update={"count": n})
            for type, each in counted.items()
            for value, n in each
            if value in names[type]
        ]
        return tuple(sorted(found, key=lambda one: (-one.count, one.name)))[:size]

    def profile(
        self, type: str, id: str, *, beside: tuple[str, str] | None = None, since: str | None = None
    ) -> EntityProfile | None:
        """See `EntityPort`."""
        if since is not None and not SPAN.fullmatch(since):
            raise ValueError(f"{since!r} is no span of time: write 12h, 30d or 4w")
        wanted = [_country_or(one) for one in ((type, id), *([beside] if beside else []))]
        period = [{"range": {"first_seen": {"gte": _ago(since)}}}] if since else []
        who = (self._names.entities, look.meant_request(wanted))
        supposed = look.supposed(wanted)
        answer, *counts = self._asked(who, *self._counting(supposed, period))
        found = [one for one in look.meant(wanted, answer) if one]
        if len(found) < len(wanted):
            return None
        entities = [one.entity for one in found]
        if [(one.type, one.id) for one in entities] != [(one.type, one.id) for one in supposed]:
            counts = self._asked(*self._counting(entities, period))
        alone = counts[1 : 1 + len(entities)] if beside else counts
        if not since and any(not one.linked and not ask.total(n) for one, n in zip(entities, alone, strict=True)):
            return None
        return self._profile(found, [ask.total(one) for one in counts], ask.ends(counts[0]), period, since)

    def _counting(
        self, entities: Sequence[EntityName], period: Sequence[Mapping[str, Any]]
    ) -> list[tuple[str, dict[str, Any]]]:
        """The requests for how many articles name them all; of two, also each, and how many there are."""
        if not entities:
            return []
        each = [ask.named(one) for one in entities]
        queries = [[*each, *period], *([[one, *period] for one in each] + [[*period]] if len(each) > 1 else [])]
        return [(self._names.articles, ask.counts(ask.every(one))) for one in queries]

    def _profile(
        self,
        meant: Sequence[look.Meant],
        numbers: Sequence[int],
        ends: tuple[str | None, str | None],
        period: Sequence[Mapping[str, Any]],
        since: str | None,
    ) -> EntityProfile:
        entities = [one.entity for one in meant]
        query, width = ask.every([*map(ask.named, entities), *period]), ask.interval(*ends)
        over = ask.whole(query, numbers[0], period[0] if period else None, width, self._tz)
        counted, latest = self._asked((self._names.articles, over), (self._names.articles, ask.newest(query)))
        stories = ask.values(counted, "stories")
        weighed = {field: ask.weighed(counted, field) for field in ask.WEIGHED}
        places, about = ask.values(counted, "place"), ask.values(counted, "about")
        wanted = {type: list(weighed[type]) for type in TYPES}
        wanted["place"] += [value for value, _ in places]
        wanted["country"] += [value for value, _ in about]
        labels, told = self._asked(
            (self._names.entities, look.labels_request(wanted)),
            (self._names.stories, ask.titles([id for id, _ in stories])),
        )
        names = look.labels(wanted, labels)
        names["topic"] = {id: EntityName(id=id, type="topic", name=id) for id in weighed["topic"]}
        without = {one.id for one in entities}
        return EntityProfile(
            entity=entities[0],
            beside=entities[1] if len(entities) > 1 else None,
            pair=ask.pair(*numbers) if len(entities) > 1 else None,
            known_as={language: tuple(texts) for language, texts in meant[0].known_as.items()},
            note=meant[0].note,
            query=" AND ".join([*(one.query for one in entities), *([f"seen:>=now-{since}"] if since else [])]),
            since=since,
            total=numbers[0],
            first=ends[0],
            last=ends[1],
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

    def _completed(
        self, text: str, size: int, types: Sequence[str], fuzzy: Mapping[str, Any] | None = None
    ) -> list[EntityName]:
        completion = {"field": "suggest", "size": MORE * size, "contexts": {"type": list(types)}}
        asked = {"prefix": text, "completion": completion | ({"fuzzy": fuzzy} if fuzzy else {})}
        with missing_is_outage(self._names.entities):
            answer = self._client.search(
                index=self._names.entities,
                suggest={"names": asked},
                docvalue_fields=[{"field": name} for name in (*COLUMNS, "called")],
                stored_fields="_none_",
                allow_partial_search_results=False,
            )
        complete(answer.body, f"looking up names in {self._names.entities}")
        return [entity_name(one, one["text"], text) for one in answer["suggest"]["names"][0]["options"]]

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


def _country_or(wanted: tuple[str, str]) -> tuple[str, str]:
    """A country that stands among the places of an article is a country."""
    type, id = wanted
    return ("country", id) if type == "place" and COUNTRY.fullmatch(id) else wanted


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
