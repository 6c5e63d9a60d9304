"""Entities and character references in a feed's XML, where a parser would stumble: replaced by what they mean.

Known are XML's five, HTML's, and what a feed's own DTD declares as a short plain text. Nothing that refers to another
entity, to a file or to an address is ever taken up, so nothing grows: no billion laughs, no quadratic blow-up.
"""

from __future__ import annotations

import html
import html.entities
import re
from collections.abc import Callable, Mapping

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2
_XML_FIVE = frozenset({"lt", "gt", "amp", "quot", "apos"})
_REFERENCE = re.compile(r"&(?:(#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6}));|([A-Za-z][A-Za-z0-9]{0,31});)?")
_DECLARED = re.compile(
    r"<!ENTITY\s{1,20}([A-Za-z][A-Za-z0-9]{0,31})\s{1,20}(?:\"([^\"<>&%]{0,200})\"|'([^'<>&%]{0,200})')"
)
_MOST_DECLARED = 100
_MOST_GROWTH = 1 << 17  # characters that declared entities may add in all


def declared_entities(prolog: str) -> dict[str, str]:
    """What the DTD in `prolog` declares as plain text of at most 200 characters, by name; the first declaration of a
    name counts (XML 1.0 section 4.2)."""
    found: dict[str, str] = {}
    for match in _DECLARED.finditer(prolog):
        if len(found) < _MOST_DECLARED:
            found.setdefault(match[1], match[2] or match[3] or "")
    return found


def plain_references(text: str, declared: Mapping[str, str]) -> str:
    """`text` (XML) with the references replaced that XML does not know of itself; a bare ampersand, and a name that
    nobody knows, become text. CDATA sections stay as they are."""
    room = [_MOST_GROWTH]

    def one(found: re.Match[str]) -> str:
        name = found[2]
        own = declared.get(name) if name else None
        if own is None or name in _XML_FIVE:
            return _reference(found)
        room[0] -= len(own)
        return html.escape(own) if room[0] >= 0 else f"&amp;{name};"

    return outside_cdata(text, _REFERENCE, one)


def outside_cdata(text: str, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]) -> str:
    """`text` with each match of `pattern` that stands outside CDATA sections changed."""
    pieces: list[str] = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        pieces += [pattern.sub(change, text[at:start]), text[start : end + 3]]
        at = end + 3
    pieces.append(pattern.sub(change, text[at:]))
    return "".join(pieces)


def _reference(found: re.Match[str]) -> str:
    number, name = found[1], found[2]
    if number:
        code = int(number[1:].lstrip("xX"), 16 if number[1] in "xX" else 10)
        return found[0] if code <= 0x10FFFF and not ILLEGAL.match(chr(code)) else ""
    if not name:
        return "&amp;"
    if name in _XML_FIVE:
        return found[0]
    characters = html.entities.html5.get(name + ";")
    return html.escape(characters) if characters else f"&amp;{name};"
