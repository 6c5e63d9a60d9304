"""What is known of single words: whether they are ordinary, whose name they may be, in which company they stand.

A line is a set of codes, a tab, and the words it holds for (lower case, space between). Codes: `models/PROVENANCE.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def read_lexicon(path: Path) -> dict[str, tuple[str, ...]]:
    """Codes by word."""
    lexicon: dict[str, tuple[str, ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        codes, _, words = line.partition("\t")
        known = tuple(codes.split(" "))
        for word in words.split(" "):
            lexicon[word] = known
    return lexicon


def write_lexicon(path: Path, lexicon: Mapping[str, tuple[str, ...]]) -> None:
    """In order, so that the same lexicon makes the same file."""
    words: dict[str, list[str]] = {}
    for word, codes in sorted(lexicon.items()):
        if codes:
            words.setdefault(" ".join(codes), []).append(word)
    path.write_text("".join(f"{codes}\t{' '.join(held)}\n" for codes, held in sorted(words.items())), encoding="utf-8")
