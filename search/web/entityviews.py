"""What the view of an entity shows, worked out beforehand: names for the reader, bars, points on a map. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from search.association import SURE
from search.entitynames import other_names
from search.entityrecords import EntityName, EntityProfile, Share, Together
from search.locales import day, day_and_clock, number
from search.web.views import Reader

PERIODS = ("", "7d", "30d", "90d", "365d")
GROUPS = (("person", "people"), ("organisation", "organisations"), ("place", "places"), ("country", "countries"),
          ("thing", "things"), ("topic", "topics"))  # fmt: skip
ALSO = 14  # other names that are shown at once
WIDE, HIGH = 600.0, 120.0  # the drawing of the bars
EAST_WEST, NORTH, SOUTH = 720.0, 78.0, -56.0  # the map: two units a degree
LARGEST, SMALLEST = 13.0, 2.5  # radius of a circle


@dataclass(frozen=True)
class Bar:
    """One bar of the drawing, and what it says."""

    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True)
class Point:
    """A circle on the map."""

    x: float
    y: float
    r: float
    says: str


@dataclass(frozen=True)
class Row:
    """One value with the length of its bar, 0 to 100."""

    name: str
    href: str
    count: str
    part: int
    times: str = ""
    both: str = ""


def called(one: EntityName, reader: Reader) -> str:
    """Its name in the reader's language; a country as that language's own list has it."""
    if one.type == "country":
        return reader.country_name(one.id) if reader.country_name(one.id) != one.id else one.name
    return one.names.get(reader.language, one.name)


def address(one: EntityName, *, beside: EntityName | None = None, since: str | None = None) -> str:
    """Of its page."""
    asked = {"with": f"{beside.type}/{beside.id}" if beside else "", "since": since or ""}
    given = {name: value for name, value in asked.items() if value}
    path = f"/entity/{one.type}/{quote(one.id, safe='')}"
    return f"{path}?{urlencode(given)}" if given else path


def searched(query: str) -> str:
    """The search page's address for a query."""
    return "/?" + urlencode({"q": query})


def bars(profile: EntityProfile, reader: Reader) -> list[Bar]:
    """The timeline as rectangles, from its first bar that holds anything to its last."""
    counts = profile.timeline.counts
    if not counts:
        return []
    most = max(n for _, n in counts) or 1
    step = WIDE / len(counts)
    gap = min(2.0, step * 0.2)
    return [
        Bar(
            round(at * step, 2),
            round(HIGH - HIGH * n / most, 2),
            round(step - gap, 2),
            round(HIGH * n / most, 2),
            reader.word(
                "entity_bar", when=period(start, profile.timeline.interval, reader), n=reader.counted("articles", n)
            ),
        )
        for at, (start, n) in enumerate(counts)
        if n
    ]


def period(start: str, interval: str, reader: Reader) -> str:
    """What a bar that starts then stands for: 14:00, 3 March, 3 to 9 March, March 2026."""
    at = reader.local(start)
    if interval == "1h":
        return day_and_clock(at, "d MMM", reader.language)
    if interval == "7d":
        end = at.date() + timedelta(days=6)
        return f"{day(at.date(), 'd MMM', reader.language)} – {day(end, 'd MMM y', reader.language)}"
    return day(at.date(), "d MMM y" if interval == "1d" else "LLLL y", reader.language)


def points(places: Sequence[Share], reader: Reader) -> list[Point]:
    """Places on a map of equal degrees, the smaller circles over the larger ones."""
    located = [(one, one.entity, one.entity.at) for one in places if one.entity and one.entity.at]
    most = max((one.count for one, _, _ in located), default=1)
    return [
        Point(
            round((at[1] + 180) * 2, 1),
            round((NORTH - at[0]) * 2, 1),
            round(max(SMALLEST, LARGEST * (one.count / most) ** 0.5), 1),
            f"{called(entity, reader)}: {reader.counted('articles', one.count)}",
        )
        for one, entity, at in sorted(located, key=lambda each: -each[0].count)
        if SOUTH <= at[0] <= NORTH
    ]


def together(profile: EntityProfile, reader: Reader) -> list[tuple[str, list[Row]]]:
    """What is named with it, by kind; kinds of which there is nothing are left out."""
    groups = []
    for type, name in GROUPS:
        found = profile.together.get(type, ())
        if found:
            most = max(one.articles for one in found)
            groups.append((name, [_row(profile, one, most, reader) for one in found]))
    return groups


def _row(profile: EntityProfile, one: Together, most: int, reader: Reader) -> Row:
    topic = one.entity.type == "topic"
    count = reader.number(one.articles)
    times = reader.word("entity_times", n=few(one.times, reader))
    if topic:
        return Row(one.entity.name, searched(f"({profile.query}) AND topic:{one.entity.id}"), count,
                   round(100 * one.articles / most), times)  # fmt: skip
    both = "" if profile.beside else address(profile.entity, beside=one.entity, since=profile.since)
    href = address(one.entity, since=profile.since)
    return Row(called(one.entity, reader), href, count, round(100 * one.articles / most), times, both)


def rows(profile: EntityProfile, shares: Sequence[Share], field: str, reader: Reader) -> list[Row]:
    """Values of a field, each a search for the articles that have it."""
    most = max((one.count for one in shares), default=1)
    names = {"lang": reader.language_name, "about": reader.country_name}
    name = names.get(field, str)
    return [
        Row(
            name(one.value),
            searched(f'({profile.query}) AND {field}:"{one.value}"'),
            reader.number(one.count),
            round(100 * one.count / most),
        )
        for one in shares
    ]


def also(profile: EntityProfile, shown: str) -> tuple[list[tuple[str, str]], int]:
    """Other names, a language each, the better known scripts first; and how many there are beside those."""
    names = other_names(profile.known_as, shown)[:ALSO]
    every = {name for texts in profile.known_as.values() for name in texts} - {shown}
    return names, len(every) - len(names)


def few(n: float, reader: Reader) -> str:
    """A number of which a digit after the point counts only where it is small."""
    return number(round(n) if n >= 10 else round(n, 1), reader.language)


def pair(profile: EntityProfile, reader: Reader) -> str:
    """What two names in the same articles say."""
    one = profile.pair
    if one is None:
        return ""
    told: Mapping[str, Any] = {
        "both": reader.counted("articles", one.articles),
        "expected": few(one.expected, reader),
        "times": few(one.times, reader),
    }
    if not one.articles:
        return reader.word("entity_pair_never", **told)
    said = "more" if one.score >= SURE else "less" if one.score <= -SURE else "chance"
    return reader.word(f"entity_pair_{said}", **told)


def axis(profile: EntityProfile, reader: Reader) -> tuple[str, str, str]:
    """What stands under the bars: the first, the last, and the highest of them."""
    counts, width = profile.timeline.counts, profile.timeline.interval
    if not counts:
        return "", "", ""
    start, most = max(counts, key=lambda one: one[1])
    highest = reader.word("entity_most", n=reader.number(most), when=period(start, width, reader))
    return period(counts[0][0], width, reader), period(counts[-1][0], width, reader), highest
