"""A dashboard: panels on a grid of 48 columns, controls above them, the time range it opens with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from search.kibana.objects import EVERYTHING, TYPE_VERSIONS, Kind, SavedObject, json_text, search_source
from search.kibana.views import DataView

WIDTH = 48  # columns of Kibana's grid; a row is 20 px high


@dataclass(frozen=True)
class Tile:
    """A panel's place: `name` of the object it shows, its title there, width in columns."""

    name: str
    title: str
    width: int
    kind: Kind = "lens"


@dataclass(frozen=True)
class Row:
    """Tiles side by side, all of one height."""

    height: int
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Control:
    """A list of values to pick from, above the panels."""

    title: str
    field: str
    view: DataView


@dataclass(frozen=True)
class Dashboard:
    """Rows from the top down. `ids`: by tile name, the id of the object it shows."""

    title: str
    about: str
    rows: tuple[Row, ...]
    ids: Mapping[str, str]
    controls: tuple[Control, ...] = ()
    since: str = "now-7d"
    refresh_seconds: int = field(default=60)

    def saved(self, object_id: str) -> SavedObject:
        panels, references = self._panels()
        controls, more = self._controls()
        options = {
            "useMargins": True,
            "syncColors": True,
            "syncCursor": True,
            "syncTooltips": False,
            "hidePanelTitles": False,
        }
        attributes = {
            "title": self.title,
            "description": self.about,
            "version": 1,
            "timeRestore": True,
            "timeFrom": self.since,
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": self.refresh_seconds * 1000},
            "optionsJSON": json_text(options),
            "panelsJSON": json_text(panels),
            "controlGroupInput": controls,
            "kibanaSavedObjectMeta": search_source(EVERYTHING, index=False),
        }
        return SavedObject("dashboard", object_id, attributes, references | more)

    def _panels(self) -> tuple[list[dict[str, Any]], dict[str, tuple[Kind, str]]]:
        panels: list[dict[str, Any]] = []
        references: dict[str, tuple[Kind, str]] = {}
        top = 0
        for row in self.rows:
            left = 0
            for tile in row.tiles:
                panels.append(
                    {
                        "version": TYPE_VERSIONS["dashboard"],
                        "type": tile.kind,
                        "title": tile.title,
                        "panelIndex": tile.name,
                        "panelRefName": f"panel_{tile.name}",
                        "gridData": {"x": left, "y": top, "w": tile.width, "h": row.height, "i": tile.name},
                        "embeddableConfig": {"enhancements": {}},
                    }
                )
                references[f"{tile.name}:panel_{tile.name}"] = (tile.kind, self.ids[tile.name])
                left += tile.width
            top += row.height
        return panels, references

    def _controls(self) -> tuple[dict[str, Any], dict[str, tuple[Kind, str]]]:
        panels = {}
        references: dict[str, tuple[Kind, str]] = {}
        for order, control in enumerate(self.controls):
            name = f"control_{control.field}"
            panels[name] = {
                "order": order,
                "width": "medium",
                "grow": True,
                "type": "optionsListControl",
                "explicitInput": {
                    "id": name,
                    "title": control.title,
                    "fieldName": control.field,
                    "enhancements": {},
                },
            }
            references[f"controlGroup_{name}:optionsListDataView"] = ("index-pattern", control.view.id)
        follow = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
        group = {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "panelsJSON": json_text(panels),
            "ignoreParentSettingsJSON": json_text(follow),
        }
        return group, references
