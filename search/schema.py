"""What stands in Elasticsearch: index names, templates, versions. The fields themselves are in `search/mappings.py`.

Only what the core of a stock Elasticsearch 8.19 or 9 has is used: no pipelines, no ILM, no module's field types.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from search.alertfields import ALERT_FIELDS, DELIVERY_FIELDS, NOTICE_FIELDS, RULE_FIELDS
from search.brieffields import BRIEF_FIELDS, CLIPPING_FIELDS, PAGE_FIELDS
from search.entityfields import ENTITY_FIELDS
from search.lifecycle.fields import TOMBSTONE_FIELDS
from search.mappings import ANALYSIS, ARTICLE_FIELDS, FEED_FIELDS, REVISION_FIELDS, STORY_FIELDS

SCHEMA_VERSION = 3  # raise it with every change that an existing index cannot take in place


@dataclass(frozen=True)
class Names:
    """Every name under one prefix. An alias is what readers use; indices behind it are numbered from 000001."""

    prefix: str = ""

    @property
    def articles(self) -> str:
        """The alias of all article indices; its write index takes new articles."""
        return f"{self.prefix}articles"

    @property
    def feeds(self) -> str:
        """The alias of the subscriptions."""
        return f"{self.prefix}feeds"

    @property
    def revisions(self) -> str:
        """The alias of what articles said before."""
        return f"{self.prefix}revisions"

    @property
    def stories(self) -> str:
        """The alias of the stories that articles belong to."""
        return f"{self.prefix}stories"

    @property
    def entities(self) -> str:
        """The alias of those that can be looked up by name."""
        return f"{self.prefix}entities"

    @property
    def alerts(self) -> str:
        """The alias of what rules found."""
        return f"{self.prefix}alerts"

    @property
    def deliveries(self) -> str:
        """The alias of what was sent of it, to whom."""
        return f"{self.prefix}deliveries"

    @property
    def notices(self) -> str:
        """The alias of what each rule has said of each dedup key."""
        return f"{self.prefix}notices"

    @property
    def rules(self) -> str:
        """The alias of the rule sets that were published, and of what is muted."""
        return f"{self.prefix}rules"

    @property
    def briefs(self) -> str:
        """The alias of the dated briefs that readers keep."""
        return f"{self.prefix}briefs"

    @property
    def clippings(self) -> str:
        """The alias of the texts that readers kept, as they were then."""
        return f"{self.prefix}clippings"

    @property
    def pages(self) -> str:
        """The alias of the raw pages of what readers kept."""
        return f"{self.prefix}pages"

    @property
    def tombstones(self) -> str:
        """The alias of the notes on articles that retention removed."""
        return f"{self.prefix}tombstones"


@dataclass(frozen=True)
class Family:
    """Indices of one kind: an alias, its template, its mapping."""

    alias: str
    fields: dict[str, Any]
    default_fields: tuple[str, ...]

    @property
    def pattern(self) -> str:
        return f"{self.alias}-*"

    @property
    def first_index(self) -> str:
        return f"{self.alias}-000001"

    @property
    def digest(self) -> str:
        """Changes whenever settings or mapping do: tells a template or index that is behind."""
        return hashlib.sha256(orjson.dumps([self.settings, self.fields], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    @property
    def meta(self) -> dict[str, Any]:
        return {"schema": SCHEMA_VERSION, "digest": self.digest, "made_by": "kawat"}

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "index": {
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",  # green on one node, a copy as soon as there are two
                "refresh_interval": "1s",  # said explicitly: left out, an index nobody searches stops refreshing
                "query": {"default_field": list(self.default_fields)},
                "analysis": ANALYSIS,
            }
        }

    @property
    def mappings(self) -> dict[str, Any]:
        return {"dynamic": "strict", "_meta": self.meta, "properties": self.fields}

    @property
    def template(self) -> dict[str, Any]:
        """The composable template: an index of this family is only ever made by Kawat."""
        return {
            "index_patterns": [self.pattern],
            "priority": 500,
            "version": SCHEMA_VERSION,
            "allow_auto_create": False,
            "_meta": self.meta,
            "template": {"settings": self.settings, "mappings": self.mappings},
        }


def families(names: Names) -> tuple[Family, ...]:
    """Every index family there is."""
    return (
        Family(names.articles, ARTICLE_FIELDS, ("title", "body")),
        Family(names.feeds, FEED_FIELDS, ("name", "url")),
        Family(names.revisions, REVISION_FIELDS, ("title", "body")),
        Family(names.stories, STORY_FIELDS, ("title",)),
        Family(names.entities, ENTITY_FIELDS, ("name",)),
        Family(names.alerts, ALERT_FIELDS, ("title", "highlight")),
        Family(names.deliveries, DELIVERY_FIELDS, ("rule", "channel")),
        Family(names.notices, NOTICE_FIELDS, ("rule",)),
        Family(names.rules, RULE_FIELDS, ("rule",)),
        Family(names.briefs, BRIEF_FIELDS, ("title", "note")),
        Family(names.clippings, CLIPPING_FIELDS, ("title", "body")),
        Family(names.pages, PAGE_FIELDS, ("sha256",)),
        Family(names.tombstones, TOMBSTONE_FIELDS, ("article_id",)),
    )
