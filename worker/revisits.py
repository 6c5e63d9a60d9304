"""Articles that are looked at again: because their feed's entry changed, or by plan.

A visit is an ended entry that stands in line again and passes the same stages; the ledger keeps when in the sorted set
`revisits`. It never costs an article its outcome (`worker/lua/prelude.lua`, `finish`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest.records import Entry, Feed
from worker.ledger import Ledger
from worker.valkey import script


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """Looks that are planned (of these due now), and what those made so far found. `made` is the sum of the others."""

    planned: int
    due: int
    made: int
    changed: int
    vanished: int
    unchanged: int
    failed: int


class Revisits:
    """The visits of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.redis = ledger, ledger.redis
        self._reopen, self._watch = script(self.redis, "reopen"), script(self.redis, "watch")

    def reopen(self, stage: str, most: int) -> int:
        """Makes up to `most` entries whose next look is due ready for `stage`; how many."""
        return int(self._reopen(keys=[self.ledger.prefix], args=[stage, most]))

    def watch(self, entry: Entry, feed: Feed | None, *, article: str, first_seen: datetime) -> bool:
        """Plans looks at this entry's article from now on (it alerted, a reader kept it); again changes nothing.

        `entry` may be made of what the article's document says (`entry_id`, `url`): what the ledger keeps itself comes
        first. False where the entry brought no article.
        """
        record = entry.model_dump_json(exclude_defaults=True)
        source = feed.model_dump_json(exclude_defaults=True) if feed else ""
        seen = int(first_seen.timestamp() * 1000)
        args = [entry.id, record, feed.id if feed else "", source, self.ledger.looks, article, seen]
        return bool(self._watch(keys=[self.ledger.prefix], args=args))

    def counts(self) -> VisitCounts:
        seconds, micros = self.redis.time()
        name = self.ledger.key("revisits")
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.zcard(name)
            pipe.zcount(name, "-inf", seconds * 1000 + micros // 1000)
            pipe.hgetall(self.ledger.key("visits"))
            planned, due, kept = pipe.execute()
        names = ("made", "changed", "vanished", "unchanged", "failed")
        of = {name: int(kept.get(name.encode(), 0)) for name in names}
        return VisitCounts(planned=planned, due=due, **of)
