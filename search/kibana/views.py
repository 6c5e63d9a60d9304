"""The data views: what Kibana calls an index, or an alias, and how it shows its fields. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from search.kibana.objects import SavedObject, json_text
from search.schema import Names

HIDDEN = ("stemmed.*", "bands", "signature", "story_terms", "content_hash", "tagger")  # for machines
LINK = {"id": "url", "params": {"type": "a", "openLinkInCurrentTab": False}}


@dataclass(frozen=True)
class DataView:
    """One data view. `alias`: what it reads; `time`: the field by which the time picker narrows, None for neither;
    `popular`: fields at the top of Discover's list."""

    id: str
    alias: str
    name: str
    time: str | None
    popular: tuple[str, ...]
    links: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def saved(self) -> SavedObject:
        attributes: dict[str, Any] = {
            "title": self.alias,
            "name": self.name,
            "fields": "[]",
            "fieldAttrs": json_text({name: {"count": 1} for name in self.popular}),
            "fieldFormatMap": json_text(dict.fromkeys(self.links, LINK)),
            "sourceFilters": json_text([{"value": name} for name in self.hidden]),
            "runtimeFieldMap": "{}",
            "typeMeta": "{}",
            "allowHidden": False,
        }
        if self.time:
            attributes["timeFieldName"] = self.time
        return SavedObject("index-pattern", self.id, attributes)


@dataclass(frozen=True)
class DataViews:
    """Those of one installation: ids and aliases carry its index prefix, so that two can share a space."""

    names: Names

    def id(self, name: str) -> str:
        """The stable id of the object called `name`."""
        return f"kawat-{self.names.prefix}{name}"

    @property
    def articles(self) -> DataView:
        return DataView(
            self.id("articles"),
            self.names.articles,
            f"Kawat: {self.names.articles}",
            "@timestamp",
            ("title", "source_name", "language", "about", "topic", "person", "organisation", "first_seen"),
            links=("url",),
            hidden=HIDDEN,
        )

    @property
    def alerts(self) -> DataView:
        return DataView(
            self.id("alerts"),
            self.names.alerts,
            f"Kawat: {self.names.alerts}",
            "@timestamp",
            ("rule_name", "priority", "title", "clause", "highlight", "source_name", "state"),
            links=("url",),
            hidden=("figures",),
        )

    @property
    def deliveries(self) -> DataView:
        return DataView(
            self.id("deliveries"),
            self.names.deliveries,
            f"Kawat: {self.names.deliveries}",
            "@timestamp",
            ("rule", "channel", "state", "attempts", "last_error"),
            hidden=("body",),
        )

    @property
    def feeds(self) -> DataView:
        """Without a time field: a feed that went quiet long ago must not fall out of the time picker's range."""
        return DataView(
            self.id("feeds"),
            self.names.feeds,
            f"Kawat: {self.names.feeds}",
            None,
            ("name", "health.state", "health.last_new", "health.failures", "health.error_kind", "url"),
            links=("url", "site_url"),
        )

    @property
    def all(self) -> tuple[DataView, ...]:
        return (self.articles, self.alerts, self.deliveries, self.feeds)
