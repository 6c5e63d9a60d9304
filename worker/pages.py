"""The stages that get an entry's page: `fetch`, and `rest` for the further pages of an article split over several.

Each further page has a lease, a host's turn and attempts of its own; what was read so far is in the entry's blob. So a
killed worker costs one page, and one that cannot be had leaves the article with what there is. An entry whose first
page is not for us goes on without one (`worker/partial.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from ingest.errors import Discard, Forbidden, Gone, IngestError, NotHtml, Permanent, Transient
from ingest.fetch import Response
from ingest.pagination import MOST_PAGES, further_pages
from ingest.refusals import reason_of, wall
from ingest.reservations import reserved
from worker.abreast import abreast
from worker.blob import Part, packed_parts, parts_of
from worker.failures import verdict_for
from worker.partial import feed_of, stands_partial, without_page
from worker.stages import Group, Ports, entry_of, is_visit
from worker.trail import Trail
from worker.verdicts import Advance, Item, Retry, Verdict

MOST_BYTES = 10_000_000  # of all pages of an article
FURTHER_ATTEMPTS = 3  # at a further page; then the article is what was read so far
GONE_AFTER = 60.0  # seconds: a 404 is asked once more before a page counts as gone; a 410 says it for good
_READABLE = ("html", "xml", "text/plain", "octet-stream")


def fetch(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """Each entry's page, all hosts at the same time: a slow one holds up no other."""
    yield from _side_by_side(items, ports, _page_or_feed)


