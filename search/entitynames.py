"""Entities' documents read as names, and the order in which names that begin as typed are offered. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ingest.tagging.names import ANY
from search.entitydocs import LANGUAGES
from search.entityrecords import EntityName

FIRST = (ANY, "en", "id", "ja", "zh", "ar", "ru", "ko", "fr", "es", "de", "pt", "hi", "fa", "tr")


def entity_name(source: Mapping[str, Any], matched: str | None = None) -> EntityName:
    """Of a document of the index `entities`; `matched`: which of its names was meant."""
    given, at = source.get("names") or {}, source.get("location")
    names = {language: given[language][0] for language in LANGUAGES if given.get(language)}
    return EntityName(
        id=source["entity_id"],
        type=source["type"],
        name=source["name"],
        names={language: name for language, name in names.items() if name != source["name"]},
        aliases=(matched,) if matched and matched != source["name"] else (),
        linked=source["linked"],
        count=source.get("articles", 0),
        kind=source.get("kind"),
        countries=tuple(source.get("country", ())),
        at=(at["lat"], at["lon"]) if at else None,
    )


def whole_name(text: str, names: Mapping[str, Sequence[str]]) -> str:
    """Of the names that which has `text` in it: what was found may be a name from a later word on."""
    holding = (name for texts in names.values() for name in texts if text in name)
    return min(holding, key=len, default=text)


def other_names(known: Mapping[str, Sequence[str]], shown: str) -> list[tuple[str, str]]:
    """Name and language (or nothing) of those that are not `shown`: one a language, those of many readers first."""
    order = [language for language in (*FIRST, *sorted(set(known) - set(FIRST))) if known.get(language)]
    found: dict[str, str] = {}
    for language in order:
        found.setdefault(known[language][0], language if language != ANY else "")
    return [(name, language) for name, language in found.items() if name != shown]


def ranked(text: str, found: Iterable[EntityName]) -> tuple[EntityName, ...]:
    """Once each, those first that are called just that; else as they came, the likeliest first."""
    typed = folded(text)
    return tuple(sorted(_once(found), key=lambda one: typed not in {folded(name) for name in _called(one)}))


def nearest(text: str, found: Iterable[EntityName]) -> tuple[EntityName, ...]:
    """Once each, those first of whose names or ends of names one is the most like `text`."""
    typed = folded(text)

    def likeness(one: EntityName) -> float:
        words = [folded(name).split() for name in _called(one)]
        ends = [" ".join(each[at:]) for each in words for at in range(len(each) or 1)]
        return max((SequenceMatcher(None, typed, end).ratio() for end in ends), default=0.0)

    return tuple(sorted(_once(found), key=likeness, reverse=True))


def folded(text: str) -> str:
    """Without case and accents: what people leave out when they type."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).strip()


def _called(one: EntityName) -> tuple[str, ...]:
    return (one.name, *one.names.values(), *one.aliases)


def _once(found: Iterable[EntityName]) -> list[EntityName]:
    once: dict[tuple[str, str], EntityName] = {}
    for one in found:
        once.setdefault((one.type, one.id), one)
    return list(once.values())
