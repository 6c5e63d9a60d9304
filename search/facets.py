"""How what was found is spread, over the values of fields and over time: what is asked, what the answer says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from search.hits import ID, PLACE_ID
from search.ports import Bucket, Sort, Timeline

# A facet's name is the field's in a query, so that a value can be put into one.
FACETS: dict[str, str] = {
    "source": "source",
    "lang": "language",
    "country": "country",
    "about": "about",
    "topic": "topic",
    "person": "person",
    "org": "organisation",
    "place": "place",
    "kind": "source_kind",
    "is": "is",
}
NO_IDS = ID.pattern
# These hold id and name side by side: names are counted. A country stands among the places by its code and its name.
IDS = {"person": NO_IDS, "org": NO_IDS, "place": PLACE_ID.pattern}
BUCKETS = 12  # a facet
MOST = 120  # buckets of a timeline
HOUR = 3600
# Seconds, the name, as Elasticsearch is asked. Fixed ones begin at midnight of the zone, calendar ones as people count.
INTERVALS: tuple[tuple[int, str, dict[str, str]], ...] = (
    (HOUR, "1h", {"fixed_interval": "1h"}),
    (3 * HOUR, "3h", {"fixed_interval": "3h"}),
    (6 * HOUR, "6h", {"fixed_interval": "6h"}),
    (12 * HOUR, "12h", {"fixed_interval": "12h"}),
    (24 * HOUR, "1d", {"calendar_interval": "1d"}),
    (7 * 24 * HOUR, "7d", {"calendar_interval": "1w"}),
    (30 * 24 * HOUR, "1M", {"calendar_interval": "1M"}),
    (91 * 24 * HOUR, "3M", {"calendar_interval": "1q"}),
    (365 * 24 * HOUR, "12M", {"calendar_interval": "1y"}),
)


def facet_aggregations(facets: Sequence[str]) -> dict[str, Any]:
    """What is asked for these facets. Raises ValueError for one that there is not."""
    unknown = next((name for name in facets if name not in FACETS), None)
    if unknown is not None:
        raise ValueError(f"there is no facet {unknown!r}; there are: {', '.join(FACETS)}")
    found: dict[str, Any] = {}
    for name in facets:
        terms: dict[str, Any] = {"field": FACETS[name], "size": BUCKETS}
        found[f"facet_{name}"] = {"terms": {**terms, "exclude": IDS[name]} if name in IDS else terms}
    return found


def facets_of(answer: Mapping[str, Any], facets: Sequence[str]) -> dict[str, tuple[Bucket, ...]]:
    """The facets in an answer's aggregations."""
    return {
        name: tuple(Bucket(value=one["key"], count=one["doc_count"]) for one in answer[f"facet_{name}"]["buckets"])
        for name in facets
    }


def timeline_field(sort: Sort) -> str:
    """By which time articles are counted. One that has no time of its own is in no bucket of `published`."""
    return "published" if sort == "published" else "first_seen"


def range_aggregations(field: str) -> dict[str, Any]:
    """Asks from when to when the articles found are: milliseconds."""
    return {"earliest": {"min": {"field": field}}, "latest": {"max": {"field": field}}}


def range_of(answer: Mapping[str, Any]) -> tuple[float, float] | None:
    """Seconds since 1970; None where nothing was found."""
    earliest, latest = answer["earliest"]["value"], answer["latest"]["value"]
    return None if earliest is None or latest is None else (earliest / 1000, latest / 1000)


def interval_for(seconds: float) -> tuple[str, dict[str, str]]:
    """The finest buckets of which at most MOST cover so long a time."""
    for length, name, asked in INTERVALS:
        if seconds / length <= MOST - 2:  # the first and the last one are cut
            return name, asked
    return INTERVALS[-1][1:]


def timeline_aggregation(field: str, asked: Mapping[str, str], tz: str) -> dict[str, Any]:
    """Counts by time; Elasticsearch fills the gaps."""
    return {"timeline": {"date_histogram": {"field": field, "time_zone": tz, "min_doc_count": 0, **asked}}}


def timeline_of(answer: Mapping[str, Any], interval: str) -> Timeline | None:
    """The timeline in an answer's aggregations; None where it has no bucket."""
    counts = tuple((_utc(one["key"]), one["doc_count"]) for one in answer["timeline"]["buckets"])
    return Timeline(interval=interval, start=counts[0][0], counts=counts) if counts else None


def _utc(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
