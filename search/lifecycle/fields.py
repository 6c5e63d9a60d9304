"""The fields of tombstones: what is remembered of an article that retention removed, or a person had forgotten."""

from __future__ import annotations

from typing import Any

from search.mappings import DATE, KEYWORD, SHOWN

TOMBSTONE_FIELDS: dict[str, Any] = {
    "article_id": KEYWORD,
    "entry_id": KEYWORD,
    "removed": DATE,
    "cleaned": {"type": "boolean"},  # its revisions are gone too, and stories no longer list it
    "forgotten": KEYWORD,  # by a person: begun, done; such a note never goes
    "suppressed": SHOWN,  # of the one note that is no article's: digests of names that are not tagged any more
}
