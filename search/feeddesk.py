"""The followed feeds as page and API see them: how each does, what trying one shows, packs, OPML.

The worker answers (`worker/desk.py`); the command line calls the same functions there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingest.discover import FoundFeed
from ingest.health import State
from ingest.records import Entry, Feed, Record


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a feed does. Times are None until there was one; `error` is empty while the last poll went well.

    `expected` and `seen`: entries a day, as its past lets expect and as they come of late; None while it says nothing.
    """

    feed: Feed
    state: State
    polls: int
    entries: int  # new ones it brought, ever
    last_poll: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    next_poll: datetime | None
    failures: int  # in a row
    error: str
    error_kind: str  # of `ingest.schedule.WEIGHTS`
    problems: str  # what its last body had that was not understood, what its dates give away
    expected: float | None
    seen: float | None
    moved: str  # where it is asked instead: its own address led there for good
    off: float | None = None  # hours that its dates constantly are behind (above 0) or ahead; `problems` say what to do
    gap_from: datetime | None = None  # the last window within which it listed all anew: some of it may have been missed
    gap_until: datetime | None = None

    def document(self) -> dict[str, object]:
        """As the index of feeds keeps it."""
        moments = {name: getattr(self, name) for name in ("last_poll", "last_success", "last_new", "next_poll")}
        rates = {"expected": self.expected, "seen": self.seen, "entries": self.entries, "off": self.off}
        told = {"last_error": self.error, "error_kind": self.error_kind, "problems": self.problems, "moved": self.moved}
        found: dict[str, object] = {"state": self.state, "failures": self.failures, **rates, **told}
        # what is left out of an update would stay as it was: None takes it away
        return found | {name: moment and moment.isoformat(timespec="seconds") for name, moment in moments.items()}


class Trial(Record):
    """What one look at an address showed. `error_kind` is empty where it is a feed that can be read.

    `entries` are the newest ones, `total` all that it lists. `found`: of an address that is a site's, the feeds that
    the site names. `after`: seconds after which to try again, where its host was asked for patience.
    """

    url: str  # as it would be followed; as given, where that is no address
    error: str = ""
    error_kind: str = ""  # of `ingest.health.kind_of`; or "address", "turn"
    after: float = 0.0
    feed: Feed | None = None  # ready to be followed; None where it cannot be
    followed: bool = False  # it is already
    title: str = ""
    format: str = ""
    answered: str = ""  # the last address, after redirects
    size: int = 0  # bytes
    validators: bool = False  # its server can say that nothing changed
    entries: tuple[Entry, ...] = ()
    total: int = 0
    problems: tuple[str, ...] = ()
    found: tuple[FoundFeed, ...] = ()


class Added(Record):
    """What became of feeds that were to be followed; `problems` say what of a file was not understood."""

    new: int
    changed: int
    known: int
    problems: tuple[str, ...] = ()


class Pack(Record):
    """A shipped folder of public feeds. `followed` of its `feeds` are."""

    name: str
    feeds: int
    followed: int
    languages: tuple[str, ...]  # ISO 639-1, the most frequent first


class UnwantedError(Exception):
    """What was given cannot be followed or read: the message says what, where and what to do. `field`: which of what
    is known of a feed is wrong (language, country, kind, …), where it is one of those."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class FeedDesk(Protocol):
    """Everything there is to do with feeds. Every method may raise ServiceUnavailable."""

    def feeds(self) -> Sequence[FeedHealth]:
        """All, by folder and name."""
        ...

    def feed(self, feed_id: str) -> FeedHealth | None:
        """None where no such feed is followed."""
        ...

    def try_feed(self, url: str) -> Trial:
        """Asks the address once, for show: nothing is kept. Takes some seconds at most; a failure is in the answer."""
        ...

    def follow(
        self,
        url: str,
        *,
        name: str | None = None,
        folder: str | None = None,
        language: str | None = None,
        country: str | None = None,
        owner: str | None = None,
        kind: str | None = None,
    ) -> tuple[Feed, Added]:
        """Follows one feed, due at once. Raises UnwantedError."""
        ...

    def remove(self, feed_ids: Iterable[str]) -> int:
        """Follows them no longer; what they brought stays. How many there were."""
        ...

    def poll_now(self, feed_ids: Iterable[str]) -> int:
        """Makes them due at once, unless a worker is at it; how many."""
        ...

    def import_opml(self, data: bytes, where: str) -> Added:
        """Follows every feed of an OPML file; `where` names it. Raises UnwantedError for what is no OPML."""
        ...

    def export_opml(self) -> bytes:
        """The followed feeds as OPML, without the sample's."""
        ...

    def packs(self) -> Sequence[Pack]:
        """The shipped ones, in their file's order."""
        ...

    def follow_packs(self, names: Iterable[str]) -> Added:
        """Follows all feeds of these packs; unknown names are no error."""
        ...

    def drop_packs(self, names: Iterable[str]) -> int:
        """Follows the feeds of these packs no longer; how many there were."""
        ...
