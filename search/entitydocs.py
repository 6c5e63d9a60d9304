"""Documents of the index `entities`: the lists' people, organisations, places, things and countries, and what one types
to find them. Pure, but for reading the lists."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.tagging.cities import city_entities
from ingest.tagging.countries import BLOCK
from ingest.tagging.countries import TABLE as COUNTRIES
from ingest.tagging.names import ANY, DATA, NOTHING, Entity, names_tables
from ingest.tagging.table import read_rows
from search.entityfields import MOST_TYPED

LAYOUT = 1  # raise it when documents are made differently: what is indexed is then made anew
BASE = {"country": 30, "person": 12, "organisation": 10, "place": 8, "thing": 6}
OF_CITIES = 4  # taken off for the table's cities: of two of a name the person is sought more often
LINKED = 10  # a name that a list knows before one that none does
WHOLE = 6  # a name that begins as typed before one in which a later word does
EIGHTH = 6  # steps of weight for twice as many articles: one step is an eighth more
ARTICLE = "ال"  # Arabic's, before a name: one types اليابان or يابان
MOST_WORDS = 6  # of a name, from each of which on it can be typed
MOST_INPUTS = 400  # of one entity


def digest(gazetteer: Path | None = None) -> str:
    """16 hex digits that change whenever the lists or the documents made of them do. Raises OSError."""
    found = hashlib.sha256(f"layout {LAYOUT}".encode())
    files = [*sorted(DATA.glob("*.names")), DATA / "cities.tsv", COUNTRIES, *([gazetteer] if gazetteer else [])]
    for path in files:
        found.update(path.name.encode() + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def listed(gazetteer: Path | None = None) -> Iterator[dict[str, Any]]:
    """A document for each entity that a list knows, countries included. Raises NamesError."""
    entities = names_tables(gazetteer)
    for entity in (*entities, *city_entities(entities)):
        if entity.type != NOTHING and entity.names:
            yield document(
                entity.type,
                entity.id,
                _by_language(entity),
                kind=entity.kind,
                countries=entity.countries,
                at=entity.at,
                note=entity.also,
            )
    for code, names in _countries().items():
        yield document("country", code, names, countries=(code,))


def document(
    type: str,
    id: str,
    names: Mapping[str, Sequence[str]],
    *,
    kind: str | None = None,
    countries: Sequence[str] = (),
    at: tuple[float, float] | None = None,
    note: str | None = None,
    linked: bool = True,
    articles: int = 0,
) -> dict[str, Any]:
    """One entity's document. `names`: by language, `*` for any; the first of each is the canonical one there."""
    english, indonesian = canonical(names) or id, canonical(names, "id")
    fields = {
        "entity_id": id,
        "type": type,
        "name": english,
        "indonesian": indonesian if indonesian != english else None,
        "called": list(dict.fromkeys(text for texts in names.values() for text in texts)),
        "names": {language: list(texts) for language, texts in names.items()},
        "kind": kind,
        "country": list(countries),
        "location": {"lat": at[0], "lon": at[1]} if at else None,
        "note": note,
        "linked": linked,
    }
    return counted({name: value for name, value in fields.items() if value not in (None, [])}, articles)


def counted(document: Mapping[str, Any], articles: int) -> dict[str, Any]:
    """The document with so many articles, by which what is typed finds it sooner or later."""
    texts = (text for names in document["names"].values() for text in names)
    return {**document, "articles": articles, "suggest": suggestions(texts, weight(document, articles))}


def weight(document: Mapping[str, Any], articles: int) -> int:
    """How early it is among those that begin alike: by articles, an eighth more a step, then by what it is."""
    base = BASE.get(document["type"], 0) - (OF_CITIES if str(document["entity_id"]).startswith("k-city-") else 0)
    return WHOLE + base + (LINKED if document["linked"] else 0) + round(EIGHTH * math.log2(1 + articles))


def suggestions(names: Iterable[str], weight: int) -> list[dict[str, Any]]:
    """The field `suggest`: names as they begin, and, a little lighter, from a later word on and with the last first."""
    whole = list(dict.fromkeys(name[:MOST_TYPED] for name in names if name.strip()))
    later = [text[:MOST_TYPED] for name in whole for text in _from_later_words(name)]
    parts = [text for text in dict.fromkeys(later) if text not in set(whole)]
    given = [{"input": whole[:MOST_INPUTS], "weight": weight}]
    if parts:
        given.append({"input": parts[:MOST_INPUTS], "weight": max(0, weight - WHOLE)})
    return given


def canonical(names: Mapping[str, Sequence[str]], language: str = "en") -> str:
    """The name in that language, else in English, else in any."""
    for wanted in (language, "en", ANY):
        if names.get(wanted):
            return names[wanted][0]
    return next((texts[0] for texts in names.values() if texts), "")


def _from_later_words(name: str) -> Iterator[str]:
    words = name.split()
    for at in range(1, min(len(words), MOST_WORDS)):
        yield " ".join(words[at:])
    if 2 <= len(words) <= 3:
        yield f"{words[-1]} {' '.join(words[:-1])}"  # Kishida Fumio
    for word in words[:1]:
        if word.startswith(ARTICLE) and len(word) > len(ARTICLE) + 2:
            yield " ".join([word.removeprefix(ARTICLE), *words[1:]])


def _by_language(entity: Entity) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name in entity.names:
        text = name.text.rstrip("~")
        if text not in names.setdefault(name.language, []):
            names[name.language].append(text)
    return names


def _countries() -> dict[str, dict[str, list[str]]]:
    """Names by code and language, the canonical one first; peoples and adjectives in all forms (`~`) left out."""
    found: dict[str, dict[str, list[str]]] = {}
    for _, row in sorted(read_rows(COUNTRIES), key=lambda one: one[1].kind):  # canonical, name, unsure
        if row.code != BLOCK and row.kind in {"canonical", "name", "unsure"}:
            texts = found.setdefault(row.code, {}).setdefault(row.language, [])
            given = [name.rstrip("?").strip() for name in row.names if not name.rstrip("?").endswith("~")]
            texts += [text for text in dict.fromkeys(given) if text not in texts]
    return {code: names for code, names in found.items() if any(names.values())}
