"""A linear-chain conditional random field read from a file: the labels of sentences, and how sure each is.

Trained by `ingest.tagging.training` (python-crfsuite); read here with numpy, all sentences of a text at once. What
words weigh is kept (`weights`), so that a text costs few look-ups. Lafferty, McCallum, Pereira 2001.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.tagging.features import Lexicon, frames, islands_of, quoted_in, runs_in
from ingest.tagging.weights import EDGE, NONE, Weights
from ingest.tagging.weights import Array as Array  # noqa: PLC0414 - trainers have it from here

MOST_WORDS = 20_000  # kept with their weights, 350 bytes each, then forgotten all at once
_NEVER = np.float32(-1e4)  # added to a step that no row of labels takes: O or B-person to I-place


class Labelled(NamedTuple):
    """The likeliest labels of a sentence, and the probability of each; 1 where no name is near."""

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
        self._weights = Weights(weights, table, lexicon)
        self._steps = steps + _forbidden(self.labels)
        self._start = np.array([_NEVER if label[0] == "I" else 0 for label in labels], dtype=np.float32)

    def labelled(self, sentences: Sequence[Sequence[str]]) -> list[Labelled]:
        """For each sentence, given as words, its labels. Only words beside a capital are looked at."""
        out = [Labelled([self.labels[0]] * len(words), [1.0] * len(words)) for words in sentences]
        islands, emitted = self._emitted(sentences)
        if islands:
            self._decode(islands, emitted, out)
        return out

    def _decode(self, islands: Sequence[_Island], emitted: Array, out: list[Labelled]) -> None:
        """`emitted`: [word, label], those of all islands one after the other."""
        sizes = np.array([island.end - island.first for island in islands])
        order = np.argsort(-sizes, kind="stable")
        lengths = sizes[order]
        column = np.argsort(order)
        begins = np.cumsum(sizes) - sizes
        place = np.arange(len(emitted)) - np.repeat(begins, sizes)
        columns = np.repeat(column, sizes)
        scores = np.zeros((int(lengths[0]), len(islands), len(self.labels)), dtype=np.float32)
        scores[place, columns] = emitted
        # Around an island nothing is a name: the step from there and to there counts.
        opens = np.array([island.first == 0 for island in islands])
        scores[0, column] += np.where(opens[:, None], self._start, self._steps[0])
        inner = np.array([not island.whole for island in islands])
        scores[sizes[inner] - 1, column[inner]] += self._steps[:, 0]
        path = viterbi(scores, self._steps, lengths)
        named = path.max(axis=0) > 0
        sure = np.ones(path.shape, dtype=np.float32)
        if named.any():
            likely = marginals(scores[:, named], self._steps, lengths[named])
            sure[:, named] = np.take_along_axis(likely, path[:, named, None], axis=2)[:, :, 0]
        every, surely = path[place, columns].tolist(), sure[place, columns].tolist()
        for island, begin, has_name in zip(islands, begins.tolist(), named[column].tolist(), strict=True):
            if has_name:
                end = begin + island.end - island.first
                labels, chances = out[island.sentence]
                labels[island.first : island.end] = [self.labels[label] for label in every[begin:end]]
                chances[island.first : island.end] = surely[begin:end]

    def _emitted(self, sentences: Sequence[Sequence[str]]) -> tuple[list[_Island], Array]:
        """Where names may be, and there the weight of each label for each word."""
        weights = self._weights
        if len(weights.ids) > MOST_WORDS:
            weights.forget()
        found: list[_Island] = []
        ids: list[int] = []  # of all sentences, one after the other
        held: list[tuple[int, ...]] = []
        shifts: list[int] = []
        said: list[str] = []
        sizes: list[int] = []  # how many of `said` are of each token held
        known_words, look = weights.ids, weights.learn
        for number, sentence in enumerate(sentences):
            known = [known_words.get(text) or look(text) for text in sentence]
            words = [word for word, _ in known]
            runs = runs_in(words)
            shift = len(ids)
            ids += [at for _, at in known]
            quoted = quoted_in(words)
            for first, end in islands_of(runs):
                found.append(_Island(number, first, end, end == len(words)))
                shifts += [shift] * (end - first)
                for holders, joint in frames(words, runs, first, end, quoted):
                    held.append(holders)
                    said += joint
                    sizes.append(len(joint))
        if not held:
            return [], np.zeros((0, len(self.labels)), dtype=np.float32)
        ids += [NONE, EDGE]  # -2: a role that is not there; -1: the border
        holding = np.array(held, dtype=np.intp)
        holding += np.array(shifts, dtype=np.intp)[:, None] * (holding >= 0)
        emitted = weights.of(np.array(ids, dtype=np.intp)[holding])
        weights.add(emitted, np.repeat(np.arange(len(held)), sizes), said)
        return found, emitted


def _forbidden(labels: Sequence[str]) -> Array:
    """Nought where label b may follow label a, else never: I-x follows B-x or I-x."""
    return np.array(
        [[_NEVER if b[0] == "I" and a[2:] != b[2:] else 0 for b in labels] for a in labels], dtype=np.float32
    )


def viterbi(scores: Array, steps: Array, lengths: NDArray[np.int64]) -> NDArray[np.intp]:
    """The best label of each place, [place, sentence]; `scores` is [place, sentence, label], padded with anything,
    the longest sentence first."""
    longest, size, kinds = scores.shape
    going = _going(lengths)
    best = scores[0].copy()
    back = np.zeros((longest, size, kinds), dtype=np.intp)
    into = np.ascontiguousarray(steps.T)
    for at in range(1, longest):
        many = going[at]
        ways = best[:many, None, :] + into
        ways.argmax(axis=2, out=back[at, :many])
        np.add(ways.max(axis=2), scores[at, :many], out=best[:many])
    path = np.zeros((longest, size), dtype=np.intp)
    now = best.argmax(axis=1)
    everyone = np.arange(size)
    for at in range(longest - 1, 0, -1):
        many = going[at]
        path[at, :many] = now[:many]
        now[:many] = back[at, everyone[:many], now[:many]]
    path[0] = now
    return path


def marginals(scores: Array, steps: Array, lengths: NDArray[np.int64]) -> Array:
    """The probability of each label at each place, [place, sentence, label]; the longest sentence first."""
    longest = int(lengths[0])
    going = _going(lengths)
    # Each place's scores are taken relative to their highest, and each place's sum to one: nothing overflows.
    factors = np.exp(scores - scores.max(axis=2, keepdims=True))
    step = np.exp(steps)
    forward = factors.copy()
    forward[0] /= forward[0].sum(axis=1, keepdims=True)
    for at in range(1, longest):
        many = going[at]
        now = (forward[at - 1, :many] @ step) * factors[at, :many]
        forward[at, :many] = now / now.sum(axis=1, keepdims=True)
    backward = np.ones_like(factors)
    for at in range(longest - 2, -1, -1):
        many = going[at + 1]
        now = (backward[at + 1, :many] * factors[at + 1, :many]) @ step.T
        backward[at, :many] = now / now.sum(axis=1, keepdims=True)
    both = forward * backward
    sure: Array = both / both.sum(axis=2, keepdims=True)
    return sure


def _going(lengths: NDArray[np.int64]) -> list[int]:
    """For each place how many sentences reach it; the longest is the first."""
    counts: list[int] = np.searchsorted(-lengths, -np.arange(int(lengths[0]))).tolist()
    return counts


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
