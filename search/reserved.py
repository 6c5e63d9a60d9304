"""What is shown of a text whose publisher wants no copy of it shown: its beginning. All of it is searched. Pure.

Why so much and no more: docs/decisions/0008-reservations.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAD = 300  # characters: about what search engines show of a page, and what lists show of any article
_CUT = " …"


def held_back(marks: object) -> bool:
    """Whether of an article with these marks (its field `is`) only the beginning is shown. What its feed itself gave
    is shown whole: it was given to be read elsewhere."""
    return isinstance(marks, list | tuple) and "reserved" in marks and "partial" not in marks


def lead(text: str) -> str:
    """The beginning of `text`, at a word's end where there is one, at most LEAD characters and a mark that more was
    there. A text that short already is given whole."""
    if len(text) <= LEAD:
        return text
    cut = text[:LEAD]
    return (cut.rpartition(" ")[0] or cut).rstrip() + _CUT


def shown(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """An article's document as it may be shown: `source` itself, or with the beginning of its text and the mentions
    that stand there."""
    if not held_back(source.get("is")):
        return source
    body = lead(str(source.get("body", "")))
    end = len(body.removesuffix(_CUT))
    mentions = []
    for one in source.get("mentions", ()):
        spans = [span for span in one.get("spans", ()) if span[1] <= end]
        if spans or one.get("in_title"):
            mentions.append({**one, "spans": spans})
    return {**source, "body": body, **({"mentions": mentions} if "mentions" in source else {})}
