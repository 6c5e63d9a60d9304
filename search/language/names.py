"""What people call things, and the codes they are indexed under: countries, languages, topics, entities. Pure, cached.

Each answers in the same way: the values to look for, or an `Unknown` with what was probably meant.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from ingest.langtag import iso_language
from ingest.tagging.countries import BLOCK, TABLE
from ingest.tagging.known import matcher
from ingest.tagging.names import NOTHING
from ingest.tagging.table import read_rows
from ingest.tagging.topics import topic_names

NAMED_IN = ("en", "id")  # in which languages languages have names
MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is called so; `near` is what was probably meant, `why` says more."""

    near: str | None = None
    why: str = ""


def key(name: str) -> str:
    """`name` without case, accents and marks: what two spellings of one name have in common."""
    folded = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("’", "'").casefold())
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())


def country_codes(value: str) -> tuple[str, ...] | Unknown:
    """ISO 3166-1 alpha-2 for a code, or for a country's name in any of the languages of the names table."""
    named = _countries()
    if len(value) == 2 and value.isascii() and value.isalpha():
        code = value.upper()
        return (code,) if code in named.codes else Unknown(None, "is no country's code")
    found = named.by_key.get(key(value), ())
    if len(found) > 1:
        return Unknown(None, f"may be {' or '.join(found[:MOST_SHOWN])}")
    return found or Unknown(_near(value, named.shown))


def language_codes(value: str) -> tuple[str, ...] | Unknown:
    """ISO 639-1 for a code (also `ind`, `jp`), or a language's name in English or Indonesian."""
    named = _languages()
    found = named.by_key.get(key(value))
    if found:
        return found[:1]
    code = iso_language(value)
    return (code,) if code else Unknown(_near(value, named.shown))


def topic_ids(value: str) -> tuple[str, ...] | Unknown:
    """The id of a topic, or its name in English or Indonesian."""
    named = _topics()
    return named.by_key.get(key(value)) or Unknown(_near(value, named.shown))


def entity_ids(value: str, fields: Iterable[str], own: Path | None = None) -> tuple[str, ...]:
    """Ids of those the lists know by this name, in any language; none where no list does.

    `fields`: document fields that stand for their types (person, organisation, place, thing). `own`: the user's list.
    """
    known = _entities(own)
    found = known.get(key(value), ())
    return tuple(id_ for type_, id_ in found if type_ in set(fields))


@dataclass(frozen=True)
class _Named:
    by_key: Mapping[str, tuple[str, ...]]
    shown: Mapping[str, str]  # key → how a near miss is written

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(code for codes in self.by_key.values() for code in codes)


def _near(value: str, shown: Mapping[str, str]) -> str | None:
    near = difflib.get_close_matches(key(value), shown, n=1, cutoff=0.7)
    return shown[near[0]] if near else None


@cache
def _countries() -> _Named:
    """A name that is most often something else counts here too: who writes `country:` means a country."""
    sure: dict[str, dict[str, None]] = {}
    unsure: dict[str, dict[str, None]] = {}
    shown: dict[str, str] = {}
    for _, row in read_rows(TABLE):
        if row.code == BLOCK or row.kind == "block":
            continue
        for name in row.names:
            if name.endswith("~"):
                continue  # a people's word with endings
            (unsure if row.kind == "unsure" else sure).setdefault(key(name), {})[row.code] = None
            if row.language in NAMED_IN:
                shown.setdefault(key(name), name)
    found = {**unsure, **sure}
    return _Named({name: tuple(codes) for name, codes in found.items()}, shown)


@cache
def _languages() -> _Named:
    from babel import Locale

    by_key: dict[str, tuple[str, ...]] = {}
    shown: dict[str, str] = {}
    for spoken in NAMED_IN:
        for code, name in Locale(spoken).languages.items():
            if len(code) == 2:
                by_key.setdefault(key(name), (code,))
                shown.setdefault(key(name), name)
    return _Named(by_key, shown)


@cache
def _topics() -> _Named:
    by_key: dict[str, tuple[str, ...]] = {}
    shown: dict[str, str] = {}
    for id_, topic in topic_names().items():
        for name in (id_, topic.en, topic.indonesian):
            by_key.setdefault(key(name), (id_,))
            shown.setdefault(key(name), id_)
    return _Named(by_key, shown)


@cache
def _entities(own: Path | None) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By key of a name: type and id of all that are called so."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for entity in matcher(own).entities.values():
        if entity.type != NOTHING:
            for name in entity.names:
                found.setdefault(key(name.text), {})[entity.type, entity.id] = None
    return {name: tuple(these) for name, these in found.items()}
