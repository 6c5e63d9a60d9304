"""What a page or its feed's entry says about the article, as evidence: which field, by which means, in which words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ingest.plain import plain_line
from ingest.records import Entry

Field = Literal[
    "title", "author", "published", "modified", "image", "site_name", "canonical", "language", "section", "country",
    "access",
]  # fmt: skip
Means = Literal["json-ld", "meta", "link", "time-element", "element", "byline", "url", "feed", "text"]


class Evidence(NamedTuple):
    """One statement: `means` says how it was made, `key` under which name (`headline`, `og:title`, `h1`)."""

    field: Field
    means: Means
    key: str
    value: str


class Chosen(NamedTuple):
    """A value and the statements that it was taken from, the first of them its origin."""

    value: str
    kept: tuple[Evidence, ...]


class PageFacts(NamedTuple):
    """All statements, the surest means first within each field, in document order within each means.

    `bodies`: the story's text where JSON-LD carries it (articleBody), plain or HTML, as given.
    """

    evidence: tuple[Evidence, ...]
    bodies: tuple[str, ...] = ()

    def of(self, field: Field, *means: Means) -> tuple[Evidence, ...]:
        """The statements about `field`, by these means only if any are given."""
        return tuple(one for one in self.evidence if one.field == field and (not means or one.means in means))

    def first(self, field: Field, *means: Means) -> str | None:
        return next((one.value for one in self.of(field, *means)), None)


def from_entry(entry: Entry) -> tuple[Evidence, ...]:
    """What the feed's entry states."""
    stated: list[tuple[Field, str, str]] = [("title", "title", plain_line(entry.title or ""))]
    stated += [("author", "author", plain_line(author)) for author in entry.authors]
    stated += [("published", "published", entry.published.isoformat() if entry.published else "")]
    stated += [("modified", "updated", entry.updated.isoformat() if entry.updated else "")]
    stated += [("language", "language", entry.language or "")]
    return tuple(Evidence(field, "feed", key, value) for field, key, value in stated if value)
