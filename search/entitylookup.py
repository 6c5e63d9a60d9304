"""Entities of the index `entities` by id, by name, and behind what is counted: what is asked, how it is read. Pure.

What is counted in a field of the articles is of three kinds: ids that a list knows; the English names of those, which
stand beside them; names that no list knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from search.entitynames import COLUMNS, entity_name
from search.entityrecords import TYPES, EntityName

ID = re.compile(r"Q[1-9]\d*|k-[a-z0-9-]+|[A-Z]{2}")
MOST_CHARS = 200  # of an id or a name
MOST = 2_000  # entities in one answer
FROM_COLUMNS = {"docvalue_fields": list(COLUMNS), "track_total_hits": False}


class Meant(NamedTuple):
    """An entity, its names by language, and what its list says for readers."""

    entity: EntityName
    known_as: Mapping[str, Sequence[str]] = {}
    note: str | None = None


def meant_request(wanted: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Asks for the entities with these types and ids, or names."""
    either = [
        {"bool": {"filter": [{"term": {"type": type}}, {"term": {field: id[:MOST_CHARS]}}]}}
        for type, id in wanted
        for field in ("entity_id", "name")
    ]
    return {**FROM_COLUMNS, "size": 20, "query": {"bool": {"should": either}}, "_source": ["names", "note"]}


def meant(wanted: Sequence[tuple[str, str]], answer: Mapping[str, Any]) -> list[Meant | None]:
    """Each of those, in order; a name that no list knows as just that. None: there cannot be any such."""
    hits = [(entity_name(hit), hit["_source"]) for hit in answer["hits"]["hits"]]
    found: list[Meant | None] = []
    for type, id in wanted:
        mine = [(one, source) for one, source in hits if one.type == type and id in {one.id, one.name}]
        if mine:
            one, source = max(mine, key=lambda each: (each[0].id == id, each[0].linked, each[0].count))
            found.append(Meant(one, source.get("names", {}), source.get("note")))
        elif type in {"person", "organisation", "place"} and 0 < len(id) <= MOST_CHARS and not ID.fullmatch(id):
            found.append(Meant(EntityName(id=id, type=type, name=id, linked=False)))
        else:
            found.append(None)
    return found


def supposed(wanted: Sequence[tuple[str, str]]) -> list[EntityName]:
    """As if a list knew them all, so that their articles can be asked for at once; nothing where one is no id."""
    if not all(ID.fullmatch(id) and type in TYPES for type, id in wanted):
        return []
    return [EntityName(id=id, type=type, name=id) for type, id in wanted]


def labels_request(wanted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Asks for the entities behind values counted, by type."""
    ids = [f"{type}/{value}" for type, values in wanted.items() for value in values if ID.fullmatch(value)]
    texts = sorted({value for values in wanted.values() for value in values if not ID.fullmatch(value)})
    either = [{"ids": {"values": ids}}, {"bool": {"filter": [{"term": {"linked": True}}, {"terms": {"name": texts}}]}}]
    query = {"bool": {"filter": {"bool": {"should": either}}}}  # a filter: nothing is scored
    return {**FROM_COLUMNS, "size": min(MOST, 2 * len(ids) + 1), "query": query, "stored_fields": "_none_"}


def labels(wanted: Mapping[str, Sequence[str]], answer: Mapping[str, Any]) -> dict[str, dict[str, EntityName]]:
    """By type and value: ids, and names that no list knows. What is the name of an id is left out."""
    known = [entity_name(hit) for hit in answer["hits"]["hits"]]
    taken = {(one.type, one.name) for one in known}
    taken |= {("place", one.name) for one in known if one.type == "country"}  # among the places, too
    names = {
        type: {
            value: EntityName(id=value, type=type, name=value, linked=False)
            for value in values
            if not ID.fullmatch(value) and (type, value) not in taken
        }
        for type, values in wanted.items()
    }
    for one in known:
        if one.type in names:
            names[one.type][one.id] = one
    return names
