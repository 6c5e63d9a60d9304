"""For how long what a server sent stays fresh, as its headers say (RFC 9111)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 365 * 86_400  # seconds: a year, which is what files that never change are sent with
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_AGE = re.compile(r"\s*(\d{1,9})\s*")


def fresh_for(head: Mapping[str, str], present: datetime) -> int | None:
    """Seconds from now: max-age of Cache-Control, else Expires less Date, less the Age that it has already.

    None where nothing is said, or it is stale already. `head`: header names in lower case. (Sections 4.2.1 and 5.3.)
    """
    if found := _MAX_AGE.search(head.get("cache-control", "")):
        lifetime = int(found[1])
    else:
        expires = _date(head.get("expires"))
        if expires is None:
            return None
        lifetime = int((expires - (_date(head.get("date")) or present)).total_seconds())
    age = _AGE.fullmatch(head.get("age", ""))
    left = lifetime - (int(age[1]) if age else 0)
    return min(left, LONGEST) if left > 0 else None


def _date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value[:100]) if value else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
