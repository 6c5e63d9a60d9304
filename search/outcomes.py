"""What becomes of each document of a batch, as the answers to a bulk's items say. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from search.bulk import Item
from search.ports import Document, Vanished, WriteOutcome, WriteResult

TRIES = 3  # entries of one article tried in a batch, where the ones before were refused


@dataclass(frozen=True)
class Settled:
    """What became of an article's first entry in a batch, and which entry holds the article now, where one does.

    `claimed`: what stands there was read at another address than its own. `instead` is what is to be written in its
    place: the page is not believed to be that article.
    """

    result: WriteResult
    holder: str | None = None
    claimed: bool = False
    instead: Document | None = None

    def follow(self, document: Document, refused: int) -> WriteResult | None:
        """What becomes of another entry of the same article; None where it has to be tried for itself."""
        if self.result.outcome == "rejected":
            why = f"{TRIES} entries of this article were refused before it"
            return result_of(document, "unavailable", why) if refused >= TRIES else None
        if self.holder is None or self.result.outcome == "unavailable":
            return result_of(document, self.result.outcome, self.result.reason)
        by_text = document.visit or self.claimed or claims(document)
        return None if by_text else conflict(document, self.holder)


def claims(document: Document) -> bool:
    """Its page declares another address than where it was read."""
    return document.tagged.article.page_url is not None


def created(document: Document, item: Item, home: str, gone: set[str]) -> Settled:
    if item.status == 201:
        return Settled(result_of(document, "written"), document.entry_id, claims(document))
    if item.status == 409:
        return Settled(result_of(document, "unavailable", "the article was deleted while it was being written"))
    if home in gone:
        return Settled(result_of(document, "rejected", f"the article's home, index {home}, is missing: {item.reason}"))
    waits = item.waits or item.status == 404  # its index is on its way back, or its shard moves
    return Settled(result_of(document, "unavailable" if waits else "rejected", item.reason))


def stepped(one: Document | Vanished, item: Item) -> WriteResult:
    if item.status == 200:
        return result_of(one, "revised")
    if item.status == 409:
        return result_of(one, "unavailable", "the article was changed by another process at the same time")
    return result_of(one, "unavailable" if item.waits or item.status == 404 else "rejected", item.reason)


def buried(document: Document) -> Settled:
    """Retention removed this article, or it was forgotten: no feed brings it back."""
    return Settled(result_of(document, "removed", "retention removed this article, or it was forgotten"))


def unwritable(document: Document, error: Exception) -> Settled:
    return Settled(result_of(document, "rejected", f"cannot be written as JSON: {error}"))


def conflict(one: Document | Vanished, holder: str) -> WriteResult:
    if holder == one.entry_id:
        return result_of(one, "already-written")
    result = result_of(one, "duplicate", f"entry {holder} brought this article first")
    return result.model_copy(update={"holder": holder})


def result_of(one: Document | Vanished, outcome: WriteOutcome, reason: str | None = None) -> WriteResult:
    id = one.id if isinstance(one, Document) else one.article_id
    return WriteResult(entry_id=one.entry_id, article_id=id, outcome=outcome, reason=reason)
