"""Trains conditional random fields on labelled sentences; weighs the words that tell kinds of text apart."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ingest.tagging.crf import Array, Model, write_model
from ingest.tagging.features import Lexicon, attributes
from ingest.tagging.training.corpora import Sentence

LABELS = ("O", *(f"{border}-{kind}" for kind in ("person", "organisation", "place") for border in "BI"))
_SMALLEST = 0.01  # weights below are left out: they change nothing
_OF = "\t"  # between a kind of text and an attribute of its own
_FEWEST = 4  # sentences that a word must stand in to say anything of the kind of text


class Cost(NamedTuple):
    """What weights cost, absolutely and squared; rounds: stopped early, against overfitting."""

    absolute: float = 0.1
    squared: float = 0.1
    rounds: int = 60


class Weights(NamedTuple):
    """Of each attribute for each of LABELS, and of each label after each."""

    states: dict[str, Array]
    steps: Array

    def model(self, lexicon: Lexicon) -> Model:
        rows = {attribute: at for at, attribute in enumerate(self.states)}
        return Model(LABELS, rows, np.array(list(self.states.values()), dtype=np.float32), self.steps, lexicon)

    def write(self, path: Path) -> None:
        write_model(path, LABELS, self.states, self.steps)


def learn(sentences: Iterable[Sentence], lexicon: Lexicon, cost: Cost | None = None) -> Weights:
    """The same sentences give the same weights."""
    return _learnt(((attributes(one.words, lexicon), one.labels) for one in sentences), cost or Cost())


def learn_apart(kinds: Mapping[str, Iterable[Sentence]], lexicon: Lexicon, cost: Cost) -> dict[str, Weights]:
    """Weights for each kind of text, learnt together: each attribute once for all kinds and once for its own, so that
    one kind tells the other what they have in common (Daumé III, Frustratingly Easy Domain Adaptation, ACL 2007)."""
    doubled = (
        ([[said for one in token for said in (one, f"{kind}{_OF}{one}")] for token in tokens], sentence.labels)
        for kind, sentences in kinds.items()
        for sentence in sentences
        for tokens in [attributes(sentence.words, lexicon)]
    )
    both = _learnt(doubled, cost)
    return {kind: _of_kind(both, kind) for kind in kinds}


def _of_kind(both: Weights, kind: str) -> Weights:
    states: dict[str, Array] = {}
    for attribute, row in both.states.items():
        whose, apart, own = attribute.rpartition(_OF)
        if not apart or whose == kind:
            states[own] = states.get(own, np.float32(0)) + row
    return Weights(states, both.steps)


def _learnt(sentences: Iterable[tuple[list[list[str]], Sequence[str]]], cost: Cost) -> Weights:
    """Of the attributes of each word, and its label."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {
            "c1": cost.absolute,
            "c2": cost.squared,
            "max_iterations": cost.rounds,
            "feature.possible_transitions": False,
        }
    )
    for said, labels in sentences:
        trainer.append(said, labels)
    with tempfile.TemporaryDirectory() as folder:
        raw = str(Path(folder) / "model")
        trainer.train(raw)
        tagger = pycrfsuite.Tagger()
        tagger.open(raw)
        info = tagger.info()
        tagger.close()
    place = {label: at for at, label in enumerate(LABELS)}
    states: dict[str, Array] = {}
    for (attribute, label), weight in info.state_features.items():
        if abs(weight) >= _SMALLEST:
            states.setdefault(attribute, np.zeros(len(LABELS), dtype=np.float32))[place[label]] = weight
    steps = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    for (before, after), weight in info.transitions.items():
        steps[place[before], place[after]] = weight
    return Weights(states, steps)


def mean(several: Sequence[Weights]) -> Weights:
    """The geometric mean of what the models say, which is that of their weights."""
    share = np.float32(1 / len(several))
    states: dict[str, Array] = {}
    steps = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    for weights in several:
        steps += share * weights.steps
        for attribute, row in weights.states.items():
            states[attribute] = states.get(attribute, np.float32(0)) + share * row
    return Weights(states, steps)


def telling_words(these: Sequence[Sentence], those: Sequence[Sentence]) -> dict[str, float]:
    """How much each lower-case word speaks for `these` sentences, against `those`: the logarithm of its odds."""
    here, there = (Counter(word for sentence in part for word in _distinct(sentence)) for part in (these, those))
    return {
        word: math.log((here[word] + 0.5) / (len(these) + 1)) - math.log((there[word] + 0.5) / (len(those) + 1))
        for word in sorted(here | there)
        if here[word] + there[word] >= _FEWEST
    }


def _distinct(sentence: Sentence) -> set[str]:
    return {word.lower() for word in sentence.words if word.isalpha()}
