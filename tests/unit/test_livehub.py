"""Readers of new articles: each gets each article once, whatever is cut off in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from search.live import BATCH, OVERLAP, Arrival, iso
from search.ports import ServiceUnavailable
from search.prescan import QueryError
from search.web import livehub
from search.web.livehub import Event, LiveHub
from tests.browser.wire import hit

Hub = LiveHub[Arrival]
Told = Event[Arrival]
SOON = 30.0  # seconds until what is bound to happen counts as not happening


class Stream:
    """`LivePort` in memory. `looks` counts how often it was asked, by query."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.error: Exception | None = None
        self.looks = Counter[str]()

    def come(self, title: str, *, ago: float = 0.0) -> str:
        at = iso(datetime.now(UTC) - timedelta(seconds=ago))
        self.arrivals.append(Arrival(hit=hit(title, id=title), at=at))
        return title

    def newest(self, query: str, size: int) -> Sequence[Arrival]:
        return self._found(query)[::-1][:size]

    def known(self, query: str, since: datetime) -> Mapping[str, datetime]:
        found = [one for one in self._found(query) if one.at >= iso(since)]
        return {one.hit.id: datetime.fromisoformat(one.at) for one in reversed(found)}

    def since(self, query: str, since: datetime, known: Collection[str]) -> Sequence[Arrival]:
        self.looks[query] += 1
        found = [one for one in self._found(query) if one.at >= iso(since) and one.hit.id not in known]
        return found[:BATCH]

    def _found(self, query: str) -> list[Arrival]:
        if query == "bad:":
            raise QueryError("bad", 0)
        if self.error:
            raise self.error
        found = [one for one in self.arrivals if query in one.hit.title]
        return sorted(found, key=lambda one: (one.at, one.hit.id))


@pytest.fixture
def stream() -> Stream:
    return Stream()


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(4 * SOON):
            await story()

    asyncio.run(bounded())


def hub_of(stream: Stream, **options: float) -> Hub:
    return LiveHub(stream, **{"every": 0.01, "beat": 0.2, **options})  # type: ignore[arg-type]  # readers is whole


async def read(hub: Hub, query: str, place: str, n: int, kinds: Collection[str] = ("article",)) -> list[Told]:
    """The next `n` events of these kinds; the reader goes then."""
    found: list[Told] = []
    async with asyncio.timeout(SOON), aclosing(hub.events(query, place)) as events:
        async for event in events:
            if event.kind in kinds:
                found.append(event)
            if len(found) == n:
                break
    return found


def titles(events: Sequence[Told]) -> list[str]:
    return [event.arrival.hit.title for event in events if event.arrival]


def test_a_reader_gets_what_comes_after_the_page_was_made(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream)
        stream.come("old")
        place = await hub.place("")
        stream.come("one")
        stream.come("two")
        assert sorted(titles(await read(hub, "", place, 2))) == ["one", "two"]

    run(story)


def test_a_reader_who_comes_back_loses_nothing_and_gets_nothing_twice(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream)
        place = await hub.place("")
        told: list[str] = []
        for n in range(30):
            stream.come(f"article {n:02}")
            if n % 3 == 2:  # the reader is gone while three come, reads some of them, and goes again
                events = await read(hub, "", place, 2)
                place = events[-1].place
                told += titles(events)
        events = await read(hub, "", place, 30 - len(told))
        told += titles(events)
        assert sorted(told) == [f"article {n:02}" for n in range(30)]
        assert len(set(told)) == len(told)

    run(story)


def test_what_becomes_visible_late_is_told_too(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream)
        place = await hub.place("")
        stream.come("early")
        place = (await read(hub, "", place, 1))[-1].place
        stream.come("late", ago=OVERLAP / 2)
        assert titles(await read(hub, "", place, 1)) == ["late"]

    run(story)


