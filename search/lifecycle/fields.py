"""The fields of tombstones: what is remembered of an article that retention removed."""

from __future__ import annotations

from typing import Any

from search.mappings import DATE, KEYWORD

TOMBSTONE_FIELDS: dict[str, Any] = {
    "article_id": KEYWORD,
    "entry_id": KEYWORD,
    "removed": DATE,
    "cleaned": {"type": "boolean"},  # its revisions are gone too, and stories no longer list it
}
