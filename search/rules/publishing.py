"""The rule set in force, as it stands in Elasticsearch: each set under its hash, and which of them is current.

A set is written before it is named, so that whoever reads finds it whole. What is muted stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch
from pydantic import AwareDatetime, ValidationError

from ingest.dates import now
from ingest.records import Record
from search.briefs.shelf import Shelf
from search.client import complete, missing_is_outage
from search.documents import iso
from search.realtime import Found
from search.rules.records import RuleSet
from search.schema import Names
from search.upkeep import SchemaError

CURRENT = "current"
MOST_MUTES = 1_000


class Published(Record):
    """Which set is in force, since when, by whom."""

    rule_set: str
    published: AwareDatetime
    published_by: str


class Mute(Record):
    """A rule, or a story, that nobody is told of until then. Exactly one of the two."""

    rule: str | None = None
    story_id: str | None = None
    until: AwareDatetime
    published_by: str = ""

    @property
    def id(self) -> str:
        """The document's: a second one of the same takes its place."""
        return f"mute-rule-{self.rule}" if self.rule else f"mute-story-{self.story_id}"


def publish(client: Elasticsearch, prefix: str, rules: RuleSet, by: str) -> bool:
    """Puts the set in force; False where it was, or where somebody else was quicker. Raises ServiceUnavailable."""
    shelf = _shelf(client, prefix)
    current = shelf.get([CURRENT]).get(CURRENT)
    if current and current.source["rule_set"] == rules.id:
        return False
    content = rules.model_dump(mode="json", exclude_defaults=True)
    given = {"published": iso(now()), "published_by": by, "rule_set": rules.id}
    shelf.create(_set_id(rules.id), {"kind": "set", **given, "content": content})
    return _put(shelf, CURRENT, {"kind": CURRENT, **given}, current)


def published(client: Elasticsearch, prefix: str) -> Published | None:
    """Which set is in force; None before the first. Raises ServiceUnavailable."""
    source = _source(client, prefix, CURRENT)
    if source is None:
        return None
    return Published.model_validate({name: source[name] for name in Published.model_fields})


def in_force(client: Elasticsearch, prefix: str) -> RuleSet | None:
    """The set in force; None before the first. Raises ServiceUnavailable, SchemaError."""
    found = published(client, prefix)
    return rule_set(client, prefix, found.rule_set) if found else None


def rule_set(client: Elasticsearch, prefix: str, id: str) -> RuleSet | None:
    """A set by its hash. Raises ServiceUnavailable, and SchemaError where a newer Kawat published it."""
    source = _source(client, prefix, _set_id(id))
    if source is None:
        return None
    try:
        return RuleSet.model_validate(source["content"])
    except ValidationError as error:
        raise SchemaError(f"the rule set {id} cannot be read: {error.errors()[0]['msg']}") from error


def mute(client: Elasticsearch, prefix: str, wanted: Mute) -> None:
    """From now on, until then; an earlier mute of the same is replaced. Raises ServiceUnavailable."""
    shelf = _shelf(client, prefix)
    told = {"rule": wanted.rule, "story_id": wanted.story_id, "published_by": wanted.published_by or None}
    document = {"kind": "mute", "published": iso(now()), "until": iso(wanted.until)}
    document |= {name: value for name, value in told.items() if value}
    while not _put(shelf, wanted.id, document, shelf.get([wanted.id], source=False).get(wanted.id)):
        pass  # somebody else muted it at the same moment: the later one counts


def mutes(client: Elasticsearch, prefix: str, at: datetime | None = None) -> tuple[Mute, ...]:
    """All that are in force at that moment, now by default, the first to end first. Raises ServiceUnavailable."""
    alias = Names(prefix).rules
    with missing_is_outage(alias):
        answer = client.search(
            index=alias,
            query={"bool": {"filter": [{"term": {"kind": "mute"}}, {"range": {"until": {"gt": iso(at or now())}}}]}},
            sort=[{"until": "asc"}],
            size=MOST_MUTES,
            allow_partial_search_results=False,
        )
    hits = complete(answer.body, "listing what is muted")["hits"]["hits"]
    return tuple(
        Mute.model_validate({name: value for name, value in hit["_source"].items() if name in Mute.model_fields})
        for hit in hits
    )


def _set_id(id: str) -> str:
    return f"set-{id}"


def _shelf(client: Elasticsearch, prefix: str) -> Shelf:
    return Shelf(client, Names(prefix).rules)


def _put(shelf: Shelf, id: str, document: Mapping[str, Any], found: Found | None) -> bool:
    """In place of what was found; False where it is another by now."""
    if found is None:
        return shelf.create(id, document, refresh=True)
    return shelf.replace(found, document, refresh=True)


def _source(client: Elasticsearch, prefix: str, id: str) -> Mapping[str, Any] | None:
    """Realtime: also what was written a moment ago."""
    found = _shelf(client, prefix).get([id]).get(id)
    return found.source if found else None
