"""The hosts one request leads over: robots.txt and politeness hold where a redirect goes as where it began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.errors import Transient
from ingest.urls import fetchable_url

if TYPE_CHECKING:
    from worker.stages import Turns


class Trail(ExitStack):
    """A context: every host that was stepped to is held until its end.

    A host is held once, whatever leads back to it: its second turn would wait for the end of the first. So between two
    requests of one turn the one who holds it waits. A `feed` is there to be asked: robots.txt is not, unless `robots`
    says so (of a page that serves as a feed), and its turns do not stand behind those of pages.
    """

    def __init__(self, turns: Turns, *, visit: bool = False, feed: bool = False, robots: bool | None = None) -> None:
        super().__init__()
        self._turns, self._visit, self._feed = turns, visit, feed
        self._robots = not feed if robots is None else robots
        self._schemes: dict[str, str] = {}  # of each host held: the scheme it was first asked by …
        self._delays: dict[str, float | None] = {}  # … and the seconds to leave between two requests
        self._here = ""

    def step(self, url: str) -> None:
        """Call before each request. Raises Forbidden (robots.txt), Refused, NotYet, Transient."""
        parts = urlsplit(fetchable_url(url))
        host = self._here = parts.netloc
        if host in self._schemes:
            # http:// leads to https:// on most sites. The rules are known by the first scheme; to ask for them by the
            # other one needs this host's turn, which is ours already and would never come.
            if self._robots:
                self._turns.check_robots(parts._replace(scheme=self._schemes[host]).geturl())
            self._turns.pause(parts.geturl(), delay=self._delays[host])
            return
        delay = self._turns.check_robots(parts.geturl()) if self._robots else None
        self.enter_context(self._hold(host, parts.geturl(), delay))
        self._schemes[host], self._delays[host] = parts.scheme, delay

    @contextmanager
    def _hold(self, host: str, url: str, delay: float | None) -> Iterator[None]:
        """This host's turn. It is not told of a failure at another host, for which it would be left alone."""
        elsewhere: Transient | None = None
        with self._turns.turn(url, delay=delay, urgent=self._feed, visit=self._visit):
            try:
                yield
            except Transient as error:
                if self._here == host:
                    raise
                elsewhere = error
        if elsewhere is not None:
            raise elsewhere
