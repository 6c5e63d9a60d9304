"""The whole flow in one table. Read this file first.

    feed ──poll──▶ entry ──fetch──▶ page ──extract──▶ tagged article ──index──▶ Elasticsearch ──story──▶ its story
                              └─rest─▶ its further pages                                     its story ──match──▶ alerts

    archive ──backfill──▶ page, as above: behind all that is new, one batch at a time, no alerts

    alert ──notify──▶ people: one delivery for each channel, tried until it arrives

    rule of what does not come ──windows──▶ alerts        new rule ──lookback──▶ alerts of what was there before

    text that a reader kept ──keep──▶ its raw page, stored ──compare──▶ whether it still says the same

Each stage stands in the ledger under its name and is woken through its Celery queue. A stage function takes a batch
and yields verdicts; "done" sends an entry to the next stage named here, or ends it. An article that is looked at again
takes the same way; one whose page is gone goes from `fetch` straight to `index`, and from there to `match`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from worker import keeping, match, notify, pages, poll, stages
from worker.ledger import FREE, Behind
from worker.stages import Group
from worker.verdicts import Item


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the table.

    `work(items, ports)` takes up to `batch` items. Its lease is renewed for `seconds`; a batch that takes longer hangs,
    and is taken from it. `aside`: where its verdicts may lead instead of `following`. `wakes`: messages in the queue
    that are enough, as each runs a batch and wakes on while more is due. `linger`: seconds to wait for more before a
    batch that would not be full. `intake` stages stand still while the ledger is paused or holds too many bytes:
    pressure, not loss. `alone`: what failed before is leased by itself, because it may be what ends processes here.
    `patience`: seconds after which the next batch begins beside what is left of this one. `single`: only one process in
    the whole fleet at a time. `behind`: what goes first, see the ledger.
    """

    name: str
    queue: str
    work: Callable[[Sequence[Item], Any], Iterator[Group]]
    batch: int
    seconds: float
    following: str | None
    aside: tuple[str, ...] = ()
    wakes: int = 4
    linger: float = 0.0
    intake: bool = False
    alone: bool = False
    single: bool = False
    patience: float = 0.0
    behind: Behind = FREE


NEWS = Behind((("fetch", 1), ("extract", 16)))  # what is new goes before an archive, always
ARTICLES = Behind((("match", 1),), seconds=60.0)  # their alerts go first; where they never end, not for ever

STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        #     name       queue       work             batch seconds following
        Stage("poll",    "feeds",    poll.poll,           8, 180, None, intake=True, patience=2),
        Stage("fetch",   "pages",    pages.fetch,         8, 180, "extract", aside=("rest", "index"), intake=True,
              patience=2),
        Stage("rest",    "rest",     pages.rest,          8, 180, "extract", aside=("rest",), patience=2),
        Stage("extract", "articles", stages.article,      8, 90, "index", alone=True),
        Stage("index",   "index",    stages.index,      500, 300, "story", aside=("match",), wakes=1, linger=0.25),
        Stage("story",   "stories",  stages.story,      500, 300, "match", wakes=1, linger=0.5, single=True),
        Stage("match",   "match",    match.match,       500, 300, None, wakes=1, single=True),
        Stage("windows", "rules",    match.windows,      20, 180, None, wakes=1, single=True, behind=ARTICLES),
        Stage("lookback", "rules",   match.lookback,      4, 180, None, wakes=1, single=True, behind=ARTICLES),
        Stage("backfill", "backfill", pages.fetch,        8, 180, "extract", aside=("rest", "index"), intake=True,
              single=True, behind=NEWS),
        Stage("keep",    "keep",     keeping.keep,        8, 180, "compare"),  # no intake: the page may be gone soon
        Stage("compare", "compare",  keeping.compare,     4, 90, None, alone=True),
        Stage("notify",  "alerts",   notify.notify,      32, 180, None, patience=2),  # no intake: people wait for it
    )
}  # fmt: skip

FIRST = "fetch"  # where a claimed entry starts
BACKFILL = "backfill"  # where one of an archive does
CONTROL = "control"  # beat's queue: `poll_due`, `sweep`, `tick`


@dataclass(frozen=True, slots=True)
class Worker:
    """One kind of worker process: the queues it serves, Celery's pool for it, how many at once (0: one a core)."""

    queues: tuple[str, ...]
    pool: str
    concurrency: int


WORKERS: dict[str, Worker] = {
    "control": Worker((CONTROL,), "solo", 1),
    "feeds": Worker(("feeds",), "threads", 8),
    "pages": Worker(
        ("pages", "rest", "keep", "backfill"), "threads", 4
    ),  # times the batch of `fetch`: 32 pages under way
    "articles": Worker(("articles", "compare"), "prefork", 0),  # processes: extraction is the CPU's limit
    "alerts": Worker(("alerts",), "threads", 4),
    "index": Worker(("index", "stories", "match", "rules"), "solo", 1),  # one bulk at a time: they grow under load
}

# How often beat wakes what, in seconds. What is due stands in the ledger: a second beat only wakes twice.
BEAT = {"poll_due": 1.0, "tick": 1.0, "sweep": 5.0}
