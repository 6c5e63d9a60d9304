"""Lens panels from a few words: columns (what is counted, by what), and the chart that shows them. Pure.

A panel has one layer. Its columns stand in the order that Lens asks Elasticsearch in: the buckets, each inside the one
before, then the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from search.kibana.objects import EVERYTHING, Query, SavedObject
from search.kibana.views import DataView

Column = Mapping[str, Any]
Series = Literal["bar_stacked", "bar_horizontal", "line"]
LAYER = "layer"
ROWS = "___records___"  # Lens' name for "documents"
NO_IDS = "Q[0-9]+|k-.+"  # person, organisation and place hold id and name side by side: only the names
STEP = "auto"  # of a histogram: as fits the range on screen


def count(label: str, query: Query | None = None) -> Column:
    """How many documents, or how many of those that match `query`."""
    column = {**_figure(label, "count", ROWS), "params": {"emptyAsNull": False}}
    return {**column, "filter": query.as_kibana()} if query else column


def different(label: str, field_name: str) -> Column:
    """How many different values."""
    return {**_figure(label, "unique_count", field_name), "params": {"emptyAsNull": False}}


def highest(label: str, field_name: str) -> Column:
    """The highest number."""
    return {**_figure(label, "max", field_name), "params": {"emptyAsNull": True}}


def latest(label: str, field_name: str) -> Column:
    """The latest of a field of dates."""
    return {**_figure(label, "max", field_name), "dataType": "date", "params": {"emptyAsNull": True}}


def by_time(field_name: str = "@timestamp") -> Column:
    return {
        "label": field_name,
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": field_name,
        "isBucketed": True,
        "scale": "interval",
        "params": {"interval": STEP, "includeEmptyRows": True, "dropPartials": False},
    }


def by_value(label: str, field_name: str, *, size: int = 10, exclude: str = "") -> Column:
    """The most frequent values of a keyword. `exclude`: the pattern of those to leave out."""
    return {
        "label": label,
        "customLabel": True,
        "dataType": "string",
        "operationType": "terms",
        "sourceField": field_name,
        "isBucketed": True,
        "scale": "ordinal",
        "params": {
            "size": size,
            "orderBy": {"type": "column", "columnId": "figure_0"},
            "orderDirection": "desc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [exclude] if exclude else [],
            "includeIsRegex": False,
            "excludeIsRegex": bool(exclude),
        },
    }


def _figure(label: str, operation: str, field_name: str) -> dict[str, Any]:
    return {
        "label": label,
        "customLabel": True,
        "dataType": "number",
        "operationType": operation,
        "sourceField": field_name,
        "isBucketed": False,
        "scale": "ratio",
    }


@dataclass(frozen=True)
class Panel:
    """One chart. `buckets` from the outside in; `figures` are what is drawn; `chart` says how. Over time, the values
    stand outside: the most frequent ones of the whole range, not of each step."""

    name: str
    title: str
    view: DataView
    chart: Literal["metric", "donut", "table"] | Series
    figures: tuple[Column, ...]
    buckets: tuple[Column, ...] = ()
    query: Query = EVERYTHING
    about: str = field(default="")

    @property
    def columns(self) -> dict[str, Column]:
        """By id, in the order that Elasticsearch is asked in."""
        buckets = {f"bucket_{number}": column for number, column in enumerate(self.buckets)}
        return buckets | {f"figure_{number}": column for number, column in enumerate(self.figures)}

    def saved(self, object_id: str) -> SavedObject:
        layer = {
            "columns": self.columns,
            "columnOrder": list(self.columns),
            "incompleteColumns": {},
            "sampling": 1,
            "ignoreGlobalFilters": False,
        }
        kind, visualization = self._drawn()
        attributes = {
            "title": f"{self.title} [Kawat]",
            "description": self.about,
            "visualizationType": kind,
            "state": {
                "datasourceStates": {"formBased": {"layers": {LAYER: layer}}, "textBased": {"layers": {}}},
                "visualization": visualization,
                "query": self.query.as_kibana(),
                "filters": [],
                "internalReferences": [],
                "adHocDataViews": {},
            },
        }
        reference = f"indexpattern-datasource-layer-{LAYER}"
        return SavedObject("lens", object_id, attributes, {reference: ("index-pattern", self.view.id)})

    def _drawn(self) -> tuple[str, dict[str, Any]]:
        buckets = [name for name in self.columns if name.startswith("bucket")]
        figures = [name for name in self.columns if name.startswith("figure")]
        base: dict[str, Any] = {"layerId": LAYER, "layerType": "data"}
        match self.chart:
            case "metric":
                return "lnsMetric", {**base, "metricAccessor": figures[0]}
            case "table":
                shown = [{"columnId": name, "isTransposed": False} for name in self.columns]
                return "lnsDatatable", {**base, "columns": shown, "rowHeight": "single", "rowHeightLines": 1}
            case "donut":
                slices = {"primaryGroups": buckets, "metrics": figures, "numberDisplay": "percent"}
                legend = {"categoryDisplay": "default", "legendDisplay": "default", "nestedLegend": False}
                return "lnsPie", {"shape": "donut", "layers": [{**base, **slices, **legend}]}
            case series:
                x, *split = reversed(buckets)
                layer = {**base, "seriesType": series, "accessors": figures, "xAccessor": x, "position": "top"}
                return "lnsXY", _axes(series, layer | ({"splitAccessor": split[0]} if split else {}))


def _axes(series: Series, layer: dict[str, Any]) -> dict[str, Any]:
    return {
        "preferredSeriesType": series,
        "layers": [layer],
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "show" if series == "bar_horizontal" else "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "gridlinesVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
    }
