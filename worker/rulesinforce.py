"""The set of rules in force as one process holds it, and a folder of rules as it last saw it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from elasticsearch import Elasticsearch
from pydantic import AwareDatetime
from redis.exceptions import RedisError

from ingest.records import Record
from search.ports import ServiceUnavailable
from search.rules import publishing
from search.rules.faults import Fault
from search.rules.reading import files_of
from search.rules.records import RuleSet
from search.upkeep import SchemaError
from worker.ledger import Ledger

Stats = Mapping[str, tuple[int, int]]  # of each file: when it was changed, its size


class RuleFiles:
    """A folder of rules as this process last saw it. A look costs one stat a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._looked: Stats | None = None
        self._taken: Stats | None = None
        self._same = False

    def changed(self) -> bool:
        """Looks: whether there is something to read, changed since it was `taken`, and the same in two looks: whoever
        writes is done."""
        before, self._looked = self._looked, _stats(self.folder)
        self._same = before == self._looked
        return self.settled() is not None

    def settled(self) -> Stats | None:
        """The state that the last look found changed, for `taken`; None where there is nothing to read."""
        return self._looked if self._same and self._looked != self._taken else None

    def taken(self, state: Stats) -> None:
        """This state has been dealt with."""
        self._taken = state

    def digest(self) -> str:
        """Of all names and contents."""
        found = hashlib.sha256()
        with suppress(OSError):  # as above
            for path in files_of(self.folder):
                found.update(str(path.relative_to(self.folder)).encode() + b"\0" + path.read_bytes() + b"\0")
        return found.hexdigest()[:32]


class RulesInForce:
    """The set in force, for one process: loaded again where its hash is another."""

    def __init__(self, ledger: Ledger, client: Elasticsearch, prefix: str) -> None:
        self._ledger, self._client, self._prefix = ledger, client, prefix
        self._held = ("", RuleSet())  # one value: threads of the page share it

    def current(self) -> RuleSet:
        """The empty set before any was published. Raises ServiceUnavailable, SchemaError, RedisError."""
        named = (self._ledger.redis.get(self._ledger.key("rules:current")) or b"").decode()
        if not named:
            found = publishing.published(self._client, self._prefix)
            if found is None:
                return RuleSet()
            named = found.rule_set
            mirror(self._ledger, named)
        held, rules = self._held
        if named != held:
            loaded = publishing.rule_set(self._client, self._prefix, named)
            if loaded is None:
                raise ServiceUnavailable("Elasticsearch", f"the rule set {named} is not there (yet): kawat rules apply")
            self._held, rules = (named, loaded), loaded
        return rules

    def waited_for(self) -> RuleSet:
        """As `current`, for whoever works on articles: that a newer Kawat published the set is no fault of theirs, they
        wait until that Kawat is here too. Raises ServiceUnavailable, RedisError."""
        try:
            return self.current()
        except SchemaError as error:
            raise ServiceUnavailable("Elasticsearch", f"{error}: did a newer Kawat publish it?") from error

    @property
    def held(self) -> RuleSet:
        """The set that this process had last, without asking anybody."""
        return self._held[1]


class ConceptsInForce(Mapping[str, str]):
    """What each concept stands for. Asked only where a query names one; while a service is away, as last known."""

    def __init__(self, rules: RulesInForce) -> None:
        self._rules = rules

    def __getitem__(self, name: str) -> str:
        return self._queries()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries())

    def __len__(self) -> int:
        return len(self._queries())

    def _queries(self) -> Mapping[str, str]:
        try:
            return self._rules.current().queries
        except (RedisError, ServiceUnavailable, SchemaError):
            return self._rules.held.queries


class FaultyFiles(Record):
    """Why the files are not in force: what is wrong with them, on which machine, since when."""

    host: str
    folder: str
    since: AwareDatetime
    faults: tuple[Fault, ...]


def mirror(ledger: Ledger, id: str) -> None:
    """Tells every process which set is in force."""
    ledger.redis.set(ledger.key("rules:current"), id)


def faulty_files(ledger: Ledger) -> FaultyFiles | None:
    """Why the files are not in force, where they are not."""
    kept = ledger.redis.get(ledger.key("rules:faults"))
    return FaultyFiles.model_validate_json(kept) if kept else None


def _stats(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    with suppress(OSError):  # gone since, or not to be read: that is told when it is read
        for path in files_of(folder):
            stat = path.stat()
            found[str(path)] = (stat.st_mtime_ns, stat.st_size)
    return found
