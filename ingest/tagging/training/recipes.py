"""Which sentences make which model. Only the files named train are read: dev and test are for measuring."""

from __future__ import annotations

from pathlib import Path

from ingest.tagging.features import Lexicon
from ingest.tagging.training.corpora import Sentence, read_marked, read_sentences, retokenised
from ingest.tagging.training.learn import Cost, Weights, learn, mean, telling_words

OWN = Path(__file__).parent / "sentences"
NEWS = "id-idner"
REFERENCE = "id-nergrit"
# Two models that differ in how they are held back make fewer false names than either.
_SMOOTH = Cost(absolute=0.05, squared=0.3, rounds=50)


def sentences_of(corpus: Path, name: str, part: str = "train") -> list[Sentence]:
    """The labelled sentences of `ner/<name>/<part>.*`, as published. Raises FileNotFoundError."""
    found = sorted((corpus / "ner" / name).glob(f"{part}.*"))
    if not found:
        raise FileNotFoundError(f"{corpus / 'ner' / name}: no file {part}.*")
    return read_sentences(found[0])


def _train(corpus: Path, name: str) -> list[Sentence]:
    return [retokenised(sentence) for sentence in sentences_of(corpus, name)]


def own(language: str) -> list[Sentence]:
    """Written and labelled for Kawat."""
    return read_marked(OWN / f"{language}.txt")


def one_set(corpus: Path, name: str, lexicon: Lexicon) -> Weights:
    """Of one Indonesian set and our own sentences: how well names of another set are found."""
    return learn([*_train(corpus, name), *own("id")], lexicon)


def indonesian_news(corpus: Path, lexicon: Lexicon) -> Weights:
    alone = _train(corpus, NEWS)
    return mean([learn(alone, lexicon), learn(alone, lexicon, _SMOOTH), learn([*alone, *own("id")], lexicon)])


def indonesian_reference(corpus: Path, lexicon: Lexicon) -> Weights:
    return one_set(corpus, REFERENCE, lexicon)


def kinds_of_text(corpus: Path) -> dict[str, float]:
    return telling_words(_train(corpus, NEWS), _train(corpus, REFERENCE))


def english(corpus: Path, lexicon: Lexicon) -> Weights:
    return learn([*_train(corpus, "en-ewt"), *own("en")], lexicon)
