"""An article as a newsroom publishes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class NewsArticle:
    """What stands on one page and in one feed entry.

    `body` holds plain paragraphs. `published` is aware, or None where page and feed shall give no date. `raw_html` is a
    page made elsewhere, served byte for byte. `path` is the page's path (and query) on the site; left empty it is made
    of language, day and slug. Raises ValueError for a date without time zone, a missing slug, a path without slash.
    """

    slug: str
    title: str
    body: tuple[str, ...] = ()
    language: str = "id"
    authors: tuple[str, ...] = ()
    published: datetime | None = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    section: str = "dunia"
    summary: str = ""
    dateline: str = ""
    path: str = ""
    raw_html: bytes | None = None
    updated: datetime | None = None

    def __post_init__(self) -> None:
        if not self.slug:
            raise ValueError(f"the article {self.title!r} has no slug")
        if self.path and not self.path.startswith("/"):
            raise ValueError(f"article {self.slug}: path {self.path!r} must begin with /")
        for name in ("published", "updated"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"article {self.slug}: {name} {moment} has no time zone")

    @property
    def url_path(self) -> str:
        """Path and query, percent-encoded, as they stand in the URL."""
        if self.path:
            return quote(self.path, safe="/?&=%:@!$'()*+,;~")
        day = self.published.strftime("/%Y/%m/%d") if self.published else ""
        return f"/{self.language}{day}/{quote(self.slug)}.html"

    @property
    def lead(self) -> str:
        """What a feed gives as summary: the given one, or the first paragraph."""
        return self.summary or (self.body[0] if self.body else "")
