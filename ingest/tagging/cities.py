"""Cities of over half a million people, and capitals: data/cities.tsv, compiled (see compile_cities.py)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingest.tagging.names import Entity, Name
from ingest.tagging.words import folded

TABLE = Path(__file__).parent / "data" / "cities.tsv"


def city_entities(listed: Iterable[Entity], table: Path = TABLE) -> tuple[Entity, ...]:
    """The table's cities without those that `listed` has already: a place with the same name in the same country."""
    taken = {
        (country, folded(name.text))
        for entity in listed
        if entity.type == "place"
        for country in entity.countries
        for name in entity.names
    }
    cities = []
    if not table.exists():
        return ()
    for line in table.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        id_, country, kind, at, names, *cues = line.split("\t")
        spelt = tuple(
            Name(text.removesuffix("?"), language, not text.endswith("?"))
            for part in names.split("; ")
            for language, _, texts in [part.partition(" ")]
            for text in texts.split("|")
        )
        if not any((country, folded(name.text)) in taken for name in spelt):
            latitude, longitude = map(float, at.split(","))
            cities.append(
                Entity(
                    id_,
                    "place",
                    spelt,
                    kind,
                    (country,),
                    of=f"country:{country}" if kind == "capital" else None,
                    at=(latitude, longitude),
                    cues=tuple(cues[0].split("|")) if cues else (),
                    source=TABLE.name,
                )
            )
    return tuple(cities)
