"""Trains a conditional random field on labelled sentences."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from ingest.tagging.crf import Model, read_model, write_model
from ingest.tagging.features import Lexicon, attributes
from ingest.tagging.training.corpora import Sentence

LABELS = ("O", *(f"{border}-{kind}" for kind in ("person", "organisation", "place") for border in "BI"))
_SMALLEST = 0.005  # weights below are left out: they change nothing


def train(sentences: Iterable[Sentence], lexicon: Lexicon, target: Path, c1: float, c2: float, rounds: int) -> Model:
    """Writes the model to `target` and reads it. `c1`, `c2`: how much weights cost, absolutely and squared."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": c1, "c2": c2, "max_iterations": rounds, "feature.possible_transitions": False})
    for sentence in sentences:
        trainer.append(attributes(sentence.words, lexicon), sentence.labels)
    with tempfile.TemporaryDirectory() as folder:
        raw = str(Path(folder) / "model")
        trainer.train(raw)
        tagger = pycrfsuite.Tagger()
        tagger.open(raw)
        info = tagger.info()
        tagger.close()
    place = {label: at for at, label in enumerate(LABELS)}
    weights: dict[str, list[float]] = {}
    for (attribute, label), weight in info.state_features.items():
        if abs(weight) >= _SMALLEST:
            weights.setdefault(attribute, [0.0] * len(LABELS))[place[label]] = weight
    steps = [[0.0] * len(LABELS) for _ in LABELS]
    for (before, after), weight in info.transitions.items():
        steps[place[before]][place[after]] = weight
    write_model(target, LABELS, weights, steps)
    return read_model(target, lexicon)
