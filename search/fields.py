"""The field names that people write in a query, and what stands behind them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["text", "keyword", "upper", "lower", "date", "number"]  # upper, lower: codes, folded to that case


@dataclass(frozen=True)
class SearchableField:
    """Where a name leads, and how its values are read."""

    target: str
    kind: Kind


FIELDS: dict[str, SearchableField] = {
    "title": SearchableField("title", "text"),
    "body": SearchableField("body", "text"),
    "author": SearchableField("authors.text", "text"),
    "url": SearchableField("url", "keyword"),
    "source": SearchableField("source_text", "text"),
    "owner": SearchableField("source_owner.text", "text"),
    "kind": SearchableField("source_kind", "lower"),
    "folder": SearchableField("source_folder.text", "text"),
    "country": SearchableField("country", "upper"),  # named in the text
    "source_country": SearchableField("source_country", "upper"),  # where the source is
    "lang": SearchableField("language", "lower"),
    "published": SearchableField("published", "date"),
    "seen": SearchableField("first_seen", "date"),
    "is": SearchableField("is", "lower"),
    "changed": SearchableField("changed", "lower"),  # since first read: title, body, vanished, gutted, back
    "changed_at": SearchableField("changed_at", "date"),
    "person": SearchableField("person", "keyword"),
    "org": SearchableField("organisation", "keyword"),
    "place": SearchableField("place", "keyword"),
    "thing": SearchableField("thing", "keyword"),  # treaties, weapons, programmes
    "topic": SearchableField("topic", "lower"),
    "about": SearchableField("about", "upper"),  # countries where it happens
    "unlinked": SearchableField("unlinked", "keyword"),  # names that no list knows: person/Siti Aminah
    "agency": SearchableField("agency", "keyword"),
    "section": SearchableField("section.text", "text"),
    "copy_of": SearchableField("duplicate_of", "keyword"),
    "feed": SearchableField("feed_id", "keyword"),
    "story": SearchableField("story_id", "keyword"),
    "id": SearchableField("article_id", "keyword"),
    "words": SearchableField("word_count", "number"),
}
ALSO = {  # other names for the same: the document's own, and plurals people try
    "language": "lang",
    "authors": "author",
    "source_owner": "owner",
    "source_kind": "kind",
    "source_folder": "folder",
    "countries": "country",
    "first_seen": "seen",
    "organisation": "org",
    "feed_id": "feed",
    "story_id": "story",
    "article_id": "id",
    "word_count": "words",
}
ISO_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(T([01]\d|2[0-3])(:[0-5]\d(:[0-5]\d)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)
DATE_MATH = re.compile(r"now([+-]\d{1,6}[yMwdhHms])*(/[yMwdhHms])?")


def field_named(name: str) -> SearchableField | None:
    """The field that `name` means, in any case of letters; None where there is none."""
    name = name.lower()
    return FIELDS.get(ALSO.get(name, name))


def nearest(name: str) -> str | None:
    """A field name that was probably meant."""
    found = difflib.get_close_matches(name.lower(), [*FIELDS, *ALSO], n=1, cutoff=0.6)
    return found[0] if found else None


def folded(value: str, kind: Kind) -> str:
    """`value` in the case that codes of this kind are kept in."""
    return {"upper": value.upper, "lower": value.lower}.get(kind, lambda: value)()


def fault_of(value: str, kind: Kind) -> str | None:
    """Why `value` cannot stand in a field of this kind; None where it can."""
    if kind == "number" and not re.fullmatch(r"-?\d{1,9}", value):
        return f"{value!r} is not a number"
    if kind == "date" and not _is_date(value):
        return f"{value!r} is not a date: write 2026, 2026-01, 2026-01-31, 2026-01-31T09:00 or now-2d"
    return None


def _is_date(value: str) -> bool:
    if DATE_MATH.fullmatch(value):
        return True
    match = ISO_DATE.fullmatch(value)
    if not match:
        return False
    try:
        date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:
        return False
    return True
