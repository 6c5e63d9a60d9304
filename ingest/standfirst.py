"""A story's standfirst: the sentence or two between headline and first paragraph, which extractors take for a header.

News sites give it an element of its own, outside the story's container: told by its place after the headline, by its
name (`standfirst`, `lead`, `chapo`, …) or by being what the page gives as its description.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lxml.html import HtmlElement

from ingest.blocks import Block, is_long, is_sentence, key_of, stands_in
from ingest.plain import plain_line

_MOST_META = 300
_BEFORE = 25  # blocks before the story's first paragraph: header, picture, byline, buttons
_MOST_LINES = 4
_NEAR = 2  # blocks after the headline in which a standfirst needs no name
_LONGEST = 1000  # characters
_SAME = 60  # letters: descriptions are cut short
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:stand-?first|lead|lede|intro|introduction|dek|deck|sub-?(?:title|head(?:line|ing)?)|excerpt|abstract|"
    r"summary|chapo|chapeau|entradilla|bajada|copete|sumario|sottotitolo|occhiello|sommario|vorspann|anrei(?:ss|ß)er|"
    r"ingress|manchet|underrubrik|preamble|zajawka|sapo|ringkasan|teaser-?text|article-?desc(?:ription)?)(?:$|[\s_-])|"
    r"(?:lead|intro|standfirst|subtitle|subheadline|abstract|preamble)(?:text|paragraph)?(?:$|[\s_-])|(?:Dek|Lede)-",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"caption|credit|author|byline|(?:^|[\s_-])bio(?:$|[\s_-])|comment|share|social|related|recommend|newsletter|breadcrumb|"
    r"cookie|consent|advert|paywall|player|audio|video|trending|alert|banner|rating|feedback|modal|tooltip|notice|hidden|scrap",
    re.IGNORECASE,
)
_ELSEWHERE = frozenset(["a", "figure", "figcaption", "aside", "nav", "footer", "button", "form", "label", "address"])


class Stated(NamedTuple):
    """What a page's head says of its story."""

    titles: tuple[str, ...]
    descriptions: tuple[str, ...]


def stated(tree: HtmlElement) -> Stated:
    titles: list[str] = []
    descriptions: list[str] = []
    for meta, _ in zip(tree.iter("meta"), range(_MOST_META), strict=False):
        name = (meta.get("property") or meta.get("name") or "").lower()
        content = (meta.get("content") or "")[:2000]
        if name in {"og:title", "twitter:title"} and content:
            titles.append(content)
        elif name in {"description", "og:description", "twitter:description"} and content:
            descriptions.append(content)
    title = tree.find(".//head/title")
    if title is not None and title.text:
        titles.append(title.text)
    return Stated(tuple(titles), tuple(dict.fromkeys(descriptions)))


def standfirst(head: Stated, blocks: Sequence[Block], story: str) -> list[str]:
    """The lines of the page's standfirst, where `story`, a paragraph a line, begins without them."""
    known = key_of(story)
    titles = tuple(map(key_of, head.titles))
    first = next((place for place, block in enumerate(blocks) if block.key in known and _is_paragraph(block)), None)
    if first is None:
        return []
    start = max(0, first - _BEFORE)
    window = range(start, first)
    headline = next((place for place in window if _is_headline(blocks[place], titles)), None)
    if headline is None:
        headline = next((place for place in reversed(window) if blocks[place].element.tag == "h2"), None)
    described = [key for key in map(key_of, head.descriptions) if len(key) > _SAME // 2]
    sure: list[str] = []
    likely: list[Block] = []
    for place in range(start if headline is None else headline + 1, first):
        block = blocks[place]
        if not is_long(block.text) or len(block.text) > _LONGEST or stands_in(block.key, known):
            continue
        if any(block.key == one or block.key.startswith(one[:_SAME]) for one in described):
            sure.append(plain_line(block.text))
            continue
        names = _names(block.element)
        subheading = block.element.tag in {"h2", "h3"} and headline is not None and place == headline + 1
        if names is None or not (is_sentence(block.text) or subheading):
            continue
        if _NAMED.search(names):
            sure.append(plain_line(block.text))
        elif headline is not None and not _OTHER.search(names) and place - headline <= _NEAR:
            likely.append(block)
    likely.sort(key=lambda block: block.element.tag not in {"p", "h2", "h3"})  # a <div> may be a caption
    return list(dict.fromkeys(sure))[:_MOST_LINES] or [plain_line(block.text) for block in likely[:1]]


def _is_paragraph(block: Block) -> bool:
    return is_long(block.text) and block.element.tag not in {"h1", "h2"}


def _is_headline(block: Block, titles: Sequence[str]) -> bool:
    return block.element.tag == "h1" or (len(block.key) > 12 and any(block.key in title for title in titles))


def _names(element: HtmlElement) -> str | None:
    """The names of the element and of the two around it; None where it stands in a link, a caption, a form."""
    names: list[str] = []
    for depth, one in enumerate((element, *element.iterancestors())):
        if one.tag in _ELSEWHERE:
            return None
        if depth < 3:
            names += [(one.get(name) or "")[:200] for name in ("class", "id", "itemprop")]
    return " ".join(names)
