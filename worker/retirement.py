"""The ledger's side of articles that retention removes. Implements `search.lifecycle.retention.Entries`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.homes import LedgerHomes
from worker.ledger import Ledger
from worker.valkey import script

AT_ONCE = 1000  # entries a call: some milliseconds of the server's time


class Retirement:
    """An entry whose article is gone is known until it has left its feed for good, in the state `retired`: its outcome
    stays counted, but neither a changed entry nor a planned look reads its page again."""

    def __init__(self, ledger: Ledger, homes: LedgerHomes) -> None:
        self.ledger, self.homes = ledger, homes
        self._retire = script(ledger.redis, "retire")

    def retire(self, articles: Mapping[str, str]) -> None:
        """Entry by article: they are never looked at again, and their homes are forgotten."""
        entries = list(articles.values())
        for start in range(0, len(entries), AT_ONCE):
            self._retire(keys=[self.ledger.prefix], args=entries[start : start + AT_ONCE])
        self.forget(list(articles))

    def forget(self, article_ids: Sequence[str]) -> None:
        """Their homes are forgotten: they live elsewhere now."""
        self.homes.forget(article_ids)
