"""Makes `rarewords.bin` anew from wordfreq's counts: `python -m ingest.rarewords_compile` (needs wordfreq 3.1.1).

wordfreq is needed here only. Its data stand under CC BY-SA 4.0, see NOTICE.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

import orjson

from ingest.rarewords import PAIRED, TABLE, ZIPF_FLOORS, hashes, is_unspaced, pairs, stem
from ingest.shingles import folded, words

LANGUAGES = [
    "ar",
    "bg",
    "bn",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fa",
    "fi",
    "fil",
    "fr",
    "he",
    "hi",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "ms",
]
LANGUAGES += ["nb", "nl", "pl", "pt", "ro", "ru", "sh", "sv", "ta", "tr", "uk", "ur", "vi", "zh"]


def frequencies(counts: Mapping[str, float], language: str) -> dict[str, float]:
    """Share of all words by stem, or by pair of characters."""
    found: dict[str, float] = defaultdict(float)
    for word, share in counts.items():
        for unit in _units(word, language):
            found[unit] += share
    return found


def by_weight(shares: Mapping[str, float]) -> list[list[str]]:
    """Stems of weight 0, 1, …; those below the last floor are left out."""
    found: list[list[str]] = [[] for _ in ZIPF_FLOORS]
    for unit, share in shares.items():
        zipf = math.log10(share * 1e9)
        weight = next((at for at, floor in enumerate(ZIPF_FLOORS) if zipf >= floor), None)
        if weight is not None:
            found[weight].append(unit)
    return found


def main() -> None:
    """Writes the table beside this file."""
    from wordfreq import get_frequency_dict

    groups = {one: by_weight(frequencies(get_frequency_dict(one, "small"), one)) for one in LANGUAGES}
    header = {one: [len(group) for group in weights] for one, weights in groups.items()}
    blocks = [hashes(group) for weights in groups.values() for group in weights]
    TABLE.write_bytes(orjson.dumps(header) + b"\n" + b"".join(blocks))


def _units(word: str, language: str) -> Iterator[str]:
    for part in words(folded(word)):
        if is_unspaced(part):
            yield from pairs(part) if language in PAIRED else ()
        elif not part[0].isdigit():
            yield stem(part, language)


if __name__ == "__main__":
    main()
