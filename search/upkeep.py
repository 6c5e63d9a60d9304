"""Bringing the schema into a cluster, and rolling the article indices over.

`ensure_schema` may run in any number of processes at once: each step is one atomic call that tolerates having been
done by another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from search.client import error_type, outages
from search.schema import SCHEMA_VERSION, Family, Names, families

ROLLOVER_BYTES = 20_000_000_000


class SchemaError(Exception):
    """The cluster's indices do not fit this Kawat: the message says which and what to do."""


def ensure_schema(client: Elasticsearch, prefix: str = "") -> None:
    """Templates, indices and aliases as this version wants them; done already: two reads an index family.

    Raises SchemaError where an index or template is of a newer schema, or of one that must be upgraded first;
    ServiceUnavailable where the cluster is away.
    """
    with outages():
        for family in families(Names(prefix)):
            _ensure_template(client, family)
            _ensure_index(client, family)


def write_index(client: Elasticsearch, alias: str) -> tuple[str, tuple[str, ...]]:
    """The index that takes new documents, and all behind `alias`, sorted. Raises NotFoundError, SchemaError."""
    answer = client.indices.get_alias(name=alias).body
    names = tuple(sorted(answer))
    writing = [name for name in names if answer[name]["aliases"][alias].get("is_write_index")]
    if len(writing) != 1:
        raise SchemaError(f"alias {alias} has {len(writing)} write indices among {', '.join(names)}; it needs one")
    return writing[0], names


def rollover(client: Elasticsearch, prefix: str = "", max_bytes: int = ROLLOVER_BYTES) -> str | None:
    """Begins the next article index where the present one holds `max_bytes` or more; its name, or None."""
    with outages():
        answer = client.indices.rollover(
            alias=Names(prefix).articles,
            conditions={"max_primary_shard_size": f"{max_bytes}b", "min_docs": 1},
        )
    return str(answer["new_index"]) if answer["rolled_over"] else None


def _ensure_template(client: Elasticsearch, family: Family) -> None:
    try:
        found = client.indices.get_index_template(name=family.alias)["index_templates"][0]["index_template"]
    except NotFoundError:
        found = {}
    meta = found.get("_meta", {})
    _refuse_newer(f"template {family.alias}", meta)
    if meta != family.meta:
        client.indices.put_index_template(name=family.alias, **_keywords(family.template))


def _ensure_index(client: Elasticsearch, family: Family) -> None:
    try:
        found = client.indices.get_mapping(index=family.alias).body
    except NotFoundError:
        _create_first(client, family)
        found = client.indices.get_mapping(index=family.alias).body
    for index, entry in sorted(found.items()):
        meta = entry["mappings"].get("_meta", {})
        _refuse_newer(f"index {index}", meta)
        if meta.get("schema") != SCHEMA_VERSION:
            raise SchemaError(
                f"index {index} has schema {meta.get('schema')}, this Kawat writes {SCHEMA_VERSION}: upgrade it first"
            )
        if meta != family.meta:
            _add_fields(client, family, index)
    write_index(client, family.alias)


def _create_first(client: Elasticsearch, family: Family) -> None:
    try:
        client.indices.create(index=family.first_index, aliases={family.alias: {"is_write_index": True}})
    except BadRequestError as error:
        if error_type(error) != "resource_already_exists_exception":  # another process was faster
            raise
    client.cluster.health(index=family.first_index, wait_for_status="yellow", timeout="30s")


def _add_fields(client: Elasticsearch, family: Family, index: str) -> None:
    """New fields go into an existing index; anything else that changed needs a new schema version."""
    try:
        client.indices.put_mapping(index=index, properties=family.fields, meta=family.meta)
    except ApiError as error:
        if error.status_code != 400:
            raise
        raise SchemaError(f"index {index} cannot take the present mapping in place: {error}") from error


def _refuse_newer(what: str, meta: Mapping[str, Any]) -> None:
    version = meta.get("schema")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise SchemaError(
            f"{what} has schema {version}, this Kawat knows up to {SCHEMA_VERSION}: "
            "use the newer Kawat that wrote it, or another index prefix"
        )


def _keywords(template: Mapping[str, Any]) -> dict[str, Any]:
    return {"meta" if name == "_meta" else name: value for name, value in template.items()}
