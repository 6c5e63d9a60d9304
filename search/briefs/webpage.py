"""A brief as one HTML file that needs nothing else: escaped, printable, light and dark, with no script."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from search.briefs.sheet import Sheet


def as_html(sheet: Sheet) -> str:
    """The whole export."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("brief.html").render(sheet=sheet, t=sheet.words.word)
