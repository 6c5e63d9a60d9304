"""A storm of bad feeds and pages over one flow, and a healthy feed beside each of them: what became of which, and when.

Each line of the storm is one bad feed, by itself or with one bad page. As it begins, the healthy feed publishes an
article; both are watched until the bad one ended and the healthy one can be found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from ingest.records import Feed
from ingest.urls import article_id
from search.feeddesk import FeedHealth
from tests.flow import Flow
from tests.newsroom import Newsroom
from tests.newsroom.generated import generated_articles
from worker.verdicts import OUTCOMES

HEALTHY = "sehat"
APART = 0.3  # seconds between the beginnings of two lines
LAST = 6  # attempts at a host that does not answer; the waits between them make half a day


@dataclass
class Line:
    """One line on its way. Times are seconds of this process's clock."""

    feed: Feed
    pages: tuple[str, ...]  # the entries whose outcomes are awaited; none: it is the feed that is bad
    beside: str  # the healthy article
    began: float
    found: float | None = None  # when a search found the healthy article
    ended: float | None = None
    health: FeedHealth | None = None  # the feed's, at the end

    @property
    def beside_after(self) -> float | None:
        """Seconds after which the healthy article was found."""
        return None if self.found is None else self.found - self.began


class Storm:
    """`usual`: the longest time that a healthy article took before the storm, or after it, in seconds."""

    def __init__(self, flow: Flow, newsroom: Newsroom) -> None:
        self.flow, self.newsroom = flow, newsroom
        self.lines: dict[str, Line] = {}
        self._articles = iter(generated_articles(500, seed=6011, languages=("id",)))
        feed = newsroom.add_feed(HEALTHY, host=0)
        self._numbers = count()
        newsroom.publish(HEALTHY, next(self._articles))
        flow.follow(feed, name="Sehat")
        flow.wait(lambda: flow.settled(1), 150, "the first healthy article")
        self.usual = max(self._calm() for _ in range(3))

    def pass_by(self) -> None:
        """Call when all lines are over: the machine may have other things to do by now than before them."""
        self.usual = max(self.usual, *(self._calm() for _ in range(3)))

    def _calm(self) -> float:
        url = self.newsroom.publish(HEALTHY, next(self._articles))
        return self.flow.wait(lambda: url in self.found(), 120, "a healthy article in calm weather")

    def found(self) -> set[str]:
        """The newest articles that a search finds."""
        return {hit.url for hit in self.flow.services.search.search("", size=100).hits}

    def begin(self, name: str, feed_url: str, *pages: str) -> None:
        """Publishes the healthy article and follows the bad feed at the same moment; goes on watching for a while."""
        beside = self.newsroom.publish(HEALTHY, next(self._articles))
        feed = self.flow.follow(feed_url, name=f"Badai {next(self._numbers)}")
        self.lines[name] = Line(feed, pages, beside, time.monotonic())
        until = time.monotonic() + APART
        while time.monotonic() < until:
            self.watch()

    def watch_all(self, seconds: float) -> None:
        """Until every line is over and every healthy article was found, at most so long: the tests say what is not."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(one.found is None or one.ended is None for one in self.lines.values()):
            self.watch()

    def watch(self) -> None:
        found = self.found()
        now = time.monotonic()
        health = {one.feed.id: one for one in self.flow.services.subscriptions.health()}
        for line in self.lines.values():
            if line.found is None and line.beside in found:
                line.found = now
            if line.ended is None and self._is_over(line, health.get(line.feed.id)):
                line.ended = now
                self.flow.services.subscriptions.remove([line.feed.id])
        time.sleep(0.05)

    def _is_over(self, line: Line, health: FeedHealth | None) -> bool:
        if health is not None and health.last_poll is not None:
            line.health = health
        if line.health is None:
            return False
        if not line.pages:
            return True
        over = [self._entry_is_over(url, line) for url in line.pages]  # each is looked at
        return all(over)

    def _entry_is_over(self, url: str, line: Line) -> bool:
        entry = self.entry(url)
        if entry.get("state") in OUTCOMES:
            return True
        if entry.get("stage") == "fetch" and entry["state"] == "ready" and entry.get("error"):
            self._to_the_last_attempt(article_id(url), url)
        return False

    def _to_the_last_attempt(self, id: str, url: str) -> None:
        """As if half a day had gone by: the host did not answer five times, and it is its turn again."""
        ledger = self.flow.services.ledger
        ledger.redis.hset(ledger.key("entry", id), "attempts", LAST - 1)
        ledger.redis.delete(f"{self.flow.settings.redis_prefix}host:{urlsplit(url).netloc}")
        ledger.redis.zadd(ledger.key("ready", "fetch"), {id: 0}, xx=True)

    # ── what became of it ──
    def entry(self, url: str) -> dict[str, str]:
        """What the ledger keeps of the entry with this link."""
        return self.flow.services.ledger.entry(article_id(url)) or {}

    def outcome(self, url: str) -> str:
        """`indexed`, `discarded: reason`, `quarantined: why`; where it stands, of one that has no outcome."""
        entry = self.entry(url)
        state, reason = entry.get("state", "never seen"), entry.get("reason", "")
        if state not in OUTCOMES:
            return f"{state} at {entry.get('stage')}: {entry.get('error') or entry.get('waiting')}"
        return f"{state}: {reason}" if reason and state != "indexed" else state

    def document(self, url: str) -> dict[str, Any]:
        """The article at this address, as it is stored."""
        (hit,) = self.documents({"term": {"url": url}})
        return hit

    def documents(self, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        services = self.flow.services
        index = f"{self.flow.settings.index_prefix}articles"
        answer = services.elasticsearch.search(index=index, query=query, size=1000)
        yield from (hit["_source"] for hit in answer["hits"]["hits"])

    def expect_latency(self, name: str) -> None:
        """The healthy article was found, and stood behind no more than a few time limits' worth of work.

        One by itself may meet with a machine that is busy with other things, so what is exact is looked at over all of
        them (`median_latency`) and by what was asked in which order (`asked_during`).
        """
        line = self.lines[name]
        assert line.beside_after is not None, "the healthy article beside it was never found"
        assert line.beside_after < max(3 * self.flow.settings.fetch_timeout, self.allowed)

    def asked_during(self, name: str) -> tuple[int, int]:
        """How often the healthy feed was polled, and how many healthy pages were read, while this line went on."""
        line = self.lines[name]
        assert line.ended is not None
        shift = time.time() - time.monotonic()
        there = [seen for seen in self.newsroom.requests() if line.began < seen.time - shift < line.ended]
        healthy = {urlsplit(one.beside).path for one in self.lines.values()}
        polls = sum(seen.path == urlsplit(self.newsroom.feeds()[HEALTHY]).path for seen in there)
        return polls, sum(seen.path in healthy for seen in there)

    @property
    def allowed(self) -> float:
        """Seconds that count as no slower than in calm weather, on a machine with other things to do."""
        return 3 * self.usual + 3

    def median_latency(self) -> float:
        """Seconds after which half of the healthy articles were found."""
        return median(line.beside_after or float("inf") for line in self.lines.values())
