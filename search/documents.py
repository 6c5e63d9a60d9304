"""From the records that travelled to the document that is searched: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ingest.records import TaggedArticle
from search.mappings import KEYWORD_CHARS, STEMMED_FIELD
from search.ports import Document
from search.tagfields import tag_fields

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # archives do go back; year 1 and 1970-01-01 are a machine's "unknown"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # clocks and time zones are set wrong by hours, not by more


def source(document: Document, indexed_at: datetime) -> dict[str, Any]:
    """The `_source` of one article. Empty fields are left out; times are UTC to the second, with Z."""
    article, feed = document.tagged.article, document.feed
    published = believable(article.published, document.first_seen)
    fields = {
        "article_id": document.id,
        "entry_id": document.entry_id,
        "revision": 1,
        "content_hash": article.content_hash,
        "url": cut(article.url),
        "title": article.title,
        "body": article.body,
        "stemmed": stemmed(article.language, article.title, article.body),
        "authors": [cut(name) for name in article.authors],
        "source": site(article.url),
        "source_name": cut((feed.name if feed else None) or article.site_name or ""),
        "source_owner": cut(feed.owner or "") if feed else None,
        "source_kind": feed.kind if feed else None,
        "source_country": (feed.country if feed else None) or article.site_country,
        "source_folder": cut(feed.folder or "") if feed else None,
        "feed_id": feed.id if feed else None,
        "language": article.language,
        "@timestamp": iso(published or document.first_seen),
        "published": iso(published),
        "published_from": (article.published_from if published else None) or "first-seen",
        "first_seen": iso(document.first_seen),
        "indexed_at": iso(indexed_at),
        "modified": iso(believable(article.modified, document.first_seen)),
        "fetched": iso(document.fetched),
        "page_url": article.page_url and cut(article.page_url),
        "image": article.image if article.image and len(article.image) <= KEYWORD_CHARS else None,
        "section": cut(article.section or ""),
        "agency": cut(article.agency or ""),
        "origins": article.origins or None,
        "word_count": article.word_count,
        **tag_fields(document.tagged),
        "is": _marks(document),
        "partial": article.partial,
        "reserved": article.reserved,
        "backfill": document.backfill or None,
        "story_id": document.id,
        **_features(document.tagged),
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def stemmed(language: str | None, title: str, body: str) -> dict[str, dict[str, str]] | None:
    """Title and body once more under the language's own analyzer; None where there is none for it."""
    field = STEMMED_FIELD.get(language or "")
    return {field: {"title": title, "body": body}} if field else None


def believable(moment: datetime | None, first_seen: datetime) -> datetime | None:
    """`moment` unless it is nonsense: before 1900, the epoch itself, or more than a day after it was first seen."""
    if moment is None or moment < EARLIEST or moment == EPOCH or moment > first_seen + AHEAD:
        return None
    return moment


def site(url: str) -> str:
    """The host of `url` without `www.`, as readers name a source."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def cut(text: str) -> str:
    """`text` no longer than a keyword field keeps."""
    return text[:KEYWORD_CHARS]


def iso(moment: datetime | None) -> str | None:
    """`2026-01-31T09:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _marks(document: Document) -> list[str]:
    article, feed = document.tagged.article, document.feed
    marks = {
        "sample": feed is not None and feed.sample,
        "paywalled": article.paywalled,
        "partial": article.partial,
        "reserved": article.reserved,
    }
    return [mark for mark, is_so in marks.items() if is_so]


def _features(tagged: TaggedArticle) -> dict[str, Any]:
    """By what its copies and its story are found."""
    if tagged.features is None:
        return {}
    features = tagged.features
    return {"signature": features.signature, "bands": list(features.bands), "story_terms": list(features.terms)}
