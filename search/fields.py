"""The field names that people write in a query, and what stands behind them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal, get_args

from ingest.records import SourceKind
from ingest.refusals import Reason
from ingest.reservations import Reserved

# How a field's values are read: words, a whole value, dates, numbers; codes by their names; entities by their aliases;
# marks are one of a few.
Kind = Literal["text", "keyword", "date", "number", "country", "language", "entity", "topic", "mark"]


@dataclass(frozen=True)
class SearchableField:
    """Where a name leads, and how its values are read. `marks`: all values there are, for the kind "mark"."""

    target: str
    kind: Kind
    marks: tuple[str, ...] = ()


FIELDS: dict[str, SearchableField] = {
    "title": SearchableField("title", "text"),
    "body": SearchableField("body", "text"),
    "author": SearchableField("authors.text", "text"),
    "url": SearchableField("url", "keyword"),
    "source": SearchableField("source_text", "text"),
    "owner": SearchableField("source_owner.text", "text"),
    "kind": SearchableField("source_kind", "mark", get_args(SourceKind)),
    "folder": SearchableField("source_folder.text", "text"),
    "country": SearchableField("country", "country"),  # named in the text
    "source_country": SearchableField("source_country", "country"),  # where the source is
    "lang": SearchableField("language", "language"),
    "published": SearchableField("published", "date"),
    "seen": SearchableField("first_seen", "date"),
    "is": SearchableField("is", "mark", ("original", "copy", "paywalled", "partial", "reserved", "sample")),
    "partial": SearchableField("partial", "mark", get_args(Reason)),  # why its page was not read
    "reserved": SearchableField("reserved", "mark", get_args(Reserved)),  # by its publisher
    "changed": SearchableField("changed", "mark", ("title", "body", "whole", "vanished", "gutted", "back")),
    "changed_at": SearchableField("changed_at", "date"),
    "person": SearchableField("person", "entity"),
    "org": SearchableField("organisation", "entity"),
    "place": SearchableField("place", "entity"),
    "thing": SearchableField("thing", "entity"),  # treaties, weapons, programmes
    "topic": SearchableField("topic", "topic"),
    "about": SearchableField("about", "country"),  # countries where it happens
    "unlinked": SearchableField("unlinked", "keyword"),  # names that no list knows: person/Siti Aminah
    "agency": SearchableField("agency", "keyword"),
    "section": SearchableField("section.text", "text"),
    "copy_of": SearchableField("duplicate_of", "keyword"),
    "feed": SearchableField("feed_id", "keyword"),
    "story": SearchableField("story_id", "keyword"),
    "id": SearchableField("article_id", "keyword"),
    "words": SearchableField("word_count", "number"),
}
TOGETHER = {"entity": ("person", "org", "place", "thing")}  # one name for several fields: any of them
ALSO = {  # other names for the same: the document's own, and what people try
    "language": "lang",
    "authors": "author",
    "source_owner": "owner",
    "source_kind": "kind",
    "source_folder": "folder",
    "countries": "country",
    "first_seen": "seen",
    "organisation": "org",
    "organization": "org",
    "entities": "entity",
    "feed_id": "feed",
    "story_id": "story",
    "article_id": "id",
    "word_count": "words",
}
CONCEPT = "concept"  # no field: a list of wordings by its name
_NAMES = (*FIELDS, *TOGETHER, *ALSO, CONCEPT)


def field_name(name: str) -> str | None:
    """The one name of the field that `name` means, in any case of letters; None where there is none."""
    name = name.lower()
    name = ALSO.get(name, name)
    return name if name in FIELDS or name in TOGETHER else None


def fields_of(name: str) -> tuple[SearchableField, ...]:
    """What stands behind a name that `field_name` gave: one field, or several of one kind."""
    return tuple(FIELDS[one] for one in TOGETHER.get(name, (name,)))


def nearest(name: str) -> str | None:
    """A field name that was probably meant."""
    found = difflib.get_close_matches(name.lower(), _NAMES, n=1, cutoff=0.6)
    return found[0] if found else None
