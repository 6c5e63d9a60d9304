"""From what an article met to the match that may be told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from search.alerts.episodes import Match
from search.matching.confirming import Evidence
from search.matching.windows import Seen
from search.rules.records import Rule
from search.storybook import registrable

OF_ARTICLE = ("article_id", "story_id", "title", "url", "source", "source_name", "language")
SEVERAL = ("country", "about", "topic")
MOMENTS = ("published", "first_seen")


class Asked(NamedTuple):
    """A rule, the set that it is of, and whether it looks back at articles that were there before it."""

    rule: Rule
    rule_set: str
    backfilled: bool = False

    @property
    def about(self) -> dict[str, Any]:
        return {"rule": self.rule.id, "rule_set": self.rule_set, "backfilled": self.backfilled}


def article_match(asked: Asked, found: Evidence) -> Match:
    """An article that met the rule, under its own key or its story's."""
    source = found.source
    id = str(source["article_id"])
    return Match(
        **asked.about,
        key=str(source.get("story_id") or id) if asked.rule.dedup == "story" else id,
        marks=(mark(source),),
        clause=found.clause,
        highlight=found.highlight,
        **_facts(source),
    )


def window_match(
    asked: Asked, value: str, articles: Sequence[Seen], figures: Mapping[str, Any], found: Evidence | None = None
) -> Match:
    """A window of articles. `value`: of the rule's `query_key`; `found`: the article that made it full."""
    ids, key = tuple(one.id for one in articles), asked.rule.query_key
    facts = _facts(found.source) if found else {"title": value}
    return Match(
        **asked.about,
        key=window_key(value),
        marks=ids,
        article_ids=ids,
        clause=found.clause if found else (),
        highlight=found.highlight if found else (),
        figures={**figures, **({key: value} if key else {})},
        **facts,
    )


def window_key(value: str) -> str:
    """The dedup key of a window: no article's id and no story's."""
    return f"window:{value}"


def mark(source: Mapping[str, Any]) -> str:
    """Tells this state of an article from others: one that changed since it was first read is another match."""
    id, changed = source["article_id"], source.get("changed_at")
    return f"{id}@{changed}" if changed else str(id)


def owner_of(source: Mapping[str, Any]) -> str:
    """Whose voice an article is, as stories count them (`search/storybook.py`)."""
    owner = source.get("source_owner")
    return str(owner).casefold() if owner else registrable(source.get("source", ""))


def _facts(source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "owner": owner_of(source),
        "sample": "sample" in source.get("is", ()),
        **{name: source[name] for name in (*OF_ARTICLE, *MOMENTS) if source.get(name)},
        **{name: tuple(source.get(name, ())) for name in SEVERAL},
    }
