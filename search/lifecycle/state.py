"""How the indices stand: which serve, which takes new documents, which are behind, what an upgrade left half done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from elasticsearch import Elasticsearch
from pydantic import AwareDatetime

from ingest.records import Record
from search.client import outages
from search.lifecycle.generations import generation
from search.schema import SCHEMA_VERSION, Family, Names, families

Role = Literal["serving", "copy", "left-over", "apart"]


class IndexState(Record):
    """One index. `behind` says why it must be made over, empty where it need not be.

    `role`: `serving` stands behind its family's alias; a `copy` is what an unfinished upgrade makes; `left-over` is
    what an upgrade that was cut off at its very end has not yet removed; `apart` is none of these, and left alone.
    """

    name: str
    family: str
    role: Role
    documents: int
    bytes: int
    writing: bool  # takes new documents
    blocked: bool  # takes no writes
    created: AwareDatetime
    schema_version: int | None
    digest: str | None
    behind: str = ""
    upgrade: Mapping[str, Any] = {}  # of a copy: how far it is
    also: tuple[str, ...] = ()  # names that it had before it was made over


def look(client: Elasticsearch, prefix: str = "") -> list[IndexState]:
    """Every index of every family, by family, then name. Raises ServiceUnavailable."""
    return [state for family in families(Names(prefix)) for state in look_at(client, family)]


def look_at(client: Elasticsearch, family: Family) -> list[IndexState]:
    """The indices of one family, by name. Raises ServiceUnavailable."""
    where = [family.alias, family.pattern]
    with outages():
        found = {
            name: index
            for name, index in client.indices.get(index=where, ignore_unavailable=True, allow_no_indices=True).items()
            if family.alias in index["aliases"] or index["mappings"].get("_meta", {}).get("made_by") == "kawat"
        }
        if not found:
            return []
        stats = client.indices.stats(index=list(found), metric=["docs", "store"])
    serving = [generation(name) for name, one in found.items() if family.alias in one["aliases"]]
    return [
        _state(family, name, found[name], stats["indices"].get(name, {}).get("primaries", {}), dict(serving))
        for name in sorted(found)
    ]


def why_behind(family: Family, mappings: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Why an index cannot be brought up to date in place; empty where it can, or is."""
    version = mappings.get("_meta", {}).get("schema")
    if version != SCHEMA_VERSION:
        return f"it has schema {version}, this Kawat writes {SCHEMA_VERSION}"
    if _analysis(settings) != _analysis(family.settings):
        return "its texts were analysed in another way than this Kawat does"
    return ""


def _analysis(settings: Mapping[str, Any]) -> Any:
    """As Elasticsearch gives it back: every value a string."""
    return _strings(settings.get("index", {}).get("analysis", {}))


def _strings(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _strings(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_strings(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _state(
    family: Family, name: str, index: Mapping[str, Any], stats: Mapping[str, Any], serving: Mapping[str, int]
) -> IndexState:
    meta, settings = index["mappings"].get("_meta", {}), index["settings"]
    base, number = generation(name)
    role: Role = "serving"
    if family.alias not in index["aliases"]:
        role = "left-over" if number < serving.get(base, 0) else "copy" if meta.get("upgrade") else "apart"
    return IndexState(
        name=name,
        family=family.alias,
        role=role,
        documents=stats.get("docs", {}).get("count", 0),
        bytes=stats.get("store", {}).get("size_in_bytes", 0),
        writing=bool(index["aliases"].get(family.alias, {}).get("is_write_index")),
        blocked=settings["index"].get("blocks", {}).get("write") in {"true", True},
        created=datetime.fromtimestamp(int(settings["index"]["creation_date"]) // 1000, UTC),
        schema_version=meta.get("schema"),
        digest=meta.get("digest"),
        behind=why_behind(family, index["mappings"], settings),
        upgrade=meta.get("upgrade", {}),
        also=tuple(sorted(set(index["aliases"]) - {family.alias})),
    )
