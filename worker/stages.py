"""What each stage does with a batch: items in, verdicts out, the world behind ports. No Celery, no Redis here.

Each function takes the leased items and yields groups of (item, verdict) as they come to an end; the runner applies
each group at once. An exception that belongs to one item becomes that item's verdict (`worker/failures.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import orjson
import zstandard

from ingest.errors import Discard, NotHtml, Permanent
from ingest.fetch import Fetcher
from ingest.records import Entry, Feed, Page, TaggedArticle
from search.ports import ArticleIndex, Document, ServiceUnavailable, Stories
from worker.failures import SERVICE_AFTER, verdict_for
from worker.trail import Trail
from worker.verdicts import Advance, Defer, End, Item, Verdict

Group = list[tuple[Item, Verdict]]
PAGE_LEVEL = 1  # zstd: 305 kB of HTML to about 60 kB in 0.7 ms; higher levels cost more than they save here
LARGEST_BLOB = 100_000_000  # bytes: ten times the largest page that is fetched by default


class Turns(Protocol):
    """Politeness as a stage sees it (`worker/gate.py`)."""

    def turn(self, url: str, *, delay: float | None = None, urgent: bool = False) -> AbstractContextManager[None]: ...

    def check_robots(self, url: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The world, as far as the entry stages need it."""

    fetcher: Fetcher
    turns: Turns
    index: ArticleIndex
    stories: Stories


def fetch(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """Each entry's page, all hosts at the same time: a slow one holds up no other."""
    with ThreadPoolExecutor(max_workers=max(1, len(items)), thread_name_prefix="fetch") as pool:
        futures = {pool.submit(_guarded, _fetch_one, item, ports): item for item in items}
        for future in as_completed(futures):
            yield [(futures[future], future.result())]


def _fetch_one(item: Item, ports: Ports) -> Verdict:
    url = entry_of(item).url
    if not url:
        raise Discard("the entry has no link", reason="no-link")
    with Trail(ports.turns) as trail:
        trail.step(url)
        response = ports.fetcher.get(url, on_redirect=trail.step)
    kind = (response.content_type or "").partition(";")[0].strip().lower()
    if kind and not any(word in kind for word in ("html", "xml", "text/plain", "octet-stream")):
        raise NotHtml(f"{url} is {kind}")
    blob = zstandard.ZstdCompressor(level=PAGE_LEVEL).compress(response.body)
    fields = {"page_url": response.url, "page_type": response.content_type or "", "fetched": _iso(datetime.now(UTC))}
    return Advance(blob, fields)


def article(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """Each page's article with its tags. One page after the other: this is what the processors are for."""
    for item in items:
        yield [(item, _guarded(_article_one, item, ports))]


def _article_one(item: Item, _ports: Ports) -> Verdict:
    from ingest import fingerprint
    from ingest.article import extract  # 20 MB of extractor that only this stage's processes need
    from ingest.tagging import tag

    page = Page(
        url=item.fields["page_url"],
        body=unpacked(item),
        content_type=item.fields.get("page_type") or None,
        fetched=datetime.fromisoformat(item.fields["fetched"]),
    )
    tagged = tag(extract(page, entry_of(item)))
    features = getattr(fingerprint, "features", None)
    if features is not None:
        tagged = tagged.model_copy(update={"features": features(tagged)})
    packed = orjson.dumps(tagged.model_dump(mode="json", exclude_defaults=True))
    return Advance(zstandard.ZstdCompressor(level=PAGE_LEVEL).compress(packed))


def index(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """All articles of the batch in one bulk."""

    def write(documents: Sequence[Document]) -> list[Verdict]:
        return [_written(result.outcome, result.reason) for result in ports.index.write(documents)]

    yield from _together(items, write)


def story(items: Sequence[Item], ports: Ports) -> Iterator[Group]:
    """The written articles' copies and stories, all of the batch at once."""

    def place(documents: Sequence[Document]) -> list[Verdict]:
        ports.stories.place(documents)
        return [End("indexed")] * len(documents)

    yield from _together(items, place)


def _together(items: Sequence[Item], work: Callable[[Sequence[Document]], list[Verdict]]) -> Iterator[Group]:
    """What `work` says of the items' documents. Where it fails as nobody foresaw, one of them may be at fault, the
    others are not: each by itself."""
    documents: list[Document] = []
    whole: list[Item] = []
    for item in items:
        try:
            documents.append(_document(item))
            whole.append(item)
        except Exception as error:  # noqa: BLE001  # one item's fault must not stop the others
            yield [(item, verdict_for(error, item.attempt))]
    if not documents:
        return
    try:
        verdicts = work(documents)
    except ServiceUnavailable as away:
        yield [(item, verdict_for(away, item.attempt)) for item in whole]
    except Exception as error:  # noqa: BLE001  # see above
        if len(whole) == 1:
            yield [(whole[0], verdict_for(error, whole[0].attempt))]
            return
        for item in whole:
            yield from _together([item], work)
    else:
        yield list(zip(whole, verdicts, strict=True))


def _written(outcome: str, reason: str | None) -> Verdict:
    match outcome:
        case "written" | "already-written":
            return Advance()
        case "duplicate":
            return End("duplicate", reason or "")
        case "rejected":
            return End("quarantined", f"Elasticsearch refused this document: {reason}")
        case _:
            return Defer(SERVICE_AFTER, str(ServiceUnavailable("Elasticsearch", reason or "no answer for this item")))


def _document(item: Item) -> Document:
    packed = unpacked(item)
    source = item.fields.get("source")
    return Document(
        entry_id=item.id,
        tagged=TaggedArticle.model_validate_json(packed),
        feed=Feed.model_validate_json(source) if source else None,
        first_seen=datetime.fromtimestamp(int(item.fields["seen"]) // 1000, UTC),
    )


def unpacked(item: Item) -> bytes:
    """The item's blob. Raises Permanent where it says of itself that it is larger than anything Kawat stores."""
    blob = item.blob or b""
    if blob and zstandard.frame_content_size(blob) > LARGEST_BLOB:
        raise Permanent(f"the blob of {item.id} would unpack to more than {LARGEST_BLOB} bytes", reason="too-large")
    return zstandard.ZstdDecompressor().decompress(blob)


def entry_of(item: Item) -> Entry:
    """The entry as its feed listed it."""
    return Entry.model_validate_json(item.fields["record"])


def _guarded(work: Callable[[Item, Ports], Verdict], item: Item, ports: Ports) -> Verdict:
    try:
        return work(item, ports)
    except Exception as error:  # noqa: BLE001  # every failure becomes a verdict; the map knows each kind
        return verdict_for(error, item.attempt)


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()
