"""Titles and summaries of feeds, markup and entities taken out. What is left is text; whoever shows it escapes it."""

from __future__ import annotations

import html
import re

from ingest.plain import plain_line

_HIDDEN = re.compile(r"<!--(?:.*?-->|.*)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|h[1-6]|t[rdh]|table|blockquote|figure|figcaption|section|article)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<![A-Za-z\[][^<>]*>|<\?[^<>]*>")
_MARKUP_PER_TEXT = 8  # characters of markup read for each that is kept: a bound on the work, not on real feeds


def text_of_html(markup: str | None, longest: int) -> str | None:
    """One line of plain text, at most `longest` characters; None where nothing is left."""
    if not markup:
        return None
    text = markup[: longest * _MARKUP_PER_TEXT]
    if "<" in text:
        text = _TAG.sub("", _BLOCK.sub(" ", _HIDDEN.sub(" ", text)))
    if "&" in text:
        text = html.unescape(text)
    return text_of_plain(text, longest)


def text_of_plain(text: str | None, longest: int) -> str | None:
    """One line, at most `longest` characters; None where nothing is left."""
    return (plain_line(text[: longest * 2], longest) or None) if text else None
