"""The objects for Kibana: whole, of the right versions, naming only what is there, and the same as the shipped file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from search.kibana.dashboard import WIDTH
from search.kibana.export import exported, saved_objects
from search.kibana.lens import LAYER
from search.kibana.objects import SavedObject
from search.schema import Names, families
from tests.kibana.kql import KEPT, asked, installed, kql_queries
from tests.kibana.reading import columns_of, fields_of, queries_of
from worker.settings import PROJECT

OBJECTS = saved_objects()
BY_ID = {(one.kind, one.id): one for one in OBJECTS}
SHIPPED = PROJECT / "deploy" / "kibana" / "kawat.ndjson"
FIELD_IN_QUERY = re.compile(r'(?<![\w."])([\w.]+):\s')


def flat(fields: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in fields.items():
        yield within + name, field
        yield from flat(field.get("properties", {}), f"{within}{name}.")
        yield from flat(field.get("fields", {}), f"{within}{name}.")


MAPPED = {family.alias: dict(flat(family.fields)) for family in families(Names())}


def view_of(one: SavedObject) -> dict[str, dict[str, Any]]:
    """The fields of the data view that an object is about."""
    if one.kind == "index-pattern":
        return MAPPED[one.attributes["title"]]
    views = {target for kind, target in one.references.values() if kind == "index-pattern"}
    fields: dict[str, dict[str, Any]] = {}
    for target in views:
        fields |= MAPPED[BY_ID["index-pattern", target].attributes["title"]]
    return fields


def concrete(fields: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    found = fields[name]
    return fields[found["path"]] if found.get("type") == "alias" else found


def test_the_shipped_file_is_what_is_generated() -> None:
    assert SHIPPED.read_bytes() == exported(), "run: kawat kibana export --out deploy/kibana/kawat.ndjson"


def test_there_are_the_promised_views_searches_and_dashboards() -> None:
    titles: dict[str, set[str]] = {}
    for one in OBJECTS:
        titles.setdefault(one.kind, set()).add(one.attributes["title"])
    assert titles["index-pattern"] == {"articles", "alerts", "deliveries", "feeds"}
    assert len(titles["search"]) == 8
    assert titles["search"] >= {"Kantor penghubung", "By country", "Changed after publication", "Unlinked names"}
    assert titles["dashboard"] == {"Coverage", "Alerts and feed health"}
    assert len(titles["lens"]) == sum(one.kind == "lens" for one in OBJECTS)  # all told apart in the library


def test_versions_are_the_oldest_that_fit() -> None:
    """A version newer than the server is refused."""
    for line in exported().splitlines():
        one = json.loads(line)
        oldest = {"index-pattern": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}[one["type"]]
        assert (one["coreMigrationVersion"], one["typeMigrationVersion"]) == ("8.8.0", oldest)


# What Kibana's schemas of these versions know; an attribute beyond them is refused with the whole object.
KNOWN = {
    "search": {
        *("title", "description", "columns", "sort", "grid", "hideChart", "isTextBasedQuery", "timeRestore"),
        *("timeRange", "version", "kibanaSavedObjectMeta"),
    },
    "dashboard": {
        *("title", "description", "version", "timeRestore", "timeFrom", "timeTo", "refreshInterval", "optionsJSON"),
        *("panelsJSON", "controlGroupInput", "kibanaSavedObjectMeta"),
    },
}


def test_no_attribute_is_one_that_kibana_forbids() -> None:
    for one in OBJECTS:
        assert set(one.attributes) <= KNOWN.get(one.kind, set(one.attributes)), one.id


def test_every_reference_leads_to_an_object_before_it() -> None:
    before: set[tuple[str, str]] = set()
    for one in OBJECTS:
        assert set(one.references.values()) <= before, one.id
        before.add((one.kind, one.id))
    assert len(before) == len(OBJECTS)


@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: one.id)
def test_every_field_exists(one: SavedObject) -> None:
    assert fields_of(one) <= set(view_of(one))


@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: one.id)
def test_every_field_in_a_query_exists(one: SavedObject) -> None:
    named = {name for query in queries_of([one]) for name in FIELD_IN_QUERY.findall(query.text)}
    assert named <= set(view_of(one))


@pytest.mark.parametrize("one", [one for one in OBJECTS if one.kind in {"lens", "dashboard"}], ids=lambda one: one.id)
def test_what_is_counted_or_listed_has_doc_values(one: SavedObject) -> None:
    for name in fields_of(one):
        field = concrete(view_of(one), name)
        assert field["type"] in {"keyword", "date", "integer", "long", "float"}, name
        assert field.get("doc_values", True), name


@pytest.mark.parametrize("one", [one for one in OBJECTS if one.kind == "lens"], ids=lambda one: one.id)
def test_a_panel_draws_the_columns_it_has(one: SavedObject) -> None:
    columns, text = columns_of(one), json.dumps(one.attributes["state"]["visualization"])
    assert all(f'"{name}"' in text for name in columns)
    assert set(re.findall(r'"((?:bucket|figure)_\d+)"', text)) == set(columns)
    assert f'"layerId": "{LAYER}"' in text
    assert set(one.references) == {f"indexpattern-datasource-layer-{LAYER}"}
    for column in columns.values():
        types = {"date": "date", "integer": "number", "long": "number", "float": "number", "keyword": "string"}
        if column["isBucketed"] or column["operationType"] == "max":
            assert column["dataType"] == types[concrete(view_of(one), column["sourceField"])["type"]]


@pytest.mark.parametrize("one", [one for one in OBJECTS if one.kind == "dashboard"], ids=lambda one: one.id)
def test_a_dashboards_panels_fill_the_grid_and_overlap_nowhere(one: SavedObject) -> None:
    taken: set[tuple[int, int]] = set()
    panels = json.loads(one.attributes["panelsJSON"])
    for panel in panels:
        grid = panel["gridData"]
        right, bottom = grid["x"] + grid["w"], grid["y"] + grid["h"]
        cells = {(x, y) for x in range(grid["x"], right) for y in range(grid["y"], bottom)}
        assert not cells & taken
        assert right <= WIDTH
        taken |= cells
        assert one.references[f"{panel['panelIndex']}:{panel['panelRefName']}"][0] == panel["type"]
    height = max(y for _, y in taken) + 1
    assert len(taken) == WIDTH * height
    assert (one.attributes["timeRestore"], one.attributes["timeTo"]) == (True, "now")


def test_a_dashboards_controls_know_their_data_view() -> None:
    for one in OBJECTS:
        if one.kind == "dashboard":
            for name in json.loads(one.attributes["controlGroupInput"]["panelsJSON"]):
                assert one.references[f"controlGroup_{name}:optionsListDataView"][0] == "index-pattern"


def test_ids_carry_the_index_prefix() -> None:
    """Two installations in one space stay apart."""
    other = saved_objects("desk-")
    assert not {one.id for one in other} & {one.id for one in OBJECTS}
    assert {one.attributes["title"] for one in other if one.kind == "index-pattern"} == {
        f"desk-{name}" for name in ("articles", "alerts", "deliveries", "feeds")
    }


def test_every_kql_query_is_translated() -> None:
    kept = json.loads(KEPT.read_text("utf-8"))
    assert sorted(kept) == kql_queries(), "run: python -m tests.kibana.kql"


def test_translations_are_those_of_kibanas_own_library() -> None:
    if not installed():
        pytest.skip("needs Node and Kibana's library: python -m tests.kibana.kql installs it")
    assert json.loads(KEPT.read_text("utf-8")) == asked()
