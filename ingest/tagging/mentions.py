"""Names known and names found → mentions: one place in the text, one meaning; one person or body, one mention.

    1. A country's name, a known name and a name found by a model may overlap. A known name counts before a found one of
       its type or inside it ("Presiden Joko Widodo"); inside a person's or a body's longer name a place is not named
       ("Paris Hilton", "Universitas Gadjah Mada Yogyakarta"), a country is, but only inside a body's ("Bank of Japan").
    2. What stays unlinked is one name under its normalised form, of the type that most of its places have.
    3. A single word that is part of one person's name alone, and of nobody else's in the text, is that person; an
       acronym in brackets behind a body's name is that body.

All offsets here are characters of title, newline, body.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

from ingest.records import Mention

Type = Literal["person", "organisation", "place", "thing"]
MOST_SPANS = 1000  # of one mention, kept for display; `count` counts all
MOST_MENTIONS = 200
LEAST_SURE = 0.55  # of a found name: below, it is as often wrong as right
LEAST_SURE_WORD = 0.8  # of a single word that stands there once
MOST_OVERLAPPING = 50  # names in one chain of overlaps: more are a trick
LONGEST_NAME = 80  # characters of an unlinked name
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_NAMES_COUNTRIES = frozenset({"organisation", "thing"})  # a country in such a name is spoken of: Bank of Japan
_SWALLOWED: dict[str, str] = {"person": "place", "organisation": "place", "place": "person"}  # Jalan Sudirman
_POSSESSIVE = frozenset(["'s", "’s"])
_DAYS_AND_MONTHS = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december senin selasa rabu kamis jumat sabtu minggu januari februari maret mei juni juli agustus
    oktober desember
"""
_DATES = frozenset(_DAYS_AND_MONTHS.split())
_EDGES = "\"'“”‘’«»„()[]{}<>.,;:!?…-–—*/ \t\n"


class Span(NamedTuple):
    """One place. `id`: an entity's or a country's; None for a found name, which has a `score` from 0 to 1."""

    start: int
    end: int
    type: Type
    id: str | None = None
    country: bool = False
    score: float = 1.0


class Label(NamedTuple):
    """How a known entity is shown: canonical English name and kind."""

    name: str
    kind: str | None


@dataclass(slots=True)
class _Group:
    """All places of one person, body or place."""

    type: Type
    id: str | None
    spans: list[Span] = field(default_factory=list)


def mentions(title: str, body: str, spans: Iterable[Span], labels: dict[str, Label]) -> tuple[Mention, ...]:
    """The mentions of an article, the most salient first. `labels`: of every id among `spans`."""
    text = f"{title}\n{body}"
    kept = disjoint(spans)
    known: dict[str, _Group] = {}
    loose: list[Span] = []
    for span in kept:
        if span.id is None:
            loose.append(span)
        else:
            known.setdefault(span.id, _Group(span.type, span.id)).spans.append(span)
    groups = [*known.values(), *_unlinked(text, loose)]
    groups = _with_short_forms(text, groups, labels)
    made = [_mention(text, len(title) + 1, group, labels) for group in groups if _believed(text, group)]
    made.sort(key=lambda one: (-one.salience, -one.count, one.id))
    return tuple(made[:MOST_MENTIONS])


def disjoint(spans: Iterable[Span]) -> list[Span]:
    """Those that count where some overlap, in order of the text. A country may stand inside a body's name."""
    kept: list[Span] = []
    cluster: list[Span] = []  # what touches, by a chain of overlaps: short, so that the whole stays linear
    reach = 0
    for span in sorted(spans, key=lambda span: span.start):
        if cluster and span.start >= reach:
            kept += _decided(cluster)
            cluster = []
        cluster.append(span)
        reach = max(reach, span.end)
    return sorted([*kept, *_decided(cluster)], key=lambda span: (span.start, span.end))


def _decided(cluster: list[Span]) -> list[Span]:
    if len(cluster) == 1:
        return cluster
    taken: list[Span] = []
    nested: list[Span] = []  # countries inside a body's name
    for span in sorted(cluster[:MOST_OVERLAPPING], key=_rank):
        over = [other for other in taken if span.start < other.end and other.start < span.end]
        if not over:
            taken.append(span)
        elif span.country:
            nested.append(span)
        elif span.id is None and _swallows(span, over):
            nested += [other for other in over if other.country]
            taken = [*(other for other in taken if other not in over), span]
    for span in nested:
        if all(other.type in _NAMES_COUNTRIES for other in taken if span.start < other.end and other.start < span.end):
            taken.append(span)
    return taken


def _swallows(found: Span, over: Iterable[Span]) -> bool:
    """Whether a found name is so much more than the known ones inside it that they are only words of it."""
    return found.score >= LEAST_SURE_WORD and all(
        one.type == _SWALLOWED.get(found.type)
        and found.start <= one.start
        and one.end <= found.end
        and (one.start, one.end) != (found.start, found.end)
        for one in over
    )


