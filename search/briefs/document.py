"""A brief as DOCX (ECMA-376), for word processors: headings, links, notes; right-to-left paragraphs where they are."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from search.briefs.sheet import Piece, Sheet

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONGEST_LINK = 2000  # characters: Word takes 2,083
_NO_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_SOFT, _ACCENT = RGBColor(0x5E, 0x5A, 0x53), RGBColor(0xB3, 0x26, 0x1E)


def as_docx(sheet: Sheet, made: datetime) -> bytes:
    """The whole export. `made` stands in its properties."""
    document = Document()
    _set_up(document, sheet, made)
    _heading(document, sheet.title, 0, rtl=False)
    _small(document.add_paragraph(), f"{sheet.day} · {sheet.total}")
    for line in sheet.note:
        document.add_paragraph(_clean(line), style="Quote")
    if not sheet.pieces:
        document.add_paragraph(sheet.words.word("empty"))
    for number, piece in enumerate(sheet.pieces, 1):
        _piece(document, sheet, number, piece)
    _small(document.sections[0].footer.paragraphs[0], sheet.made)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_up(document: Any, sheet: Sheet, made: datetime) -> None:
    core = document.core_properties
    core.title, core.author, core.comments = _clean(sheet.title)[:255], "Kawat", ""
    core.created = core.modified = made.astimezone(UTC).replace(tzinfo=None)
    core.language = sheet.language
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.5)
    document.styles["Normal"].font.name = "Georgia"
    document.styles["Normal"].font.size = Pt(11)
    quote = document.styles["Quote"]
    quote.font.color.rgb, quote.paragraph_format.left_indent = _ACCENT, Cm(0.8)
    border = document.styles["Title"].element.pPr.find(qn("w:pBdr"))  # a blue line
    if border is not None:
        border.getparent().remove(border)
    for name in ("Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name, style.font.color.rgb = "Georgia", RGBColor(0x1B, 0x1A, 0x18)
        fonts = style.element.rPr.rFonts  # the theme's fonts would come first
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)


def _piece(document: Any, sheet: Sheet, number: int, piece: Piece) -> None:
    _heading(document, f"{number}. {piece.title}", 1, rtl=piece.right_to_left)
    for fact in piece.facts:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        _small(paragraph, f"{fact.label}: ", bold=True)
        if fact.href:
            _link(paragraph, fact.value, fact.href)
        else:
            _small(paragraph, fact.value)
    paragraph.paragraph_format.space_after = Pt(10)
    if piece.note:
        _small(document.add_paragraph(), sheet.words.word("note"), bold=True)
        for line in piece.note:
            document.add_paragraph(_clean(line), style="Quote")
    for text in piece.paragraphs:
        _direct(document.add_paragraph(_clean(text)), rtl=piece.right_to_left)
    if piece.others:
        _heading(document, sheet.words.word("others"), 2, rtl=False)
        for other in piece.others:
            paragraph = document.add_paragraph(style="List Bullet")
            if other.href:
                _link(paragraph, other.title, other.href)
            else:
                paragraph.add_run(_clean(other.title))
            _small(paragraph, f" ({other.about})")
        if piece.more:
            document.add_paragraph(piece.more, style="List Bullet")


def _heading(document: Any, text: str, level: int, *, rtl: bool) -> None:
    _direct(document.add_heading(_clean(text), level), rtl=rtl)


def _small(paragraph: Paragraph, text: str, *, bold: bool = False) -> None:
    run = paragraph.add_run(_clean(text))
    run.bold, run.font.size, run.font.color.rgb = bold, Pt(9), _SOFT


def _link(paragraph: Paragraph, text: str, href: str) -> None:
    """python-docx reads links but makes none: a relationship of the part, and a run inside that names it."""
    if len(href) > LONGEST_LINK:
        _small(paragraph, text)
        return
    relation = paragraph.part.relate_to(_clean(href), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link: Any = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(_clean(text))
    run.font.size, run.font.color.rgb, run.font.underline = Pt(9), _ACCENT, True
    link.append(run._r)  # the only way to put a run into a link
    paragraph._p.append(link)


def _direct(paragraph: Paragraph, *, rtl: bool) -> None:
    if not rtl:
        return
    direction: Any = OxmlElement("w:bidi")
    paragraph._p.get_or_add_pPr().append(direction)  # no public way
    for run in paragraph.runs:
        run.font.rtl = True


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)
