"""The language of a text, as ISO 639-1, by py3langid."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Protocol

ENOUGH = 2000  # characters: more changes nothing on news
# Letters are measured in bytes of UTF-8: a Han character (3) says about as much as three Latin letters.
FEWEST_LETTERS = 20  # below, a guess is worth less than the hint
SHORT = 200  # below, a near guess gives way to the hint
FALLBACK_RANK = 3  # a hint among the first so many guesses for a short text is believed

# The detector tells more apart than ISO 639-1 names or readers of news do. Written Norwegian is one language here,
# "no", as feeds call it: Bokmål and Nynorsk share a wire, a reader and an analyzer. Chinese is "zh" in every variety
# and script.
_SAME = {
    "nb": "no",
    "nn": "no",
    "wuu": "zh",
    "yue": "zh",
    "cmn": "zh",
    "ary": "ar",
    "arz": "ar",
    "uzs": "uz",
    "sdh": "ku",
    "in": "id",
    "iw": "he",
    "fil": "tl",
    "pcm": "en",
    "bcl": "tl",
    "ace": "id",
    "ext": "es",
    "lij": "it",
    "vec": "it",
    "ltg": "lv",
    "zsm": "ms",
}
# Indonesian and Malay are told apart by spelling and by everyday words; the detector's byte patterns see that less well
# (two of 62 Malay news documents wrong, none with the words).
_WORDS = Path(__file__).parent / "data" / "indonesian_malay.tsv"


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...

    def rank(self, text: str) -> list[tuple[str, float]]: ...


def language_of(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 of `text`, by its first 2,000 characters (639-3 for the few languages without a short code).

    `hint` is a language tag (`id`, `en-GB`, `ms_MY`), from the feed or <html lang>, which templates often leave wrong:
    it stands where there are fewer than 20 letters (7 of Han, Kana, Hangul or Thai), and tips the scale on short texts.
    None: nothing to go by.
    """
    told = _short(hint)
    sample = text[:ENOUGH].encode("utf-8", "ignore").decode("utf-8")
    letters = len("".join(filter(str.isalpha, sample)).encode())
    if letters < FEWEST_LETTERS:
        return told
    best = _SAME.get(code := _identifier().classify(sample)[0], code)
    if best in {"id", "ms"}:
        return _indonesian_or_malay(sample.lower(), told if told in {"id", "ms"} else best)
    if best != told and letters < SHORT:
        near = [_SAME.get(code, code) for code, _ in _identifier().rank(sample)[:FALLBACK_RANK]]
        return told if told in near else best
    return None if best == "zxx" else best  # zxx: no language, a list of numbers


def _indonesian_or_malay(text: str, otherwise: str) -> str:
    words = set(re.findall(r"\w+", text))
    indonesian, malay = len(words & _words("id")), len(words & _words("ms"))
    if indonesian == malay:
        return otherwise
    return "id" if indonesian > malay else "ms"


def _short(tag: str | None) -> str | None:
    primary = re.split(r"[-_,;\s]", (tag or "").strip().lower(), maxsplit=1)[0]
    primary = _SAME.get(primary, primary)
    return primary if re.fullmatch("[a-z]{2}", primary) else None


@cache
def _words(language: str) -> frozenset[str]:
    rows = (line.split("\t") for line in _WORDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return frozenset(word for code, words in rows if code == language for word in words.split("|"))


@cache
def _identifier() -> _Identifier:
    """Loaded at first use: 0.5 s and 120 MB, most of it for the moment of loading."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    return identifier
