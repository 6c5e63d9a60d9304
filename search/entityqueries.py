"""What is asked of the articles about an entity, and how the answers are read. Pure: bodies in, records out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from search.association import SURE, Association, association
from search.entityrecords import TYPES, Bars, EntityName, Line, Pair, Share, StoryLine, Together

LIKELY = 60  # values a field that are weighed: ids and names of half as many entities
SHOWN = 15  # of them
LEAST = 2  # articles that must name both
PART = 100  # of many articles one in so many must: rarer ones cost most of the time, and none is among the surest
EACH = 2 / 3  # of that is the least in each index: articles may be spread over several
TIMES = 1.5  # more often than by chance: less is not worth telling, however sure it is
STORIES = 8
NEWEST = 12
PLACES = 60
LINE = ("article_id", "title.column", "url", "source", "source_name", "language", "first_seen", "published", "story_id")
HOURS, DAYS, WEEKS = 2.0, 100.0, 800.0  # days up to which bars are of an hour, a day, a week; then of a month
INTERVALS = {"1h": "fixed_interval", "1d": "calendar_interval", "7d": "calendar_interval", "1M": "calendar_interval"}
WRITTEN = {"7d": "1w"}  # as Elasticsearch calls it
WEIGHED = (*TYPES, "topic")


def named(entity: EntityName) -> dict[str, Any]:
    """The query for the articles that name it."""
    if not entity.linked:
        return {"term": {"unlinked": f"{entity.type}/{entity.id}"}}
    return {"term": {entity.type: entity.id}}


def every(filters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The query for the articles that all of these let through."""
    return {"bool": {"filter": list(filters)}} if filters else {"match_all": {}}


def interval(first: str | None, last: str | None) -> str:
    """How wide bars are, so that there are not more than about a hundred."""
    if not first or not last:
        return "1d"
    days = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() / 86_400
    return "1h" if days <= HOURS else "1d" if days <= DAYS else "7d" if days <= WEEKS else "1M"


def counts(query: Mapping[str, Any]) -> dict[str, Any]:
    """Asks how many articles there are, and when the first and last of them were seen."""
    ends = {"first": {"min": {"field": "first_seen"}}, "last": {"max": {"field": "first_seen"}}}
    return {"size": 0, "query": query, "aggs": ends, "track_total_hits": True}


def total(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])


