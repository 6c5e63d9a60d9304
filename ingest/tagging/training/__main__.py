"""`make train`: makes the models of names anew from the labelled sentences below the folder that KAWAT_CORPUS names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ingest.tagging.found import MODELS
from ingest.tagging.lexicon import write_lexicon
from ingest.tagging.training.known_words import lexicon_of
from ingest.tagging.training.recipes import NEWS, REFERENCE, english, indonesian, kinds_of_text, portuguese


def main() -> None:
    named = os.environ.get("KAWAT_CORPUS")
    if not named:
        sys.exit("set KAWAT_CORPUS to the folder that has ner/id-idner/train.txt and its like")
    corpus = Path(named)
    lexicon = lexicon_of("id")
    write_lexicon(MODELS / "id.words", lexicon)
    weights = indonesian(corpus, lexicon)
    weights[NEWS].write(MODELS / "id.npz")
    weights[REFERENCE].write(MODELS / "id-reference.npz")
    telling = kinds_of_text(corpus).items()
    (MODELS / "id.telling").write_text("".join(f"{word}\t{weight:.2f}\n" for word, weight in telling), encoding="utf-8")
    lexicon = lexicon_of("en")
    write_lexicon(MODELS / "en.words", lexicon)
    english(corpus, lexicon).write(MODELS / "en.npz")
    lexicon = lexicon_of("pt")
    write_lexicon(MODELS / "pt.words", lexicon)
    portuguese(corpus, lexicon).write(MODELS / "pt.npz")


if __name__ == "__main__":
    main()
