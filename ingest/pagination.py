"""An article split over several URLs: where its next page is, or the one page that shows all of it; and their joining.

Indonesian news sites split most long stories ("Halaman 2", "Selanjutnya", "Tampilkan semua"). A link leads to a further
page of the same article only where it is the article's own address with a page number added (`?page=2`, `/2`,
`/page/2`, `_2.html`) and the link says that it pages. So WordPress' rel=next to another post, pages of comments and
lists of stories are left alone.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from ingest.errors import Refused
from ingest.pagenumbers import ALL_PAGES, Place, own_places, places
from ingest.urls import fetchable_url

MOST_PAGES = 10  # of one article; the longest seen on news sites have seven
_MOST_HITS = 2_000  # places in a page at which the article's own name is looked at
_MOST_MARKS = 20_000  # question marks
_MOST_LINKS = 60  # different links read; a page links to its own article about ten times
_LONGEST_TAG = 1_500  # bytes, from the "<" of a link
_END = 3  # lines at either end of a page
_SHORT_LINE = 25  # characters
_LONGEST_PAGE = 3_000_000  # bytes looked at; the largest page of the corpus has 2,100,000

_TAIL = re.compile(
    rb"""(?:[-_]\d{1,2})?(?:\.[a-z]{2,5})?/?(?:
        \?[^"'<>\s]{0,200}?(?:page|hal|seite|p[agn]{0,3}|sida|side|sayfa|trang|strona|single|show|view|all)[^"'<>\s=]{0,12}(?:=|["'&\s>])
        | (?:(?:page|pages|p|seite|halaman|hal|pagina|sayfa|trang)[/-])?(?:\d{1,2}|all)["'/?\#\s>]
        | (?:full|single-?page|onepage|komplettansicht)["'/?\#\s>]
    )|[-_]\d{1,2}\.[a-z]{3,5}["'?\#\s>]""",
    re.VERBOSE | re.IGNORECASE,
)
_LINK = re.compile(rb"<(?:a|link)\s([^<>]{1,1500})>", re.IGNORECASE)
_HREF = re.compile(rb"""(?<![\w-])href\s*=\s*(?:"([^"]{1,1000})"|'([^']{1,1000})'|([^\s"'>]{1,1000}))""", re.IGNORECASE)
_OPENS_VALUE = frozenset([b'"', b"'", b"="])
_REL_NEXT = re.compile(rb"""(?<![\w-])rel\s*=\s*(?:"[^"]{0,40}\bnext\b|'[^']{0,40}\bnext\b|next\b)""", re.IGNORECASE)
_BLOCK_NAME = re.compile(
    rb"""<(?:div|nav|ul|ol|section)\s[^<>]{0,300}?(?:class|id)\s*=\s*["']?([^"'<>]{1,200})""", re.IGNORECASE
)
_MARKUP = re.compile(rb"<[^>]{0,600}>?")
_COMMENTS = re.compile(rb"comment|komentar|kommentar|coment(?:a|\xc3\xa1)rio|reply|respond", re.IGNORECASE)
_PAGES_SAY = re.compile(rb"pag(?:e|ing|inat|er)|halaman|next|selanjut|berikut|seite|pages-", re.IGNORECASE)
_NEXT_SAYS = re.compile(
    r"(?:next|continue|selanjutnya|berikutnya|lanjut|halaman|page|seite|nächste|weiter|suivant|page suivante|siguiente|"
    r"página|próxima|pagina|seguinte|avanti|volgende|далее|следующая|التالي|sonraki|sayfa|下一?页|下一?頁|次の?ページ|次へ|다음|trang|[>»›→]+|\d{1,2}\b)",
    re.IGNORECASE,
)


class Further(NamedTuple):
    """Addresses to fetch: `all` shows the whole article, `next` its next page; None where there is no such link."""

    all: str | None = None
    next: str | None = None


NOWHERE = Further()


def further_pages(html: bytes, url: str) -> Further:
    """Where the article at `url`, whose raw page is `html`, goes on. Never raises; well under a millisecond where the
    article is whole, because the bytes are only searched for the article's own name, followed by a page number.

    Pages beyond MOST_PAGES are not named.
    """
    try:
        own = own_places(url)
    except Refused:
        return NOWHERE
    if not own or any(place.number == ALL_PAGES for place in own):
        return NOWHERE
    shown, following = None, None
    base = _base(html, url)
    for link in _links(html[:_LONGEST_PAGE], url, own):
        target = _target(link, base)
        if target is None or _of_comments(link):
            continue
        for place in places(target):
            now = next((one.number for one in own if one.stem == place.stem), None)
            if now is None:
                continue
            if place.number == ALL_PAGES:
                shown = shown or target
            elif following is None and place.number <= MOST_PAGES and _follows(link, place.number, now):
                following = target
        if shown and following:
            break
    return Further(shown, following)


def joined(pages: Sequence[str]) -> str:
    """The texts of an article's pages, a paragraph a line, in order; what a page repeats of an earlier one (the lead, a
    box on every page) stands once. Short lines may recur inside a story ("Ya."), and are dropped at a page's ends only.
    """
    seen: set[str] = set()
    kept: list[str] = []
    for text in pages[:MOST_PAGES]:
        lines = [line for line in text.split("\n") if line.strip()]
        keys = [" ".join(line.casefold().split()) for line in lines]
        for place, (line, key) in enumerate(zip(lines, keys, strict=True)):
            at_an_end = place < _END or place >= len(lines) - _END
            if key not in seen or (len(key) < _SHORT_LINE and not at_an_end):
                kept.append(line)
        seen.update(keys)
    return "\n".join(kept)


class _Link(NamedTuple):
    href: str
    attributes: bytes
    text: str
    before: bytes

    @property
    def rel_next(self) -> bool:
        return _REL_NEXT.search(self.attributes) is not None


def _follows(link: _Link, number: int, now: int) -> bool:
    """Whether `link` is a step to the page after `now`, by its own words; some sites count from 0."""
    if link.rel_next:
        return number == now + 1 or number == now == 1
    return number == now + 1 and bool(_NEXT_SAYS.match(link.text) or _PAGES_SAY.search(link.attributes))


def _of_comments(link: _Link) -> bool:
    """Whether the link, or one of the two nearest named blocks that open before it, is about comments."""
    if _COMMENTS.search(link.attributes):
        return True
    return any(_COMMENTS.search(name) for name in _BLOCK_NAME.findall(link.before)[-2:])


def _links(html: bytes, url: str, own: Sequence[Place]) -> Iterator[_Link]:
    """The links that carry the article's own name and then what may be a page number, in the order of the page."""
    seen: set[bytes] = set()
    for place in sorted(_hits(html, url, own)):
        start = html.rfind(b"<", max(0, place - _LONGEST_TAG), place)
        tag = _LINK.match(html, start) if start >= 0 else None
        href = _HREF.search(tag[1]) if tag else None
        if not tag or not href or place >= tag.end() or tag[0] in seen:
            continue
        seen.add(tag[0])
        if len(seen) > _MOST_LINKS:
            return
        after = html[tag.end() : tag.end() + 400]
        inner = after[: after.find(b"</a")] if b"</a" in after else b""
        text = entities.unescape(_MARKUP.sub(b" ", inner).decode("utf-8", "replace")).strip()
        address = (href[1] or href[2] or href[3]).decode("utf-8", "replace")
        yield _Link(entities.unescape(address), tag[1].replace(href[0], b" "), text, html[max(0, start - 800) : start])


def _hits(html: bytes, url: str, own: Sequence[Place]) -> set[int]:
    """Where in `html` the article's name stands, followed by the mark of a page."""
    found: set[int] = set()
    for name in _names(url, own):
        place = -1
        for _ in range(_MOST_HITS):
            place = html.find(name, place + 1)
            if place < 0:
                break
            if _TAIL.match(html, place + len(name)):
                found.add(place)
    place = -1
    for _ in range(_MOST_MARKS):  # href="?page=2" does not name the article
        place = html.find(b"?", place + 1)
        if place < 0 or len(found) > _MOST_HITS:
            break
        if html[place - 1 : place] in _OPENS_VALUE and _TAIL.match(html, place):
            found.add(place)
    return found


def _names(url: str, own: Sequence[Place]) -> set[bytes]:
    """The last part of the article's path, without its extension, as it may be written in a link."""
    found: set[bytes] = set()
    for address in {url, *(place.stem for place in own)}:
        path = urlsplit(address).path.rstrip("/")
        name = path.rpartition("/")[2]
        name = re.sub(r"\.[a-z]{2,5}$", "", name)
        if name:
            found |= {name.encode("utf-8", "replace"), unquote_to_bytes(name)}
    return {name for name in found if len(name) > 1}


def _base(html: bytes, url: str) -> str:
    """What relative links are relative to: <base href>, else the page's address."""
    start = html.find(b"<base ", 0, 20_000)
    href = _HREF.search(html, start, start + _LONGEST_TAG) if start >= 0 else None
    stated = (href[1] or href[2] or href[3]).decode("utf-8", "replace") if href else ""
    try:
        return str(urljoin(url, stated))
    except ValueError:
        return url


def _target(link: _Link, base: str) -> str | None:
    if _COMMENTS.search(link.href.partition("#")[2].encode()):
        return None
    try:
        return fetchable_url(link.href, base)
    except (Refused, ValueError):
        return None
