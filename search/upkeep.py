"""Bringing the schema into a cluster; what is beyond that stands in `search/lifecycle/`.

`ensure_schema` may run in any number of processes at once: each step is one atomic call that tolerates having been
done by another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from search.client import error_type, outages
from search.lifecycle.state import why_behind
from search.schema import SCHEMA_VERSION, Family, Names, families


class SchemaError(Exception):
    """The cluster's indices do not fit this Kawat: the message says which and what to do."""


def ensure_schema(client: Elasticsearch, prefix: str = "") -> tuple[str, ...]:
    """Templates, indices and aliases as this version wants them; done already: three reads an index family.

    Gives what an operator has to do: indices that must be made over (`search/lifecycle/upgrade.py`) go on serving, and
    what they cannot take waits. Raises SchemaError where an index or template is of a newer schema; ServiceUnavailable
    where the cluster is away.
    """
    with outages():
        warnings: list[str] = []
        for family in families(Names(prefix)):
            ensure_template(client, family)
            warnings += _ensure_index(client, family)
    return tuple(warnings)


def write_index(client: Elasticsearch, alias: str) -> tuple[str, tuple[str, ...]]:
    """The index that takes new documents, and all behind `alias`, sorted. Raises NotFoundError, SchemaError."""
    answer = client.indices.get_alias(name=alias).body
    names = tuple(sorted(answer))
    writing = [name for name in names if answer[name]["aliases"][alias].get("is_write_index")]
    if len(writing) != 1:
        raise SchemaError(f"alias {alias} has {len(writing)} write indices among {', '.join(names)}; it needs one")
    return writing[0], names


def ensure_template(client: Elasticsearch, family: Family) -> None:
    """The family's next index is of this schema. Raises SchemaError, ApiError."""
    try:
        found = client.indices.get_index_template(name=family.alias)["index_templates"][0]["index_template"]
    except NotFoundError:
        found = {}
    meta = found.get("_meta", {})
    _refuse_newer(f"template {family.alias}", meta)
    if meta != family.meta:
        client.indices.put_index_template(name=family.alias, **_keywords(family.template))


def _ensure_index(client: Elasticsearch, family: Family) -> Iterator[str]:
    try:
        found = client.indices.get(index=family.alias).body
    except NotFoundError:
        _create_first(client, family)
        found = client.indices.get(index=family.alias).body
    for index, entry in sorted(found.items()):
        meta = entry["mappings"].get("_meta", {})
        _refuse_newer(f"index {index}", meta)
        behind = why_behind(family, entry["mappings"], entry["settings"])
        if not behind and meta.get("digest") != family.digest:
            behind = _add_fields(client, family, index)
        elif behind:
            _add_missing(client, family, index, entry["mappings"])
        if behind:
            yield f"index {index}: {behind}. Run kawat index upgrade; until then what it cannot take waits"
    write_index(client, family.alias)


def _create_first(client: Elasticsearch, family: Family) -> None:
    try:
        client.indices.create(index=family.first_index, aliases={family.alias: {"is_write_index": True}})
    except BadRequestError as error:
        if error_type(error) != "resource_already_exists_exception":  # another process was faster
            raise
    client.cluster.health(index=family.first_index, wait_for_status="yellow", timeout="30s")


def _add_fields(client: Elasticsearch, family: Family, index: str) -> str:
    """New fields go into an existing index; why it does not take them, empty where it does."""
    try:
        client.indices.put_mapping(index=index, properties=family.fields, meta=family.meta)
    except ApiError as error:
        if error.status_code != 400:
            raise
        return f"it cannot take the present mapping in place ({error})"
    return ""


def _add_missing(client: Elasticsearch, family: Family, index: str, mappings: Mapping[str, Any]) -> None:
    """What an index that is behind can take already: new articles need not wait then."""
    fields = {name: field for name, field in family.fields.items() if name not in mappings.get("properties", {})}
    if fields:
        with suppress(BadRequestError):
            client.indices.put_mapping(index=index, properties=fields)


def _refuse_newer(what: str, meta: Mapping[str, Any]) -> None:
    version = meta.get("schema")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise SchemaError(
            f"{what} has schema {version}, this Kawat knows up to {SCHEMA_VERSION}: "
            "use the newer Kawat that wrote it, or another index prefix"
        )


def _keywords(template: Mapping[str, Any]) -> dict[str, Any]:
    return {"meta" if name == "_meta" else name: value for name, value in template.items()}
