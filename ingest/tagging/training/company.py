"""Makes `words/company_<language>.tsv`: how words stand in running text that nobody labelled with names.

    python -m ingest.tagging.training.company TEXT ingest/tagging/training/words/company_id.tsv

TEXT has a word and its part of speech a line, a tab between, and a blank line after each sentence (the layout of
nlp-id's dataset_postag.txt, kumparan, MIT). Of each word: times met inside a sentence, times capitalised there, its
usual part of speech, and its clusters. Words are clustered by their neighbours: positive pointwise mutual information,
its strongest eighty directions, k-means (after Levy and Goldberg 2014).
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from ingest.tagging.crf import Array

_FEWEST = 4  # times that a word must be met to have clusters
_NEIGHBOURS = 1500  # the most frequent words, told apart as neighbours
_DIRECTIONS = 80
_CLUSTERS = (40, 200, 800)
_ROUNDS = 25
_AFTER_BORDER = frozenset('".(')


def read_tagged(path: Path) -> list[list[tuple[str, str]]]:
    """Sentences of word and part of speech."""
    sentences: list[list[tuple[str, str]]] = [[]]
    for line in path.read_text(encoding="utf-8").splitlines():
        word, tab, part = line.partition("\t")
        if tab and word:
            sentences[-1].append((word, part.strip()))
        elif sentences[-1]:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def company(sentences: list[list[tuple[str, str]]]) -> list[str]:
    """The file's lines, by word."""
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    met: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for sentence in sentences:
        for at, (word, part) in enumerate(sentence):
            lower = word.lower()
            parts[lower][part] += 1
            if at and sentence[at - 1][0] not in _AFTER_BORDER:
                met[lower] += 1
                capital[lower] += word[0].isupper()
    clustered = clusters([[re.sub(r"\d", "0", word.lower()) for word, _ in sentence] for sentence in sentences])
    lines = []
    for word, seen in sorted(parts.items()):
        if not word[0].isalpha() or (met[word] < 2 and seen.total() < 3 and word not in clustered):
            continue
        part = seen.most_common(1)[0][0] if seen.total() >= 3 else "-"
        numbers = " ".join(map(str, clustered.get(word, ())))
        lines.append(f"{word}\t{met[word]}\t{capital[word]}\t{part}\t{numbers}")
    return lines


def clusters(sentences: list[list[str]]) -> dict[str, tuple[int, ...]]:
    """For each word that is met often enough its cluster at each of three grains."""
    counted = Counter(word for sentence in sentences for word in sentence)
    words = [word for word, times in counted.most_common() if times >= _FEWEST]
    row = {word: at for at, word in enumerate(words)}
    neighbour = {word: at for at, word in enumerate(words[:_NEIGHBOURS])}
    other, border = _NEIGHBOURS, _NEIGHBOURS + 1
    width = _NEIGHBOURS + 2
    table = np.zeros((len(words), 4 * width), dtype=np.float32)
    for sentence in sentences:
        around = [border, border, *(neighbour.get(word, other) for word in sentence), border, border]
        for at, word in enumerate(sentence):
            if word in row:
                for place, (step, weight) in enumerate(((1, 1.0), (3, 1.0), (0, 0.5), (4, 0.5))):
                    table[row[word], place * width + around[at + step]] += weight
    placed = _directions(table)
    grains = [_means(placed, min(count, len(words))) for count in _CLUSTERS]
    return {word: tuple(grain[at] for grain in grains) for at, word in enumerate(words)}


def _directions(table: Array) -> Array:
    """Each row as a unit vector along the strongest directions."""
    total = table.sum()
    rows = table.sum(axis=1, keepdims=True) / total
    columns = (table.sum(axis=0, keepdims=True) / total) ** 0.75
    columns /= columns.sum()
    told = np.maximum(np.log(table / total / (rows * columns + 1e-12) + 1e-12), 0) * np.minimum(1, table)
    strength, direction = np.linalg.eigh(told.T @ told)
    keep = slice(-_DIRECTIONS, None)
    placed: Array = told @ direction[:, keep] / np.sqrt(np.sqrt(np.maximum(strength[keep], 1e-6)))
    placed /= np.linalg.norm(placed, axis=1, keepdims=True) + 1e-9
    return placed


def _means(placed: Array, count: int) -> list[int]:
    """k-means on the sphere, begun from frequent words, the same each time."""
    chance = np.random.default_rng(1)
    centres = placed[chance.choice(min(len(placed), 4000), count, replace=False)]
    nearest = (placed @ centres.T).argmax(axis=1)
    for _ in range(_ROUNDS):
        for number in range(count):
            members = placed[nearest == number]
            centre = members.sum(axis=0) if len(members) else placed[chance.integers(len(placed))]
            centres[number] = centre / (np.linalg.norm(centre) + 1e-9)
        nearest = (placed @ centres.T).argmax(axis=1)
    return [int(number) for number in nearest]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text("\n".join(company(read_tagged(Path(sys.argv[1])))) + "\n", encoding="utf-8")
