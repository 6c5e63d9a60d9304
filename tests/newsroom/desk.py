"""The editorial half of a newsroom: which feeds there are, which pages, and what stands in them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from tests.newsroom.articles import NewsArticle
from tests.newsroom.feeds import FORMATS, FeedFormat
from tests.newsroom.pages import Linked, Site, article_page
from tests.newsroom.rate import Publisher
from tests.newsroom.resources import Resource
from tests.newsroom.routes import FeedState, Routes, path_key, redirect
from tests.newsroom.server import Response
from tests.newsroom.split import split_pages

WINDOW = 50  # entries a feed lists: what most newspapers' feeds hold
RELATED = 5


class Desk:
    """Feeds and pages. `roots` are the URLs of the hosts, in order; they are known once the server listens."""

    def __init__(self, site: Site, window: int | None) -> None:
        self.site = site
        self.window = window
        self.publishers: list[Publisher] = []
        self._lock = threading.RLock()
        self._feeds: dict[str, FeedState] = {}
        self._pages: dict[str, Linked] = {}  # by path, in order of publication
        self._held: list[tuple[str, str]] = []  # feed and URL of pages that no feed shows yet
        self._routes = Routes()

    @property
    def roots(self) -> tuple[str, ...]:
        raise NotImplementedError

    # ── feeds ──
    def add_feed(
        self,
        name: str,
        format: FeedFormat = "rss20",
        title: str = "",
        language: str = "id",
        *,
        path: str = "",
        window: int | None = None,
        ttl: int | None = None,
        full_text: bool = False,
        headers: Mapping[str, str] | None = None,
        host: int | None = None,
    ) -> str:
        """The new feed's URL. `window` entries are listed (None: the newsroom's), `ttl` in minutes, `headers` go with
        every answer (Cache-Control …), `host` is the index of its host (None: one after the other)."""
        if format not in FORMATS:
            raise ValueError(f"feed {name}: no format is called {format!r}; there are {', '.join(FORMATS)}")
        with self._lock:
            if name in self._feeds:
                raise ValueError(f"there is a feed {name!r} already")
            feed = FeedState(
                name=name,
                root=self.roots[(len(self._feeds) if host is None else host) % len(self.roots)],
                path=path or _feed_path(name, format),
                format=format,
                title=title or f"{self.site.name} – {name}",
                language=language,
                ttl=ttl,
                full_text=full_text,
                window=self.window if window is None else window,
                headers=tuple((headers or {}).items()),
            )
            self._feeds[name] = feed
            self._routes.serve(feed.path, feed.answer)
            return feed.url

    def move_feed(self, name: str, new_name: str, status: int = 301) -> str:
        """The feed's new URL; the old one redirects there. It is called `new_name` from now on."""
        with self._lock:
            if new_name in self._feeds:
                raise ValueError(f"there is a feed {new_name!r} already")
            feed = self._feed(name)
            old_path = feed.path
            feed.move(new_name, _feed_path(new_name, feed.format))
            self._feeds[new_name] = self._feeds.pop(name)
            self._routes.serve(feed.path, feed.answer)
            self._routes.serve(old_path, redirect(feed.url, status))
            return feed.url

    def remove_feed(self, name: str, status: int = 404) -> None:
        """The feed's URL answers with `status` from now on; its pages stay."""
        with self._lock:
            self._routes.serve(self._feed(name).path, lambda _: Response(status, body=b"no such feed\n"))
            del self._feeds[name]

    def feeds(self) -> dict[str, str]:
        """URL by name."""
        with self._lock:
            return {name: feed.url for name, feed in self._feeds.items()}

    # ── articles ──
    def publish(self, feed: str, article: NewsArticle) -> str:
        """The page's URL; page and feed entry are there when this returns. An article may stand in several feeds."""
        return self.list_in_feed(feed, self.prepare(feed, article))

    def prepare(self, feed: str, article: NewsArticle, related: Sequence[Linked] | None = None) -> str:
        """Renders and serves the page, on the feed's host, without listing it yet: `list_in_feed` does that. It links
        to `related`, or to the latest. Raises ValueError where another article stands under that path."""
        path, kept = path_key(article.url_path), _kept(article)
        with self._lock:
            known = self._pages.get(path)
            if known is not None:
                if known.article != kept:
                    raise ValueError(f"{known.url} is another article already; use change() or another path")
                return known.url
            url = self._feed(feed).root + article.url_path
            latest = [page for _, page in zip(range(RELATED), reversed(self._pages.values()), strict=False)]
            self._pages[path] = Linked(kept, url)
        self._put_page(article, url, latest if related is None else related)
        return url

    def list_in_feed(self, feed: str, url: str) -> str:
        """Puts a prepared page into the feed, as its newest entry."""
        with self._lock:
            self._feed(feed).add(self._page(url).article, url)
        return url

    def publish_at_rate(self, feed: str, articles: Iterable[NewsArticle], per_second: float) -> Publisher:
        """Publishes in the background, on a fixed beat from now on; all pages are rendered before the first."""
        return self.list_at_rate([(feed, self.prepare(feed, article)) for article in articles], per_second)

    def list_at_rate(self, prepared: Sequence[tuple[str, str]], per_second: float) -> Publisher:
        """Lists prepared pages, (feed, URL) each, in the background."""
        publisher = Publisher(self.list_in_feed, prepared, per_second)
        self.publishers.append(publisher)
        publisher.start()
        return publisher

    def hold(self, feed: str, article: NewsArticle) -> str:
        """Prepares the page and keeps its entry back until `release`."""
        url = self.prepare(feed, article)
        with self._lock:
            self._held.append((feed, url))
        return url

    def held(self) -> int:
        """How many entries are kept back."""
        with self._lock:
            return len(self._held)

    def release(self, count: int | None = None, per_second: float | None = None) -> list[str]:
        """Lists the `count` oldest entries kept back (None: all): at once, or on a beat. Returns their URLs."""
        with self._lock:
            taken = self._held[:count]
            del self._held[:count]
        return self.list_prepared(taken, per_second)

    def list_prepared(self, prepared: Sequence[tuple[str, str]], per_second: float | None = None) -> list[str]:
        """Lists prepared pages, (feed, URL) each: at once, or on a beat in the background. Returns their URLs."""
        if per_second is not None:
            self.list_at_rate(prepared, per_second)
        else:
            for feed, url in prepared:
                self.list_in_feed(feed, url)
        return [url for _, url in prepared]

    def change(
        self,
        url: str,
        *,
        title: str | None = None,
        body: Sequence[str] | None = None,
        published: datetime | None = None,
        updated: datetime | None = None,
        raw_html: bytes | None = None,
    ) -> NewsArticle:
        """The article as it reads now: page and every feed entry say so, `updated` is now unless given. A page made
        elsewhere stays as it is unless `raw_html` gives a new one."""
        with self._lock:
            old = self._page(url).article
            article = replace(
                old,
                title=old.title if title is None else title,
                body=old.body if body is None else tuple(body),
                published=published or old.published,
                updated=updated or datetime.now(UTC),
                raw_html=raw_html or old.raw_html,
            )
            self._pages[path_key(url)] = Linked(_kept(article), url)
            related = [page for page in self._pages.values() if page.url != url][-RELATED:]
            if article.raw_html != b"":
                self._put_page(article, url, related)
            for feed in self._feeds.values():
                feed.relist(article, url)
            return article

    def rewrite(self, url: str, *, title: str | None = None, body: Sequence[str] | None = None) -> None:
        """The page reads otherwise from now on, and no feed says so. Raises KeyError for a page made elsewhere."""
        with self._lock:
            old = self._page(url).article
            if old.raw_html is not None:
                raise KeyError(f"{url} is a page made elsewhere")
            self._put_page(replace(old, title=title or old.title, body=tuple(body or old.body)), url, ())

    def split(self, url: str, pages: int, *, shows_all: bool = False) -> list[str]:
        """Spreads a page over `pages` addresses, as Indonesian sites do: each holds a part and leads to the next one.
        With `shows_all`, one more address has it whole, and every page links to it. The addresses, in order."""
        with self._lock:
            article = self._page(url).article
        parts = urlsplit(url)
        made = split_pages(self.site, f"{parts.scheme}://{parts.netloc}", article, url, pages, shows_all=shows_all)
        for address, html in made.items():
            self._routes.serve(address, Resource.of(html, "text/html; charset=utf-8", datetime.now(UTC)).response)
        return list(made)

    def withdraw(self, url: str, status: int = 410) -> None:
        """The page answers with `status`; feeds go on listing it."""
        self._routes.serve(url, lambda _: Response(status, body=b"withdrawn\n"))

    def pages(self) -> list[Linked]:
        """What was prepared or published, in that order."""
        with self._lock:
            return list(self._pages.values())

    def _put_page(self, article: NewsArticle, url: str, related: Sequence[Linked]) -> None:
        html = article.raw_html
        if html is None:
            parts = urlsplit(url)
            html = article_page(self.site, f"{parts.scheme}://{parts.netloc}", article, url, related)
        self._routes.serve(url, Resource.of(html, "text/html; charset=utf-8", datetime.now(UTC)).response)

    def _feed(self, name: str) -> FeedState:
        if name not in self._feeds:
            raise KeyError(f"there is no feed {name!r}; there are: {', '.join(self._feeds) or 'none yet'}")
        return self._feeds[name]

    def _page(self, url: str) -> Linked:
        page = self._pages.get(path_key(url))
        if page is None:
            raise KeyError(f"no article was published at {url}")
        return page


def _feed_path(name: str, format: FeedFormat) -> str:
    return f"/feeds/{quote(name)}.{'json' if format == 'json1' else 'xml'}"


def _kept(article: NewsArticle) -> NewsArticle:
    """The article without the bytes of its page, which are kept compressed; b"" says that it had some."""
    return article if article.raw_html is None else replace(article, raw_html=b"")
