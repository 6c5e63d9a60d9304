"""`make train`: makes the models of names anew from the corpora below the folder that KAWAT_CORPUS names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ingest.tagging.found import MODELS
from ingest.tagging.lexicon import read_lexicon, write_lexicon
from ingest.tagging.training.corpora import read_sentences, retokenised
from ingest.tagging.training.known_words import lexicon_of
from ingest.tagging.training.learn import train

SETS = {"id": ("id-idner/train.txt", "id-nergrit/train.txt"), "en": ("en-ewt/train.iob2",)}


def main() -> None:
    named = os.environ.get("KAWAT_CORPUS")
    if not named:
        sys.exit("set KAWAT_CORPUS to the folder that has ner/id-idner/train.txt and its like")
    folder = Path(named) / "ner"
    for language, files in SETS.items():
        write_lexicon(MODELS / f"{language}.words", lexicon_of(language))
        lexicon = read_lexicon(MODELS / f"{language}.words")
        sentences = [retokenised(one) for file in files for one in read_sentences(folder / file)]
        train(sentences, lexicon, MODELS / f"{language}.npz", c1=0.1, c2=0.01, rounds=100)
        print(language, len(sentences), "sentences")


if __name__ == "__main__":
    main()