def rest(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """One further page of each article."""
    yield from _side_by_side(items, ports, _further_page)


def _side_by_side(items: Sequence[Item], ports: Ports, work: Callable[[Item, Ports], Verdict]) -> Iterator[Group]:
    yield from abreast(items, lambda item: _guarded(work, item, ports), "fetch")


def _guarded(work: Callable[[Item, Ports], Verdict], item: Item, ports: Ports) -> Verdict:
    try:
        return work(item, ports)
    except Exception as error:  # noqa: BLE001  # every failure becomes a verdict; the map knows each kind
        return verdict_for(error, item.attempt)


def _page_or_feed(item: Item, ports: Ports) -> Verdict:
    """Its page, or what its feed says. A visit in vain is no news of an article that was read whole before."""
    try:
        return _first_page(item, ports)
    except IngestError as error:
        reason = reason_of(error, item.attempt)
        if reason is None or (is_visit(item) and not stands_partial(item)):
            raise
        return without_page(item, entry_of(item), reason, _moment(item))


def _first_page(item: Item, ports: Ports) -> Verdict:
    url, feed = _address(item), feed_of(item)
    if not url:
        raise Discard("the entry has no link", reason="no-link")
    if feed and feed.fetch == "feed-only":
        raise Discard(f"{url}: pages of {feed.name} are not asked for", reason="feed-only")
    known = is_visit(item) and not stands_partial(item)
    try:
        response = _asked(url, item, ports)
    except Gone as gone:
        if not known:
            raise
        return _vanished(item, "410" if str(gone).endswith(" 410") else "404", str(gone))
    if _front_page(response.url) and not _front_page(url):
        if not known:
            raise Discard(f"{url} leads to the site's front page", reason="front-page")
        return _vanished(item, "front-page", f"{url} leads to the site's front page")
    kept = reserved(response.body, robots_tag=response.robots_tag, tdm=response.tdm_reservation)
    if kept in {"tdm", "noindex"}:  # not a word of the page is used
        return without_page(item, entry_of(item), "reserved", _moment(item), kept)
    first = Part(response.url, response.content_type or "", "first", response.body)
    return _handed_on(item, [first], reserved=kept or "")


def _address(item: Item) -> str:
    """The entry's link; of a visit where the article was first read. A link that led to another site's page may lead
    elsewhere by now, and what stands there would become that page's text."""
    return (item.fields.get("stands") if is_visit(item) else None) or entry_of(item).url


def _vanished(item: Item, why: str, what: str) -> Verdict:
    """A page that was there is gone. Sites answer 404 for a moment while they move: so they are asked twice."""
    if why != "410" and item.fields.get("error") != what:  # of the attempt before
        return Retry(GONE_AFTER, what)
    return Advance(b"", {"vanished": why, "fetched": _moment(item)}, to="index")


def _further_page(item: Item, ports: Ports) -> Verdict:
    parts, url = parts_of(item), item.fields["more"]
    kind: Literal["further", "all"] = "all" if item.fields.get("more_kind") == "all" else "further"
    try:
        response = _asked(url, item, ports)
    except IngestError as error:
        if isinstance(error, Transient) and item.attempt < FURTHER_ATTEMPTS:
            raise
        return _handed_on(item, parts, lost=error)
    if sum(len(part.body) for part in parts) + len(response.body) > MOST_BYTES:
        too_much = Permanent(f"{url}: the article's pages hold more than {MOST_BYTES:,} bytes", reason="too-large")
        return _handed_on(item, parts, lost=too_much)
    if response.url in {part.url for part in parts}:
        return _done(parts, item)  # led back to a page that was read
    return _handed_on(item, [*parts, Part(response.url, response.content_type or "", kind, response.body)])


def _handed_on(item: Item, parts: list[Part], *, lost: IngestError | None = None, **about: str) -> Verdict:
    """To `rest` where the last page says that the article goes on, else to `extract`. `lost`: why the page after it
    could not be had; the single pages are then still read instead of the one that shows all.

    A visit that reads less of the article than was read before is no news of it: `lost` is raised.
    """
    last = parts[-1]
    further = further_pages(last.body, last.url)
    known = {part.url for part in parts}
    if last.kind == "first" and further.all and further.all not in known and not lost:
        return _on(parts, item, further.all, "all", **about)
    shown = lost is None or item.fields.get("more_kind") == "all"
    if shown and last.kind != "all" and further.next and further.next not in known and len(parts) < MOST_PAGES:
        return _on(parts, item, further.next, "further", **about)
    if lost and is_visit(item) and len(parts) < int(item.fields.get("parts", 1)):
        raise lost
    return _done(parts, item, **about)


def _on(parts: list[Part], item: Item, url: str, kind: str, **about: str) -> Verdict:
    blob, fields = packed_parts(parts)
    return Advance(blob, {**fields, **_when(item), **about, "more": url, "more_kind": kind}, to="rest")


def _done(parts: list[Part], item: Item, **about: str) -> Verdict:
    blob, fields = packed_parts(parts)
    return Advance(blob, {**fields, **_when(item), **about, "parts": str(len(parts))}, to="extract")


def _when(item: Item) -> dict[str, str]:
    """When the first page was read: the later ones belong to it. What an earlier look lacked is here now."""
    return {} if item.blob else {"fetched": _moment(item), "partial": ""}


def _asked(url: str, item: Item, ports: Ports) -> Response:
    """The page at `url`: robots.txt and the hosts' turns are asked first, also where redirects lead."""
    behind = is_visit(item) or bool(item.fields.get("backfill"))  # what is new has most of the host's turns
    with Trail(ports.turns, visit=behind) as trail:
        trail.step(url)
        response = ports.fetcher.get(url, on_redirect=trail.step)
    kind = (response.content_type or "").partition(";")[0].strip().lower()
    if kind and not any(word in kind for word in _READABLE):
        raise NotHtml(f"{url} is {kind}")
    if stands := wall(response.url, response.body):
        raise Forbidden(f"{url}: a {stands} page stands in its place", reason=stands)
    return response


def _front_page(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.path.strip("/") and not parts.query


def _moment(item: Item) -> str:
    """When the page is read, by the ledger's clock: of two visits the later one must not seem the earlier one because
    another machine made it."""
    taken = item.fields.get("taken")
    now = datetime.fromtimestamp(int(taken) // 1000, UTC) if taken else datetime.now(UTC)
    return now.replace(microsecond=0).isoformat()