def ends(answer: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """When the first and the last article was seen."""
    first, last = (answer["aggregations"][name].get("value_as_string") for name in ("first", "last"))
    return _second(first), _second(last)


def whole(
    query: Mapping[str, Any], articles: int, background: Mapping[str, Any] | None, bars: str, tz: str
) -> dict[str, Any]:
    """Asks for everything that is counted over these articles, so many. `background`: what they are compared with."""
    least = max(LEAST, articles // PART)
    least_each = {"min_doc_count": least, "shard_min_doc_count": max(LEAST, int(least * EACH))}
    compared = {"background_filter": background} if background else {}
    # By mutual information, which orders like the log-likelihood ratio.
    weighing = {"mutual_information": {"include_negatives": False, "background_is_superset": True}, **compared}
    aggs: dict[str, Any] = {
        f"together_{field}": {
            "significant_terms": {"field": field, "size": LIKELY, **least_each, **weighing},
        }
        for field in WEIGHED
    }
    aggs["timeline"] = {
        "date_histogram": {"field": "first_seen", INTERVALS[bars]: WRITTEN.get(bars, bars), "time_zone": tz}
    }
    aggs |= {name: {"terms": {"field": name, "size": SHOWN}} for name in ("source", "language", "topic", "about")}
    aggs["place"] = {"terms": {"field": "place", "size": PLACES}}
    aggs["sources"] = {"cardinality": {"field": "source", "precision_threshold": 1000}}
    # Stories are many: no table of all their ids is made for the few that these articles have.
    aggs["stories"] = {"terms": {"field": "story_id", "size": STORIES, "min_doc_count": LEAST, "execution_hint": "map"}}
    return {"size": 0, "query": query, "aggs": aggs, "track_total_hits": False}


def newest(query: Mapping[str, Any]) -> dict[str, Any]:
    """Asks for the last articles, one a story."""
    return {
        "size": NEWEST,
        "query": query,
        "sort": [{"first_seen": "desc"}],
        "collapse": {"field": "story_id"},
        "docvalue_fields": list(LINE),  # a whole article would be read for its title
        "stored_fields": "_none_",
        "track_total_hits": False,
    }


def titles(stories: Sequence[str]) -> dict[str, Any]:
    """Asks for stories by id."""
    told = ["story_id", "title", "size", "source_count", "first", "last", "merged_into"]
    query = {"terms": {"story_id": list(stories)}}
    return {"size": len(stories), "query": query, "_source": told, "track_total_hits": False}


def values(answer: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    """Value and number of articles of an aggregation."""
    return [(str(one["key"]), int(one["doc_count"])) for one in answer["aggregations"][name]["buckets"]]


def bars(answer: Mapping[str, Any], width: str) -> Bars:
    starts = ((one["key"], one["doc_count"]) for one in answer["aggregations"]["timeline"]["buckets"])
    return Bars(interval=width, counts=tuple((_utc(start), int(n)) for start, n in starts))


def weighed(answer: Mapping[str, Any], field: str) -> dict[str, tuple[int, Association]]:
    """What stands with it more than by chance, the surest first: value, articles, how sure. Ids beside their names."""
    found = answer["aggregations"][f"together_{field}"]
    ours, all_ = int(found["doc_count"]), int(found["bg_count"])
    scored = {
        str(one["key"]): (int(one["doc_count"]), association(one["doc_count"], ours, one["bg_count"], all_))
        for one in found["buckets"]
    }
    sure = [one for one in scored.items() if one[1][1].score >= SURE and one[1][1].times >= TIMES]
    return dict(sorted(sure, key=lambda one: -one[1][1].score)[: 2 * SHOWN + 2])


def together(
    scored: Mapping[str, tuple[int, Association]], names: Mapping[str, EntityName], without: set[str]
) -> tuple[Together, ...]:
    """Those that are among `names`, and none of the ids `without`."""
    found = [
        Together(
            entity=names[value],
            articles=both,
            expected=round(how.expected, 2),
            times=round(how.times, 1),
            score=round(how.score, 1),
        )
        for value, (both, how) in scored.items()
        if value in names and names[value].id not in without
    ]
    return tuple(found[:SHOWN])


def pair(both: int, one: int, other: int, total: int) -> Pair:
    """Two entities, from the numbers of articles that name both, each, and of all."""
    expected, times, score = association(both, one, other, total)
    return Pair(
        articles=both,
        alone=(one, other),
        expected=round(expected, 2),
        times=round(times, 1),
        score=round(score, 1),
        total=total,
    )


def shares(found: Iterable[tuple[str, int]]) -> tuple[Share, ...]:
    return tuple(Share(value=value, count=n) for value, n in found)


def lines(answer: Mapping[str, Any]) -> tuple[Line, ...]:
    found = []
    for hit in answer["hits"]["hits"]:
        fields = {name: values[0] for name, values in hit["fields"].items()}
        fields["id"], fields["title"] = fields.pop("article_id"), fields.pop("title.column", "")
        for moment in ("first_seen", "published"):
            fields[moment] = _second(fields.get(moment))
        found.append(Line.model_validate(fields))
    return tuple(found)


def stories(answer: Mapping[str, Any], found: Sequence[tuple[str, int]]) -> tuple[StoryLine, ...]:
    """The stories that the answer holds, in the order of `found`: id and number of articles."""
    told = {hit["_source"]["story_id"]: hit["_source"] for hit in answer["hits"]["hits"]}
    return tuple(
        StoryLine(
            id=id,
            title=told[id].get("title") or "",
            articles=n,
            size=told[id].get("size", n),
            sources=told[id].get("source_count", 1),
            first=told[id].get("first"),
            last=told[id].get("last"),
        )
        for id, n in found
        if id in told and "merged_into" not in told[id]
    )


def _second(moment: str | None) -> str | None:
    """As documents have it: 2026-01-31T09:00:00Z."""
    return f"{datetime.fromisoformat(moment):%Y-%m-%dT%H:%M:%S}Z" if moment else None


def _utc(milliseconds: float) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%S}Z"
