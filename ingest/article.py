"""Page → article: one parse, the page's own statements, the story's text, and of each the one to believe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest.body import LONGEST_BODY, SHORT_BODY, story_text, text_of_markup
from ingest.errors import NoText, Refused
from ingest.fingerprint import content_hash
from ingest.headline import LONGEST_TITLE, headline, letters, registrable, site_names
from ingest.markup import tree_of
from ingest.metadata import Evidence, PageFacts, page_facts
from ingest.plain import plain_line
from ingest.published import modified, published
from ingest.records import Article, Entry, Page
from ingest.tagging.language import language_of
from ingest.urls import article_id, canonical_url, fetchable_url

LONGEST_NAME = 100  # characters: an author whose name is longer is a paragraph
MOST_AUTHORS = 20
FEWEST_LETTERS = 20  # less is a button or a notice, no story; Han says as much in seven
_FRONT = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|home|default)(?:\.\w{2,5})?)?/?", re.IGNORECASE)
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")
_BY = re.compile(r"(?:[Bb]y|BY|Von|VON|Oleh|OLEH|Par|Por)\s+(?=\S+\s)|(?i:penulis|editor|reporter|autor|author)\s*:\s*")
_AND = re.compile(r"\s*[,;]\s+(?:(?:and|und|dan|et|y)\s+)?|\s+(?:and|und|dan|et|y|&)\s+")
_NOBODY = frozenset({"admin", "administrator", "root", "user", "editor", "redaksi", "author", "webmaster", "null"})


def extract(page: Page, entry: Entry) -> Article:
    """The article on `page`, which `entry` led to. Raises NotHtml (a picture, a PDF, JSON), NoText (no story there)."""
    tree = tree_of(page)
    facts = page_facts(tree, page.url)
    url = _own_url(page.url, facts)
    body = _body(tree, facts, page, entry)
    title = headline(facts, entry.title, page.url)
    body = _without_headline(body, title)
    title = title or body.partition("\n")[0][:LONGEST_TITLE].rstrip()
    moment = published(facts, entry, url, page.fetched)
    hint = facts.first("language", "element", "json-ld", "meta") or entry.language
    return Article(
        id=article_id(url),
        url=url,
        title=title,
        body=body,
        authors=_authors(facts, entry, page.url),
        published=moment.at if moment else None,
        published_from=moment.origin if moment else None,
        modified=modified(facts, entry, moment.at if moment else None, page.fetched),
        language=language_of(f"{title}\n{body}", hint),
        image=_image(facts, page.url),
        site_name=_site_name(facts),
        word_count=len(_WORD.findall(body)),
        content_hash=content_hash(title, body),
    )


def _body(tree: HtmlElement, facts: PageFacts, page: Page, entry: Entry) -> str:
    """The page's story; where that is next to nothing (made by a script, paywall), the longest text given elsewhere."""
    body = story_text(tree, page.url)
    if len(body) < SHORT_BODY:
        others = [*facts.bodies, entry.content or ""]
        body = max([body, *(text_of_markup(other[:LONGEST_BODY]) for other in others)], key=len)
    if len("".join(filter(str.isalpha, body[: 20 * FEWEST_LETTERS])).encode()) < FEWEST_LETTERS:
        raise NoText(f"{page.url}: no text of a story found")
    return body


def _without_headline(body: str, title: str) -> str:
    """Pages put the headline above the story's first paragraph; it stands in `title` already."""
    first, _, rest = body.partition("\n")
    return rest if rest and first.casefold() == title.casefold() else body


def _authors(facts: PageFacts, entry: Entry, url: str) -> tuple[str, ...]:
    """By JSON-LD, else <meta>, the feed, an element marked as author: the first that names a person rather than the
    site; where none does, the first that names anybody."""
    site = site_names(facts, url)
    stated = [_names(_values(facts.of("author", means))) for means in ("json-ld", "meta", "element")]
    stated.insert(2, _names(entry.authors))
    persons = (names for names in stated if any(letters(name) not in site for name in names))
    return next(persons, next(filter(None, stated), ()))


def _values(evidence: Iterable[Evidence]) -> list[str]:
    return [one.value for one in evidence]


def _names(stated: Iterable[str]) -> tuple[str, ...]:
    found = (name for one in stated for name in _split(_BY.sub("", plain_line(one), count=1).strip(" ,;|")))
    return tuple(dict.fromkeys(name for name in found if _is_name(name)))[:MOST_AUTHORS]


def _split(names: str) -> list[str]:
    """ "Ann Lee, Bo Ek and Cy Dee" is three people; a list with a single word in it may be a name and a place: kept."""
    parts = _AND.split(names)
    return parts if all(len(part.split()) in {2, 3, 4} for part in parts) else [names]


def _is_name(name: str) -> bool:
    addressed = "://" in name or "@" in name or name.startswith(("www.", "/"))
    return bool(name) and not addressed and len(name) <= LONGEST_NAME and name.casefold() not in _NOBODY


def _own_url(url: str, facts: PageFacts) -> str:
    """The address the page gives as its own (link rel=canonical, og:url), where that can be: http(s), the same
    registrable site, not its front page; else the one it was fetched from. Raises Refused for a bad `url`."""
    for one in (*facts.of("canonical", "link"), *facts.of("canonical", "meta")):
        try:
            stated = fetchable_url(one.value, url)
            if _same_site(stated, url) and (not _front(stated) or _front(url)):
                return stated
        except (Refused, ValueError):
            continue
    return fetchable_url(url)


def _front(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and _FRONT.fullmatch(parts.path) is not None


def _same_site(one: str, other: str) -> bool:
    """The same registrable domain; where there is none (an address, localhost), the same host and port."""
    site = registrable(one)
    if site is None:
        return urlsplit(canonical_url(one)).netloc == urlsplit(canonical_url(other)).netloc
    return site == registrable(other)


def _image(facts: PageFacts, url: str) -> str | None:
    for one in (*facts.of("image", "meta"), *facts.of("image", "json-ld")):
        try:
            return fetchable_url(one.value, url)
        except (Refused, ValueError):
            continue
    return None


def _site_name(facts: PageFacts) -> str | None:
    names = _values((*facts.of("site_name", "meta"), *facts.of("site_name", "json-ld")))
    return next((name for name in names if len(name) <= LONGEST_NAME), None)
