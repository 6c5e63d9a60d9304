"""The story's text out of a page's tree: trafilatura, in the cheap way first, with a check on what it found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring
from trafilatura import bare_extraction

from ingest.blocks import HEADINGS, Block, blocks_of, completed, is_long, is_sentence, key_of, pointers
from ingest.boilerplate import why_cut
from ingest.plain import plain_text
from ingest.pruning import pruned
from ingest.standfirst import Stated, standfirst, stated

LONGEST_BODY = 1_000_000  # characters
SHORT_BODY = 250  # characters: below, other sources of the text are asked; trafilatura's own limit too
# Prose stands in long lines, menus and lists of stories in short ones; a line of Han or Kana says as much in fewer.
_LONG_LINE = 60  # characters
_LONG_LINE_HAN = 20
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# On the corpus the cheap way finds prose on 86 of 87 pages, and a menu on one, where the full way is right.
_PROSE = 0.5
_BLOCK_TAG = re.compile(r"(?i)<(?:/?(?:p|div|li|h[1-6]|blockquote|tr)\b[^<>]{0,1000}|br\s{0,20}/?)>")
_LONGEST_STUB = 2_000  # characters of a story that a paywall shows; whole live blogs are stated beside longer ones
_SAME_LINES = 0.9  # of its letters
_FURTHER = 2  # times as long
_SAME_STORY = 0.5  # of the characters shown
_HEADLINES = 4  # lines at a story's beginning among which its headline and its date may stand
_LONGEST_DATE = 60  # characters
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[:.]\d\d(?!\d)")


Source = Literal["page", "json-ld", "feed"]


class Cut(NamedTuple):
    """A line that stood in the text and is no part of the story; `why` is for people: "points to another story"."""

    text: str
    why: str


class Story(NamedTuple):
    """`text`: a paragraph a line, at most LONGEST_BODY characters, empty where there is none; `source`: who gave it."""

    text: str
    cut: tuple[Cut, ...] = ()
    source: Source = "page"


def story(tree: HtmlElement, url: str, bodies: Sequence[str] = (), feed_content: str = "") -> Story:
    """The story on the page; `bodies` is what its JSON-LD gives as articleBody, `feed_content` what the feed's entry
    gives as full text, either plain or HTML. Takes `tree` apart: nothing may be read from it afterwards."""
    head = stated(tree)
    pruned(tree)
    extracted = plain_text(_text(tree, url))
    found = [_on_page(tree, head, extracted, bodies)] if extracted else [Story("")]
    given = [_story(_lines_of(body), "json-ld") for body in bodies]
    if len(found[0].text) < SHORT_BODY:
        found += [*given, _story(_lines_of(feed_content), "feed")]
    else:
        found += [one for one in given if _goes_further(one.text, found[0].text)]
    return max(found, key=lambda one: len(one.text))


def _goes_further(stated: str, shown: str) -> bool:
    """Whether the text that a page states is the one it shows, and much longer: paywalls hide the rest from readers."""
    if len(shown) > _LONGEST_STUB or len(stated) < _FURTHER * len(shown):
        return False
    whole = key_of(stated)
    paragraphs = [line for line in shown.split("\n") if is_long(line)]
    shared = sum(len(line) for line in paragraphs if key_of(line) in whole)
    return shared > _SAME_STORY * sum(map(len, paragraphs))


def _on_page(tree: HtmlElement, head: Stated, extracted: str, bodies: Sequence[str]) -> Story:
    """What was extracted, set right by the page's own structure."""
    blocks = blocks_of(tree)
    lines = _relined(extracted, blocks)
    lead = standfirst(head, blocks, extracted)
    lines = [*lead, *completed(lines, blocks, bodies)]
    elsewhere = pointers(blocks)
    titles = {key_of(title) for title in head.titles} | {block.key for block in blocks if block.element.tag == "h1"}
    others = {block.key for block in blocks if block.element.tag in {"h2", "header"}}
    headings = {block.key for block in blocks if block.element.tag in HEADINGS}
    kept: list[str] = []
    cut: list[Cut] = []
    for place, line in enumerate(lines):
        key = key_of(line)
        if place < _HEADLINES and (key in titles or (place == len(lead) and key in others and not is_sentence(line))):
            cut.append(Cut(line, "the headline"))
        elif place < _HEADLINES and len(line) <= _LONGEST_DATE and _DATE.search(line) and not is_sentence(line):
            cut.append(Cut(line, "a date"))
        elif key in elsewhere:
            cut.append(Cut(line, "points to another story"))
        else:
            kept.append(line)
    while kept and key_of(kept[-1]) in headings:
        cut.append(Cut(kept.pop(), "a heading with nothing under it"))
    told = _story(kept, "page")
    return told._replace(cut=(*cut, *told.cut))


def _relined(extracted: str, blocks: Sequence[Block]) -> list[str]:
    """The lines of `extracted`; of a text all of which came as one line (a short one, one in a table that lays out the
    page), by the page's blocks."""
    if "\n" in extracted:
        return extracted.split("\n")
    key = key_of(extracted)
    inside = [block for block in blocks if block.key in key and next(block.element.iter("br"), None) is None]
    whole = sum(len(block.key) for block in inside) >= _SAME_LINES * len(key)
    return [block.text for block in inside] if whole else [extracted.strip("| ")]  # bars: a table's


def text_of_markup(markup: str) -> str:
    """The text of a fragment of HTML (a feed's full text, a JSON-LD articleBody): blocks become lines."""
    return _story(_lines_of(markup), "feed").text


def _story(lines: Sequence[str], source: Source) -> Story:
    kept: list[str] = []
    cut: list[Cut] = []
    last = max((place for place, line in enumerate(lines) if is_long(line)), default=0)
    for place, line in enumerate(lines):
        why = why_cut(line, at_the_end=place > last)
        if why is None:
            kept.append(line)
        else:
            cut.append(Cut(line, why))
    return Story("\n".join(kept)[:LONGEST_BODY].rstrip(), tuple(cut), source)


def _lines_of(markup: str) -> list[str]:
    markup = markup[:LONGEST_BODY]
    if "<" in markup:
        marked = _BLOCK_TAG.sub("\n", markup)
        try:
            root = fragment_fromstring(marked.replace("\x00", ""), create_parent="div")
        except (etree.LxmlError, ValueError, AssertionError, RecursionError):
            return []
        etree.strip_elements(root, "script", "style", "svg", "iframe", "noscript", with_tail=False)
        markup = "".join(root.itertext())
    return plain_text(markup).split("\n")


def _text(tree: HtmlElement, url: str) -> str:
    """The story's text the cheap way, or, where that is no prose, the full way."""
    text = _extracted(tree, url, fast=True)
    if _prose(text) < _PROSE:
        other = _extracted(tree, url, fast=False)
        if _prose(other) > _prose(text):
            text = other
    return text


def _extracted(tree: HtmlElement, url: str, *, fast: bool) -> str:
    try:
        document = bare_extraction(tree, url=url, fast=fast, include_comments=False)
    except Exception:  # noqa: BLE001 - whatever a page makes trafilatura or lxml raise, it has no text this way
        return ""
    return str(getattr(document, "text", None) or "")[:LONGEST_BODY]


def _prose(text: str) -> float:
    """The share of `text`, from 0 to 1, that stands in long lines."""
    lines = [line.strip() for line in text.split("\n")]
    long = sum(len(line) for line in lines if len(line) >= (_LONG_LINE_HAN if _HAN.search(line) else _LONG_LINE))
    return long / max(1, sum(map(len, lines)))
