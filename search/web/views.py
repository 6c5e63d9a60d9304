"""What the templates show, worked out beforehand: rows, days, counts, set-up steps, errors. Pure but for the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from markupsafe import Markup

from search import locales
from search.ports import Hit, Sort
from search.web.words import WORDS

COUNTS = ("seen", "in_flight", "indexed", "duplicate", "discarded", "quarantined")
STEP_STATES = ("waiting", "running", "done", "failed")


@dataclass(frozen=True)
class Reader:
    """Whom a page is made for: words, language, time zone."""

    language: str
    tz: str

    @property
    def locale(self) -> Locale:
        return locales.locale_of(self.language)

    def word(self, name: str, /, **values: object) -> str:
        """A phrase in the reader's language. Raises KeyError for one that is not there."""
        return WORDS[self.language][name].format(**values)

    def word_or(self, name: str, otherwise: str) -> str:
        """A phrase where there is one."""
        return WORDS[self.language].get(name, otherwise)

    def counted(self, name: str, n: int) -> str:
        """`name` for `n` things."""
        return self.word(f"{name}_one") if n == 1 else self.word(name, n=self.number(n))

    def number(self, n: int) -> str:
        return locales.number(n, self.language)

    def local(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment).astimezone(ZoneInfo(self.tz))

    def clock(self, moment: str) -> str:
        return f"{self.local(moment):%H:%M}"

    def when(self, moment: str, beside: str) -> str:
        """Time of day where `moment` is on the same day as `beside`, else with its day, and year where that differs."""
        at, other = self.local(moment), self.local(beside)
        if at.date() == other.date():
            return f"{at:%H:%M}"
        pattern = "d MMM" if at.year == other.year else "d MMM y"
        return locales.day_and_clock(at, pattern, self.language)

    def full(self, moment: str) -> str:
        """With seconds and zone, for whoever points at a time."""
        at = self.local(moment)
        day = locales.day(at.date(), locales.IN_FULL, self.language)
        return f"{day} {at:%H:%M:%S} {locales.zone(at, self.language)}"

    def day(self, at: date) -> str:
        ago = (datetime.now(ZoneInfo(self.tz)).date() - at).days
        written = locales.day(at, locales.IN_FULL, self.language)
        near = {0: self.word("today"), 1: self.word("yesterday")}.get(ago)
        return f"{near} · {written}" if near else written

    def language_name(self, code: str) -> str:
        return str(self.locale.languages.get(code, code))

    def country_name(self, code: str) -> str:
        return str(self.locale.territories.get(code, code))


@dataclass(frozen=True)
class Row:
    """One article of the list."""

    hit: Hit
    href: str | None  # only http(s) is linked
    title: Markup
    fragments: tuple[Markup, ...]
    published: str | None


@dataclass(frozen=True)
class Day:
    """Rows of one local day, under its name; nameless where the list before this one ended with the same day."""

    name: str
    rows: tuple[Row, ...]
    date: str | None = None


@dataclass(frozen=True)
class Count:
    """One figure of the strip."""

    name: str
    label: str
    value: str
    alarming: bool = False


@dataclass(frozen=True)
class Step:
    """One step of the set-up."""

    name: str
    state: str
    detail: str
    seconds: str


def row(hit: Hit, reader: Reader) -> Row:
    """`title_html` and `highlight` come escaped from the index (search.search.marked)."""
    return Row(
        hit=hit,
        href=hit.url if urlsplit(hit.url).scheme in {"http", "https"} else None,
        title=Markup(hit.title_html),  # noqa: S704 - escaped when the mark was set
        fragments=tuple(Markup(fragment) for fragment in hit.highlight),  # noqa: S704 - likewise
        published=reader.when(hit.published, hit.first_seen) if hit.published else None,
    )


def days(hits: Sequence[Hit], reader: Reader, sort: Sort, *, begun: str | None = None) -> list[Day]:
    """The list under its days: of first sight, or of publication where that is the order; one nameless day by match.

    `begun`: the day (2026-03-04) that a list before this one ended with.
    """
    if sort == "relevance":
        return [Day("", tuple(row(hit, reader) for hit in hits))] if hits else []

    def local_day(hit: Hit) -> date:
        return reader.local((hit.published if sort == "published" else None) or hit.first_seen).date()

    return [
        Day(
            "" if day.isoformat() == begun else reader.day(day),
            tuple(row(hit, reader) for hit in group),
            day.isoformat(),
        )
        for day, group in groupby(hits, key=local_day)
    ]


def counts(summary: Mapping[str, Any], reader: Reader) -> list[Count]:
    """The flow's figures, those that are there."""
    given = summary.get("counts") or {}
    return [
        Count(
            name=name,
            label=reader.word(f"count_{name}"),
            value=reader.number(int(given[name])),
            alarming=name == "quarantined" and int(given[name]) > 0,
        )
        for name in COUNTS
        if given.get(name) is not None
    ]


def feed_counts(summary: Mapping[str, Any], reader: Reader) -> list[Count]:
    """How the feeds do; what is zero is left out, but for those that do well."""
    given = summary.get("feeds") or {}
    return [
        Count(name, "", reader.word(f"feeds_{name}", n=reader.number(int(given[name]))), alarming=name == "failing")
        for name in ("ok", "failing", "waiting")
        if given.get(name) is not None and (given[name] or name == "ok")
    ]


def steps(summary: Mapping[str, Any], reader: Reader) -> list[Step]:
    """The set-up's steps; a state nobody knows is shown as waiting."""
    return [
        Step(
            name=str(step.get("name", "")),
            state=step.get("state") if step.get("state") in STEP_STATES else "waiting",
            detail=str(step.get("detail") or ""),
            seconds=reader.word("seconds", n=f"{step['seconds']:.0f}") if step.get("seconds") else "",
        )
        for step in summary.get("steps") or ()
    ]


@lru_cache(1_000)  # a list links to the same few countries over and over
def address(query: str, sort: str = "seen") -> str:
    """The page's address for a search, with what is not usual only."""
    asked = {"q": query, "sort": "" if sort == "seen" else sort}
    return "/?" + urlencode({name: value for name, value in asked.items() if value}) if any(asked.values()) else "/"
