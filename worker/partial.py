"""Entries whose page is not read: the same stages carry them, with what their feed says in the page's place."""

from __future__ import annotations

import re

from ingest.errors import Discard
from ingest.records import Entry, Feed
from ingest.refusals import Reason
from ingest.reservations import Reserved
from worker.verdicts import Advance, Item

# Of these, later looks are planned: the page may be readable then, and the article becomes whole.
MAY_CHANGE: frozenset[str] = frozenset(
    {"robots", "forbidden", "challenge", "consent", "paywall-stub", "gone", "front-page", "no-text"}
) | {"unreachable", "busy"}
_LETTER = re.compile(r"[^\W_]")


def without_page(item: Item, entry: Entry, reason: Reason, fetched: str, reserved: Reserved | None = None) -> Advance:
    """On to `extract` without a page. Raises Discard of that name where the feed gives neither title nor text."""
    if not tells(entry):
        raise Discard(f"{entry.url or item.id}: {reason}, and its feed gives neither title nor text", reason=reason)
    return Advance(b"", {"partial": reason, "reserved": reserved or "", "pages": "", "fetched": fetched}, to="extract")


def tells(entry: Entry) -> bool:
    """Whether there is anything in the entry to make an article of."""
    return any(_LETTER.search(text) for text in (entry.title, entry.summary, entry.content) if text)


def feed_of(item: Item) -> Feed | None:
    """The feed that listed it, as it was then; None where it was given by hand."""
    source = item.fields.get("source")
    return Feed.model_validate_json(source) if source else None


def stands_partial(item: Item) -> bool:
    """Whether what is indexed of it by now was made without its page."""
    return bool(item.fields.get("unread"))
