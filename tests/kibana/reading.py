"""Our exported objects as Kibana reads them: strings of JSON opened, Lens' columns as the aggregations it asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from search.kibana.lens import LAYER, ROWS
from search.kibana.objects import Query, SavedObject

BUCKETS = 1000


def queries_of(objects: Iterable[SavedObject]) -> Iterator[Query]:
    """Every query in them: of searches, dashboards, panels and single columns."""
    for one in objects:
        attributes = one.attributes
        if "kibanaSavedObjectMeta" in attributes:
            yield query(json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"])
        if one.kind == "lens":
            yield query(attributes["state"]["query"])
            yield from (query(column["filter"]) for column in columns_of(one).values() if "filter" in column)


def query(written: Mapping[str, Any]) -> Query:
    """A query as it stands in an object."""
    return Query(written["query"], written["language"])


def columns_of(panel: SavedObject) -> dict[str, dict[str, Any]]:
    """A panel's columns by id, in the order that Lens asks in."""
    layer = panel.attributes["state"]["datasourceStates"]["formBased"]["layers"][LAYER]
    return {name: layer["columns"][name] for name in layer["columnOrder"]}


def fields_of(one: SavedObject) -> set[str]:
    """Every field that an object names, those within queries aside."""
    attributes = one.attributes
    if one.kind == "index-pattern":
        names = {item["value"] for item in json.loads(attributes["sourceFilters"]) if "*" not in item["value"]}
        names |= {*json.loads(attributes["fieldAttrs"]), *json.loads(attributes["fieldFormatMap"])}
        return names | ({attributes["timeFieldName"]} if "timeFieldName" in attributes else set())
    if one.kind == "search":
        return {*attributes["columns"], *(name for name, _ in attributes["sort"])}
    if one.kind == "lens":
        return {column["sourceField"] for column in columns_of(one).values()} - {ROWS}
    panels = json.loads(attributes["controlGroupInput"]["panelsJSON"])
    return {panel["explicitInput"]["fieldName"] for panel in panels.values()}


def aggregations(panel: SavedObject, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The aggregations for a panel's columns. `filters`: by column id, the query of those that have one."""
    columns = columns_of(panel)
    figures = {name: _figure(column, filters.get(name)) for name, column in columns.items() if not _bucket(column)}
    asked = {name: figure for name, figure in figures.items() if figure}
    for name in reversed([name for name, column in columns.items() if _bucket(column)]):
        within = {**_orders(columns[name], figures), **asked}
        asked = {name: {**_grouping(columns[name], figures), **({"aggs": within} if within else {})}}
    return asked


def rows(panel: SavedObject, answer: Mapping[str, Any], total: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What a panel shows: by its buckets' keys, its figures."""
    columns = columns_of(panel)
    buckets = [name for name, column in columns.items() if _bucket(column)]
    figures = [name for name, column in columns.items() if not _bucket(column)]

    def walk(node: Mapping[str, Any], count: int, depth: int, keys: tuple[Any, ...]) -> Iterator[Any]:
        if depth == len(buckets):
            yield keys, tuple(_shown(node, name, count) for name in figures)
            return
        for bucket in node[buckets[depth]]["buckets"]:
            yield from walk(bucket, bucket["doc_count"], depth + 1, (*keys, bucket["key"]))

    return dict(walk(answer, total, 0, ()))


def _shown(node: Mapping[str, Any], name: str, count: int) -> Any:
    if name not in node:
        return count
    return node[name]["doc_count"] if "doc_count" in node[name] else node[name]["value"]


def _bucket(column: Mapping[str, Any]) -> bool:
    return bool(column["isBucketed"])


def _figure(column: Mapping[str, Any], query: Any) -> dict[str, Any] | None:
    kind, field = column["operationType"], column["sourceField"]
    if kind == "count":
        return {"filter": query} if query else None  # a bucket's own count
    return {{"unique_count": "cardinality", "max": "max"}[kind]: {"field": field}}


def _orders(column: Mapping[str, Any], figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figure that orders a bucket's values: Kibana asks for it at each level that needs it."""
    by = column["params"].get("orderBy", {}).get("columnId")
    return {by: figures[by]} if figures.get(by) else {}


def _grouping(column: Mapping[str, Any], figures: Mapping[str, Any]) -> dict[str, Any]:
    field, params = column["sourceField"], column["params"]
    if column["operationType"] == "date_histogram":
        return {"date_histogram": {"field": field, "calendar_interval": "day", "min_doc_count": 1}}
    by = params["orderBy"]["columnId"]
    terms = {"field": field, "size": BUCKETS, "order": {by if figures[by] else "_count": params["orderDirection"]}}
    if params["exclude"]:
        terms["exclude"] = params["exclude"][0]
    return {"terms": terms}
