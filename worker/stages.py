"""What each stage does with a batch: items in, verdicts out, the world behind ports. No Celery, no Redis here.

Each function takes the leased items and yields groups of (item, verdict) as they come to an end; the runner applies
each group at once. An exception that belongs to one item becomes that item's verdict (`worker/failures.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import orjson

from ingest.errors import NoText, NotHtml, Permanent
from ingest.fetch import Fetcher
from ingest.records import Entry, TaggedArticle
from ingest.refusals import empty
from search.ports import ArticleIndex, Document, ServiceUnavailable, Stories, Vanished, WriteResult
from worker.blob import packed, parts_of, unpacked
from worker.failures import SERVICE_AFTER, verdict_for
from worker.partial import MAY_CHANGE, feed_of, stands_partial, tells
from worker.verdicts import Advance, Defer, End, Item, Verdict

PLACED_TOGETHER = 100  # articles
T = TypeVar("T")
R = TypeVar("R")

Group = list[tuple[Item, Verdict]]


class Turns(Protocol):
    """Politeness as a stage sees it (`worker/gate.py`)."""

    def turn(
        self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False
    ) -> AbstractContextManager[None]: ...

    def check_robots(self, url: str) -> float: ...

    def pause(self, url: str, *, delay: float | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The world, as far as the entry stages need it. `sample`: the share of the articles that are looked at again;
    `gazetteer`: the user's own file of names."""

    fetcher: Fetcher
    turns: Turns
    index: ArticleIndex
    stories: Stories
    sample: float = 0.0
    gazetteer: Path | None = None


