"""Where a byline may stand: the headline, what stands around it, and what belongs to something else on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from ingest.plain import plain_line

PROSE = 160  # characters: a longer paragraph is a standfirst or the story
MOST_PROSE = 2  # paragraphs of prose after which no author is named any more; dates end after one, a standfirst
MOST_AFTER = 160  # elements looked at after the headline
_MOST_BEFORE = 30
_OTHER_HEADINGS = ("h3", "h4", "h5", "dt", "strong", "b", "font", "div", "span", "p", "td")
_MOST_HEADINGS = 3_000  # elements
_LONGEST_TEXT = 2_000  # characters of an element that are read
_ASIDE = re.compile(
    r"related|sidebar|comment|recommend|popular|latest|teaser|trending|most-read|newsletter", re.IGNORECASE
)
_ASIDE_TAGS = frozenset({"nav", "aside", "footer", "blockquote", "figure", "figcaption"})
_NOT_READ = """
    script style svg noscript iframe template button select form figure figcaption picture video nav aside footer table
"""
SKIPPED = frozenset(_NOT_READ.split())


def aside(element: HtmlElement) -> bool:
    """Whether `element` belongs to a list of other stories, a comment, or the paragraphs of the story itself."""
    for above in islice(element.iterancestors(), 12):
        if above.tag in _ASIDE_TAGS or (above.tag in {"li", "a"} and element.tag == "time"):
            return True
        if above.tag not in {"body", "html", "main"} and _ASIDE.search(f"{above.get('class')} {above.get('id')}"):
            return True
    return False


def text_of(element: HtmlElement) -> str:
    """Its words on one line: a blank where elements meet without one, but none before a colon or full stop."""
    text = ""
    for piece in element.itertext():
        if text and piece and not text[-1].isspace() and piece[0].isalnum():
            text += " "
        text += piece
        if len(text) > 2 * _LONGEST_TEXT:
            break
    return plain_line(text, _LONGEST_TEXT)


def headline_of(tree: HtmlElement, titles: Sequence[str]) -> HtmlElement | None:
    """The heading that says the title; else the first h1 of some length."""
    headings = list(islice(tree.iter("h1", "h2"), 30))
    said = {" ".join(one.split()).casefold() for one in titles}
    for one in headings:
        text = text_of(one).casefold()
        if len(text) > 10 and any(
            text == title or title.startswith(text) or text.startswith(title) for title in said if title
        ):
            return one
    named = next((one for one in headings if one.tag == "h1" and len(text_of(one)) > 10), None)
    return named if named is not None else _set_as_heading(tree, said)


def _set_as_heading(tree: HtmlElement, said: set[str]) -> HtmlElement | None:
    """Where no h1 or h2 says it: the first element that says the title and nothing else, and leads nowhere."""
    for one in islice(tree.iter(*_OTHER_HEADINGS), _MOST_HEADINGS):
        text = " ".join((one.text or "").split()).casefold()
        if len(text) > 10 and any(title.startswith(text) for title in said) and text_of(one).casefold() == text:
            return None if aside(one) else one
    return None


def around(heading: HtmlElement) -> Iterator[tuple[HtmlElement, int]]:
    """Elements after the headline in document order until the story begins, each with the number of paragraphs of prose
    before it; then those right before the headline."""
    prose = 0
    for element in islice(after(heading), MOST_AFTER):
        if element.tag == "p" and len(text_of(element)) > PROSE:
            prose += 1
            if prose > MOST_PROSE:
                break
        else:
            yield element, prose
    before = (
        one
        for above in (heading, heading.getparent())
        if above is not None
        for one in above.itersiblings(preceding=True)
    )
    yield from islice(((one, 0) for sibling in islice(before, 6) for one in _walk(sibling)), _MOST_BEFORE)


def after(heading: HtmlElement) -> Iterator[HtmlElement]:
    """What follows the headline, within the elements around it, in document order."""
    above: HtmlElement | None = heading
    for _ in range(8):
        if above is None or above.tag == "body":
            return
        for sibling in above.itersiblings():
            yield from _walk(sibling)
        above = above.getparent()


def _walk(element: HtmlElement) -> Iterator[HtmlElement]:
    """`element` and what is in it, without the inside of captions, forms, lists of other stories."""
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if (
            isinstance(one.tag, str)
            and one.tag not in SKIPPED
            and not _ASIDE.search(f"{one.get('class')} {one.get('id')}")
        ):
            yield one
            waiting.extend(reversed(one))
