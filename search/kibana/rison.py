"""Rison, the notation in which Kibana keeps state in its addresses: JSON with fewer characters to escape. Pure.

After the description by Nanonid (rison 1.0): `(key:value)`, `!(one,two)`, `!t !f !n`, numbers, ids as they are, and all
other strings in single quotes with `!` before a quote and before itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

ID = re.compile(r"[^\s\d\-'!:(),*@$\x00-\x1f][^\s'!:(),*@$\x00-\x1f]*")  # a string that needs no quotes


def rison(value: object) -> str:
    """`value` (what JSON can hold) in Rison; the order of keys is kept. Raises TypeError for anything else."""
    match value:
        case None | bool():
            return {None: "!n", True: "!t", False: "!f"}[value]
        case int() | float():
            return _number(value)
        case str():
            return _string(value)
        case Mapping():
            return "(" + ",".join(f"{_string(str(key))}:{rison(one)}" for key, one in value.items()) + ")"
        case list() | tuple():
            return "!(" + ",".join(map(rison, value)) + ")"
    raise TypeError(f"{type(value).__name__} has no form in Rison")


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - only NaN differs from itself
        raise TypeError(f"{value} has no form in Rison")
    return str(int(value)) if value.is_integer() else repr(value).replace("e+", "e")


def _string(text: str) -> str:
    if ID.fullmatch(text):
        return text
    return "'" + text.replace("!", "!!").replace("'", "!'") + "'"