def test_a_clock_that_is_ahead_hides_nothing_that_comes_after(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream)
        place = await hub.place("")
        stream.come("from the future", ago=-3600)
        place = (await read(hub, "", place, 1))[-1].place
        stream.come("from now")
        assert titles(await read(hub, "", place, 1)) == ["from now"]

    run(story)


def test_after_a_restart_the_place_tells_the_time_to_go_on_from(stream: Stream) -> None:
    async def story() -> None:
        place = await hub_of(stream).place("")
        stream.come("while the page was away")
        assert titles(await read(hub_of(stream), "", place, 1)) == ["while the page was away"]

    run(story)


def test_a_reader_who_was_away_for_too_much_is_told_of_the_gap(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(livehub, "CATCH_UP", BATCH)
        place = await hub_of(stream).place("")
        for n in range(2 * BATCH):
            stream.come(f"{n:04}")
        events = await read(hub_of(stream), "", place, BATCH + 1, ("article", "gap"))
        assert events[-1].kind == "gap"
        assert len(titles(events)) == BATCH

    run(story)


def test_readers_of_one_query_share_their_looks_and_those_of_another_get_their_own(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream, every=0.01)
        queries = "aaaaab"
        places = [await hub.place(query) for query in queries]
        asked = [asyncio.create_task(read(hub, *where, 1)) for where in zip(queries, places, strict=True)]
        while stream.looks["b"] < 20:
            await asyncio.sleep(0.01)
        assert stream.looks["a"] < 2 * stream.looks["b"]  # five readers with looks of their own: five times as many
        stream.come("a b")
        assert [titles(await one) for one in asked] == [["a b"]] * len(queries)

    run(story)


def test_nobody_looks_while_nobody_reads(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream)
        place = await hub.place("")
        stream.come("one")
        await read(hub, "", place, 1)
        following = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*following)  # else it waits without end
        assert not hub.full
        assert stream.looks.total() > 0

    run(story)


def test_an_index_that_is_away_is_told_and_so_is_its_return(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(livehub, "EVERY_AWAY", 0.01)
        hub = hub_of(stream)
        place = await hub.place("")
        stream.error = ServiceUnavailable("Elasticsearch", "refused")
        async with asyncio.timeout(SOON), aclosing(hub.events("", place)) as events:
            event = await anext(events)
            assert (event.kind, "refused" in event.why) == ("away", True)
            stream.error = None
            assert (await anext(events)).kind == "back"
            stream.come("still here")
            assert titles([await anext(events)]) == ["still here"]

    run(story)


def test_silence_is_broken_by_a_sign_of_life(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream, beat=0.02)
        assert (await read(hub, "", await hub.place(""), 1, ("beat",)))[0].kind == "beat"

    run(story)


def test_there_are_only_so_many_readers_at_once_and_each_that_goes_makes_room(stream: Stream) -> None:
    async def story() -> None:
        hub = hub_of(stream, readers=1, beat=0.01)
        async with aclosing(hub.events("", "")) as events:
            await anext(events)
            assert hub.full
        assert not hub.full

    run(story)


def test_a_query_that_cannot_be_read_is_refused_before_anything_is_sent(stream: Stream) -> None:
    async def story() -> None:
        with pytest.raises(QueryError):
            await hub_of(stream).place("bad:")

    run(story)


def test_queries_nobody_reads_are_forgotten(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(livehub, "CHANNELS", 3)
        hub = hub_of(stream)
        for n in range(20):
            await hub.place(f"{n}")
        assert len(hub._channels) <= 4

    run(story)


@pytest.mark.parametrize("place", ["", ".", "a.b.c", "x.1.99999999999999", "x.-1.5", "….٣.٣", "x.1.5"])
def test_a_place_that_makes_no_sense_or_is_too_old_begins_now(stream: Stream, place: str) -> None:
    async def story() -> None:
        stream.come("old", ago=10)
        hub = hub_of(stream, beat=0.02)
        assert (await read(hub, "", place, 1, ("article", "beat")))[0].kind == "beat"

    run(story)