def normalised(name: str) -> str:
    """The form by which an unlinked name is one: compatibility forms, case folded, blanks folded, edges clean."""
    return " ".join(unicodedata.normalize("NFKC", name).strip(_EDGES).casefold().split())


def _rank(span: Span) -> tuple[bool, int, bool, int]:
    """Known names before found ones, the longer before; of one length a country (Singapore) before its city."""
    return span.id is None, span.start - span.end, not span.country, span.start


def _unlinked(text: str, spans: Iterable[Span]) -> list[_Group]:
    """Found names grouped by form; each has the type with the most weight over all its places."""
    by_form: dict[str, list[Span]] = {}
    for span in map(partial(_without_possessive, text), spans):
        form = normalised(text[span.start : span.end])
        if 1 < len(form) <= LONGEST_NAME and form not in _DATES and "\n" not in text[span.start : span.end]:
            by_form.setdefault(form, []).append(span)
    groups = []
    for places in by_form.values():
        votes: Counter[Type] = Counter()
        for span in places:
            votes[span.type] += round(1000 * span.score)
        groups.append(_Group(votes.most_common(1)[0][0], None, places))
    return groups


def _without_possessive(text: str, span: Span) -> Span:
    return span._replace(end=span.end - 2) if text[span.end - 2 : span.end] in _POSSESSIVE else span


def _with_short_forms(text: str, groups: list[_Group], labels: dict[str, Label]) -> list[_Group]:
    """Surnames go to their full name, acronyms to the name they stand behind."""
    words: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        if group.type == "person":
            for word in _words_of(text, group, labels):
                words.setdefault(word, []).append(at)
    behind = _acronyms(text, groups)
    into: dict[int, int] = {}
    for at, group in enumerate(groups):
        if group.id is not None:
            continue
        form = normalised(text[group.spans[0].start : group.spans[0].end])
        if group.type == "person" and " " not in form:
            others = [other for other in words.get(form, ()) if other != at]
            if len(others) == 1:
                into[at] = others[0]
        elif at in behind:
            into[at] = behind[at]
    for at, other in into.items():
        if other not in into:
            groups[other].spans = sorted({*groups[other].spans, *groups[at].spans})
    return [group for at, group in enumerate(groups) if at not in into or into[at] in into]


def _words_of(text: str, group: _Group, labels: dict[str, Label]) -> set[str]:
    """The words of a person's full names, in the text and canonical; none where only one word is known."""
    names = {text[span.start : span.end] for span in group.spans}
    if group.id is not None:
        names.add(labels[group.id].name)
    full = [found for name in names if len(found := _WORD.findall(name)) > 1]
    return {normalised(word) for words in full for word in words if len(word) > 2}


def _acronyms(text: str, groups: list[_Group]) -> dict[int, int]:
    """Which found body is an acronym in brackets right behind another: "Komisi Pemberantasan Korupsi (KPK)"."""
    bodies = {"organisation", "thing"}  # WASHINGTON (AP) is a place and its reporter
    ends = {span.end: at for at, group in enumerate(groups) if group.type in bodies for span in group.spans}
    found = {}
    for at, group in enumerate(groups):
        for span in group.spans:
            before = text[max(0, span.start - 2) : span.start]
            if before == " (" and text[span.end : span.end + 1] == ")" and text[span.start : span.end].isupper():
                name = ends.get(span.start - 2)
                if name is not None and name != at:
                    found[at] = name
    return found


def _believed(text: str, group: _Group) -> bool:
    """Whether an unlinked name is sure enough to be shown: a wrong tag costs more than a missing one."""
    if group.id is not None:
        return True
    best = max(span.score for span in group.spans)
    single = len(group.spans) == 1 and " " not in text[group.spans[0].start : group.spans[0].end]
    return best >= (LEAST_SURE_WORD if single else LEAST_SURE)


def _mention(text: str, offset: int, group: _Group, labels: dict[str, Label]) -> Mention:
    surfaces = Counter(text[span.start : span.end] for span in group.spans)
    label = labels.get(group.id or "")
    longest = max(surfaces, key=lambda surface: (len(surface.split()), surfaces[surface]))
    name = label.name if label else " ".join(longest.strip(_EDGES).split())
    return Mention(
        id=group.id or normalised(longest),
        type=group.type,
        kind=label.kind if label else None,
        name=name,
        surfaces=tuple(surfaces),
        count=len(group.spans),
        spans=tuple((span.start - offset, span.end - offset) for span in group.spans if span.start >= offset)[
            :MOST_SPANS
        ],
        in_title=any(span.start < offset for span in group.spans),
        linked=group.id is not None,
        salience=_salience(len(text), offset, group.spans),
    )


def _salience(length: int, offset: int, spans: Sequence[Span]) -> float:
    """0 to 1: a name in the title, early and often is what the article is about. Grows with each place, ever less."""
    titled = any(span.start < offset for span in spans)
    early = min(span.start for span in spans) < offset + max(300, (length - offset) // 5)
    body = sum(span.start >= offset for span in spans)
    return round(min(1.0, 0.4 * titled + 0.15 * early + 0.45 * (1 - 0.8**body)), 3)
