"""One look at a feed, for a person who waits: what a poll would see, or why it would see nothing. Nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.dates import now
from ingest.discover import FoundFeed, feed_links
from ingest.errors import IngestError, NotAFeed
from ingest.feedaddress import FeedAddress, feed_address
from ingest.fetch import FEED_ACCEPT, Fetcher, Response
from ingest.health import date_problems, kind_of
from ingest.listings import read_listing
from ingest.records import Entry, Feed, ParsedFeed
from search.feeddesk import Trial
from worker.failures import said
from worker.gate import NotYet
from worker.stages import Turns
from worker.trail import Trail

PATIENCE = 6.0  # seconds that a person waits for a host's turn
SHOWN = 10  # entries
PROBLEMS = 8
FOUND = 10  # feeds told of a site
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Look:
    """What one look at an address brought: the trial, and of a feed what was fetched and read."""

    trial: Trial
    response: Response | None = None
    parsed: ParsedFeed | None = None


def look_at(
    address: str,
    fetcher: Fetcher,
    turns: Turns | None,
    *,
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Look:
    """Fetches and reads the feed at `address` once, in its host's turn (`turns` None: at once, where no ledger is
    asked). A failure stands in the trial."""
    try:
        source = feed_address(address)
    except IngestError as error:
        return Look(Trial(url=address[:2000], error=said(error), error_kind="address"))
    response: Response | None = None
    try:
        response = _asked(source.url, fetcher, turns, time.monotonic() + patience, sleep)
        listing = read_listing(
            source,
            response.body,
            url=response.url,
            feed_id=source.id,
            language=None,
            content_type=response.content_type,
            fields={},
            now=now(),
        )
    except NotYet as turn:
        return Look(Trial(url=source.text, error=str(turn), error_kind="turn", after=turn.seconds))
    except IngestError as error:
        found: tuple[FoundFeed, ...] = ()
        if isinstance(error, NotAFeed) and response is not None:
            found = feed_links(response.body, response.url)[:FOUND]
        trial = Trial(url=source.text, error=said(error), error_kind=kind_of(error), found=found)
        return Look(trial, response)
    return Look(_read(source, response, listing.parsed, listing.total), response, listing.parsed)


def _asked(url: str, fetcher: Fetcher, turns: Turns | None, until: float, sleep: Callable[[float], None]) -> Response:
    """The response, in the turn of each host on the way. Raises IngestError, NotYet where a turn is far off."""
    if turns is None:
        return fetcher.get(url, accept=FEED_ACCEPT)
    while True:
        try:
            with Trail(turns, feed=True) as trail:
                trail.step(url)
                return fetcher.get(url, accept=FEED_ACCEPT, on_redirect=trail.step)
        except NotYet as turn:
            if time.monotonic() + turn.seconds > until:
                raise
            sleep(max(turn.seconds, 0.05))


def _read(source: FeedAddress, response: Response, parsed: ParsedFeed, total: int) -> Trial:
    dates = [entry.published.timestamp() if entry.published else None for entry in parsed.entries]
    newest = sorted(parsed.entries, key=_date, reverse=True)[:SHOWN]
    about: dict[str, Any] = {"site_url": parsed.site_url, "language": parsed.language}
    return Trial(
        url=source.text,
        feed=Feed(id=source.id, url=source.text, name=(parsed.title or source.host)[:200], **about),
        title=parsed.title or "",
        format=parsed.format,
        answered=response.url,
        size=len(response.body),
        validators=bool(response.etag or response.last_modified),
        entries=tuple(newest),
        total=total,
        problems=(*date_problems(dates, now().timestamp()), *parsed.problems)[:PROBLEMS],
    )


def _date(entry: Entry) -> datetime:
    return entry.published or EARLIEST
