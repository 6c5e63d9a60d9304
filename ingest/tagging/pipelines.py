"""Names found by spaCy, in languages without a model of ours, where a pipeline for them is installed (`kawat[spacy]`).

Nothing here is needed: without spaCy, or without a pipeline, these languages have the names that lists know. A pipeline
is loaded when the first text in its language comes; it takes more time and memory than Kawat's own models.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ingest.tagging.found import LONGEST, Found, Kind

# As published by the makers of spaCy; of several installed the largest counts.
_FAMILIES = {
    "ca": "ca_core_news", "da": "da_core_news", "de": "de_core_news", "el": "el_core_news", "es": "es_core_news",
    "fi": "fi_core_news", "fr": "fr_core_news", "hr": "hr_core_news", "it": "it_core_news", "ja": "ja_core_news",
    "ko": "ko_core_news", "lt": "lt_core_news", "mk": "mk_core_news", "nl": "nl_core_news", "no": "nb_core_news",
    "pl": "pl_core_news", "ro": "ro_core_news", "ru": "ru_core_news", "sl": "sl_core_news",
    "sv": "sv_core_news", "uk": "uk_core_news", "zh": "zh_core_web",
}  # fmt: skip
_SIZES = ("lg", "md", "sm")
_KINDS: dict[str, Kind] = {
    "PER": "person", "PERSON": "person", "PS": "person", "PRS": "person", "persName": "person",
    "ORG": "organisation", "OG": "organisation", "ORGANIZATION": "organisation", "orgName": "organisation",
    "LOC": "place", "GPE": "place", "LC": "place", "GPE_LOC": "place", "placeName": "place", "geogName": "place",
}  # fmt: skip
_UNUSED = ["parser", "tagger", "lemmatizer", "attribute_ruler", "morphologizer", "senter"]
# Pipelines do not say how sure they are: enough for a name of several words, or one that comes again.
SCORE = 0.7


@cache
def installed() -> dict[str, str]:
    """Language → the package of its pipeline; empty without spaCy."""
    if not _is_there("spacy"):
        return {}
    found = {}
    for language, family in _FAMILIES.items():
        sizes = [f"{family}_{size}" for size in _SIZES if _is_there(f"{family}_{size}")]
        if sizes:
            found[language] = sizes[0]
    return found


def found_by_pipeline(text: str, language: str | None) -> tuple[Found, ...]:
    """Names in order, of the first 200,000 characters; empty for a language without an installed pipeline."""
    package = installed().get(language or "")
    if package is None:
        return ()
    document = _loaded(package)(text[:LONGEST])
    return tuple(
        Found(entity.start_char, entity.end_char, _KINDS[entity.label_], SCORE)
        for entity in document.ents
        if entity.label_ in _KINDS
    )


@cache
def _loaded(package: str) -> Any:
    spacy: Any = import_module("spacy")  # by its name: whoever checks this without the extra has no types for it
    return spacy.load(package, exclude=_UNUSED)


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # imported already, by another way than from a file
        return True
