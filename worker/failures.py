"""Every failure's verdict, in one place. A test proves that each class of `ingest/errors.py` has one."""

from __future__ import annotations

import traceback
from pathlib import Path

from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

from ingest.errors import Discard, HostBusy, IngestError, Permanent, Refused, Transient
from search.ports import IncompleteAnswerError, ServiceUnavailable
from worker.gate import NotYet
from worker.verdicts import Defer, End, Retry, Verdict

RETRY_AFTER = 15.0  # seconds before what nobody foresaw is tried again
# A host or the line to it may be away for hours: 1 min, 5 min, 25 min, 2 h, 10 h, before a person has to look.
OUTSIDE_AFTER, OUTSIDE_FACTOR, OUTSIDE_ATTEMPTS = 60.0, 5, 6
LONGEST_BUSY = 86_400.0
SERVICE_AFTER = 2.0  # a service of ours is away: ask again soon, so that little time is lost when it is back
ERROR_LENGTH = 1000
# What a feed may list by the thousand and no person can mend: counted by name, not kept for one to look at.
OUTSIDERS = frozenset({"private-address", "bad-url"})


def verdict_for(error: Exception, attempt: int) -> Verdict:  # noqa: PLR0911  # one return a kind of failure
    """What to do with an item whose stage raised `error` in its attempt number `attempt` (1 for the first).

    Waiting is not failing: a service of ours that is away, or a host whose turn has not come, counts no attempt.
    Whatever no one foresaw is tried again, then quarantined with its name: it loses nothing and stops nothing.
    """
    match error:
        case NotYet():
            return Defer(error.seconds, str(error))
        case ServiceUnavailable() | IncompleteAnswerError() | RedisAway() | RedisSlow():
            return Defer(SERVICE_AFTER, str(error))
        case Transient():
            after = OUTSIDE_AFTER * OUTSIDE_FACTOR ** (attempt - 1)
            if isinstance(error, HostBusy) and error.retry_after:
                after = min(error.retry_after, LONGEST_BUSY)
            return Retry(after, said(error), OUTSIDE_ATTEMPTS)
        case Discard():
            return End("discarded", error.reason)
        case Refused() if error.reason in OUTSIDERS:
            return End("discarded", error.reason)
        case Permanent():
            return End("quarantined", said(error))
        case IngestError():
            return End("quarantined", said(error))
        case _:
            return Retry(RETRY_AFTER, said(error))


def said(error: Exception) -> str:
    """One line for a person: the error's own words; where nobody foresaw it, its class and the line it came from."""
    text = str(error)
    if not isinstance(error, IngestError | ServiceUnavailable):
        frames = traceback.extract_tb(error.__traceback__)
        where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
        text = f"{type(error).__name__}: {error}{where}"
    return " ".join(text.split())[:ERROR_LENGTH]
