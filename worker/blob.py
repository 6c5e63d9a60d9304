"""What the ledger keeps of an entry between two stages: one blob, zstd. The pages of a split article are one blob too:
their bytes one behind the other, and in the field `pages` whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import orjson
import zstandard

from ingest.errors import Permanent
from worker.verdicts import Item

LEVEL = 1  # zstd: 305 kB of HTML to about 60 kB in 0.7 ms; higher levels cost more than they save here
LARGEST = 100_000_000  # bytes: ten times the largest page that is fetched by default


class Part(NamedTuple):
    """One page of an article: its first, a further one, or the one that shows all of it."""

    url: str
    content_type: str
    kind: Literal["first", "further", "all"]
    body: bytes


def packed(data: bytes) -> bytes:
    """The blob of `data`."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(data)


def unpacked(item: Item) -> bytes:
    """The item's blob. Raises Permanent where it says of itself that it is larger than anything Kawat stores."""
    blob = item.blob or b""
    if blob and zstandard.frame_content_size(blob) > LARGEST:
        raise Permanent(f"the blob of {item.id} would unpack to more than {LARGEST} bytes", reason="too-large")
    return zstandard.ZstdDecompressor().decompress(blob)


def packed_parts(parts: Sequence[Part]) -> tuple[bytes, Mapping[str, str]]:
    """The blob of these pages, and the fields that tell them apart: of a single page what every page has."""
    rows = [(part.url, part.content_type, part.kind, len(part.body)) for part in parts]
    first = parts[0]
    named = orjson.dumps(rows).decode() if len(parts) > 1 else ""
    fields = {"page_url": first.url, "page_type": first.content_type, "pages": named}
    return packed(b"".join(part.body for part in parts)), fields


def parts_of(item: Item) -> list[Part]:
    """The pages in the item's blob, the first one first. Raises Permanent as `unpacked`."""
    body, named = unpacked(item), item.fields.get("pages")
    if not named:
        return [Part(item.fields["page_url"], item.fields.get("page_type", ""), "first", body)]
    parts, start = [], 0
    for url, content_type, kind, size in orjson.loads(named):
        parts.append(Part(url, content_type, kind, body[start : start + size]))
        start += size
    return parts
