"""The first stage: one poll of a feed. Its entries are claimed before anything else is remembered of the poll."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from ingest import dates
from ingest.errors import HostBusy, NotAFeed
from ingest.feedaddress import feed_address
from ingest.feeds import body_hash
from ingest.fetch import FEED_ACCEPT, PAGE_ACCEPT, Fetcher, Response
from ingest.health import date_problems, kind_of
from ingest.listings import Listing, listed_ids, part_due, parts_again, read_listing, without_part
from ingest.records import Entry, Feed, ParsedFeed
from ingest.rhythm import Rhythm, first_seen, read_rhythm, seen_again, usable
from ingest.schedule import LONGEST, SHORTEST, Hints, Pace, after_failure, jittered, next_poll, unconditional
from ingest.zones import constant_lag, lag_told, read_lags, with_lags, written_lags, zone_of_feed
from worker.abreast import abreast
from worker.failures import said, verdict_for
from worker.gaps import gap_fields
from worker.stages import Group, Turns
from worker.trail import Trail
from worker.verdicts import Again, Defer, Item, Verdict

BROKEN_KEPT = 5  # problems told of one body
LASTING = 3  # permanent redirects in a row, all to one address, after which that one is asked
TOUCH_EVERY = 3_600.0  # seconds; an entry's record outlives its last sighting by days
SOON = 1.0  # seconds after which what one poll could not bring is asked for; its host's turn may take longer
LOST = 3  # failures in a row at that address, after which the feed's own is asked again


@dataclass(frozen=True, slots=True)
class PollPorts:
    """What a poll needs: `claim` says which entries are new, `touch` keeps alive those of an unchanged feed."""

    fetcher: Fetcher
    turns: Turns
    claim: Callable[[Sequence[Entry], Feed], list[bool]]
    touch: Callable[[Sequence[str]], None]
    interval: float  # seconds between two polls of a feed of which nothing is known
    shortest: float = SHORTEST
    longest: float = LONGEST

    @property
    def pace(self) -> Pace:
        return Pace(self.interval, self.shortest, self.longest)


def poll(items: Sequence[Item], ports: PollPorts) -> Iterator[Group]:
    """Polls each feed, all at the same time; its verdict is always its next poll."""
    yield from abreast(items, lambda item: _guarded(item, ports), "poll")


def _guarded(item: Item, ports: PollPorts) -> Verdict:
    try:
        return _poll_one(item, ports)
    except Exception as error:  # noqa: BLE001  # a feed that fails slows down, whatever it was
        verdict = verdict_for(error, item.attempt)
        return verdict if isinstance(verdict, Defer) else failed(item, error, ports.pace)


def _poll_one(item: Item, ports: PollPorts) -> Again:
    feed = Feed.model_validate_json(item.fields["record"])
    source, part = feed_address(feed.url), part_due(item.fields)
    address = part or item.fields.get("moved") or source.url
    whole = bool(part or item.fields.get("untrue")) or unconditional(int(item.fields.get("polls", 0)), feed.id)
    listed_on_page = source.form == "page"  # a page like any other; feeds and sitemaps are there for machines
    with Trail(ports.turns, feed=True, robots=listed_on_page) as trail:
        trail.step(address)
        response = ports.fetcher.get(
            address,
            etag=None if whole else item.fields.get("etag") or None,
            last_modified=None if whole else item.fields.get("last_modified") or None,
            accept=PAGE_ACCEPT if listed_on_page else FEED_ACCEPT,
            on_redirect=trail.step,
        )
    now = dates.now().timestamp()
    listed: list[str] = orjson.loads(item.fields.get("listed", "[]"))
    moved = {} if part else _moved(item, address, response)
    digest = body_hash(response.body)
    if not part and (response.not_modified or digest == item.fields.get("body_hash")):
        if now - float(item.fields.get("touched", 0)) >= TOUCH_EVERY:
            ports.touch(listed)
            moved["touched"] = str(int(now))
        rhythm = seen_again(read_rhythm(item.fields.get("rhythm")), [], len(listed), now)
        further = parts_again(item.fields)
        return succeeded(item, response, ports.pace, rhythm, moved | further, soon=bool(further))
    listing = read_listing(
        source,
        response.body,
        url=response.url,
        feed_id=feed.id,
        language=feed.language,
        content_type=response.content_type,
        fields=item.fields,
        now=dates.now(),
        zone=zone_of_feed(feed),
    )
    if listed and not listing.total:
        raise NotAFeed(f"{response.url} lists nothing any more", reason="empty")
    parsed = listing.parsed
    new = ports.claim(parsed.entries, feed)
    given = [_date(entry, source.form) for entry in parsed.entries]
    problems = [*date_problems(given, now), *parsed.problems]
    fields = {
        **moved,
        **({name: item.fields.get(name, "") for name in ("etag", "last_modified")} if part else {"body_hash": digest}),
        "listed": orjson.dumps(listed_ids(listing, item.fields)).decode(),
        "entries": str(int(item.fields.get("entries", 0)) + sum(new)),
        "hints": hints_of(parsed).model_dump_json(exclude_defaults=True),
        **listing.fields,
        **gap_fields(item.fields, listing, new, dates.now()),
    }
    if any(new):
        fields["last_new"] = dates.now().isoformat()
        if whole and not part and _same_validators(item, response):
            fields["untrue"] = "1"
    if fields.get("untrue") or item.fields.get("untrue"):
        problems.append("its server says that it is unchanged while it changes: asked without conditions")
    fields |= _lag(item, feed, [date for date, one in zip(given, new, strict=True) if one], now)
    if fields["off"]:
        problems.insert(0, lag_told(int(fields["off"]), feed, dates.now()))
    fields["problems"] = "; ".join(problems[:BROKEN_KEPT])
    rhythm = _rhythm(item, listing, new, usable(given, now), now)
    return succeeded(item, response, ports.pace, rhythm, fields, soon=listing.soon)


def _lag(item: Item, feed: Feed, given: Sequence[float | None], now: float) -> dict[str, str]:
    """How long after their dates the feed's last entries were first seen, and whether that is always the same."""
    before = item.fields.get("last_success")
    gap = now - datetime.fromisoformat(before).timestamp() if before else math.inf
    lags = with_lags(read_lags(item.fields.get("lags"), feed), given, seen=now, gap=gap)
    off = constant_lag(lags)
    return {"lags": written_lags(lags, feed), "off": "" if off is None else str(off)}


