"""Language tags as feeds and pages write them (`id-ID`, `in`, `EN_us`, `ind`), brought to ISO 639-1."""

from __future__ import annotations

import re
from functools import lru_cache

# Codes withdrawn from ISO 639-1 that pages still carry (Java wrote `in`, `iw`, `ji` until version 17), and slips.
_OLD = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro", "fil": "tl", "cn": "zh", "jp": "ja", "kr": "ko"}
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]{1,40})?\s*")


@lru_cache(maxsize=1024)
def iso_language(tag: str | None) -> str | None:
    """The two-letter code that a tag means; None for no tag, an unknown one, or a language without such a code."""
    found = _TAG.fullmatch(tag) if tag else None
    if not found:
        return None
    code = found[1].lower()
    code = _OLD.get(code, code)
    if len(code) == 3:
        code = _aliases().get(code, "")
    return code if code in _codes() else None


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    """Two-letter code by three-letter one (`ind` → id), from CLDR."""
    from babel.core import get_global

    return {old: new for old, new in get_global("language_aliases").items() if len(old) == 3 and len(new) == 2}


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from babel import Locale

    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2) | {"tl"}
