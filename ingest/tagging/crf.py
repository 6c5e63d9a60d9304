"""A linear-chain conditional random field read from a file: the labels of sentences, and how sure each is.

Trained by `ingest.tagging.training` (python-crfsuite); read here with numpy, all sentences of a text at once. The sum
of weights of a word in each role is kept, so that a text costs few look-ups: about 3 ms for 500 words, where the
trainer's own reader takes 8. Lafferty, McCallum, Pereira 2001.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.tagging.features import BORDER, ROLES, Lexicon, Word, frames, islands_of, runs_in, said_of, word_of

MOST_WORDS = 20_000  # kept with their weights, 350 bytes each, then forgotten all at once
_NEVER = np.float32(-1e4)  # added to a step that no row of labels takes: O or B-person to I-place

Array = NDArray[np.float32]


class Labelled(NamedTuple):
    """The likeliest labels of a sentence, and the probability of each."""

    labels: list[str]
    sure: list[float]


class _Island(NamedTuple):
    """Words `first` to before `end` of a sentence, and the weights of the labels for each, [word, label]."""

    sentence: int
    first: int
    end: int
    whole: bool  # reaches the sentence's end


class Model:
    """Weights and the lexicon they were trained with. Not for two threads at once."""

    def __init__(
        self, labels: Sequence[str], weights: dict[str, int], table: Array, steps: Array, lexicon: Lexicon
    ) -> None:
        """`labels[0]` is the one of no name. `table`: [attribute, label]; `steps`: [label, label that follows]."""
        self.labels = tuple(labels)
        self._row = weights
        self._table = table
        self._steps = steps + _forbidden(self.labels)
        self._start = np.array([_NEVER if label[0] == "I" else 0 for label in labels], dtype=np.float32)
        self._lexicon = lexicon
        self._words: dict[str, tuple[Word, int]] = {}
        self._sums = np.zeros((1024, len(ROLES), len(labels)), dtype=np.float32)
        self._forget()

    def labelled(self, sentences: Sequence[Sequence[str]]) -> list[Labelled]:
        """For each sentence, given as words, its labels. Only words beside a capital are looked at."""
        out = [Labelled([self.labels[0]] * len(words), [1.0] * len(words)) for words in sentences]
        islands, emitted = self._emitted(sentences)
        # Islands of like length together: padding to the longest of all would waste most of the work.
        order = sorted(range(len(islands)), key=lambda at: len(emitted[at]))
        for share in (order[: len(order) * 3 // 4], order[len(order) * 3 // 4 :]):
            if share:
                self._decode([islands[at] for at in share], [emitted[at] for at in share], out)
        return out

    def _decode(self, islands: Sequence[_Island], emitted: Sequence[Array], out: list[Labelled]) -> None:
        lengths = np.array([len(one) for one in emitted])
        scores = np.zeros((int(lengths.max()), len(islands), len(self.labels)), dtype=np.float32)
        for at, (island, one) in enumerate(zip(islands, emitted, strict=True)):
            scores[: len(one), at] = one
            # Around an island nothing is a name: the step from there and to there counts.
            scores[0, at] += self._steps[0] if island.first else self._start
            if not island.whole:
                scores[len(one) - 1, at] += self._steps[:, 0]
        path = viterbi(scores, self._steps, lengths)
        sure = np.take_along_axis(marginals(scores, self._steps, lengths), path[:, :, None], axis=2)[:, :, 0]
        for at, island in enumerate(islands):
            size = island.end - island.first
            labels, likely = out[island.sentence]
            labels[island.first : island.end] = [self.labels[label] for label in path[:size, at]]
            likely[island.first : island.end] = sure[:size, at].tolist()

    def _emitted(self, sentences: Sequence[Sequence[str]]) -> tuple[list[_Island], list[Array]]:
        """Where names may be, and there the weight of each label for each word."""
        if len(self._words) > MOST_WORDS:
            self._forget()
        found: list[_Island] = []
        held: list[list[int]] = []
        places: list[int] = []
        rows: list[int] = []
        known_rows, known_words, look = self._row, self._words, self._learn
        for number, sentence in enumerate(sentences):
            known = [known_words.get(text) or look(text) for text in sentence]
            words = [word for word, _ in known]
            runs = runs_in(words)
            ids = [at for _, at in known]
            ids += [1, 0]  # -2: a role that is not there; -1: the border
            for first, end in islands_of(runs):
                found.append(_Island(number, first, end, end == len(words)))
                for frame in frames(words, runs, first, end):
                    for attribute in frame.joint:
                        row = known_rows.get(attribute)
                        if row is not None:
                            places.append(len(held))
                            rows.append(row)
                    held.append([ids[at] for at in frame.held])
        if not held:
            return [], []
        emitted: Array = self._sums[np.array(held, dtype=np.intp), np.arange(len(ROLES))].sum(axis=1)
        np.add.at(emitted, places, self._table[rows])
        return found, np.split(emitted, np.cumsum([island.end - island.first for island in found])[:-1])

    def _learn(self, text: str) -> tuple[Word, int]:
        """Sums the weights of a word not met before, in each role."""
        word = word_of(text, self._lexicon)
        at = len(self._words) + 1  # row 1 stays nought: a role that is not there
        if text == BORDER:
            at = 0
        if at >= len(self._sums):
            self._sums = np.concatenate((self._sums, np.zeros_like(self._sums)))
        for number, role in enumerate(ROLES):
            rows = [row for one in said_of(word, role) if (row := self._row.get(one)) is not None]
            self._sums[at, number] = self._table[rows].sum(axis=0) if rows else 0
        self._words[text] = (word, at)
        return word, at

    def _forget(self) -> None:
        self._words = {}
        self._learn(BORDER)


def _forbidden(labels: Sequence[str]) -> Array:
    """Nought where label b may follow label a, else never: I-x follows B-x or I-x."""
    return np.array(
        [[_NEVER if b[0] == "I" and a[2:] != b[2:] else 0 for b in labels] for a in labels], dtype=np.float32
    )


def viterbi(scores: Array, steps: Array, lengths: NDArray[np.int64]) -> NDArray[np.intp]:
    """The best label of each place, [place, sentence]; `scores` is [place, sentence, label], padded with anything."""
    longest, size, kinds = scores.shape
    best = scores[0]
    back = np.zeros((longest, size, kinds), dtype=np.intp)
    keep = np.arange(kinds)
    for at in range(1, longest):
        ways = best[:, :, None] + steps
        back[at] = ways.argmax(axis=1)
        moved = ways.max(axis=1) + scores[at]
        going = (at < lengths)[:, None]
        best = np.where(going, moved, best)
        back[at] = np.where(going, back[at], keep)
    path = np.zeros((longest, size), dtype=np.intp)
    path[-1] = best.argmax(axis=1)
    everyone = np.arange(size)
    for at in range(longest - 1, 0, -1):
        path[at - 1] = back[at, everyone, path[at]]
    return path


def marginals(scores: Array, steps: Array, lengths: NDArray[np.int64]) -> Array:
    """The probability of each label at each place, [place, sentence, label]."""
    longest = len(scores)
    # Each place's scores are taken relative to their highest, and each place's sum to one: nothing overflows.
    factors = np.exp(scores - scores.max(axis=2, keepdims=True))
    step = np.exp(steps)
    forward = np.empty_like(factors)
    now = factors[0]
    forward[0] = now / now.sum(axis=1, keepdims=True)
    for at in range(1, longest):
        now = (forward[at - 1] @ step) * factors[at]
        forward[at] = now / now.sum(axis=1, keepdims=True)
    backward = np.ones_like(factors)
    for at in range(longest - 2, -1, -1):
        now = (backward[at + 1] * factors[at + 1]) @ step.T
        now /= now.sum(axis=1, keepdims=True)
        backward[at] = np.where((at + 1 < lengths)[:, None], now, 1)
    both = forward * backward
    sure: Array = both / both.sum(axis=2, keepdims=True)
    return sure


def read_model(path: Path, lexicon: Lexicon) -> Model:
    """Raises ValueError where the file is none of `write_model`."""
    with np.load(path, allow_pickle=False) as stored:
        if set(stored.files) != {"labels", "attributes", "weights", "steps"}:
            raise ValueError(f"{path}: no model of names; make it anew with: make train")
        names = stored["attributes"].tobytes().decode().split("\t")
        rows = {name: at for at, name in enumerate(names)}
        labels = [str(label) for label in stored["labels"]]
        return Model(labels, rows, stored["weights"].astype(np.float32), stored["steps"].astype(np.float32), lexicon)


def write_model(path: Path, labels: Sequence[str], weights: Mapping[str, Array], steps: Array) -> None:
    """Weights in 16 bits, attributes in order, so that the same weights make the same file."""
    names = sorted(name for name in weights if "\t" not in name)
    np.savez_compressed(
        path,
        labels=np.array(labels),
        attributes=np.frombuffer("\t".join(names).encode(), dtype=np.uint8),
        weights=np.array([weights[name] for name in names], dtype=np.float16),
        steps=np.array(steps, dtype=np.float32),
    )
