"""What of a sitemap is new: 50,000 URLs stand in some, of which a poll must not bring all. Pure.

Where the URLs have dates, those count that are later than the latest seen, with two days' grace (sites list late what
they dated early; the ledger knows what it has). Where they have none, those count that were not listed before, known
by six bytes each. The first poll brings the last days only: what is older is `kawat backfill`'s.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ingest.errors import Refused
from ingest.langtag import iso_language
from ingest.records import Entry, Record
from ingest.rhythm import same_date
from ingest.sitemaps import SitemapUrl
from ingest.urls import entry_id, fetchable_url

MOST_NEW = 500  # entries that one poll brings; the rest comes seconds later
MOST_AT_ONCE = 5_000  # that are later than what was seen; a sitemap with more says nothing by its dates
FIRST_DAYS = timedelta(days=3)  # a news sitemap is for two (Google's rule)
FIRST_LEAST = 20  # brought by a first poll even if they are older, as a feed would
GRACE = timedelta(days=2)
AHEAD = timedelta(days=1)  # what is dated later is no date
UNDATED_FIRST = 100  # URLs up to which a sitemap without dates is taken whole at first
_BYTES = 6  # of a known URL's hash: one in 100 million is mistaken for one of 50,000
MOST_KNOWN = 50_000


class Seen(Record):
    """What a feed's record keeps of a sitemap: the latest date, and without dates the URLs, base64."""

    latest: float | None = None  # Unix seconds
    known: str | None = None


class News(Record):
    """What is to be claimed. `more`: there is more than one poll brings, `seen` is not moved on before that is out."""

    entries: tuple[Entry, ...]
    seen: Seen
    more: bool = False
    problems: tuple[str, ...] = ()


def news_of(  # a feed's identity and past
    urls: Sequence[SitemapUrl],
    seen: Seen,
    listed: frozenset[str],
    *,
    base: str,
    feed_id: str | None,
    language: str | None,
    now: datetime,
) -> News:
    """The entries to claim, the newest first. `listed`: ids that the last poll brought: they are listed again, so that
    a change of theirs is seen, and do not count into what one poll brings."""
    dates = [one.date for one in urls]
    stamps = [date.timestamp() if date else None for date in dates]
    if urls and (same_date(stamps) or sum(date is not None for date in dates) * 2 < len(urls)):
        return _undated(urls, seen, base=base, feed_id=feed_id, language=language)
    dated = sorted(
        ((date, one) for date, one in zip(dates, urls, strict=True) if date and date <= now + AHEAD),
        key=lambda pair: pair[0],
        reverse=True,
    )
    latest = datetime.fromtimestamp(seen.latest, UTC) if seen.latest is not None else None
    floor = latest - GRACE if latest else now - FIRST_DAYS
    later = sum(date >= floor for date, _ in dated)
    chosen = dated[: later if latest else max(later, FIRST_LEAST)]
    problems = [f"{len(chosen):,} URLs came at once: the newest {MOST_AT_ONCE:,} are read"] * (
        len(chosen) > MOST_AT_ONCE
    )
    entries = _entries((one for _, one in chosen[:MOST_AT_ONCE]), base, feed_id, language)
    old = [one for one in entries if one.id in listed]
    new = [one for one in entries if one.id not in listed]
    more = len(new) > MOST_NEW
    moved = seen.latest if more or not dated else max(seen.latest or 0.0, min(dated[0][0], now).timestamp())
    return News(
        entries=(*new[:MOST_NEW], *old),
        seen=seen.model_copy(update={"latest": moved}),
        more=more,
        problems=tuple(problems),
    )


def _undated(urls: Sequence[SitemapUrl], seen: Seen, *, base: str, feed_id: str | None, language: str | None) -> News:
    known = _unpacked(seen.known) if seen.known is not None else None
    if known is None and len(urls) > UNDATED_FIRST:
        every = {_mark(one.link) for one in urls}
        told = "its URLs have no dates: from now on those count as new that were not listed before"
        return News(entries=(), seen=seen.model_copy(update={"known": _packed(every)}), problems=(told,))
    known = known or set()
    new = [one for one in urls if _mark(one.link) not in known]
    taken = new[:MOST_NEW]
    after = known | {_mark(one.link) for one in taken}
    if len(after) > MOST_KNOWN:  # what is listed no more is forgotten
        after &= {_mark(one.link) for one in urls}
    return News(
        entries=_entries(taken, base, feed_id, language),
        seen=seen.model_copy(update={"known": _packed(after)}),
        more=len(new) > MOST_NEW,
    )


def entry_of(one: SitemapUrl, base: str, feed_id: str | None, language: str | None) -> Entry:
    """The entry that a URL of a sitemap is. Raises Refused for a bad link."""
    link = fetchable_url(one.link, base)
    return Entry(
        id=entry_id(feed_id, link, None),
        feed_id=feed_id,
        url=link,
        title=one.title,
        published=one.published,
        updated=one.modified,
        language=iso_language(one.language) or iso_language(language),
        tags=tuple(dict.fromkeys(word[:200] for word in one.keywords)),
    )


def _entries(urls: Iterable[SitemapUrl], base: str, feed_id: str | None, language: str | None) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for one in urls:
        try:
            entry = entry_of(one, base, feed_id, language)
        except Refused:
            continue
        found.setdefault(entry.id, entry)
    return tuple(found.values())


def _mark(link: str) -> bytes:
    return hashlib.blake2b(link.encode("utf-8", "replace"), digest_size=_BYTES).digest()


def _packed(marks: set[bytes]) -> str:
    return base64.b64encode(b"".join(sorted(marks)[: 2 * MOST_KNOWN])).decode()


def _unpacked(known: str) -> set[bytes]:
    whole = base64.b64decode(known)
    return {whole[at : at + _BYTES] for at in range(0, len(whole), _BYTES)}
