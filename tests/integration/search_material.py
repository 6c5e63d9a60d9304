"""Documents of any kind in one line, and a ledger's homes kept in memory."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from ingest.records import Article, Feed, Mention, TaggedArticle
from ingest.urls import feed_id
from search.ports import Document

SEEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BODY = "NATO berencana membuka kantor penghubung di Tokyo.\nJepang masih berdiskusi."


class MemoryHomes:
    """`Homes` as the ledger keeps them: the first one wins, across threads."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self._lock = threading.Lock()

    def get(self, article_ids: Sequence[str]) -> Mapping[str, str]:
        with self._lock:
            return {one: self.kept[one] for one in article_ids if one in self.kept}

    def set_if_absent(self, homes: Mapping[str, str]) -> Mapping[str, str]:
        with self._lock:
            return {one: self.kept.setdefault(one, home) for one, home in homes.items()}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def feed(**changes: Any) -> Feed:
    fields: dict[str, Any] = {
        "url": "https://news.example/rss",
        "name": "Contoh Berita",
        "country": "ID",
        "owner": "Contoh Media Group",
        "kind": "private",
        "folder": "Indonesia",
        "language": "id",
        **changes,
    }
    return Feed(id=feed_id(fields["url"]), **fields)


def article(title: str, **changes: Any) -> Article:
    fields: dict[str, Any] = {
        "url": f"https://www.news.example/{digest(title)}",
        "title": title,
        "body": BODY,
        "language": "id",
        "published": datetime(2026, 3, 4, 1, 2, 3, tzinfo=UTC),
        "published_from": "feed",
        "authors": ("Nina Loasana",),
        "word_count": 10,
        **changes,
    }
    return Article(id=digest(title), content_hash=digest(title + fields["body"]), **fields)


def mention(kind: Literal["person", "organisation", "place", "country"]) -> Mention:
    return Mention(id=f"{kind}-1", type=kind, name=f"A {kind}", surfaces=("A",), count=1, spans=((0, 1),))


def document(
    title: str,
    *,
    entry: str | None = None,
    feed: Feed | None = feed(),  # noqa: B008 - frozen
    seen: datetime = SEEN,
    countries: tuple[str, ...] = ("JP",),
    mentions: tuple[Mention, ...] = (),
    **changes: Any,
) -> Document:
    """A document whose article is known by `title`; `changes` are fields of the article."""
    tagged = TaggedArticle(article=article(title, **changes), countries=countries, mentions=mentions)
    return Document(entry_id=digest(entry or title), tagged=tagged, feed=feed, first_seen=seen)
