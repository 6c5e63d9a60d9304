"""Reads labelled sentences: columns of word and IOB tag, as published, and as our own tokens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ingest.tagging.tokens import tokens_in

TYPES = {
    "PER": "person",
    "PERSON": "person",
    "ORG": "organisation",
    "ORGANISATION": "organisation",
    "LOC": "place",
    "PLACE": "place",
    "GPE": "place",
}
_MARKED = re.compile(r"(\[[^\[\]|]+\|[A-Z]\])")
_MARKS = {"P": "person", "G": "organisation", "L": "place"}
_EDGES = frozenset(".,;:!?\"'”’“‘…-")
_CONTRACTED = {("a", "o"): "ao", ("a", "os"): "aos", ("a", "a"): "à", ("a", "as"): "às"} | {
    (word, article): start + article
    for word, start in (("de", "d"), ("em", "n"), ("por", "pel"))
    for article in ("o", "a", "os", "as")
}
_PAIRS = {")": "(", "]": "[", "(": ")", "[": "]"}


class Sentence(NamedTuple):
    """Words and their labels: `O`, `B-person`, `I-place` … of equal number."""

    words: tuple[str, ...]
    labels: tuple[str, ...]


def read_sentences(path: Path) -> list[Sentence]:
    """Of a file with one word a line and a blank line between sentences; `.iob2` has the word in the second column.

    Raises ValueError that names file and line where a tag is not known.
    """
    sentences: list[Sentence] = []
    words: list[str] = []
    labels: list[str] = []
    for at, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], start=1):
        if path.suffix == ".iob2" and line.startswith("#"):
            continue
        if not line.strip():
            if words:
                sentences.append(Sentence(tuple(words), tuple(labels)))
            words, labels = [], []
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        word, tag = (cells[1], cells[2]) if path.suffix == ".iob2" else (cells[0], cells[-1])
        words.append(word)
        labels.append(_label(tag.strip(), path, at))
    return sentences


def _label(tag: str, path: Path, at: int) -> str:
    if tag == "O":
        return tag
    border, _, kind = tag.partition("-")
    if border not in {"B", "I"} or (kind not in TYPES and kind not in TYPES.values()):
        raise ValueError(f"{path}:{at}: the tag {tag!r} is none of O, B- or I- with {', '.join(TYPES)}")
    return f"{border}-{TYPES.get(kind, kind)}"


def read_marked(path: Path) -> list[Sentence]:
    """Of a file with a sentence a line, `[Tokyo|L]` for a name (P person, G organisation, L place), `#` for a comment.

    In Kawat's own tokens. Raises ValueError that names file and line.
    """
    sentences = []
    for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        words: list[str] = []
        labels: list[str] = []
        for part in _MARKED.split(line):
            name, bar, kind = part.strip("[]").partition("|") if part.startswith("[") else (part, "", "")
            if bar and kind not in _MARKS:
                raise ValueError(f"{path}:{at}: {part} ends in none of {', '.join(_MARKS)}")
            held = [token.text for token in tokens_in(name)]
            words += held
            labels += [f"{'I' if inner else 'B'}-{_MARKS[kind]}" if bar else "O" for inner in range(len(held))]
        sentences.append(Sentence(tuple(words), tuple(labels)))
    return sentences


def spans(labels: tuple[str, ...] | list[str]) -> list[tuple[int, int, str]]:
    """Names in a row of labels: first, behind the last, type. An `I-` that continues nothing begins a name."""
    found: list[tuple[int, int, str]] = []
    for at, label in enumerate(labels):
        if label == "O":
            continue
        border, _, kind = label.partition("-")
        if border == "I" and found and found[-1][1] == at and found[-1][2] == kind:
            found[-1] = (found[-1][0], at + 1, kind)
        else:
            found.append((at, at + 1, kind))
    return found


def retokenised(sentence: Sentence) -> Sentence:
    """The sentence in Kawat's own tokens: `Indonesia?` is two, and signs at a name's edges are no part of it."""
    words: list[str] = []
    labels: list[str] = []
    first: list[int] = []
    for word in sentence.words:
        first.append(len(words))
        words += [token.text for token in tokens_in(word)] or [word]
    first.append(len(words))
    labels = ["O"] * len(words)
    for start, end, kind in spans(sentence.labels):
        left, right = _trimmed(words, first[start], first[end])
        for at in range(left, right):
            labels[at] = f"{'B' if at == left else 'I'}-{kind}"
    return Sentence(tuple(words), tuple(labels))


def contracted(sentence: Sentence) -> Sentence:
    """As a Portuguese text has it: the corpus takes `das` apart into `de as`."""
    words: list[str] = []
    labels: list[str] = []
    for word, label in zip(sentence.words, sentence.labels, strict=True):
        both = _CONTRACTED.get((words[-1].lower(), word)) if words else None
        if both:
            words[-1] = both.capitalize() if words[-1][0].isupper() else both
            labels[-1] = label if labels[-1] == "O" else labels[-1]
        else:
            words.append(word)
            labels.append(label)
    return Sentence(tuple(words), tuple(labels))


def _trimmed(words: list[str], left: int, right: int) -> tuple[int, int]:
    def edge(word: str) -> bool:
        return word in _EDGES or (word in _PAIRS and _PAIRS[word] not in words[left:right])

    while right - left > 1 and edge(words[left]):
        left += 1
    while right - left > 1 and edge(words[right - 1]):
        right -= 1
    if right - left > 2 and words[left] in "([" and words[right - 1] in ")]":
        left, right = left + 1, right - 1
    return left, right


def mapped_back(words: tuple[str, ...], own: list[str]) -> list[str]:
    """Labels of our tokens put on the words that they are parts of: a name takes each word it touches."""
    labels = []
    at = 0
    for word in words:
        size = len(tokens_in(word)) or 1
        inside = [label for label in own[at : at + size] if label != "O"]
        at += size
        labels.append(inside[0] if inside else "O")
    return labels
