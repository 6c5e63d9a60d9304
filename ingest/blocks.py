"""A page's blocks of text in their order, and what they say about an extracted story: what it lacks, and which of its
lines are links to other stories.

An extractor decides per container; a page's own structure tells more. Paragraphs of one story look alike to a template
(same element, same classes, same parents), so a paragraph that looks like the story's and was left out belongs to it;
a line that is one whole link is a pointer.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lxml.html import HtmlElement

from ingest.plain import plain_text

_MOST_BLOCKS = 3_000
_LONGEST_BLOCK = 200_000  # characters
_SHORTEST = 8  # characters; what is shorter is a menu's, a button's or a date's
_TAGS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "section", "td", "dd", "span", "article")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CONTAINERS = frozenset(
    [*HEADINGS, *("p", "div", "ul", "ol", "li", "dl", "section", "article", "table", "blockquote", "header")]
)
_INLINE_PARENTS = frozenset(["p", "span", "h1", "h2", "h3", "h4", "h5", "h6", "li", "a", "blockquote", "td", "dd"])
_NO_LETTERS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
_ENDS = re.compile(r"[.!?。！？…؟।:][\"'”’»“)\]」』]*$")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

_LONG = 60  # characters of a paragraph that can be told by its looks; Han says as much in a third
_LOOKED_AT = 3  # elements: the block and the two around it
_SURE = 300  # characters of the story that must look alike before others are taken in
_LINKED = 0.5  # of a paragraph's characters
_END = 60  # letters at a paragraph's beginning and end
_SHORTEST_POINTER = 20  # characters of a title
_LONGEST_LABEL = 40


class Block(NamedTuple):
    element: HtmlElement
    text: str
    key: str  # its letters, to find it in a story whatever the blanks and quotes


def key_of(text: str) -> str:
    return _NO_LETTERS.sub("", text).casefold()


def is_sentence(text: str) -> bool:
    return _ENDS.search(text) is not None


def is_long(text: str) -> bool:
    return len(text) >= (_LONG // 3 if _HAN.search(text) else _LONG)


def blocks_of(tree: HtmlElement) -> list[Block]:
    """The innermost blocks with text, blanks folded, in the order of the page; at most _MOST_BLOCKS."""
    found: list[Block] = []
    for element in tree.iter(*_TAGS):
        if element.tag == "span":
            above = element.getparent()
            if above is None or above.tag in _INLINE_PARENTS:
                continue
        if any(child.tag in _CONTAINERS for child in element):
            continue
        text = unicodedata.normalize("NFC", " ".join(str(element.text_content())[:_LONGEST_BLOCK].split()))
        if len(text) < _SHORTEST and element.tag not in HEADINGS:
            continue
        key = key_of(text)
        if key:
            found.append(Block(element, text, key))
            if len(found) == _MOST_BLOCKS:
                break
    return found


def completed(lines: Sequence[str], blocks: Sequence[Block], stated: Sequence[str]) -> list[str]:
    """`lines` of a story with the paragraphs that were left out though they look like the others, or stand in what the
    page `stated` as its text, each at its place."""
    known = key_of("\n".join(lines))
    oracle = "\n".join(map(key_of, stated))
    inside = [stands_in(block.key, known) for block in blocks]
    first = next((place for place, block in enumerate(blocks) if inside[place] and is_long(block.text)), None)
    if first is None:
        return list(lines)
    looks = Counter[tuple[str, ...]]()
    for block, within in zip(blocks[first:], inside[first:], strict=True):
        if within and is_long(block.text):
            looks[_look(block.element)] += len(block.text) * (3 if _HAN.search(block.text) else 1)
    home = _article(blocks[first].element)
    keys = [key_of(line) for line in lines]
    after: dict[int, list[str]] = {}  # by the number of the line that they follow
    last = 0
    for place in range(first, len(blocks)):
        block = blocks[place]
        if block.element.tag == "h1" and place > first:
            break
        if inside[place]:
            found = _line_of(block, keys) if is_long(block.text) else None
            last = last if found is None else found
        elif is_long(block.text) and _is_prose(block):
            # A list's items are let in by their words alone: boxes of other stories are lists too.
            alike = is_sentence(block.text) and block.element.tag != "li" and looks[_look(block.element)] >= _SURE
            if (alike and _article(block.element) is home) or (oracle and block.key in oracle):
                after.setdefault(last, []).append(plain_text(str(block.element.text_content())))
    return [one for place, line in enumerate(lines) for one in (line, *_further(after.get(place, ())))]


def _line_of(block: Block, keys: Sequence[str]) -> int | None:
    """The line that is `block`, or most of which it is; None for a quotation that stands out of a longer one."""
    if block.key in keys:
        return keys.index(block.key)
    ends = block.key[:_END], block.key[-_END:]
    return next(
        (
            place
            for place, key in enumerate(keys)
            if 2 * len(block.key) >= len(key) > _END and (block.key in key or any(end in key for end in ends))
        ),
        None,
    )


def _further(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.split("\n")]


def stands_in(key: str, known: str) -> bool:
    """Whether a block is in the story, if need be without what extractors leave out of it ("opens new tab")."""
    return key in known or (len(key) > _END + 20 and (key[:_END] in known or key[-_END:] in known))


def _is_prose(block: Block) -> bool:
    links = sum(len(str(link.text_content())) for link in block.element.iter("a"))
    return links <= _LINKED * len(block.text) and _above(block.element, "a") is None


def pointers(blocks: Sequence[Block]) -> frozenset[str]:
    """The keys of blocks that only lead elsewhere: one whole link, or a label and a link, and no sentence."""
    found: set[str] = set()
    for block in blocks:
        if _above(block.element, "a") is not None:
            found.add(block.key)
            continue
        link = next(block.element.iter("a"), None)
        if link is None or is_sentence(block.text) or (link.get("href") or "#").startswith("#"):
            continue
        title = plain_text(str(link.text_content()))
        label = block.text.removesuffix(title).strip() if title and block.text.endswith(title) else None
        if label is None or len(title) < _SHORTEST_POINTER:
            continue
        labelled = len(label) <= _LONGEST_LABEL and label[-1:] in tuple(":|»>–—-") and block.element.tag != "li"
        if not label or labelled:
            found.add(block.key)
    return frozenset(found)


def _look(element: HtmlElement) -> tuple[str, ...]:
    """How a template writes `element`: its tag and classes and those of the elements around it, without numbers."""
    look: list[str] = []
    one: HtmlElement | None = element
    for _ in range(_LOOKED_AT):
        if one is None:
            break
        look += [str(one.tag), _DIGITS.sub("", one.get("class") or "")]
        one = one.getparent()
    return tuple(look)


def _article(element: HtmlElement) -> HtmlElement | None:
    return _above(element, "article")


def _above(element: HtmlElement, tag: str) -> HtmlElement | None:
    return next(element.iterancestors(tag), None)
