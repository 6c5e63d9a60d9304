"""What the views of an article show, worked out beforehand: names and where they lead, times, evidence, changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from ingest.records import Mention
from ingest.worddiff import Piece, word_diff
from search.articles import ArticleRecord
from search.history import Event, History, Version
from search.web.called import topic_name
from search.web.views import Reader, address
from search.web.wording import term

TYPES = ("person", "organisation", "place", "country", "thing")  # in the order in which they are shown
FIELDS = {"organisation": "org"}  # type → the name of its field in the query language, where that is another
NOTICES = {"paywalled", "partial", "reserved", "vanished", "gutted", "sample"}
LISTED = 30  # names of a type
STATES = frozenset({"vanished", "gutted", "back"})  # of a page; the last one told holds
CONTEXT = 160  # characters of the same text kept on either side of a change


@dataclass(frozen=True)
class Name:
    """A name of the article: where it leads, and what is said of it."""

    kind: str
    name: str
    href: str
    title: str
    count: str
    linked: bool


@dataclass(frozen=True)
class Step:
    """What one visit found: the times, what it was, headline and text as word diffs where they changed."""

    at: str
    what: str
    title: tuple[Piece, ...] = ()
    body: tuple[Piece, ...] = ()


def linked(url: str) -> str | None:
    """`url`, if a page may link to it."""
    return url if urlsplit(url).scheme in {"http", "https"} else None


def names(mentions: Iterable[Mention], reader: Reader, *, entities: bool) -> Mapping[tuple[str, str], Name]:
    """By type and id. `entities`: there are views of entities to lead to; else a search for the name is."""
    found: dict[tuple[str, str], Name] = {}
    for one in mentions:
        id = one.id.removeprefix("country:")
        name = reader.country_name(id) if one.type == "country" else one.name
        key = id if one.linked else one.name
        href = f"/entity/{one.type}/{quote(key, safe='')}" if entities else address(_query(one, id))
        title = reader.word(
            "article_named", name=name, type=reader.word(f"entity_type_{one.type}"), n=reader.number(one.count)
        )
        found[one.type, one.id] = Name(one.type, name, href, title, reader.number(one.count), one.linked)
    return found


def grouped(mentions: Iterable[Mention], known: Mapping[tuple[str, str], Name]) -> list[tuple[str, list[Name]]]:
    """The names of each type, what the article is most about first; countries have a list of their own."""
    by_type: dict[str, list[Mention]] = defaultdict(list)
    for one in mentions:
        by_type[one.type].append(one)
    found = []
    for kind in (kind for kind in TYPES if kind != "country" and by_type[kind]):
        first = sorted(by_type[kind], key=lambda one: (-one.salience, -one.count))[:LISTED]
        found.append((kind, [known[kind, one.id] for one in first]))
    return found


def countries(article: ArticleRecord, reader: Reader) -> list[dict[str, Any]]:
    """Those that it is about, the most first; `share` in per cent."""
    ordered = sorted(article.countries, key=lambda one: (-(one.weight or 0), not one.about))
    return [
        {
            "name": reader.country_name(one.code),
            "href": address(term("about" if one.about else "country", one.code)),
            "share": round(100 * (one.weight or 0)),
            "focus": one.about,
        }
        for one in ordered
    ]


def topics(article: ArticleRecord, reader: Reader) -> list[dict[str, str]]:
    """What it is about, with the terms that say so."""
    return [
        {
            "name": topic_name(one.id, reader.language),
            "href": address(term("topic", one.id)),
            "why": ", ".join(one.terms[:6]),
        }
        for one in sorted(article.topics, key=lambda one: -one.score)
    ]


def times(article: ArticleRecord, reader: Reader) -> list[tuple[str, str, str]]:
    """Word, moment, how it is known."""
    given = (
        ("article_published", article.published, article.published_from),
        ("article_modified", article.modified, None),
        ("article_first_seen", article.first_seen, None),
        ("article_fetched", article.fetched, None),
    )
    return [
        (word, moment, reader.word_or(f"means_{means}", means) if means else "")
        for word, moment, means in given
        if moment
    ]


def origins(article: ArticleRecord, reader: Reader) -> list[tuple[str, str]]:
    """Field, and which part of the page or feed gave it."""
    told = []
    for field, origin in article.origins.items():
        means, _, key = origin.partition(" ")
        how = reader.word_or(f"means_{means}", means)
        told.append((reader.word_or(f"origin_{field}", field.replace("_", " ")), f"{how}: {key}" if key else how))
    return sorted(told)


def notices(article: ArticleRecord) -> list[str]:
    """Words for what a reader must know before trusting the text."""
    away = [next((state for event in reversed(article.changes) for state in event.what if state in STATES), "")]
    told = [*article.is_, *(state for state in away if state in {"vanished", "gutted"})]
    return [f"article_{one}" for one in dict.fromkeys(told) if one in NOTICES]


def steps(history: History, reader: Reader) -> list[Step]:
    """What the visits found, the latest first. A text is compared with the one that it took the place of."""
    texts = [one for one in history.versions if not one.stub]
    before = dict(zip((one.revision for one in texts[1:]), texts, strict=False))
    return [_step(event, texts, before, reader) for event in reversed(history.events)]


def _step(event: Event, texts: list[Version], before: Mapping[int, Version], reader: Reader) -> Step:
    at = f"{event.at:%Y-%m-%dT%H:%M:%SZ}"
    why = reader.word_or(f"why_{event.why}", event.why or "")
    what = ", ".join(reader.word(f"change_{one}", why=why) for one in event.what)
    new = next((one for one in texts if one.revision == event.revision), None)
    old = before.get(event.revision)
    if new is None or old is None or not {"title", "body"} & {*event.what}:
        return Step(at, what)
    title = word_diff(old.title, new.title) if "title" in event.what else ()
    body = _around(word_diff(old.body, new.body)) if "body" in event.what else ()
    return Step(at, what, title, body)


def _around(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Long runs of the same text cut down to what stands beside a change."""
    listed = list(pieces)
    found = []
    for at, piece in enumerate(listed):
        text = piece.text
        if piece.kind == "same" and len(text) > 2 * CONTEXT:
            head = text[:CONTEXT].rsplit(" ", 1)[0] + " " if at else ""
            tail = " " + text[-CONTEXT:].split(" ", 1)[-1] if at + 1 < len(listed) else ""
            text = f"{head}[…]{tail}"
        found.append(Piece(piece.kind, text))
    return tuple(found)


def _query(mention: Mention, id: str) -> str:
    if mention.type == "country":
        return term("country", id)
    return term(FIELDS.get(mention.type, mention.type), id if mention.linked else mention.name)
