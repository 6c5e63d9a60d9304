"""Ways to narrow a search, as the page offers them: facets, the conditions chosen so far, the timeline. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from search.locales import day, day_and_clock
from search.ports import Bucket, Timeline
from search.web.asked import Asked
from search.web.called import entity_name, topic_name
from search.web.views import Reader
from search.web.wording import Term, narrowed, terms, widened

FACETS = ("source", "lang", "about", "topic", "person", "org")
NAMED = frozenset({"about", "country", "source_country", "lang", "language"})  # codes: named in the reader's language
FIRST = 6  # values of a facet before "more"


@dataclass(frozen=True)
class Choice:
    """A value of a facet: how many articles have it, and the addresses of the search with it only and without it."""

    name: str
    count: str
    share: int  # of the facet's largest, in per cent
    only: str
    without: str


@dataclass(frozen=True)
class Facet:
    """A field's values, the most frequent first."""

    field: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]


@dataclass(frozen=True)
class Chosen:
    """A condition of the query, as a chip: what it says, and the address of the search without it."""

    field: str
    name: str
    excluded: bool
    without: str


@dataclass(frozen=True)
class Bar:
    """One bar of the timeline: its start as machines read it, its span as people do."""

    start: str
    count: int
    written: str


@dataclass(frozen=True)
class Chart:
    """The timeline as a table, which the script draws."""

    field: str
    interval: str
    bars: tuple[Bar, ...]
    first: str
    last: str


def facets(found: Mapping[str, Sequence[Bucket]], asked: Asked, reader: Reader) -> list[Facet]:
    """What narrows the list; a value that is chosen already stands among the chips instead."""
    chosen = {(one.field, one.value) for one in terms(asked.query)}
    shown = []
    for field in FACETS:
        buckets = [one for one in found.get(field, ()) if (field, one.value) not in chosen and one.count]
        largest = max((one.count for one in buckets), default=1)
        choices = tuple(
            Choice(
                name=_named(field, one.value, one.label, reader),
                count=reader.number(one.count),
                share=max(1, round(100 * one.count / largest)),
                only=asked.address(query=narrowed(asked.query, field, one.value)),
                without=asked.address(query=narrowed(asked.query, field, one.value, excluded=True)),
            )
            for one in buckets
        )
        if choices:
            shown.append(Facet(field, choices[:FIRST], choices[FIRST:]))
    return shown


def chosen(found: Mapping[str, Sequence[Bucket]], asked: Asked, reader: Reader) -> list[Chosen]:
    """The query's conditions on fields, each with a way to take it back."""

    def name(one: Term) -> str:
        label = next((bucket.label for bucket in found.get(one.field, ()) if bucket.value == one.value), None)
        return _named(one.field, one.value, label, reader)

    return [
        Chosen(one.field, name(one), one.excluded, asked.address(query=widened(asked.query, one)))
        for one in terms(asked.query)
    ]


def chart(found: Timeline | None, asked: Asked, reader: Reader) -> Chart | None:
    """The timeline, if it has more than one bar to choose from."""
    if found is None or len(found.counts) < 2:
        return None
    starts = [reader.local(start) for start, _ in found.counts]
    bars = tuple(
        Bar(moment, count, span(at, found.interval, reader))
        for at, (moment, count) in zip(starts, found.counts, strict=True)
    )
    return Chart(asked.field, found.interval, bars, bars[0].written, bars[-1].written)


def span(at: datetime, interval: str, reader: Reader) -> str:
    """The time that a bucket covers, in words: "4 Mar 14:00–15:00", "4 March 2026", "4–10 Mar 2026", "March 2026"."""
    number, unit = int(interval[:-1] or 1), interval[-1]
    if unit == "M":
        return day(at.date(), "MMMM y", reader.language)
    if unit in "dw":
        last = at.date() + timedelta(days=number * (7 if unit == "w" else 1) - 1)
        end = day(last, "d MMM y", reader.language)
        same = (at.year, at.month) == (last.year, last.month)
        begun = day(at.date(), "d" if same else "d MMM", reader.language)
        return end if last == at.date() else f"{begun}–{end}"
    until = at + timedelta(**{{"h": "hours", "m": "minutes", "s": "seconds"}[unit]: number})
    return f"{day_and_clock(at, 'd MMM', reader.language)}–{until:%H:%M}"


def _named(field: str, value: str, label: str | None, reader: Reader) -> str:
    if field in {"lang", "language"}:
        return reader.language_name(value.lower())
    if field in NAMED:
        return reader.country_name(value.upper())
    if field == "topic":
        return label or topic_name(value, reader.language)
    if value[:1] in "[{":
        return value[1:-1].replace(" TO ", " – ").replace("*", "…")
    return label or entity_name(value, reader.language) or value
