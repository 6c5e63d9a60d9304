"""What stands under which path: pages, feeds, redirects."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from tests.newsroom.articles import NewsArticle
from tests.newsroom.feeds import CONTENT_TYPES, Channel, FeedFormat, ListedEntry, feed_document, listed_entry
from tests.newsroom.resources import Resource
from tests.newsroom.server import Answer, Request, Response


def path_key(url: str) -> str:
    """Path and query of a URL or a path, percent-decoded: what routes, faults and the log go by."""
    if "://" in url:
        parts = urlsplit(url)
        url = parts.path + (f"?{parts.query}" if parts.query else "")
    return unquote(url)


class Routes:
    """Answers by path. A path with a query comes first, then the path alone: tracking parameters change nothing."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    def serve(self, path: str, answer: Answer) -> None:
        self._answers[path_key(path)] = answer

    def answer(self, request: Request) -> Response | None:
        key = unquote(request.target)
        answer = self._answers.get(key) or self._answers.get(key.partition("?")[0])
        return answer(request) if answer else None


def redirect(location: str, status: int) -> Answer:
    """An answer that sends the client elsewhere."""
    return lambda _: Response(status, (("Location", location),))


@dataclass
class FeedState:
    """A feed as it stands. The document is made when it is first asked for after a change."""

    name: str
    root: str
    path: str
    format: FeedFormat
    title: str
    language: str
    ttl: int | None = None
    full_text: bool = False
    window: int | None = None  # None: all
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    _entries: list[ListedEntry] = field(default_factory=list)  # oldest first
    _urls: set[str] = field(default_factory=set)
    _made: Resource | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return self.root + self.path

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.format].partition(";")[0]

    @property
    def entries(self) -> int:
        """How many were listed so far, those beyond the window included."""
        return len(self._entries)

    def add(self, article: NewsArticle, url: str) -> None:
        """`article` becomes the newest entry. Raises ValueError where its URL is listed already."""
        entry = listed_entry(self._channel(), article, url)
        with self._lock:
            if url in self._urls:
                raise ValueError(f"feed {self.name} lists {url} already")
            self._urls.add(url)
            self._entries.append(entry)
            self._touch()

    def relist(self, article: NewsArticle, url: str) -> None:
        """Rewrites the entry, where the feed has it, in its place."""
        entry = listed_entry(self._channel(), article, url)
        with self._lock:
            for place, listed in enumerate(self._entries):
                if listed.url == url:
                    self._entries[place] = entry
                    self._touch()

    def move(self, name: str, path: str) -> None:
        with self._lock:
            self.name, self.path = name, path
            self._touch()

    def answer(self, request: Request) -> Response:
        with self._lock:
            if self._made is None:
                shown = self._entries[::-1] if self.window is None else self._entries[: -self.window - 1 : -1]
                document = feed_document(self._channel(), shown, self.modified)
                self._made = Resource.of(document, CONTENT_TYPES[self.format], self.modified, self.headers)
            made = self._made
        return made.response(request)

    def _touch(self) -> None:
        self.modified = datetime.now(UTC)
        self._made = None

    def _channel(self) -> Channel:
        return Channel(
            self.format, self.title, self.url, f"{self.root}/", self.language, ttl=self.ttl, full_text=self.full_text
        )
