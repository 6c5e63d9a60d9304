"""Which sentences make which model. Only the files named train are read: dev and test are for measuring."""

from __future__ import annotations

from pathlib import Path

from ingest.tagging.features import Lexicon
from ingest.tagging.training.corpora import Sentence, contracted, read_marked, read_sentences, retokenised, spans
from ingest.tagging.training.known_words import countries
from ingest.tagging.training.learn import Cost, Weights, learn, learn_apart, mean, telling_words

OWN = Path(__file__).parent / "sentences"
NEWS = "id-idner"
REFERENCE = "id-nergrit"
PORTUGUESE = "pt-bosque"
_AT = frozenset(["di", "ke", "dari", "antara", "wilayah", "kawasan", "sekitar", "seluruh", "menuju"])
# Models that differ in how they are held back make together fewer false names than each.
_SMOOTH = Cost(absolute=0.05, squared=0.3, rounds=50)


def sentences_of(corpus: Path, name: str, part: str = "train") -> list[Sentence]:
    """The labelled sentences of `ner/<name>/<part>.*`, in words as texts have them. Raises FileNotFoundError."""
    found = sorted((corpus / "ner" / name).glob(f"{part}.*"))
    if not found:
        raise FileNotFoundError(f"{corpus / 'ner' / name}: no file {part}.*")
    sentences = read_sentences(found[0])
    return [contracted(sentence) for sentence in sentences] if name == PORTUGUESE else sentences


def _train(corpus: Path, name: str) -> list[Sentence]:
    return [retokenised(sentence) for sentence in sentences_of(corpus, name)]


def own(language: str) -> list[Sentence]:
    """Written and labelled for Kawat."""
    return read_marked(OWN / f"{language}.txt")


def one_set(corpus: Path, name: str, lexicon: Lexicon) -> Weights:
    """Of one Indonesian set and our own sentences: how well names of another set are found."""
    return learn([*_train(corpus, name), *own("id")], lexicon)


def indonesian(corpus: Path, lexicon: Lexicon) -> dict[str, Weights]:
    """For NEWS and for REFERENCE."""
    kinds = {
        NEWS: [*_train(corpus, NEWS), *map(_as_in_news, own("id"))],
        REFERENCE: [*_train(corpus, REFERENCE), *own("id")],
    }
    several = [learn_apart(kinds, lexicon, cost) for cost in (Cost(), _SMOOTH)]
    return {kind: mean([weights[kind] for weights in several]) for kind in kinds}


def _as_in_news(sentence: Sentence) -> Sentence:
    """As the news' labellers would have it: a country is a place only where something is, not where it acts or
    describes; a short form in brackets belongs to the body's name before it."""
    words, labels = sentence.words, list(sentence.labels)
    for first, end, kind in spans(sentence.labels):
        before = words[first - 1].lower() if first else ""
        if kind == "place" and before not in _AT and " ".join(words[first:end]).lower() in countries("id"):
            labels[first:end] = ["O"] * (end - first)
        if kind == "organisation" and words[end : end + 3 : 2] == ("(", ")") and words[end + 1].isupper():
            labels[end : end + 3] = [f"I-{kind}"] * 3
    return Sentence(words, tuple(labels))


def kinds_of_text(corpus: Path) -> dict[str, float]:
    return telling_words(_train(corpus, NEWS), _train(corpus, REFERENCE))


def english(corpus: Path, lexicon: Lexicon) -> Weights:
    return learn([*_train(corpus, "en-ewt"), *own("en")], lexicon)


def portuguese(corpus: Path, lexicon: Lexicon) -> Weights:
    return learn(_train(corpus, PORTUGUESE), lexicon)
