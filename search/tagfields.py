"""The part of an article's document that its tags make: written with the article, and anew by `kawat retag`. Pure."""

from __future__ import annotations

from typing import Any

from ingest.records import Mention, TaggedArticle
from search.mappings import KEYWORD_CHARS

# Every field that `tag_fields` may give: a retag empties those that the new tags lack.
TAG_FIELDS = (
    *("country", "about", "location", "person", "organisation", "place", "thing", "topic", "unlinked"),
    *("mentions", "reasons", "tagger"),
)


def tag_fields(tagged: TaggedArticle) -> dict[str, Any]:
    """Countries, entities flat by id and name for filters and counts, topics, points; mentions whole, for display."""
    flat: dict[str, list[str]] = {"person": [], "organisation": [], "place": [], "thing": []}
    for mention in tagged.mentions:
        if mention.type in flat:
            flat[mention.type] += [_cut(mention.id), _cut(mention.name)] if mention.linked else [_cut(mention.name)]
    reasons = {
        "topics": {topic.id: {"score": topic.score, "terms": list(topic.terms)} for topic in tagged.topics},
        "countries": tagged.weights,
    }
    fields = {
        "country": list(tagged.countries),
        "about": list(tagged.focus),
        "location": [{"lat": latitude, "lon": longitude} for latitude, longitude in tagged.locations],
        **{kind: list(dict.fromkeys(names)) for kind, names in flat.items()},
        "topic": [topic.id for topic in tagged.topics],
        "unlinked": list(dict.fromkeys(map(unlinked_key, (one for one in tagged.mentions if not one.linked)))),
        "mentions": [mention.model_dump(exclude_defaults=True) for mention in tagged.mentions],
        "reasons": {kind: values for kind, values in reasons.items() if values},
        "tagger": tagged.tagger,
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def unlinked_key(mention: Mention) -> str:
    """Type and name of a name that no list knows, to be counted: `person/Siti Aminah`."""
    return _cut(f"{mention.type}/{mention.name}")


def _cut(text: str) -> str:
    return text[:KEYWORD_CHARS]
