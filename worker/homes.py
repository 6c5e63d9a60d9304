"""Each article's home index, set once in the ledger and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.valkey import Client


class LedgerHomes:
    """Implements `search.ports.Homes`. Kept for `days`: later the document itself answers (a realtime `_mget`)."""

    def __init__(self, redis: Client, prefix: str, *, days: int) -> None:
        self.redis, self.prefix, self.seconds = redis, prefix, days * 86_400

    def get(self, article_ids: Sequence[str]) -> Mapping[str, str]:
        """Concrete index by article id, for those known."""
        if not article_ids:
            return {}
        rows = self.redis.mget([self._key(id) for id in article_ids])
        return {id: row.decode() for id, row in zip(article_ids, rows, strict=True) if row}

    def set_if_absent(self, homes: Mapping[str, str]) -> Mapping[str, str]:
        """The home now in force for each id given: an earlier one wins."""
        with self.redis.pipeline(transaction=False) as pipe:
            for id, index in homes.items():
                pipe.set(self._key(id), index, nx=True, ex=self.seconds)
            pipe.execute()
        return {**homes, **self.get(list(homes))}

    def forget(self, article_ids: Sequence[str]) -> None:
        """The documents were removed."""
        if article_ids:
            self.redis.delete(*(self._key(id) for id in article_ids))

    def _key(self, article_id: str) -> str:
        return f"{self.prefix}home:{article_id}"
