"""What the index needs and gives, as small Protocols: the worker hands in the ledger's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from pydantic import AwareDatetime

from ingest.records import Feed, Record, TaggedArticle

WriteOutcome = Literal["written", "already-written", "duplicate", "rejected", "unavailable"]


class Document(Record):
    """All that one article's document is made of. The ledger's entry, the feed it came by, the tagged article."""

    entry_id: str
    tagged: TaggedArticle
    feed: Feed | None  # None: given by hand
    first_seen: AwareDatetime
    revision: int = 1


class WriteResult(Record):
    """What became of one document. `rejected`: this document is at fault (400); `unavailable`: the cluster is (429, 503, 403 block)."""

    entry_id: str
    article_id: str
    outcome: WriteOutcome
    reason: str | None = None


class ServiceUnavailable(Exception):
    """A service that everything needs is away (Elasticsearch, Valkey): waiting, not failing. Says which and why."""

    def __init__(self, service: str, why: str) -> None:
        super().__init__(f"{service} is not available: {why}")
        self.service = service


class Homes(Protocol):
    """Where each article lives: set once, never changed. Kept by the ledger."""

    def get(self, article_ids: Sequence[str]) -> Mapping[str, str]:
        """Concrete index by article id, for those known."""
        ...

    def set_if_absent(self, homes: Mapping[str, str]) -> Mapping[str, str]:
        """The home now in force for each id given: an earlier one wins."""
        ...


class ArticleIndex(Protocol):
    """The index as the stages see it."""

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Each document exactly once in its home index; one result each, same order. Raises ServiceUnavailable."""
        ...


class FlowStatus(Protocol):
    """What the page shows of the flow: the worker's side answers."""

    def summary(self) -> Mapping[str, object]: ...
