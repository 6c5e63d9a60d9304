"""A brief in the formats that it leaves in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, get_args

from search.briefs.records import BriefView
from search.briefs.sheet import filename, sheet
from search.briefs.wording import Wording

Format = Literal["md", "html", "docx"]
FORMATS: tuple[Format, ...] = get_args(Format)
TEXT = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


class Exported(NamedTuple):
    """A file: its name, what it is, its bytes."""

    name: str
    content_type: str
    body: bytes


def exported(view: BriefView, format: Format, words: Wording, made: datetime) -> Exported:
    """The brief in `format`, in the words and times of `words`."""
    leaf, name = sheet(view, words, made), filename(view, words.language, format)
    if format == "docx":
        from search.briefs.document import CONTENT_TYPE, as_docx  # 15 MB that only who exports needs

        return Exported(name, CONTENT_TYPE, as_docx(leaf, made))
    if format == "html":
        from search.briefs.webpage import as_html

        return Exported(name, TEXT[format], as_html(leaf).encode())
    from search.briefs.markdown import as_markdown

    return Exported(name, TEXT[format], as_markdown(leaf).encode())
