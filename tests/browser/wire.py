"""A page to look at: the real application on a free port, before a search and a status that a test sets."""

from __future__ import annotations

import html
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI

from search.articles import ArticleRecord, StoryRecord
from search.entityrecords import Bars, EntityName, EntityProfile
from search.history import History
from search.ports import Bucket, Fold, Hit, SearchResult, Sort, Timeline
from search.query import compile_query
from search.web.app import create_app
from search.web.ports import WebPorts

RUNNING: Mapping[str, Any] = {
    "phase": "running",
    "steps": [],
    "counts": {"seen": 1842, "in_flight": 7, "indexed": 1702, "duplicate": 96, "discarded": 36, "quarantined": 1},
    "feeds": {"total": 68, "ok": 64, "failing": 3, "waiting": 1, "errors": []},
    "paused": None,
}
SETTING_UP: Mapping[str, Any] = {
    "phase": "setting-up",
    "steps": [
        {"name": "Valkey", "state": "done", "detail": "9.1 on a unix socket", "seconds": 0.6},
        {"name": "Elasticsearch", "state": "running", "detail": "31 of 44 MB of jars", "seconds": None},
        {"name": "Workers", "state": "waiting", "detail": "", "seconds": None},
        {"name": "Sample news site", "state": "waiting", "detail": "", "seconds": None},
    ],
    "counts": {},
    "feeds": {},
    "paused": None,
}


class Wire:
    """Search, articles and status in memory: finds by plain words in titles, raises what it is told to."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.state: Mapping[str, Any] = RUNNING
        self.error: Exception | None = None
        self.asked: list[str] = []  # the queries, in order
        self.entities: list[EntityName] = []
        self.articles: dict[str, ArticleRecord] = {}
        self.histories: dict[str, History] = {}

    def suggest(self, text: str, *, size: int = 10, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        begun = text.casefold()
        return tuple(one for one in self.entities if any(w.startswith(begun) for w in one.name.casefold().split()))

    def lately(self, *, size: int = 30, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        return tuple(self.entities)

    def profile(
        self, type: str, id: str, *, beside: tuple[str, str] | None = None, since: str | None = None
    ) -> EntityProfile | None:
        one = next((one for one in self.entities if (one.type, one.id) == (type, id)), None)
        return EntityProfile(entity=one, query=one.query, total=0, timeline=Bars(interval="1d")) if one else None

    def article(self, id: str) -> ArticleRecord | None:
        if self.error:
            raise self.error
        return self.articles.get(id)

    def history(self, id: str) -> History | None:
        return self.histories.get(id)

    def story(self, id: str, *, size: int = 50, cursor: str | None = None) -> StoryRecord | None:
        told = [hit for hit in self.hits if hit.story_id == id]
        if not told:
            return None
        moments = sorted(datetime.fromisoformat(hit.first_seen) for hit in told)
        sources = tuple(dict.fromkeys(hit.source for hit in told))
        return StoryRecord(
            id=id,
            title=told[0].title,
            language=told[0].language,
            size=len(told),
            copies=0,
            source_count=len(sources),
            owners=sources,
            sources=sources,
            agencies=(),
            first=moments[0],
            last=moments[-1],
            members=(),
        )

    def summary(self) -> Mapping[str, object]:
        return self.state

    def search(
        self,
        query: str,
        *,
        size: int = 20,
        from_: int = 0,
        sort: Sort = "seen",
        stemmed: bool = False,
        facets: Sequence[str] = (),
        timeline: bool = False,
        fold: bool = False,
        cursor: str | None = None,
    ) -> SearchResult:
        compile_query(query)  # raises QueryError as the real one does
        self.asked.append(query)
        if self.error:
            raise self.error
        plain = re.sub(r'[-\w]+:(\[[^\]}]*.|"[^"]*"|\S+)', " ", query)
        words = plain.casefold().split()
        story = query.partition("story:")[2].strip('"')
        found = [hit for hit in self.hits if all(word in hit.title.casefold() for word in words)]
        found = [hit for hit in found if not story or hit.story_id == story]
        found.sort(key=lambda hit: hit.first_seen, reverse=True)
        shown = _folded(found) if fold else found
        begin = int(cursor or from_)
        return SearchResult(
            total=len(found),
            hits=tuple(shown[begin : begin + size]),
            facets={name: _spread(name, found) for name in facets},
            timeline=_hours(found) if timeline and found else None,
            cursor=str(begin + size) if begin + size < len(shown) else None,
        )


def _folded(hits: Sequence[Hit]) -> list[Hit]:
    sizes = Counter(hit.story_id for hit in hits if hit.story_id)
    shown: dict[str, Hit] = {}
    for hit in hits:
        size = sizes.get(hit.story_id or "", 0)
        fold = Fold(story_id=hit.story_id, size=size, sources=size) if hit.story_id and size > 1 else None
        shown.setdefault(hit.story_id or hit.id, hit.model_copy(update={"fold": fold}))
    return list(shown.values())


def _spread(field: str, hits: Sequence[Hit]) -> tuple[Bucket, ...]:
    values: dict[str, Callable[[Hit], Sequence[str | None]]] = {
        "source": lambda hit: [hit.source],
        "lang": lambda hit: [hit.language],
        "about": lambda hit: hit.countries,
        "person": lambda hit: hit.people,
        "org": lambda hit: hit.organisations,
        "topic": lambda hit: hit.topics,
    }
    counted = Counter(value for hit in hits for value in values[field](hit) if value)
    return tuple(Bucket(value=value, count=count) for value, count in counted.most_common(12))


def _hours(hits: Sequence[Hit]) -> Timeline:
    seen = Counter(f"{hit.first_seen[:13]}:00:00Z" for hit in hits)
    first, last = (datetime.fromisoformat(at) for at in (min(seen), max(seen)))
    hours = int((last - first) / timedelta(hours=1)) + 1
    starts = [f"{first + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(hours)]
    return Timeline(interval="1h", start=starts[0], counts=tuple((start, seen[start]) for start in starts))


NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def hit(title: str, *, minutes_ago: int = 0, is_: tuple[str, ...] = (), **changes: Any) -> Hit:
    """A hit first seen so many minutes before noon of 4 March 2026, UTC."""
    seen = NOON - timedelta(minutes=minutes_ago)
    fields: dict[str, Any] = {
        "id": f"{abs(hash(title)):x}",
        "url": "https://news.example/article",
        "title": title,
        "title_html": html.escape(title),
        "source": "news.example",
        "source_name": "Contoh Berita",
        "language": "id",
        "published": f"{seen - timedelta(minutes=12):%Y-%m-%dT%H:%M:%SZ}",
        "first_seen": f"{seen:%Y-%m-%dT%H:%M:%SZ}",
        "countries": ("JP", "FR"),
        "highlight": ("Rencana itu dibahas lagi pekan ini.",),
        "is": is_,
        **changes,
    }
    return Hit.model_validate(fields)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of `app` on a free port of 127.0.0.1, for as long as the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the page's server did not start")
            thread.join(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def page_of(wire: Wire) -> FastAPI:
    return create_app(WebPorts(search=wire, status=wire, articles=wire, entities=wire), tz="Asia/Jakarta")
