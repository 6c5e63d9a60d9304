"""Entities' documents read as names, and the order in which names that begin as typed are offered. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ingest.tagging.names import ANY
from search.entityrecords import EntityName

# Read from columns: a document with its names in sixty languages takes much longer.
COLUMNS = ("entity_id", "type", "name", "indonesian", "kind", "country", "linked", "articles", "location")
FIRST = (ANY, "en", "id", "ja", "zh", "ar", "ru", "ko", "fr", "es", "de", "pt", "hi", "fa", "tr")


def entity_name(hit: Mapping[str, Any], by: str | None = None, typed: str = "") -> EntityName:
    """Of a hit with the columns `COLUMNS`; `by`: the name, or the end of one, by which it was found, where it is not
    called as it was `typed` anyway."""
    fields = hit["fields"]
    name, indonesian = fields["name"][0], fields.get("indonesian")
    own = (name, *(indonesian or ()))
    plain = by is None or (typed and any(folded(one).startswith(folded(typed)) for one in own))
    matched = name if plain or by is None else whole_name(by, fields.get("called", ()))
    latitude, _, longitude = fields.get("location", [""])[0].partition(",")
    return EntityName(
        id=fields["entity_id"][0],
        type=fields["type"][0],
        name=name,
        names={"id": indonesian[0]} if indonesian else {},
        aliases=(matched,) if matched != name else (),
        linked=fields["linked"][0],
        count=fields.get("articles", [0])[0],
        kind=fields.get("kind", [None])[0],
        countries=tuple(fields.get("country", ())),
        at=(float(latitude), float(longitude)) if longitude else None,
    )


def whole_name(text: str, names: Sequence[str]) -> str:
    """Of the names that which has `text` in it: what was found may be a name from a later word on."""
    return min((name for name in names if text in name), key=len, default=text)


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
