"""The story's text out of a page's tree: trafilatura, in the cheap way first, with a check on what it found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring
from trafilatura import bare_extraction

from ingest.plain import plain_text

LONGEST_BODY = 1_000_000  # characters
SHORT_BODY = 250  # characters: below, other sources of the text are asked; trafilatura's own limit too
# Never part of a story's text, and up to nine tenths of a page's bytes: gone before the copies that trafilatura makes.
_WASTE = (
    *("script", "style", "svg", "noscript", "iframe", "template", "link", "meta"),
    *("button", "select", "input", "object"),
)
# Prose stands in long lines, menus and lists of stories in short ones; a line of Han or Kana says as much in fewer.
_LONG_LINE = 60  # characters
_LONG_LINE_HAN = 20
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# On the corpus the cheap way finds prose on 86 of 87 pages, and a menu on one, where the full way is right.
_PROSE = 0.5
_READ_ALSO = re.compile(
    r"^\(?\s*(?:"
    r"(?:baca|lihat|simak|tonton|saksikan) (?:juga|pula|selengkapnya)|artikel terkait|pilihan editor|"
    r"read (?:also|more|next)|also read|see also|related(?: stor(?:y|ies)| articles?)?|more on this|"
    r"(?:à )?lire aussi|le[ae] también|leia (?:também|mais)|leggi anche|lees ook|lesen sie auch|mehr zum thema|"
    r"читайте (?:также|також)|اقرأ أيض(?:ا|ًا|اً)|đọc thêm|ayrıca bakınız|相关阅读|延伸阅读|関連記事|あわせて読みたい"
    r")\s*(?:[:：»>–-]|$)",
    re.IGNORECASE,
)
_LONGEST_POINTER = 300  # characters; a longer line is a paragraph that happens to begin so


class Cut(NamedTuple):
    """A line that stood in the text and is no part of the story; `why` is for people: "points to another story"."""

    text: str
    why: str


class Story(NamedTuple):
    """`text`: a paragraph a line, at most LONGEST_BODY characters, empty where there is none; `source`: who gave it."""

    text: str
    cut: tuple[Cut, ...] = ()
    source: Literal["page", "json-ld", "feed"] = "page"


def story(tree: HtmlElement, url: str, bodies: Sequence[str] = (), feed_content: str = "") -> Story:
    """The story on the page; `bodies` is what its JSON-LD gives as articleBody, `feed_content` what the feed's entry
    gives as full text, either plain or HTML. Takes `tree` apart: nothing may be read from it afterwards."""
    found = [Story(story_text(tree, url))]
    if len(found[0].text) < SHORT_BODY:
        found += [Story(text_of_markup(body[:LONGEST_BODY]), source="json-ld") for body in bodies]
        found.append(Story(text_of_markup(feed_content[:LONGEST_BODY]), source="feed"))
    return max(found, key=lambda one: len(one.text))


def story_text(tree: HtmlElement, url: str) -> str:
    """The story in `tree`, a paragraph a line; empty where there is none. `tree` loses its scripts and styles."""
    etree.strip_elements(tree, *_WASTE, with_tail=False)
    text = _extracted(tree, url, fast=True)
    if _prose(text) < _PROSE:
        other = _extracted(tree, url, fast=False)
        if _prose(other) > _prose(text):
            text = other
    return cleaned(text)


def text_of_markup(markup: str) -> str:
    """The text of a fragment of HTML (a feed's full text, a JSON-LD articleBody): blocks become lines."""
    if "<" in markup:
        marked = re.sub(r"(?i)<(?:/?(?:p|div|li|h[1-6]|blockquote|tr)\b[^>]*|br\s*/?)>", "\n", markup[:LONGEST_BODY])
        try:
            root = fragment_fromstring(marked.replace("\x00", ""), create_parent="div")
        except (etree.LxmlError, ValueError, AssertionError, RecursionError):
            return ""
        etree.strip_elements(root, *_WASTE, with_tail=False)
        markup = "".join(root.itertext())
    return cleaned(markup)


def cleaned(text: str) -> str:
    """Plain text, at most LONGEST_BODY characters, without lines that only point to other stories ("Baca juga: …")."""
    lines = plain_text(text).split("\n")
    kept = (line for line in lines if not (len(line) <= _LONGEST_POINTER and _READ_ALSO.match(line)))
    return "\n".join(kept)[:LONGEST_BODY].rstrip()


def _extracted(tree: HtmlElement, url: str, *, fast: bool) -> str:
    try:
        document = bare_extraction(tree, url=url, fast=fast, include_comments=False)
    except Exception:  # noqa: BLE001 - whatever a page makes trafilatura or lxml raise, it has no text this way
        return ""
    return str(getattr(document, "text", None) or "")


def _prose(text: str) -> float:
    """The share of `text`, from 0 to 1, that stands in long lines."""
    lines = [line.strip() for line in text.split("\n")]
    long = sum(len(line) for line in lines if len(line) >= (_LONG_LINE_HAN if _HAN.search(line) else _LONG_LINE))
    return long / max(1, sum(map(len, lines)))
