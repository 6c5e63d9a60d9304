"""A saved object of Kibana, and what all kinds of them share: stable ids, versions, references. Pure.

Versions are the oldest that fit Kibana 8.9 and later: a newer Kibana migrates what it reads, while an object of a newer
version than the server is refused. Attributes named `…JSON` are strings of JSON within the JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

CORE_VERSION = "8.8.0"
Kind = Literal["index-pattern", "search", "lens", "dashboard"]
TYPE_VERSIONS: dict[Kind, str] = {
    "index-pattern": "8.0.0",
    "search": "8.0.0",
    "lens": "8.9.0",
    "dashboard": "8.9.0",
}
Language = Literal["kuery", "lucene"]


@dataclass(frozen=True)
class Query:
    """What a search or a panel is narrowed to, in KQL (`kuery`) or in Lucene's syntax."""

    text: str = ""
    language: Language = "kuery"

    def as_kibana(self) -> dict[str, str]:
        return {"query": self.text, "language": self.language}


EVERYTHING = Query()


@dataclass(frozen=True)
class SavedObject:
    """One line of the export. `references`: name within the object → the object it means."""

    kind: Kind
    id: str
    attributes: Mapping[str, Any]
    references: Mapping[str, tuple[Kind, str]] = field(default_factory=dict)

    def as_kibana(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "id": self.id,
            "coreMigrationVersion": CORE_VERSION,
            "typeMigrationVersion": TYPE_VERSIONS[self.kind],
            "managed": False,
            "attributes": self.attributes,
            "references": [
                {"type": kind, "id": target, "name": name} for name, (kind, target) in self.references.items()
            ],
        }


def json_text(value: object) -> str:
    """`value` as a string of JSON: what Kibana keeps inside attributes."""
    return orjson.dumps(value).decode()


def search_source(query: Query, *, index: bool) -> dict[str, str]:
    """The attribute `kibanaSavedObjectMeta`. `index`: whether it refers to a data view, by the reference `SOURCE`."""
    source: dict[str, Any] = {"query": query.as_kibana(), "filter": []}
    if index:
        source |= {"indexRefName": SOURCE, "highlightAll": True, "version": True}
    return {"searchSourceJSON": json_text(source)}


SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def ndjson(objects: Iterable[SavedObject]) -> bytes:
    """The export: an object a line, keys in order, so that the same objects are the same bytes."""
    lines = [orjson.dumps(one.as_kibana(), option=orjson.OPT_SORT_KEYS) for one in objects]
    return b"\n".join(lines) + b"\n"
