"""The worker's side of what page and API offer an operator: feeds, packs, quarantine. `kawat feeds` and `kawat
quarantine` call the same functions."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from redis.exceptions import RedisError

from ingest.errors import IngestError
from ingest.feedaddress import feed_address
from ingest.fetch import Fetcher
from ingest.langtag import iso_language
from ingest.opml import KINDS, OpmlFile, country_code, read_opml, write_opml
from ingest.records import Feed, FetchKind
from ingest.zones import zone
from search.feeddesk import Added, FeedHealth, Pack, Trial, UnwantedError
from search.flowdesk import Quarantined
from search.ports import ServiceUnavailable
from worker.quarantine import Quarantine
from worker.settings import PROJECT
from worker.stages import Turns
from worker.subscriptions import Subscriptions
from worker.trial import look_at

PACKS = PROJECT / "deploy" / "feeds" / "geopolitics.opml"
TRIALS = 4  # at a time: each holds a thread of the page and a connection
BUSY = 5.0  # seconds to wait for one to end
LONGEST_NAME = 200


class Feeds:
    """`search.feeddesk.FeedDesk` on a ledger."""

    def __init__(self, subscriptions: Subscriptions, fetcher: Fetcher, turns: Turns, packs: Path = PACKS) -> None:
        self._subscriptions, self._fetcher, self._turns, self._packs = subscriptions, fetcher, turns, packs
        self._trials = threading.BoundedSemaphore(TRIALS)

    def feeds(self) -> Sequence[FeedHealth]:
        with valkey_may_be_away():
            return self._subscriptions.health()

    def feed(self, feed_id: str) -> FeedHealth | None:
        with valkey_may_be_away():
            return self._subscriptions.one(feed_id)

    def try_feed(self, url: str) -> Trial:
        if not self._trials.acquire(timeout=BUSY):
            return Trial(url=url[:2000], error="other trials are under way", error_kind="turn", after=BUSY)
        try:
            with valkey_may_be_away():
                trial = look_at(url, self._fetcher, self._turns).trial
                followed = trial.feed is not None and self._subscriptions.get(trial.feed.id) is not None
            return trial.model_copy(update={"followed": followed})
        finally:
            self._trials.release()

    def follow(self, url: str, **about: str | None) -> tuple[Feed, Added]:
        feed = feed_of(url, **about)
        return feed, self._add([feed])

    def remove(self, feed_ids: Iterable[str]) -> int:
        with valkey_may_be_away():
            return self._subscriptions.remove(feed_ids)

    def poll_now(self, feed_ids: Iterable[str]) -> int:
        with valkey_may_be_away():
            return self._subscriptions.poll_now(feed_ids)

    def import_opml(self, data: bytes, where: str) -> Added:
        opml = opml_of(data, where)
        return self._add(opml.feeds, opml.problems)

    def export_opml(self) -> bytes:
        return write_opml((one.feed for one in self.feeds() if not one.feed.sample), title="Kawat")

    def packs(self) -> Sequence[Pack]:
        with valkey_may_be_away():
            known = set(self._subscriptions.ids())
        found = []
        for name, feeds in self._shipped().items():
            spoken = Counter(feed.language for feed in feeds if feed.language)
            followed = sum(feed.id in known for feed in feeds)
            languages = tuple(code for code, _ in sorted(spoken.items(), key=lambda one: (-one[1], one[0])))
            found.append(Pack(name=name, feeds=len(feeds), followed=followed, languages=languages))
        return found

    def follow_packs(self, names: Iterable[str]) -> Added:
        shipped = self._shipped()
        return self._add([feed for name in dict.fromkeys(names) for feed in shipped.get(name, ())])

    def drop_packs(self, names: Iterable[str]) -> int:
        shipped = self._shipped()
        return self.remove([feed.id for name in dict.fromkeys(names) for feed in shipped.get(name, ())])

    def _shipped(self) -> dict[str, list[Feed]]:
        """Feeds by pack: the outermost folder of the shipped file; none where there is no such file."""
        packs: dict[str, list[Feed]] = {}
        if self._packs.exists():
            for feed in read_opml(self._packs.read_bytes(), str(self._packs)).feeds:
                packs.setdefault((feed.folder or "").partition("/")[0], []).append(feed)
        return packs

    def _add(self, feeds: Sequence[Feed], problems: tuple[str, ...] = ()) -> Added:
        with valkey_may_be_away():
            new, changed = self._subscriptions.add(feeds)
        return Added(new=new, changed=changed, known=len(feeds) - new - changed, problems=problems)


class QuarantineRoom:
    """`search.flowdesk.QuarantineDesk` on a ledger."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._quarantine = quarantine

    def total(self) -> int:
        with valkey_may_be_away():
            return self._quarantine.total()

    def listed(self, n: int = 100) -> Sequence[Quarantined]:
        with valkey_may_be_away():
            return self._quarantine.listed(n)

    def replay(self, entry_ids: Sequence[str] | None) -> int:
        with valkey_may_be_away():
            return self._quarantine.replay(self._quarantine.ids() if entry_ids is None else entry_ids)

    def discard(self, entry_ids: Sequence[str] | None) -> int:
        with valkey_may_be_away():
            return self._quarantine.discard(self._quarantine.ids() if entry_ids is None else entry_ids)


def feed_of(url: str, **about: str | None) -> Feed:
    """The feed to follow at `url`; `about`: name, folder, language, country, owner, kind, fetch, tz. Raises
    UnwantedError that says which of them is wrong and what would be right."""
    try:
        address = feed_address(url)
    except IngestError as error:
        raise UnwantedError(
            f"{error}; give a feed's http or https address, sitemap:https://… or page:https://…#css=SELECTOR"
        ) from None
    given = {name: " ".join(value.split())[:LONGEST_NAME] for name, value in about.items() if value and value.strip()}
    fields: dict[str, Any] = {**given, "name": given.get("name") or address.host}
    if (said := given.get("language")) is not None:
        fields["language"] = iso_language(said)
        if fields["language"] is None:
            raise UnwantedError(f"language: {said!r} is no ISO 639-1 code like id, en or ja", "language")
    if (said := given.get("country")) is not None:
        try:
            fields["country"] = country_code(said)
        except ValueError as error:
            raise UnwantedError(f"country: {error}", "country") from None
    if (said := given.get("tz")) is not None:
        try:
            fields["tz"] = zone(said).key
        except ValueError as error:
            raise UnwantedError(f"tz: {error}", "tz") from None
    try:
        return Feed(id=address.id, url=address.text, **fields)
    except ValidationError as error:
        fault = error.errors()[0]
        where = str(fault["loc"][0])
        known = {"kind": KINDS, "fetch": get_args(FetchKind)}.get(where)
        to_do = f"use {', '.join(known)}" if known else str(fault["msg"])
        raise UnwantedError(f"{where}: {str(fault.get('input'))[:100]!r} is unknown; {to_do}", where) from None


def opml_of(data: bytes, where: str) -> OpmlFile:
    """What an OPML file subscribes to. Raises UnwantedError where it is none."""
    try:
        return read_opml(data, where)
    except IngestError as error:
        raise UnwantedError(str(error)) from None


@contextmanager
def valkey_may_be_away() -> Iterator[None]:
    """Raises ServiceUnavailable where Valkey does not answer."""
    try:
        yield
    except RedisError as error:
        raise ServiceUnavailable("Valkey", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from error
