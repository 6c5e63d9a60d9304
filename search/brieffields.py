"""The fields of what readers keep: briefs, the texts as they were when kept, the raw pages. Strict."""

from __future__ import annotations

from typing import Any

from search.mappings import DATE, KEPT, KEYWORD, NAMED, SHOWN, TEXT

BRIEF_FIELDS: dict[str, Any] = {
    "brief_id": KEYWORD,
    "title": TEXT,
    "date": {"type": "date", "format": "strict_date"},  # a day in KAWAT_TZ
    "note": TEXT,
    "count": {"type": "integer"},  # clippings
    "created": DATE,
    "updated": DATE,
    "article_ids": KEYWORD,  # all that it needs, a story's members and what can still be put back too
    "story_ids": KEYWORD,
    "text_ids": KEYWORD,
    "clippings": KEPT,  # in the reader's order
    "removed": KEPT,  # can be put back
}

CLIPPING_FIELDS: dict[str, Any] = {  # an article's text as it was when a reader kept it: never changed again
    "text_id": KEYWORD,
    "article_id": KEYWORD,
    "entry_id": KEYWORD,
    "feed_id": KEYWORD,
    "revision": {"type": "integer"},
    "content_hash": KEYWORD,
    "url": KEYWORD,
    "page_url": SHOWN,
    "title": TEXT,
    "body": TEXT,
    "authors": NAMED,
    "source": KEYWORD,
    "source_name": KEYWORD,
    "language": KEYWORD,
    "agency": KEYWORD,
    "published": DATE,
    "first_seen": DATE,
    "fetched": DATE,  # when this text was read
    "is": KEYWORD,
    "kept_at": DATE,
    "page": {  # how it stands with its raw page: the only part that changes
        "properties": {
            "state": KEYWORD,  # wanted, kept, lost
            "due": DATE,  # of a wanted one: when it is asked for next
            "tries": {"type": "integer"},
            "asked": DATE,  # last
            "error": SHOWN,
            "sha256": KEYWORD,
            "size": {"type": "long"},
            "content_type": SHOWN,
            "status": {"type": "integer"},
            "url": SHOWN,
            "fetched": DATE,
            "match": KEYWORD,  # same, other, unread: against the text kept
            "why": SHOWN,
        }
    },
}

PAGE_FIELDS: dict[str, Any] = {  # raw bytes as fetched: written once
    "text_id": KEYWORD,
    "sha256": KEYWORD,  # of the bytes before they were compressed
    "size": {"type": "long"},
    "content_type": SHOWN,
    "status": {"type": "integer"},
    "url": SHOWN,
    "fetched": DATE,
    "body": {"type": "binary"},  # zstd, base64
}
