"""Which stemmed fields the words of a query can have a say in, by their script; other articles are searched exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable

from search.mappings import STEMMED_ANALYZER, STEMMED_FIELD

_SCRIPTS = (
    (re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"), frozenset({"ar", "fa"})),
    (re.compile("[\u0400-\u052f]"), frozenset({"ru"})),
    (re.compile("[\u0900-\u097f]"), frozenset({"hi"})),
    (
        re.compile(
            "[\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
        ),
        frozenset({"cjk"}),
    ),
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OTHERS = frozenset().union(*(fields for _, fields in _SCRIPTS))
LATIN_FIELDS = frozenset(STEMMED_ANALYZER) - _OTHERS


def stemmed_fields(words: Iterable[str]) -> tuple[str, ...]:
    """Names under `stemmed` whose analyzers would change any of the words, in the schema's order."""
    text = " ".join(words)
    wanted = set(LATIN_FIELDS) if _LATIN.search(text) else set()
    for script, fields in _SCRIPTS:
        if script.search(text):
            wanted |= fields
    return tuple(field for field in STEMMED_ANALYZER if field in wanted)


def languages_of(field: str) -> list[str]:
    """The languages whose articles fill `stemmed.FIELD`."""
    return [code for code, filled in STEMMED_FIELD.items() if filled == field]
