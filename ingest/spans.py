"""Spans of time as people write them: 30m, 6h, 3d."""

from __future__ import annotations

import re

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
LONGEST = 30  # days, unless a caller takes longer ones
_SPAN = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)([smhdw])")
_NEARLY = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)\s*([smhdw])[a-z]*", re.IGNORECASE)


def seconds(text: str, *, longest: int = LONGEST) -> float:
    """Of a span, up to `longest` days. Raises ValueError that says what is wrong, and what was perhaps meant."""
    match = _SPAN.fullmatch(text)
    if match is None:
        near = _NEARLY.fullmatch(text)
        meant = f"; did you mean {near[1]}{near[2].lower()}?" if near else ""
        raise ValueError(f"{text!r} is no span of time: a number with s, m, h or d, as in 30m, 6h, 3d{meant}")
    found = float(match[1]) * UNITS[match[2]]
    if not 1 <= found <= longest * UNITS["d"]:
        raise ValueError(f"{text!r} is not between 1s and {longest}d")
    return found
