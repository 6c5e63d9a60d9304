"""A news site under our control: publish, change, move, remove, fail; and read what was asked of it.

    with Newsroom() as newsroom:
        feed_url = newsroom.add_feed("dunia")
        page_url = newsroom.publish("dunia", NewsArticle("satu", "Judul", ("Isi.",)))

It listens on loopback only and serves from memory. Every method may be called from any thread while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from tests.newsroom.desk import WINDOW, Desk
from tests.newsroom.faults import Faults
from tests.newsroom.log import RequestLog, Seen
from tests.newsroom.pages import FeedLink, Site, front_page, sitemap
from tests.newsroom.resources import Resource
from tests.newsroom.routes import path_key
from tests.newsroom.server import Answer, Request, Response, Server

LATEST = 40  # articles on the front page
TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


class Newsroom(Desk):
    """The desk, on the air. `hosts` n spreads feeds and their pages over 127.0.0.1 … 127.0.0.n with one port: Linux
    routes all of 127.0.0.0/8 to loopback. `window` None lists everything. `control` opens the JSON API under
    /__newsroom__/ (tests/newsroom/control.py)."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        hosts: int = 1,
        site: Site | None = None,
        window: int | None = WINDOW,
        control: bool = False,
    ) -> None:
        super().__init__(site or Site(), window)
        if not host.startswith("127."):
            raise ValueError(f"a newsroom listens on loopback only, not on {host}")
        network, _, last = host.rpartition(".")
        addresses = tuple(f"{network}.{int(last) + offset}" for offset in range(hosts))
        self.log = RequestLog()
        self.faults = Faults()
        self._control = control
        self._server = Server(self._answer, self.log, addresses, port)

    def start(self) -> Self:
        """Listen, in a background thread. Raises PortTakenError."""
        self._server.start()
        self.set_robots(self.site.robots)
        return self

    def stop(self) -> None:
        """Ends publishing, connections, thread."""
        for publisher in list(self.publishers):
            publisher.stop()
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every `host:port` it answers on."""
        return tuple(f"{host}:{self.port}" for host in self._server.hosts)

    @property
    def roots(self) -> tuple[str, ...]:
        if not self.port:
            raise RuntimeError("the newsroom has no port yet: start() it first")
        return tuple(f"http://{host}" for host in self.hosts)

    @property
    def url(self) -> str:
        """The first host's root, without a slash at the end."""
        return self.roots[0]

    # ── anything else a site can do ──
    def serve(self, path: str, answer: Answer | Response | Resource) -> str:
        """The URL under which `answer` is given from now on, on every host."""
        if isinstance(answer, Response):
            fixed = answer
            self._routes.serve(path, lambda _: fixed)
        else:
            self._routes.serve(path, answer.response if isinstance(answer, Resource) else answer)
        return self.url + path

    def set_robots(self, text: str, status: int = 200) -> None:
        """What /robots.txt says, on every host."""
        self.serve("/robots.txt", Response(status, TEXT, f"{text}Sitemap: {self.url}/sitemap.xml\n".encode()))

    def fail(
        self,
        path: str,
        status: int,
        times: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Answer `path` (a URL, a path, or a pattern with *) with `status`, `times` times or until `heal`."""
        self.faults.fail(path_key(path), status, times, headers, body)

    def slow(self, path: str, seconds: float, times: int | None = None) -> None:
        """Wait `seconds` before each answer at `path` (a URL, a path, or a pattern with *)."""
        self.faults.slow(path_key(path), seconds, times)

    def heal(self, path: str) -> None:
        """Takes back what `fail` and `slow` were told about exactly this path or pattern."""
        self.faults.lift(path_key(path))

    # ── what happened ──
    def requests(self, path: str | None = None) -> list[Seen]:
        """Every request so far, in order; with `path` (a URL or a path), those for it."""
        seen = self.log.requests()
        return seen if path is None else [each for each in seen if path_key(each.path) == path_key(path)]

    def max_concurrent(self, host: str | None = None) -> int:
        """The most requests under way at once, over all or for one `host:port`. Bytes that are ready take no time:
        make paths slow() to see how a client spaces its requests."""
        return self.log.max_concurrent(host)

    # ── answering ──
    def _answer(self, request: Request) -> Response:
        if self._control and request.target.startswith("/__newsroom__/"):
            from tests.newsroom.control import answer_control

            return answer_control(self, request)
        failed, delay = self.faults.on(path_key(request.target))
        response = failed or self._routes.answer(request) or self._made(request)
        return replace(response, delay=response.delay + delay) if delay else response

    def _made(self, request: Request) -> Response:
        """The pages that are made when asked for, or 404."""
        path, now = request.target.partition("?")[0], datetime.now(UTC)
        section = path.removeprefix("/kanal/")
        latest = [page for page in self.pages()[::-1] if section in {"/", page.article.section}][:LATEST]
        if path == "/" or latest:
            with self._lock:
                links = [FeedLink(each.title, each.url, each.content_type) for each in self._feeds.values()]
            page = front_page(self.site, self.url, self.url + path, links, latest)
            return Resource.of(page, "text/html; charset=utf-8", now).response(request)
        if path == "/sitemap.xml":
            listed = [(page.url, page.article.updated or page.article.published or now) for page in self.pages()]
            return Resource.of(sitemap(listed), "application/xml; charset=utf-8", now).response(request)
        return Response(404, TEXT, b"no such page\n")
