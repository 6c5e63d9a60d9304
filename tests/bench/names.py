"""How well names are found, on the labelled sentences below KAWAT_CORPUS; part of `make bench-tags`.

    python -m tests.bench.names [--part dev] [--across]

`given words`: the corpus's own words are labelled; `joined`: its words with a space between are read as a text by
`found_in`, and a name's words are those that it touches. `--across` trains on one Indonesian set (and our own
sentences) and tests on the other, and on the set alone as well: about five minutes.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ingest.tagging.crf import Model
from ingest.tagging.found import MODELS, found_in, labels
from ingest.tagging.lexicon import read_lexicon
from ingest.tagging.training.corpora import Sentence, mapped_back, retokenised, spans
from ingest.tagging.training.learn import learn
from ingest.tagging.training.recipes import NEWS, PORTUGUESE, REFERENCE, one_set, sentences_of

SETS = ((NEWS, "id"), (REFERENCE, "id"), ("en-ewt", "en"), (PORTUGUESE, "pt"))


class Score(NamedTuple):
    """Of exact, typed spans."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f}  (precision {self.precision:.3f}, recall {self.recall:.3f})"


def scored(sentences: Sequence[Sentence], reader: Callable[[Sequence[str]], list[str]]) -> Score:
    right = told = there = 0
    for sentence in sentences:
        gold, given = set(spans(sentence.labels)), set(spans(reader(sentence.words)))
        right, told, there = right + len(gold & given), told + len(given), there + len(gold)
    return Score(right / (told or 1), right / (there or 1))


def joined(words: Sequence[str], language: str) -> list[str]:
    """Labels of words by way of a text: what a user of `found_in` sees."""
    places, at = [], 0
    for word in words:
        places.append((at, at + len(word)))
        at += len(word) + 1
    out = ["O"] * len(words)
    for name in found_in(" ".join(words), language):
        touched = [number for number, (start, end) in enumerate(places) if start < name.end and end > name.start]
        for number in touched:
            out[number] = f"{'B' if number == touched[0] else 'I'}-{name.type}"
    return out


def by_model(model: Model) -> Callable[[Sequence[str]], list[str]]:
    def reader(words: Sequence[str]) -> list[str]:
        own = retokenised(Sentence(tuple(words), ("O",) * len(words))).words
        return mapped_back(tuple(words), model.labelled([own])[0].labels)

    return reader


def shipped(corpus: Path, part: str = "dev") -> dict[str, tuple[Score, Score]]:
    """For each set what the package's models reach: given words, joined."""
    out = {}
    for name, language in SETS:
        sentences = sentences_of(corpus, name, part)
        given = scored(sentences, lambda words, language=language: labels(words, language))  # type: ignore[misc]
        out[name] = (given, scored(sentences, lambda words, language=language: joined(words, language)))  # type: ignore[misc]
    return out


def across(corpus: Path, part: str = "dev") -> dict[str, Score]:
    """Trained on one Indonesian set, tested on the other; with and without our own sentences."""
    lexicon = read_lexicon(MODELS / "id.words")
    out = {}
    for trained, tested in ((NEWS, REFERENCE), (REFERENCE, NEWS)):
        sentences = sentences_of(corpus, tested, part)
        with_own = one_set(corpus, trained, lexicon).model(lexicon)
        out[f"{trained} and ours → {tested}"] = scored(sentences, by_model(with_own))
        alone = learn([retokenised(one) for one in sentences_of(corpus, trained)], lexicon).model(lexicon)
        out[f"{trained} alone → {tested}"] = scored(sentences, by_model(alone))
    return out


def milliseconds(texts: Sequence[tuple[str, str]]) -> float:
    """A text of 500 words, on average, the models loaded and warm. `texts`: text and language."""
    words = sum(len(text.split()) for text, _ in texts)
    for text, language in texts:
        found_in(text, language)
    began = time.process_time()
    for text, language in texts:
        found_in(text, language)
    return (time.process_time() - began) * 1000 * 500 / words


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--part", default="dev")
    reading.add_argument("--across", action="store_true")
    arguments = reading.parse_args()
    corpus = Path(os.environ["KAWAT_CORPUS"])
    for name, (given, as_text) in shipped(corpus, arguments.part).items():
        print(f"{name:12} given words {given}   joined {as_text}")
    sentences = sentences_of(corpus, NEWS, arguments.part)
    text = "\n".join(" ".join(sentence.words) for sentence in sentences)
    print(f"{milliseconds([(text, 'id')]):.1f} ms for 500 words")
    if arguments.across:
        for name, score in across(corpus, arguments.part).items():
            print(f"{name:34} {score}")


if __name__ == "__main__":
    main()
