"""What tells one text from another: its hash, and the features by which its copies and its story are found.

Near-copies: MinHash (Broder 1997) over shingles of the body, made by rensa. The result depends on the words alone, not
on machine, process or order of paragraphs, and never on other articles, so that their order of arrival cannot matter.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import unicodedata
from functools import lru_cache
from operator import eq
from typing import NamedTuple

import rensa

from ingest.records import Features, TaggedArticle
from ingest.shingles import paragraphs, shingles
from ingest.terms import story_terms

# 64 bands of 3 values: a pair that shares half of its shingles meets in a band with probability 0.9998, 0.4: 0.986,
# 0.3: 0.83; unrelated texts, which share 0.02: 0.0005.
BANDS, ROWS = 64, 3
VALUES = BANDS * ROWS  # standard error of a similarity of 0.5: 0.036
SEED = 20_260_101
VERSION = 1  # of shingles, hashes and layout, rensa's algorithm too: signatures of two versions have nothing in common
_LAYOUT = struct.Struct(f">BH{VALUES}H")  # version, number of shingles, the lower half of each value
_HEADER_CHARS, _BAND_CHARS = 4, 2 * ROWS * 4 // 3  # of base64
_BAND_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_MOST = 0xFFFF


class Overlap(NamedTuple):
    """How much two texts share, each 0 to 1, estimated from their signatures."""

    similarity: float  # of all shingles of both (Jaccard)
    containment: float  # of the shorter one's shingles: a text cut to a third is contained whole
    shingles: int  # that the shorter one has


def content_hash(title: str, body: str) -> str:
    """SHA-256, 64 hex digits, of title and body in NFC, every run of white space folded.

    A page laid out anew keeps it; a changed word, or one moved from title to body, changes it.
    """
    parts = (" ".join(unicodedata.normalize("NFC", part).split()) for part in (title, body))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def features(tagged: TaggedArticle) -> Features:
    """What finds the article's copies and its story. The same on every machine, about 0.3 ms."""
    body = paragraphs(tagged.article.body)
    made = _signature(body)
    return Features(signature=made, bands=bands(made), terms=story_terms(tagged, body))


def signature(body: str) -> str:
    """MinHash of the body, 516 characters of base64; empty for a body without a word."""
    return _signature(paragraphs(body))


def _signature(body: list[list[str]]) -> str:
    found = shingles(body)
    if not found:
        return ""
    sketch = rensa.RMinHash(num_perm=VALUES, seed=SEED)
    sketch.update(found)
    halves = (value & _MOST for value in sketch.digest())
    return base64.b64encode(_LAYOUT.pack(VERSION, min(len(found), _MOST), *halves)).decode()


def bands(signature: str) -> tuple[str, ...]:
    """Keys that near-copies share, 64 of 9 characters each: a band's name and its values."""
    parts = range(_HEADER_CHARS, len(signature), _BAND_CHARS)
    return tuple(name + signature[at : at + _BAND_CHARS] for name, at in zip(_BAND_NAMES, parts, strict=False))


def similarity(first: str, second: str) -> float:
    """The share of shingles, 0 to 1, that the bodies of two signatures have in common."""
    return overlap(first, second).similarity


def overlap(first: str, second: str) -> Overlap:
    """What the bodies of two signatures have in common. Raises ValueError for what is no signature."""
    if not first or not second:
        return Overlap(0.0, 0.0, 0)
    (version, size, *values), (other_version, other_size, *others) = _unpacked(first), _unpacked(second)
    least = min(size, other_size)
    if version != other_version:
        return Overlap(0.0, 0.0, least)
    shared = sum(map(eq, values, others)) / VALUES
    return Overlap(shared, min(1.0, shared * (size + other_size) / ((1 + shared) * least)), least)


@lru_cache(maxsize=2_000)  # 7 kB each; in a batch one is compared many times
def _unpacked(signature: str) -> tuple[int, ...]:
    try:
        return _LAYOUT.unpack(base64.b64decode(signature, validate=True))
    except (ValueError, struct.error) as error:
        raise ValueError(f"no signature of an article: {signature[:20]!r}…") from error
