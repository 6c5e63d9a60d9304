"""The page's words in Indonesian and English, one module a view, and which language a reader gets.

A module of this package has `EN` and `ID`, both with the same keys; it is found by standing here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

DEFAULT = "en"


def _merged() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {"en": {}, "id": {}}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        words = importlib.import_module(f"{__name__}.{module}")
        if set(words.EN) != set(words.ID):
            odd = ", ".join(sorted(set(words.EN) ^ set(words.ID)))
            raise ValueError(f"words/{module}.py: in one of both languages only: {odd}")
        for language, given in (("en", words.EN), ("id", words.ID)):
            doubled = sorted(set(given) & set(found[language]))
            if doubled:
                raise ValueError(f"words/{module}.py: also in another module: {', '.join(doubled)}")
            found[language] |= given
    return MappingProxyType({language: MappingProxyType(words) for language, words in found.items()})


WORDS = _merged()


def preferred(accept_language: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); Malay readers get Indonesian."""
    best, weight = DEFAULT, 0.0
    for part in accept_language[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        code = tag.strip().split("-")[0].lower()
        code = "id" if code == "ms" else code
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1) if parameter else 1.0
        except ValueError:
            continue
        if code in WORDS and quality > weight:
            best, weight = code, quality
    return best
