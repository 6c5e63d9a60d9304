"""What is no entry and stands in Elasticsearch (raw pages to keep, deliveries) is made ready for its stage here."""

from __future__ import annotations

from collections.abc import Sequence

from worker.ledger import KINDS, Ledger
from worker.valkey import script


def want(ledger: Ledger, stage: str, ids: Sequence[str]) -> int:
    """Makes each ready that is not under way; how many that were."""
    if not ids:
        return 0
    return int(script(ledger.redis, "want")(keys=[ledger.prefix], args=[stage, KINDS[stage], *ids]))
