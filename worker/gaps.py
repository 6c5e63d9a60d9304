"""Windows that may have been missed: from a feed's last good poll to one in which it listed nothing that it did before.

A feed that still lists an entry known from before shows all that came between; where none is left, more may have come
and gone than the feed holds. That happens after an outage, ours or the feed's, and where a feed is asked too seldom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from ingest.listings import Listing, part_due


def gap_fields(fields: Mapping[str, str], listing: Listing, new: Sequence[bool], now: datetime) -> dict[str, str]:
    """What to remember in the feed's record of a poll that was read; nothing where nothing can have been missed.

    `fields`: the record before it; `new`: of each entry whether it was claimed just now.
    """
    before, since = orjson.loads(fields.get("listed") or "[]"), fields.get("last_success")
    if not before or not since or listing.partial or part_due(fields) or not listing.parsed.entries or not all(new):
        return {}
    known = set(before)
    if any(entry.id in known for entry in listing.parsed.entries):
        return {}
    return {"gap_from": since, "gap_until": now.isoformat()}
