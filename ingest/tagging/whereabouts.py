"""Where an article happens: its countries with weights, those in focus, points for maps. Pure, on mentions.

A country is named by its name, by a place that lies in it (Tokyo), or by a seat that stands for its government
(Kremlin). It is in focus where the dateline, the title or the first paragraph puts the event there, rather than where
it is only spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ingest.records import Mention

MOST_POINTS = 10
MOST_IN_FOCUS = 3
BESIDE = 0.6  # of the first focus' points that another one needs
LEAST_FOCUS = 3.0  # points: a country named once in passing is no focus
_DATELINE = re.compile(r"\s*\(?(?P<place>[^\n]{2,40}?)\)?\s*(?:,[^\n,]{2,30}){0,2}\s*(?:\([^()\n]{2,30}\)\s*)?[-–—:]\s")
# "in", "at", "to" before a place: there it happens. Scripts without blanks have theirs behind or joined.
_LOCATIVE = re.compile(
    r"(?:^|[\s(\"“])(?:di|ke|in|at|to|near|across|à|en|au|aux|dans|im|nach|em|no|na|ke|dekat|в|во|на|у|في|إلى|بـ?|le|al)\s*$|[在于於赴]$|抵[达達]$",
    re.IGNORECASE,
)
_LOCATIVE_BEHIND = re.compile(r"\s*(?:で|に|에서|에|'?d[ae]\b|'?t[ae]\b)")
_LOOK = 12  # characters before a name


class Located(NamedTuple):
    """What a mention's entity says of its place: countries (ISO codes), latitude and longitude."""

    countries: tuple[str, ...] = ()
    at: tuple[float, float] | None = None


class Whereabouts(NamedTuple):
    """`weights`: 0 to 1 by country code, the heaviest first; `focus`: of these, where it happens."""

    weights: dict[str, float]
    focus: tuple[str, ...]
    points: tuple[tuple[float, float], ...]


def whereabouts(title: str, body: str, mentions: Iterable[Mention], located: dict[str, Located]) -> Whereabouts:
    """`located`: of each mention's id that has a place. A place in several countries (a sea) is in none."""
    weight: dict[str, float] = {}
    focus: dict[str, float] = {}
    named: dict[str, int] = {}  # where first, the title before all
    points: list[tuple[float, tuple[float, float]]] = []
    first = len(body.partition("\n")[0])
    dateline = _DATELINE.match(body[:120])
    ends = dateline.end("place") if dateline else 0
    for mention in mentions:
        where = located.get(mention.id)
        if where is None or mention.type != "place":
            continue
        if where.at is not None:
            points.append((mention.salience, where.at))
        if len(where.countries) != 1:
            continue
        (code,) = where.countries
        weight[code] = weight.get(code, 0.0) + mention.count + 2.0 * mention.in_title
        titled = [at - len(title) for at, _ in _places(title, mention.surfaces)] if mention.in_title else []
        start = min([*titled, *(at for at, _ in mention.spans)], default=len(body))
        named[code] = min(start, named.get(code, start))
        focus[code] = focus.get(code, 0.0) + _focus(title, body, mention, first, ends)
    heaviest = max(weight.values(), default=1.0)
    order = sorted(weight, key=lambda code: (-weight[code], named[code]))
    points.sort(key=lambda point: -point[0])
    return Whereabouts(
        {code: round(weight[code] / heaviest, 3) for code in order},
        _in_focus(focus),
        tuple(dict.fromkeys(at for _, at in points))[:MOST_POINTS],
    )


def _focus(title: str, body: str, mention: Mention, first: int, dateline: int) -> float:
    """Points: title 2 (5 with "in" before it), dateline 8, first paragraph 1, each "in" 1, each other place a third."""
    points = 0.0
    if mention.in_title:
        points += 5.0 if any(_there(title, *place) for place in _places(title, mention.surfaces)) else 2.0
    for start, end in mention.spans[:50]:
        points += 1.0 if _there(body, start, end) else 1 / 3
        points += 1.0 * (start < first) + 8.0 * (start < dateline)
    return points


def _places(text: str, surfaces: Iterable[str]) -> list[tuple[int, int]]:
    found = ((text.find(surface), len(surface)) for surface in surfaces)
    return [(start, start + length) for start, length in found if start >= 0]


def _there(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _LOOK) : start]
    return _LOCATIVE.search(before) is not None or _LOCATIVE_BEHIND.match(text, end) is not None


def _in_focus(points: dict[str, float]) -> tuple[str, ...]:
    order = sorted(points, key=lambda code: (-points[code], code))
    if not order or points[order[0]] < LEAST_FOCUS:
        return ()
    return tuple(code for code in order[:MOST_IN_FOCUS] if points[code] >= BESIDE * points[order[0]])
