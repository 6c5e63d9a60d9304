"""An index full of recombined articles, their stories and entities: what `make bench-search` searches.

Articles are made into documents by `search.documents.source`, as the flow's are, and written by several processes.
Not as in the flow: what tells copies (signature, bands, terms) is drawn by chance, and who belongs to which story is
decided here: of a hundred articles 12 are copies and 15 follow up on one of the last seven hours.
"""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from ingest.records import Features, Feed
from ingest.stories import MOST_MEMBERS, Member, Story
from ingest.urls import article_id
from search.bulk import Action, action, send
from search.client import connect
from search.documents import source
from search.entityindex import EntityIndex
from search.ports import Document
from search.schema import Names
from search.storybook import COPY, ORIGINAL, story_source
from search.upkeep import ensure_schema
from tests.bench.recombined import Recombined

DAYS = 30
SITES = 60
COPIES, FOLLOW_UPS = 0.12, 0.15
BACK = 2_000  # articles: at 200,000 in 30 days seven hours
BATCH = 500  # a bulk, as in the flow
KINDS = ("private", "private", "state", "agency", "public", "think-tank")


@dataclass(frozen=True)
class Plan:
    """Which articles there are: when each was first seen, where, and of which story it is. `end`: now."""

    count: int
    seed: int
    end: datetime

    @cached_property
    def origins(self) -> tuple[list[int], bytearray]:
        """By article the one that its story began with, and whether it is a copy of that one."""
        chance = random.Random(self.seed)
        began, copy = list(range(self.count)), bytearray(self.count)
        for n in range(BACK, self.count):
            kind = chance.random()
            if kind < COPIES + FOLLOW_UPS:
                began[n] = began[n - chance.randint(1, BACK)]
                copy[n] = kind < COPIES
        return began, copy

    @cached_property
    def originals(self) -> frozenset[int]:
        """Articles of which there are copies."""
        began, copies = self.origins
        return frozenset(began[n] for n in range(self.count) if copies[n])

    @cached_property
    def feeds(self) -> list[Feed]:
        codes = ("ID", "ID", "ID", "MY", "US", "GB", "RU", "CN", "EG", "SG")
        return [
            Feed(
                id=hashlib.sha256(b"%d" % at).hexdigest()[:32],
                url=f"https://www.site{at}.example/rss",
                name=f"Site {at}",
                country=codes[at % len(codes)],
                owner=f"Group {at // 2}",
                kind=KINDS[at % len(KINDS)],
                folder="Bench",
            )
            for at in range(SITES)
        ]

    @cached_property
    def shares(self) -> list[float]:
        """Of the sites, by Zipf's law."""
        return list(accumulate(1 / (rank + 3) for rank in range(SITES)))

    def feed(self, n: int) -> Feed:
        return random.Random(f"site {self.seed}/{n}").choices(self.feeds, cum_weights=self.shares)[0]

    def url(self, n: int) -> str:
        return f"https://www.site{self.feeds.index(self.feed(n))}.example/2026/berita-{n}"

    def time(self, n: int) -> datetime:
        return self.end - timedelta(days=DAYS) * ((self.count - n) / self.count)


def fill(url: str, plan: Plan, corpus: Path | None, processes: int) -> Iterator[int]:
    """Writes all of it; tells how many articles there are by now. Raises RuntimeError where a document is refused."""
    made = Recombined(corpus, plan.seed)
    _Writing.plan, _Writing.made, _Writing.url = plan, made, url
    _Writing.originals = plan.originals  # before the fork: made once
    _Writing.plan.feed(0)
    with closing(connect(url)) as client:
        ensure_schema(client)
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            done = 0
            for written in pool.imap_unordered(_write, range(0, plan.count, BATCH)):
                done += written
                yield done
        for start in range(0, plan.count, 50_000):
            stories = (story_source(one) for one in _stories(plan, range(start, min(plan.count, start + 50_000))))
            _send(client, [action("create", Names().stories, one["story_id"], one) for one in stories])
        client.indices.refresh(index="articles,stories")
        entities = EntityIndex(client)
        entities.load()
        entities.count(plan.end)
        client.indices.refresh(index="entities")
        client.indices.flush(index="articles")


class _Writing:
    """What the processes have from the one that started them."""

    plan: Plan
    made: Recombined
    url: str
    originals: frozenset[int]


def _write(start: int) -> int:
    plan = _Writing.plan
    numbers = range(start, min(plan.count, start + BATCH))
    with closing(connect(_Writing.url, timeout=120)) as client:
        documents = ((_id(plan, n), _source(n)) for n in numbers)
        _send(client, [action("create", Names().articles, id, one) for id, one in documents])
    return len(numbers)


def _send(client: Any, actions: list[Action]) -> None:
    for item in send(client, actions):
        if item.status != 201:
            raise RuntimeError(f"a document was refused: {item.status} {item.reason}")


def _id(plan: Plan, n: int) -> str:
    return article_id(plan.url(n))


def _source(n: int) -> dict[str, Any]:
    """The document of article `n`."""
    plan, made = _Writing.plan, _Writing.made
    began, copies = plan.origins
    text = began[n] if copies[n] else n
    id, url, seen = _id(plan, n), plan.url(n), plan.time(n)
    chance = random.Random(f"features {plan.seed}/{text}")
    tagged = made.tagged(text, id, url, hashlib.sha256(b"%d" % text).hexdigest())
    published = seen - timedelta(minutes=random.Random(n).expovariate(1 / 25))
    article = tagged.article.model_copy(update={"published": published})
    signature = base64.b64encode(chance.randbytes(387)).decode()
    found = Features(
        signature=signature,
        bands=tuple(signature[4 + 8 * at : 12 + 8 * at] for at in range(64)),
        terms=tuple(dict.fromkeys(word.casefold() for word in article.body.split()[:200:20] if len(word) > 5)),
    )
    tagged = tagged.model_copy(update={"article": article, "features": found})
    document = Document.model_construct(
        entry_id=id, tagged=tagged, feed=plan.feed(n), first_seen=seen, fetched=seen, known_as=None
    )
    fields = source(document, seen + timedelta(seconds=9))
    fields["story_id"] = _id(plan, began[n])
    if copies[n]:
        return {**fields, "duplicate_of": _id(plan, began[n]), "is": [COPY]}
    return {**fields, "is": [ORIGINAL]} if n in _Writing.originals else fields


def _stories(plan: Plan, beginnings: range) -> Iterator[Story]:
    """Of two articles or more, those that began with one of these."""
    began, copies = plan.origins
    members: dict[int, list[int]] = {}
    sizes = Counter(began)
    for n, first in enumerate(began):
        if sizes[first] > 1 and first in beginnings:
            members.setdefault(first, []).append(n)
    for first, numbers in members.items():
        listed = tuple(
            Member(
                article_id=_id(plan, n),
                time=plan.time(n).astimezone(UTC),
                first_seen=plan.time(n).astimezone(UTC),
                title=f"Story {first}",
                source=f"site{plan.feeds.index(plan.feed(n))}.example",
                owner=plan.feed(n).owner or "",
                duplicate_of=_id(plan, first) if copies[n] else None,
            )
            for n in numbers[:MOST_MEMBERS]
        )
        owners = tuple(sorted({one.owner for one in listed}))
        yield Story(
            id=_id(plan, first), language=None, members=listed, unlisted=len(numbers) - len(listed), owners=owners
        )
