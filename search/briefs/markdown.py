"""A brief as Markdown (CommonMark 0.31). Whatever a text holds stays text: no heading, link or HTML comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from search.briefs.sheet import Piece, Sheet

# ASCII punctuation that can begin markup anywhere, or at a line's beginning (CommonMark 2.4: any may be escaped).
_ANYWHERE = re.compile(r"[\\`*_\[\]~|$^{}]")
_AT_START = re.compile(r"^([#+\-=])|^(\d{1,9})([.)])")
_NAMES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}  # entities: also a lenient reader takes them for no tag


def as_markdown(sheet: Sheet) -> str:
    """The whole export."""
    return "\n".join(_lines(sheet)).rstrip("\n") + "\n"


def escaped(text: str) -> str:
    """One line of plain text as Markdown that shows just that."""
    text = " ".join(text.split())
    text = "".join(_NAMES.get(c, c) for c in text)
    text = _ANYWHERE.sub(r"\\\g<0>", text)
    return _AT_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", text)


def linked(text: str, href: str | None) -> str:
    """`text` as a link; plain where there is nowhere to go."""
    if href is None:
        return escaped(text)
    safe = re.sub(r"[<>\\\s\x00-\x1f]", lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), href)
    return f"[{escaped(text) or '…'}](<{safe}>)"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"# {escaped(sheet.title)}"
    yield ""
    yield f"{escaped(sheet.day)} · {escaped(sheet.total)}"
    yield ""
    for line in sheet.note:
        yield from (escaped(line), "")
    if not sheet.pieces:
        yield from (escaped(sheet.words.word("empty")), "")
    for number, piece in enumerate(sheet.pieces, 1):
        yield from _piece(sheet, number, piece)
    yield from ("---", "", f"*{escaped(sheet.made)}*")


def _piece(sheet: Sheet, number: int, piece: Piece) -> Iterator[str]:
    yield f"## {number}. {linked(piece.title, piece.href)}"
    yield ""
    for fact in piece.facts:
        yield f"- **{escaped(fact.label)}:** {linked(fact.value, fact.href)}"
    yield ""
    if piece.note:
        yield f"> **{escaped(sheet.words.word('note'))}**"
        for line in piece.note:
            yield from (">", f"> {escaped(line)}")
        yield ""
    for paragraph in piece.paragraphs:
        yield from (escaped(paragraph), "")
    if piece.others:
        yield from (f"### {escaped(sheet.words.word('others'))}", "")
        for other in piece.others:
            yield f"- {linked(other.title, other.href)} ({escaped(other.about)})"
        if piece.more:
            yield f"- {escaped(piece.more)}"
        yield ""
