"""A page that lists a site's news, for sites without feed and sitemap: its links are the entries. Pure.

Which links count says the operator with a CSS selector. It may choose the links themselves or what they stand in. Only
http(s) links to the page's own host or one below it are followed: what else a page links to is not its own news.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

from ingest.errors import NotAFeed, Refused
from ingest.feedaddress import compiled
from ingest.feedbytes import decoded
from ingest.feedtext import text_of_plain
from ingest.urls import canonical_url, fetchable_url, host_of

MOST_LINKS = 500  # of one page
LARGEST_PAGE = 5_000_000  # bytes read of a page
LONGEST_TITLE = 1_000
_HEADLINE = 25  # characters: what is shorter is a menu's
_ENOUGH = 5  # headlines that make a list
_ABOVE = 6  # elements looked at above a link for a class


def listed_links(body: bytes, *, url: str, selector: str, content_type: str | None = None) -> dict[str, str | None]:
    """Address → title of the links that `selector` chooses, in the page's order; a link that stands there twice (with
    its picture, with its headline) has the longest text. Raises NotAFeed: no HTML, or (reason `no-match`) nothing
    that the selector fits, or nothing of it that is a link of this site."""
    root = _document(body, url, content_type)
    base, chosen = _base(root, url), _chosen(root, url, selector)
    found: dict[str, tuple[str, str | None]] = {}
    other = 0
    for anchor in _anchors(chosen):
        try:
            link = fetchable_url(anchor.get("href"), base)
            key = canonical_url(link)
        except Refused:
            continue
        if not same_site(link, url):
            other += 1
            continue
        title = _title(anchor)
        before = found.get(key)
        if before is None:
            if len(found) >= MOST_LINKS:
                break
            found[key] = link, title
        elif len(title or "") > len(before[1] or ""):
            found[key] = before[0], title
    own = canonical_url(url)
    found.pop(own, None)
    if not found:
        why = f"all {other} links of it lead to other sites" if other else "no link of this site stands in it"
        raise NotAFeed(f"{url}: the selector {selector!r} fits, but {why}", reason="no-match")
    return dict(found.values())


def same_site(link: str, page: str) -> bool:
    """Whether `link` is at the page's host (with or without www.) or one below it, at the same port."""
    host, own = host_of(link).removeprefix("www."), host_of(page).removeprefix("www.")
    return host == own or host.endswith("." + own)


def likely_selector(body: bytes, url: str, content_type: str | None = None) -> str | None:
    """A selector for the longest list of headlines on a page, by the class that their surroundings share; None where
    there is none to be seen. A guess, for a person to look at."""
    try:
        root = _document(body, url, content_type)
    except NotAFeed:
        return None
    base = _base(root, url)
    links: dict[str, set[str]] = defaultdict(set)
    deepest: Counter[str] = Counter()
    for anchor in root.iter("a"):
        title = _title(anchor) or ""
        try:
            link = canonical_url(fetchable_url(anchor.get("href") or "", base))
        except Refused:
            continue
        if len(title) < _HEADLINE or not same_site(link, url) or not urlsplit(link).path.strip("/"):
            continue
        for depth, selector in enumerate(_surroundings(anchor)):
            links[selector].add(link)
            deepest[selector] = max(deepest[selector], depth)
    fit = [one for one, its in links.items() if len(its) >= _ENOUGH]
    return max(fit, key=lambda one: (len(links[one]), -deepest[one]), default=None)


def _document(body: bytes, url: str, content_type: str | None) -> Any:
    text = decoded(body[:LARGEST_PAGE], content_type)
    try:
        return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        empty = "empty" if not text.strip() else "not-a-feed"
        raise NotAFeed(f"{url} is no HTML page that can be read: {error}", reason=empty) from None


def _chosen(root: Any, url: str, selector: str) -> list[Any]:
    try:
        chosen = [one for one in compiled(selector)(root) if isinstance(one.tag, str)]
    except (ValueError, etree.XPathError) as error:
        raise NotAFeed(f"{url}: {error}", reason="no-match") from None
    if not chosen:
        raise NotAFeed(f"{url}: the selector {selector!r} fits nothing on it: was the page rebuilt?", reason="no-match")
    return chosen


def _anchors(chosen: list[Any]) -> Iterator[Any]:
    """The links among or within the chosen elements, each once, in order."""
    seen = set()
    for element in chosen:
        for anchor in (element,) if element.tag == "a" else element.iter("a"):
            if anchor.get("href") and anchor not in seen:
                seen.add(anchor)
                yield anchor


def _title(anchor: Any) -> str | None:
    """The link's words, else what it says for those who do not see its picture."""
    said = " ".join(text for text in anchor.itertext() if text.strip())
    for text in (said, anchor.get("title"), anchor.get("aria-label"), *(one.get("alt") for one in anchor.iter("img"))):
        if title := text_of_plain(text, LONGEST_TITLE):
            return title
    return None


def _surroundings(anchor: Any) -> Iterator[str]:
    """Selectors by a class of the link itself or of what is around it, the nearest first."""
    tail, element = "", anchor
    for _ in range(_ABOVE):
        if element is None or not isinstance(element.tag, str) or element.tag in {"body", "html", "nav", "footer"}:
            return
        for name in (element.get("class") or "").split()[:3]:
            if name.isascii() and name.replace("-", "").replace("_", "").isalnum() and not name[0].isdigit():
                yield f"{element.tag}.{name}{tail}"
        tail, element = " a", element.getparent()


def _base(root: Any, url: str) -> str:
    for element in root.iter("base"):
        try:
            return fetchable_url(element.get("href") or "", url)
        except Refused:
            break
    return url
