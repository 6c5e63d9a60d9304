"""The fields of the index `entities`: whom and what people look up by name. One document an entity, `_id` type/id."""

from __future__ import annotations

from typing import Any

from search.mappings import DATE, EXACT, KEPT, KEYWORD, SHOWN

MOST_TYPED = 80  # characters of a name that what is typed is compared with

ENTITY_FIELDS: dict[str, Any] = {
    "entity_id": KEYWORD,  # Wikidata's or Kawat's own, a country's code; of an unlinked name the name
    "type": KEYWORD,  # person, organisation, place, country, thing
    "name": KEYWORD,  # canonical, in English
    "indonesian": KEYWORD,  # the canonical name there, where that is another
    "called": {**KEYWORD, "index": False},  # all of its names; with these columns no list has to read whole documents
    "names": KEPT,  # language (or *) → names, the first the canonical one
    "kind": KEYWORD,
    "country": KEYWORD,
    "location": {"type": "geo_point"},
    "linked": {"type": "boolean"},  # false: a name that no list knows
    "articles": {"type": "integer"},  # of the last 30 days, as of the last count that changed its weight
    "counted_at": DATE,  # of an unlinked name: when it was last named often enough; of the state: the last count
    "data": KEYWORD,  # digest of the lists that it comes from; of the state: of those that are loaded
    # Whole names and the ends of names, in every script. The articles' own analyzer: accents, case, Arabic forms fold.
    "suggest": {
        "type": "completion",
        "analyzer": EXACT,
        "max_input_length": MOST_TYPED,
        "contexts": [{"name": "type", "type": "category", "path": "type"}],
    },
    "note": SHOWN,  # what the list says for readers
}
