"""The set of rules in force as one process holds it, and a folder of rules as it last saw it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from elasticsearch import Elasticsearch
from redis.exceptions import RedisError

from search.ports import ServiceUnavailable
from search.rules import publishing
from search.rules.reading import files_of
from search.rules.records import RuleSet
from search.upkeep import SchemaError
from worker.ledger import Ledger


class RuleFiles:
    """A folder of rules as this process last saw it. A look costs one stat a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._looked: Mapping[str, tuple[int, int]] | None = None
        self._taken: Mapping[str, tuple[int, int]] | None = None

    def changed(self) -> bool:
        """Whether there is something to read: changed since it was `taken`, and the same in two looks: whoever writes
        is done."""
        seen = _stats(self.folder)
        settled = seen == self._looked
        self._looked = seen
        return settled and seen != self._taken

    def taken(self) -> None:
        """What the last look saw has been dealt with."""
        self._taken = self._looked

    def digest(self) -> str:
        """Of all names and contents."""
        found = hashlib.sha256()
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


def mirror(ledger: Ledger, id: str) -> None:
    """Tells every process which set is in force."""
    ledger.redis.set(ledger.key("rules:current"), id)


def _stats(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in files_of(folder):
        try:
            stat = path.stat()
        except OSError:
            continue  # gone since
        found[str(path)] = (stat.st_mtime_ns, stat.st_size)
    return found
