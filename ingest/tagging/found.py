"""People, organisations and places found in a text by a trained model, whether or not a list knows them.

Models: `models/*.npz`, made by `make train`; where their data comes from stands in `models/PROVENANCE.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.tagging.crf import Labelled, Model, read_model
from ingest.tagging.lexicon import read_lexicon
from ingest.tagging.tokens import Token, sentences_in

MODELS = Path(__file__).parent / "models"
# Malay is read with the Indonesian model: most of the words around names are the same.
_MODEL = {"id": "id", "ms": "id", "en": "en"}
_SIGNS = "\"'“”‘’.,;:!?()[]-–—&/"

Kind = Literal["person", "organisation", "place"]


class Found(NamedTuple):
    """A name at characters `start` to `end`; `score`: how sure the model is, 0 to 1."""

    start: int
    end: int
    type: Kind
    score: float


def found_in(text: str, language: str | None) -> tuple[Found, ...]:
    """Names in order, none over another. `language`: ISO 639-1; empty for a language without a model."""
    model = _model(language)
    if model is None:
        return ()
    sentences = sentences_in(text)
    read = model.labelled([[token.text for token in sentence] for sentence in sentences])
    return tuple(
        name for sentence, labelled in zip(sentences, read, strict=True) for name in _names(sentence, labelled)
    )


def labels(words: Sequence[str], language: str) -> list[str]:
    """`O`, `B-person`, `I-place` … for each word of a sentence that is cut into words already."""
    model = _model(language)
    if model is None:
        return ["O"] * len(words)
    return model.labelled([list(words)])[0].labels


def languages() -> frozenset[str]:
    """Those with a model."""
    return frozenset(_MODEL)


def _names(tokens: list[Token], labelled: Labelled) -> list[Found]:
    names: list[Found] = []
    open_at = -1
    kinds = [*labelled.labels, "O"]
    for at, label in enumerate(kinds):
        if open_at >= 0 and not (label[0] == "I"):
            kind = kinds[open_at][2:]
            first, last = open_at, at - 1
            score = min(labelled.sure[first : last + 1])
            names.append(Found(tokens[first].start, tokens[last].end, kind, round(score, 3)))  # type: ignore[arg-type]  # a label's type is a Kind
            open_at = -1
        if label[0] == "B":
            open_at = at
    return names


def _model(language: str | None) -> Model | None:
    name = _MODEL.get(language or "")
    return _loaded(name) if name else None


@cache
def _loaded(name: str) -> Model:
    return read_model(MODELS / f"{name}.npz", read_lexicon(MODELS / f"{name}.words"))
