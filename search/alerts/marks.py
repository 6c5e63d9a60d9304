"""What matched, as alerts keep it: plain text with ‹ › around it. Pure."""

from __future__ import annotations

import html
import re

MARKED = re.compile("‹([^‹›]*)›")


def marked(text: str, tag: str = "mark") -> str:
    """As HTML: escaped, what matched in the element `tag`."""
    return MARKED.sub(rf"<{tag}>\1</{tag}>", html.escape(text))


def unmarked(text: str) -> str:
    """The text alone."""
    return MARKED.sub(r"\1", text)
