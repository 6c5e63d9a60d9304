"""Readers who follow the same query share one look at Elasticsearch a second; each gets every article once.

A query's `Channel` numbers what comes. A reader's place is `channel.number.time`: in a channel that is still there the
number says exactly where to go on; after a restart of the page the time does, with an overlap, and the reader's own
page leaves out what it shows already. Everything here runs in the page's one event loop.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Literal, TypeVar

import structlog

from search.live import BATCH, MOST_KNOWN, OVERLAP, ArrivalPort, Arriving, moment
from search.ports import IncompleteAnswerError, ServiceUnavailable

log = structlog.get_logger(__name__)
READERS = 100  # at a time
CHANNELS = 50  # different queries at a time
EVERY = 1.0  # seconds between two looks
EVERY_AWAY = 3.0  # … while Elasticsearch does not answer
KEPT = 500  # arrivals of a channel that a reader who was away can still get by number
IDLE = 600.0  # seconds that a channel is kept without a reader
BEAT = 15.0  # seconds of silence after which a sign of life is sent: proxies close silent connections
LONGEST = 1800.0  # seconds a connection; the browser comes back with its place
AWAY = 86_400.0  # seconds after which a reader begins anew: nobody reads a day's articles one by one
CATCH_UP = 5 * BATCH  # arrivals that are told after a restart; beyond, the reader is told of the gap

Kind = Literal["article", "beat", "gap", "away", "back"]
A = TypeVar("A", bound=Arriving)


@dataclass(frozen=True)
class Event(Generic[A]):
    """What a reader is told. `place` is where to go on from, behind it."""

    kind: Kind
    place: str
    arrival: A | None = None
    why: str = ""


class Channel(Generic[A]):
    """One query: what is known, what came, who reads."""

    def __init__(self, query: str, known: dict[str, datetime], began: datetime) -> None:
        self.query = query
        self.name = secrets.token_hex(4)
        self.known = known
        self.high = max([began, *known.values()])  # of `indexed_at`
        self.number = 0  # of the last arrival
        self.log: deque[tuple[int, A]] = deque(maxlen=KEPT)
        self.readers = 0
        self.idle_since = time.monotonic()
        self.away = ""  # why Elasticsearch does not answer
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def since(self) -> datetime:
        """From when on to look: a worker whose clock is ahead must not hide what others bring."""
        return min(self.high, datetime.now(UTC)) - timedelta(seconds=OVERLAP)

    def take(self, arrivals: list[A]) -> None:
        for one in arrivals:
            self.number += 1
            self.log.append((self.number, one))
            self.known[one.id] = moment(one.at)
            self.high = max(self.high, moment(one.at))
        edge = self.since()
        self.known = {id: at for id, at in self.known.items() if at >= edge}
        if arrivals:
            self.tell()

    def tell(self) -> None:
        """Wakes every reader."""
        self.news.set()
        self.news = asyncio.Event()

    def place(self, number: int) -> str:
        return f"{self.name}.{number}.{int(min(self.high, datetime.now(UTC)).timestamp())}"

    def number_of(self, place: str) -> int | None:
        """The number in `place`, if it is of this channel and nothing behind it is gone."""
        name, _, rest = place.partition(".")
        number = rest.partition(".")[0]
        if name != self.name or not (number.isascii() and number.isdigit()):
            return None
        oldest = self.log[0][0] if self.log else self.number + 1
        return int(number) if oldest - 1 <= int(number) <= self.number else None


class LiveHub(Generic[A]):
    """All channels of one page."""

    def __init__(
        self, port: ArrivalPort[A], *, every: float = EVERY, beat: float = BEAT, readers: int = READERS
    ) -> None:
        self._port, self._every, self._beat, self._most = port, every, beat, readers
        self._channels: dict[str, Channel[A]] = {}
        self._readers = 0

    async def place(self, query: str) -> str:
        """Where a reader begins who sees all there is now. Raises as `ArrivalPort` does."""
        channel = await self._channel(query)
        return channel.place(channel.number)

    @property
    def full(self) -> bool:
        """Whether nobody more can follow just now."""
        return self._readers >= self._most

    async def events(self, query: str, place: str) -> AsyncGenerator[Event[A], None]:
        """What comes behind `place` ("": from now on), until LONGEST is over. Raises as `ArrivalPort` does."""
        end = time.monotonic() + LONGEST
        channel = await self._channel(query)
        with self._reading(channel):
            number = channel.number_of(place)
            if number is None:
                number = channel.number
                async for event in self._missed(channel, place, number):
                    yield event
            away = False
            while time.monotonic() < end:
                news = channel.news
                if channel.log and number < channel.log[0][0] - 1:
                    number = channel.log[0][0] - 1
                    yield Event("gap", channel.place(number))
                for at, one in list(channel.log):
                    if at > number:
                        number = at
                        yield Event("article", channel.place(at), one)
                if bool(channel.away) != away:
                    away = bool(channel.away)
                    yield Event("away" if away else "back", channel.place(number), why=channel.away)
                if number == channel.number and channel.news is news:
                    try:
                        await asyncio.wait_for(news.wait(), self._beat)
                    except TimeoutError:
                        yield Event("beat", channel.place(number))

    async def _missed(self, channel: Channel[A], place: str, number: int) -> AsyncGenerator[Event[A], None]:
        """What came since the time of a place that no channel knows any more."""
        when = place.rpartition(".")[2]
        if not (when.isascii() and when.isdigit() and len(when) <= 10):
            return
        if time.time() - int(when) > AWAY:
            yield Event("gap", channel.place(number))
            return
        edge = datetime.fromtimestamp(int(when), UTC) - timedelta(seconds=OVERLAP)
        told: dict[str, A] = {}
        while len(told) < CATCH_UP:
            found = await asyncio.to_thread(self._port.since, channel.query, edge, tuple(told))
            for one in found:
                told[one.id] = one
                yield Event("article", channel.place(number), one)
            if len(found) < BATCH:
                return
        yield Event("gap", channel.place(number))

    async def _channel(self, query: str) -> Channel[A]:
        self._drop_idle()
        if query not in self._channels:
            began = datetime.now(UTC)
            since = began - timedelta(seconds=OVERLAP)
            known = await asyncio.to_thread(self._port.known, query, since)
            oldest_first = dict(reversed(list(known.items())))
            self._channels.setdefault(query, Channel(query, oldest_first, began))  # another may have been faster
        return self._channels[query]

    def _drop_idle(self) -> None:
        idle = sorted((one.idle_since, query) for query, one in self._channels.items() if not one.readers)
        over = len(self._channels) - CHANNELS + 1
        for at, (since, query) in enumerate(idle):
            if at < over or time.monotonic() - since > IDLE:
                del self._channels[query]

    @contextmanager
    def _reading(self, channel: Channel[A]) -> Iterator[None]:
        channel.readers += 1
        self._readers += 1
        if channel.task is None:
            channel.task = asyncio.get_running_loop().create_task(self._follow(channel))
        try:
            yield
        finally:
            channel.readers -= 1
            self._readers -= 1
            if not channel.readers:
                channel.idle_since = time.monotonic()
                if channel.task is not None:
                    channel.task.cancel()
                    channel.task = None

    async def _follow(self, channel: Channel[A]) -> None:
        """Looks for what is new while anybody reads. What goes wrong is told, and tried again."""
        with suppress(asyncio.CancelledError):
            while True:
                full = await self._look(channel)
                if not full:
                    await asyncio.sleep(EVERY_AWAY if channel.away else self._every)

    async def _look(self, channel: Channel[A]) -> bool:
        """Whether there may be more at once."""
        known = tuple(channel.known)[-MOST_KNOWN:]
        try:
            found = await asyncio.to_thread(self._port.since, channel.query, channel.since(), known)
        except (ServiceUnavailable, IncompleteAnswerError) as error:
            if not channel.away:
                channel.away = str(error)
                channel.tell()
            return False
        except Exception as error:  # noqa: BLE001  # readers wait: it is told, and may be better the next time
            log.error("new articles cannot be looked for", why=f"{type(error).__name__}: {error}")
            if not channel.away:
                channel.away = f"Kawat made a mistake ({type(error).__name__}); its log says more"
                channel.tell()
            return False
        if channel.away:
            channel.away = ""
            channel.tell()
        channel.take(list(found))
        return len(found) == BATCH
