"""What a status that brings no page means, said once.

429, 503            HostBusy, with Retry-After;  202 too: not ready, or a robot check
408, 421, 425, 5xx  HostUnreachable
404, 410            Gone
401, 402, 403, 451  Forbidden
202, 401, 403, 503  Forbidden (challenge) where a guard asks for a proof that no machine asks
everything else     Permanent
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.dates import now
from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable, IngestError, Permanent
from ingest.refusals import challenge_head, wall

GUARDED = frozenset({202, 401, 403, 503})  # with which guards against machines send their challenge
LONGEST_PATIENCE = 7 * 86400.0  # seconds: a Retry-After beyond is taken as this


def retry_after(value: str, present: datetime) -> float | None:
    """Seconds to wait, of a Retry-After header in either form (RFC 9110 section 10.2.3); None where it says nothing."""
    value = value.strip()
    if re.fullmatch(r"\d{1,12}(?:\.\d+)?", value, re.ASCII):
        return min(float(value), LONGEST_PATIENCE)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - present).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PATIENCE)


def failure(url: str, status: int, head: Mapping[str, str], page: bytes = b"") -> IngestError:
    """The error for `status`; `head`: the response's headers, names in lower case; `page`: what came with it."""
    said = f"{url} answered {status}"
    if status in GUARDED and (challenge_head(head) or wall(url, page) == "challenge"):
        return Forbidden(f"{said}: a challenge to machines", reason="challenge")
    if status in {202, 429, 503}:
        return HostBusy(said, retry_after=retry_after(head.get("retry-after", ""), now()))
    if status >= 500 or status in {304, 408, 421, 425}:  # a 304 to an unconditional request is the server's confusion
        return HostUnreachable(said, reason=f"http-{status}")
    if status in {404, 410}:
        return Gone(said)
    if status in {401, 402, 403, 451}:
        return Forbidden(said)
    return Permanent(said, reason=f"http-{status}")
