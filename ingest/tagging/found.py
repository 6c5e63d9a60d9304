"""People, organisations and places found in a text by a trained model, whether or not a list knows them.

Models: `models/*.npz`, made by `make train`; where their data comes from stands in `models/PROVENANCE.md`. Indonesian
has two: one for news, one for works of reference, whose labellers took other things for names (of a country that acts,
the news' labellers said nothing). Which of them reads a text is decided by its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from ingest.tagging.lexicon import read_lexicon
from ingest.tagging.tokens import matches_in, tokens_in
from ingest.tagging.voting import voted

if TYPE_CHECKING:
    from ingest.tagging.crf import Labelled, Model

MODELS = Path(__file__).parent / "models"
# Malay is read with the Indonesian models: most of the words around names are the same.
_MODEL = {"id": "id", "ms": "id", "en": "en", "pt": "pt"}
# Odds (a logarithm) from which a text is no news: a single sentence of news can look like a work of reference.
_REFERENCE = -5.0

_NONE = frozenset({"O"})
LONGEST = 200_000  # characters: a book, or somebody's joke

Kind = Literal["person", "organisation", "place"]


class Found(NamedTuple):
    """A name at characters `start` to `end`; `score`: how sure the model is, 0 to 1."""

    start: int
    end: int
    type: Kind
    score: float


class _Reader(NamedTuple):
    """`news` reads most texts, `reference` those whose words tell so."""

    news: Model
    reference: Model | None
    telling: dict[str, float]

    def model_for(self, words: Iterable[str]) -> Model:
        if self.reference is None:
            return self.news
        odds = sum(self.telling.get(word, 0.0) for word in {word.lower() for word in set(words)})
        return self.news if odds > _REFERENCE else self.reference


def found_in(text: str, language: str | None) -> tuple[Found, ...]:
    """Names in order, none over another, of the first 200,000 characters. `language`: ISO 639-1; empty for one without
    a model."""
    reader = _reader(language)
    if reader is None:
        return ()
    sentences = matches_in(text[:LONGEST])
    words = [of_sentence for of_sentence, _ in sentences]
    read = reader.model_for(chain.from_iterable(words)).labelled(words)
    names = [name for (_, places), labelled in zip(sentences, read, strict=True) for name in _names(places, labelled)]
    return voted(text, names)


def labels(words: Sequence[str], language: str | None) -> list[str]:
    """`O`, `B-person`, `I-place` … for each word of a sentence that somebody else has cut into words.

    A word that is several here (`Indonesia?`, `(PKB)`) is of the name that stands in it.
    """
    reader = _reader(language)
    if reader is None:
        return ["O"] * len(words)
    cut = [[token.text for token in tokens_in(word)] or [word] for word in words]
    own = [part for parts in cut for part in parts]
    found = iter(reader.model_for(own).labelled([own])[0].labels)
    inside = [[label for label in (next(found) for _ in parts) if label != "O"] for parts in cut]
    return [of_word[0] if of_word else "O" for of_word in inside]


def languages() -> frozenset[str]:
    """Those with a model."""
    return frozenset(_MODEL)


def _names(places: list[re.Match[str]], labelled: Labelled) -> Iterable[Found]:
    if _NONE.issuperset(labelled.labels):
        return
    ends = [*labelled.labels, "O"]
    first = -1
    for at, label in enumerate(ends):
        if first >= 0 and label[0] != "I":
            score = min(labelled.sure[first:at])
            yield Found(places[first].start(), places[at - 1].end(), cast("Kind", ends[first][2:]), round(score, 3))
            first = -1
        if label[0] == "B":
            first = at


def _reader(language: str | None) -> _Reader | None:
    name = _MODEL.get(language or "")
    return _loaded(name) if name else None


@cache
def _loaded(name: str) -> _Reader:
    from ingest.tagging.crf import read_model  # numpy: the lists of names are read by processes that find none

    lexicon = read_lexicon(MODELS / f"{name}.words")
    news = read_model(MODELS / f"{name}.npz", lexicon)
    other = MODELS / f"{name}-reference.npz"
    if not other.exists():
        return _Reader(news, None, {})
    lines = (MODELS / f"{name}.telling").read_text(encoding="utf-8").splitlines()
    telling = {word: float(weight) for word, weight in (line.split("\t") for line in lines)}
    return _Reader(news, read_model(other, lexicon), telling)