def _date(entry: Entry, form: str) -> float | None:
    """Unix seconds. Most sitemaps only say when a page was changed, which of a new one is when it came."""
    date = entry.published or (entry.updated if form == "sitemap" else None)
    return date.timestamp() if date else None


def _rhythm(item: Item, listing: Listing, new: Sequence[bool], when: Sequence[float | None], now: float) -> Rhythm:
    if listing.partial:
        return read_rhythm(item.fields.get("rhythm"))
    return _learnt(item, listing.parsed.entries, new, when, now)


def _learnt(
    item: Item, entries: Sequence[Entry], new: Sequence[bool], when: Sequence[float | None], now: float
) -> Rhythm:
    """What the listing adds: entries that the last one had not, though another feed may have brought them."""
    rhythm = read_rhythm(item.fields.get("rhythm"))
    if rhythm.until is None:
        return first_seen(when, now)
    before, until = set(orjson.loads(item.fields.get("listed", "[]"))), rhythm.until
    came = [
        date
        for entry, first, date in zip(entries, new, when, strict=True)
        if entry.id not in before and (first or (date is not None and date > until))
    ]
    return seen_again(rhythm, came, len(entries), now)


def succeeded(  # what a poll is made of
    item: Item, response: Response, pace: Pace, rhythm: Rhythm, fields: Mapping[str, str], *, soon: bool = False
) -> Again:
    """The next poll after a good one, with the validators that the server gave (a 304 may leave them out).

    `soon`: this was a part of what is to be asked, the next one follows at once."""
    now = dates.now()
    hints = Hints.model_validate_json(fields.get("hints") or item.fields.get("hints") or "{}")
    kept = {
        "etag": response.etag or (item.fields.get("etag", "") if response.status == 304 else ""),
        "last_modified": response.last_modified
        or (item.fields.get("last_modified", "") if response.status == 304 else ""),
        "polls": str(int(item.fields.get("polls", 0)) + 1),
        "last_poll": now.isoformat(),
        "last_success": now.isoformat(),
        "failures": "0",
        "error": "",
        "error_kind": "",
        "rhythm": rhythm.model_dump_json(exclude_defaults=True),
    }
    if soon:
        return Again(SOON, {**kept, **fields})
    asked = hints.model_copy(update={"fresh": response.max_age})
    return Again(next_poll(rhythm, asked, now.timestamp(), pace, _draw()), {**kept, **fields})


def failed(item: Item, error: Exception, pace: Pace) -> Again:
    """The next poll after a bad one: later with each failure in a row, by its kind, at most a day, never given up."""
    now, kind, failures = dates.now(), kind_of(error), int(item.fields.get("failures", 0)) + 1
    usual = next_poll(read_rhythm(item.fields.get("rhythm")), Hints(), now.timestamp(), pace)
    asked = error.retry_after if isinstance(error, HostBusy) else None
    after = jittered(after_failure(kind, failures, usual, retry_after=asked, pace=pace), _draw())
    fields = {
        "polls": str(int(item.fields.get("polls", 0)) + 1),
        "last_poll": now.isoformat(),
        "failures": str(failures),
        "error": said(error),
        "error_kind": kind,
        "redirects": "0",
        **without_part(item.fields),
    }
    if failures >= LOST and item.fields.get("moved"):
        fields["moved"] = ""
    return Again(min(max(after, asked or 0.0), pace.longest), fields)


def hints_of(parsed: ParsedFeed) -> Hints:
    """What the feed itself asks for."""
    return Hints(
        ttl=None if parsed.period else parsed.ttl,
        period=parsed.period,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
    )


def _moved(item: Item, address: str, response: Response) -> dict[str, str]:
    """What is remembered of a permanent redirect: it counts once it came three times in a row."""
    to = response.permanent_url
    if not to or to == address:
        return {"redirects": "0"} if item.fields.get("redirects", "0") != "0" else {}
    times = int(item.fields.get("redirects", 0)) + 1 if item.fields.get("redirect") == to else 1
    if times < LASTING:
        return {"redirect": to, "redirects": str(times)}
    return {"moved": to, "redirect": "", "redirects": "0"}


def _same_validators(item: Item, response: Response) -> bool:
    """Whether a changed body came with the very validators of the one before."""
    before = (item.fields.get("etag", ""), item.fields.get("last_modified", ""))
    return any(before) and before == (response.etag or "", response.last_modified or "")


def _draw() -> float:
    return random.uniform(-1, 1)  # noqa: S311  # spreading load, no secret