def article(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """Each page's article with its tags. One page after the other: this is what the processors are for."""
    for item in items:
        yield [(item, _guarded(_article_one, item, ports))]


def _article_one(item: Item, ports: Ports) -> Verdict:
    from worker.reading import read, read_feed  # 20 MB of extractor that only this stage's processes need

    entry, fields = entry_of(item), {}
    reason, kept = item.fields.get("partial"), item.fields.get("reserved") or None
    if not reason:
        try:
            fetched = datetime.fromisoformat(item.fields["fetched"])
            tagged = read(parts_of(item), entry, fetched, ports.gazetteer, reserved=kept)
        except (NoText, NotHtml) as error:
            if isinstance(error, NoText) and is_visit(item) and not stands_partial(item):
                return Advance(b"", {"vanished": "no-text"})
            if not tells(entry) or (is_visit(item) and not stands_partial(item)):
                raise
            reason = empty(parts_of(item)[0].body) if isinstance(error, NoText) else error.reason
    if reason:
        tagged = read_feed(entry, feed_of(item), reason, ports.gazetteer, reserved=kept)
    if tagged.article.partial:
        fields["partial"] = tagged.article.partial
    return Advance(packed(orjson.dumps(tagged.model_dump(mode="json", exclude_defaults=True))), fields)


def index(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """All articles of the batch in one bulk, and what is known of those whose page is gone."""
    gone = [item for item in items if item.fields.get("vanished")]
    there = [item for item in items if not item.fields.get("vanished")]

    def write(documents: Sequence[Document]) -> list[WriteResult]:
        return ports.index.write(documents)

    def vanish(vanished: Sequence[Vanished]) -> list[WriteResult]:
        return ports.index.vanish(vanished)

    for group in together(there, _document, write):
        yield [(item, _written(item, said, ports) if isinstance(said, WriteResult) else said) for item, said in group]
    for group in together(gone, _vanished, vanish):
        yield [(item, _marked(said) if isinstance(said, WriteResult) else said) for item, said in group]


def story(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """The written articles' copies and stories, many at once; what is placed goes on, however slow the rest is."""

    def place(documents: Sequence[Document]) -> list[Verdict]:
        ports.stories.place(documents)
        return [Advance()] * len(documents)

    for start in range(0, len(items), PLACED_TOGETHER):
        yield from together(items[start : start + PLACED_TOGETHER], _document, place)


def together(
    items: Sequence[Item], made: Callable[[Item], T], work: Callable[[Sequence[T]], Sequence[R]]
) -> Iterator[list[tuple[Item, R | Verdict]]]:
    """What `work` says of what is `made` of the items. Where it fails as nobody foresaw, one of them may be at fault,
    the others are not: each by itself."""
    ready: list[tuple[Item, T]] = []
    for item in items:
        try:
            ready.append((item, made(item)))
        except Exception as error:  # noqa: BLE001  # one item's fault must not stop the others
            yield [(item, verdict_for(error, item.attempt))]
    if not ready:
        return
    whole = [item for item, _ in ready]
    try:
        said = work([one for _, one in ready])
    except ServiceUnavailable as away:
        yield [(item, verdict_for(away, item.attempt)) for item in whole]
    except Exception as error:  # noqa: BLE001  # see above
        if len(whole) == 1:
            yield [(whole[0], verdict_for(error, whole[0].attempt))]
            return
        for item in whole:
            yield from together([item], made, work)
    else:
        yield list(zip(whole, said, strict=True))


def _written(item: Item, result: WriteResult, ports: Ports) -> Verdict:
    """On to its story, under the id that it has in the index; for a first time it may fall into the sample."""
    fields = {"article": result.article_id}
    partial = item.fields.get("partial", "")
    match result.outcome:
        case "written" | "revised" | "already-written":
            if partial or stands_partial(item):
                fields["unread"] = partial
            if is_visit(item):
                changed = result.outcome == "revised"
                fields["found"] = "changed" if changed else "unchanged"
                by_feed = int("asked" in item.fields)  # a planned look in vain is no fault of the feed's
                fields["idle"] = "0" if changed else str(int(item.fields.get("idle", 0)) + by_feed)
            else:
                if page_url := item.fields.get("page_url"):
                    fields["stands"] = page_url  # visits ask there
                if partial in MAY_CHANGE or sampled(result.article_id, ports.sample):
                    fields["plan"] = item.fields["seen"]
            return Advance(fields=fields)
        case "duplicate":
            return End("duplicate", result.reason or "", {"holder": result.holder} if result.holder else {})
        case "rejected":
            return End("quarantined", f"Elasticsearch refused this document: {result.reason}")
        case "removed":
            return End("discarded", "removed")
        case _:
            return _away(result)


def _marked(result: WriteResult) -> Verdict:
    match result.outcome:
        case "rejected":
            return End("quarantined", f"Elasticsearch refused to mark this article as vanished: {result.reason}")
        case "unavailable":
            return _away(result)
        case outcome:
            found = "unchanged" if outcome == "already-written" else "vanished"
            return Advance(fields={"found": found}, to="match")


def _away(result: WriteResult) -> Defer:
    return Defer(SERVICE_AFTER, str(ServiceUnavailable("Elasticsearch", result.reason or "no answer for this item")))


def _document(item: Item) -> Document:
    return Document(
        entry_id=item.id,
        tagged=TaggedArticle.model_validate_json(unpacked(item)),
        feed=feed_of(item),
        first_seen=datetime.fromtimestamp(int(item.fields["seen"]) // 1000, UTC),
        fetched=datetime.fromisoformat(item.fields["fetched"]) if item.fields.get("fetched") else None,
        visit=is_visit(item),
        backfill=bool(item.fields.get("backfill")),
        known_as=item.fields.get("article"),  # from the stage `index` on
    )


def _vanished(item: Item) -> Vanished:
    article = item.fields.get("article")
    if not article:  # indexed before the ledger kept it
        raise Permanent(f"the page of entry {item.id} is gone; which article it was is not known", reason="unknown")
    at = datetime.fromisoformat(item.fields["fetched"])
    return Vanished(entry_id=item.id, article_id=article, at=at, why=item.fields["vanished"])


def known_article(item: Item) -> str:
    """The id that the item's article has in the index."""
    return item.fields.get("article") or _document(item).id  # the ledger keeps it from the stage `index` on


def is_visit(item: Item) -> bool:
    """The entry's article was read before: it is looked at again."""
    return bool(item.fields.get("visit"))


def sampled(article_id: str, share: float) -> bool:
    """Whether an article falls into the sample of `share` (0 to 1): by its id, the same wherever it is asked."""
    return int(article_id[:8], 16) < share * 0x1_0000_0000


def entry_of(item: Item) -> Entry:
    """The entry as its feed listed it."""
    return Entry.model_validate_json(item.fields["record"])


def _guarded(work: Callable[[Item, Ports], Verdict], item: Item, ports: Ports) -> Verdict:
    try:
        return work(item, ports)
    except Exception as error:  # noqa: BLE001  # every failure becomes a verdict; the map knows each kind
        return verdict_for(error, item.attempt)
