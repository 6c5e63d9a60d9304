"""How the page tells of feeds: each with its state, what is wrong in plain words and what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from ingest.health import State
from search.feeddesk import FeedHealth, Trial
from search.web.figures import decimal
from search.web.views import Reader
from search.web.words import WORDS

Order = Literal["name", "trouble", "new", "next", "rate"]
TROUBLE: dict[State, int] = {"failing": 0, "gone": 0, "quiet": 1, "new": 2, "ok": 3}
NEVER = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FeedRow:
    """One feed as a list shows it. `kind` and `to_do` are "" where nothing is wrong."""

    health: FeedHealth
    state: str
    host: str
    about: str  # language, country, folder
    rate: str
    last_new: str
    next_poll: str
    kind: str
    to_do: str
    error: str


def feed_row(health: FeedHealth, reader: Reader, now: datetime) -> FeedRow:
    feed = health.feed
    about = [
        reader.language_name(feed.language) if feed.language else "",
        reader.country_name(feed.country) if feed.country else "",
        feed.folder or "",
    ]
    kind, to_do = in_plain_words(health.error_kind, reader) if health.failures else ("", "")
    if not health.failures and health.state == "quiet":
        kind, to_do = reader.word("feeds_kind_quiet"), reader.word("feeds_do_quiet")
    return FeedRow(
        health=health,
        state=reader.word(f"feeds_state_{health.state}"),
        host=urlsplit(feed.url.removeprefix("sitemap:").removeprefix("page:")).hostname or "",
        about=" · ".join(part for part in about if part),
        rate=rate(health, reader),
        last_new=when(health.last_new, reader, now) or reader.word("feeds_never"),
        next_poll=when(health.next_poll, reader, now) or reader.word("feeds_now"),
        kind=kind,
        to_do=to_do,
        error=health.error.removeprefix(feed.url).lstrip(": ") or health.error,
    )


def in_plain_words(kind: str, reader: Reader) -> tuple[str, str]:
    """What a kind of failure means and what to do about it."""
    name = kind.replace("-", "_")
    name = name if f"feeds_kind_{name}" in WORDS[reader.language] else "other"
    return reader.word(f"feeds_kind_{name}"), reader.word(f"feeds_do_{name}")


def rate(health: FeedHealth, reader: Reader) -> str:
    """Entries a day of late, of those that its past lets expect."""
    if health.expected is None or health.seen is None:
        return ""
    digits = 0 if health.expected >= 10 else 1
    seen, expected = (decimal(value, digits, reader) for value in (health.seen, health.expected))
    return reader.word("feeds_rate", seen=seen, expected=expected)


def when(moment: datetime | None, reader: Reader, now: datetime) -> str:
    """A moment beside now; "" where there is none."""
    return reader.when(moment.isoformat(), now.isoformat()) if moment else ""


def selected(feeds: Sequence[FeedHealth], *, words: str = "", state: str = "", folder: str = "") -> list[FeedHealth]:
    """Those that hold all words in name, address, folder, language or owner; `failing` means those gone too."""
    asked = words.casefold().split()
    states = {"failing", "gone"} if state == "failing" else {state}
    return [
        one
        for one in feeds
        if (not state or one.state in states)
        and (not folder or one.feed.folder == folder)
        and all(word in _told(one) for word in asked)
    ]


def ordered(feeds: Sequence[FeedHealth], order: Order) -> list[FeedHealth]:
    """By folder and name as they come, or those in trouble, with something new, due, or bringing most, first."""
    match order:
        case "trouble":
            return sorted(feeds, key=lambda one: (TROUBLE[one.state], -one.failures))
        case "new":
            return sorted(feeds, key=lambda one: one.last_new or NEVER, reverse=True)
        case "next":
            return sorted(feeds, key=lambda one: one.next_poll or LAST)
        case "rate":
            return sorted(feeds, key=lambda one: one.seen or 0.0, reverse=True)
        case _:
            return sorted(feeds, key=lambda one: one.feed.name.casefold())


def order_named(name: str) -> Order:
    """A link with an order that is no more still shows something."""
    return cast(Order, name) if name in get_args(Order) else "trouble"


def trial_told(trial: Trial, reader: Reader) -> tuple[str, str]:
    """What is wrong with what was tried, and what to do; two empty texts where nothing is."""
    if not trial.error_kind:
        return "", ""
    kind = "site" if trial.found else trial.error_kind
    return in_plain_words(kind, reader)


def _told(one: FeedHealth) -> str:
    feed = one.feed
    return " ".join((feed.name, feed.url, feed.folder or "", feed.language or "", feed.owner or "")).casefold()
