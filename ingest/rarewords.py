"""How rare a word is in its language: from a fixed table, so that it never depends on what has arrived so far.

Words are counted by stem: folded, then cut to a language's length, the cheapest stemmer that serves all alphabets.
Chinese and Japanese have no spaces, their units are pairs of characters. `rarewords.bin` is compiled from wordfreq's
counts by `rarewords_compile.py`: a line of JSON (language → how many stems of each weight), then three bytes of hash
for each stem, in that order. One stem in about 1,500 that is not in the table is taken for a commoner one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import orjson

TABLE = Path(__file__).with_name("rarewords.bin")
HASH_BYTES = 3
# What a stem weighs in a story, by how often it stands in a million words (log10, "Zipf" is that plus 3): from
# above 150 in a million, which tells nothing, to those that stand less than twice, which are not in the table.
ZIPF_FLOORS = (5.2, 4.7, 4.2, 3.8, 3.3)
RAREST = len(ZIPF_FLOORS)

_SAME = {"tl": "fil", "no": "nb", "nn": "nb", "sr": "sh", "hr": "sh", "bs": "sh"}  # as wordfreq groups them
_STEM = {"id": 7, "ms": 7, "fil": 7, "ar": 5, "fa": 5, "ur": 5, "he": 4, "ko": 3}  # characters; others: 6
_STEM_ELSEWHERE = 6
_ARABIC_ARTICLES = re.compile("^(?:[وبفك]?ال|لل)(?=..)")
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_is_unspaced = re.compile(f"[{UNSPACED}]").match
PAIRED = frozenset({"zh", "ja"})


def stem(word: str, language: str | None) -> str:
    """What `word`, folded already, has in common with its other forms."""
    code = _SAME.get(language or "", language or "")
    if code == "ar":
        word = _ARABIC_ARTICLES.sub("", word)
    return word[: _STEM.get(code, _STEM_ELSEWHERE)]


def is_unspaced(text: str) -> bool:
    """Whether `text` begins in a script that puts no spaces between words: Han, Kana, Thai, Lao, Khmer, Burmese."""
    return _is_unspaced(text) is not None


def pairs(run: str) -> list[str]:
    """The overlapping pairs of characters of a run without spaces: `联络处` → 联络, 络处."""
    return [first + second for first, second in pairwise(run)]


def weight(word: str, language: str | None) -> int:
    """0 (common, tells nothing) to 5 (rare) for a stem, or a pair of characters.

    In a language that the table lacks, long words stand for rare ones.
    """
    table = _table(_SAME.get(language or "", language or ""))
    if table is not None:
        return table.get(_hash(word), RAREST)
    return max(0, min(RAREST - 1, len(word) - 2)) if not is_unspaced(word) else RAREST - 2


def hashes(stems: list[str]) -> bytes:
    """What the table keeps of `stems`, sorted."""
    return b"".join(sorted(_hash(one).to_bytes(HASH_BYTES) for one in stems))


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace")) & 0xFFFFFF


@cache
def _header() -> tuple[Mapping[str, list[int]], int]:
    """By language, how many stems of each weight; and where the hashes begin."""
    with TABLE.open("rb") as file:
        return orjson.loads(file.readline()), file.tell()


@cache
def _table(language: str) -> Mapping[int, int] | None:
    """Weight by hash. Read when a language is first met, about 5 ms."""
    counts, start = _header()
    if language not in counts:
        return None
    with TABLE.open("rb") as file:
        file.seek(start + HASH_BYTES * sum(sum(counts[one]) for one in list(counts)[: list(counts).index(language)]))
        block = file.read(HASH_BYTES * sum(counts[language]))
    weights: dict[int, int] = {}
    at = 0
    for value, count in enumerate(counts[language]):
        for _ in range(count):
            # Where two share a hash, the commoner one counts: a word too few is better than a wrong link.
            weights.setdefault(int.from_bytes(block[at : at + HASH_BYTES]), value)
            at += HASH_BYTES
    return weights
