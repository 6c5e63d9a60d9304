"""What a page says about itself, gathered as evidence. Choosing is not done here.

JSON-LD (schema.org), Open Graph and other <meta>, links, <time>, and a few elements. Values are as given, blanks folded
and entities resolved, never trusted: lengths and counts are bounded.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.bylines import byline_statements
from ingest.evidence import Evidence, Field, Means, PageFacts
from ingest.headline import site_names
from ingest.headplace import aside, text_of
from ingest.jsonld import StoryNode, story_node
from ingest.names import is_person
from ingest.plain import plain_line

LONGEST_VALUE = 2000  # characters
MOST_TIMES = 10  # <time> elements believed; more are a list of stories
_SURELY_A_TITLE = 12  # characters
MOST_META = 300  # <meta>, <link> and <time> elements looked at; the corpus' largest page has 190


# Order within a field is order of trust: what only an article carries stands before what a site's template fills in.
_META: dict[Field, tuple[str, ...]] = {
    "title": ("og:title", "twitter:title", "dc.title", "dcterms.title", "sailthru.title", "parsely-title", "title"),
    "author": (
        "author",
        "article:author",
        "og:article:author",
        "articleauthor",
        "article:author:name",
        "parsely-author",
        "dc.creator",
        "dcterms.creator",
        "dc:creator",
        "dcsext.author",
        "sailthru.author",
        "cxenseparse:author",
        "byl",
        "byline",
    ),
    "published": (
        "article:published_time",
        "og:article:published_time",
        "article:published",
        "og:published_time",
        "datepublished",
        "parsely-pub-date",
        "sailthru.date",
        "cxenseparse:recs:publishtime",
        "publishdate",
        "publish-date",
        "publish_date",
        "pubdate",
        "publication_date",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dcterms.date",
        "dc.date.created",
        "dc.date",
        "originalpublicationdate",
        "article_date_original",
        "published_at",
        "citation_publication_date",
        "date",
    ),
    "modified": (
        "article:modified_time",
        "og:article:modified_time",
        "og:updated_time",
        "datemodified",
        "dcterms.modified",
        "dc.date.modified",
        "last-modified",
    ),
    "image": ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"),
    "site_name": ("og:site_name", "application-name", "apple-mobile-web-app-title"),
    "canonical": ("og:url",),
    "section": ("article:section", "og:article:section", "articlesection", "section"),
    "access": ("article:content_tier", "og:article:content_tier", "isaccessibleforfree"),
    "language": ("content-language", "og:locale", "dc.language", "language"),
}  # fmt: skip
_PROPERTIES = XPath("//body//*[@itemprop or @property]")
_PROPERTY_FIELDS: dict[str, Field] = {
    "author": "author",
    "creator": "author",
    "datepublished": "published",
    "datecreated": "published",
    "datemodified": "modified",
    "articlesection": "section",
}
_FIELDS_OF = {key: field for field, keys in _META.items() for key in keys}
_RANKS = {key: rank for keys in _META.values() for rank, key in enumerate(keys)}


def page_facts(tree: HtmlElement, url: str) -> PageFacts:
    """All that `tree` says; `url` tells the page's own JSON-LD story from others on it. Changes nothing in the tree."""
    found: list[Evidence] = []
    node = story_node((script.text or "" for script in tree.iter("script") if _is_json_ld(script)), url)
    if node is not None:
        found += _from_json_ld(node)
    found += sorted(_from_meta(tree), key=lambda one: _RANKS[one.key])
    found += _from_properties(tree)
    found += _from_elements(tree)
    found += _from_times(tree)
    site = site_names(PageFacts(tuple(found)), url)
    signed = any(one.field == "author" and is_person(one.value, site, strictly=True) for one in found)
    found += byline_statements(tree, [one.value for one in found if one.field == "title"], site, signed=signed)
    return PageFacts(tuple(found), node.bodies if node else ())


def _is_json_ld(script: HtmlElement) -> bool:
    return "ld+json" in (script.get("type") or "").lower()


def _from_json_ld(node: StoryNode) -> Iterator[Evidence]:
    values: tuple[tuple[Field, str, Iterable[str]], ...] = (
        ("title", "headline", node.headlines),
        ("author", "author", node.authors),
        ("author", "author organisation", node.organisations),
        ("published", "datePublished", node.published),
        ("modified", "dateModified", node.modified),
        ("image", "image", node.images),
        ("site_name", "publisher", node.publishers),
        ("canonical", "url", node.urls),
        ("language", "inLanguage", node.languages),
        ("section", "articleSection", node.sections),
        ("country", "addressCountry", node.countries),
        ("access", "isAccessibleForFree", node.free),
    )
    for field, key, strings in values:
        yield from _evidence(field, "json-ld", key, strings)


def _from_meta(tree: HtmlElement) -> Iterator[Evidence]:
    for count, meta in enumerate(tree.iter("meta")):
        if count == MOST_META:
            return
        content = meta.get("content")
        if not content:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            key = (meta.get(attribute) or "").strip().lower()
            field = _FIELDS_OF.get(key)
            if field is not None:
                yield from _evidence(field, "meta", key, [content])
                break


def _from_properties(tree: HtmlElement) -> Iterator[Evidence]:
    """Microdata (`itemprop`) and RDFa (`property`) on elements of the body; none of other stories."""
    for element in _PROPERTIES(tree)[:MOST_META]:
        key = (element.get("itemprop") or element.get("property") or "").strip().lower().rpartition(":")[2]
        field = _PROPERTY_FIELDS.get(key)
        if field is None or aside(element):
            continue
        inner = element.xpath(".//*[@itemprop='name']") if field == "author" else []
        one = inner[0] if inner else element
        stated = (one.get("content"), one.get("datetime"), one.get("title") if field != "author" else None)
        value = next(filter(None, stated), None) or "\n".join(one.itertext())
        yield from _evidence(field, "element", key, [value])


def _from_elements(tree: HtmlElement) -> Iterator[Evidence]:
    for count, link in enumerate(tree.iter("link")):
        if count == MOST_META:
            break
        if "canonical" in (link.get("rel") or "").lower().split():
            yield from _evidence("canonical", "link", "canonical", [link.get("href") or ""])
    title = tree.find(".//head/title")  # not the <title> of an <svg>
    said = (title.text or "")[:LONGEST_VALUE] if title is not None else ""
    yield from _evidence("title", "element", "h1", _headings(tree, plain_line(said)))
    yield from _evidence("title", "element", "title", [said])
    yield from _evidence("language", "element", "html lang", [tree.get("lang") or tree.get("xml:lang") or ""])


def _headings(tree: HtmlElement, said: str) -> list[str]:
    """The texts of h1, what is marked as the headline or what `said`, the <title>, begins with before a site's logo or
    a section's name; where it begins with none of them, the first smaller heading that it begins with before all."""
    marked = [(one.get("itemprop") == "headline", text_of(one)) for one in islice(tree.iter("h1"), MOST_TIMES)]
    if not any(surely or (text and said.startswith(text)) for surely, text in marked):
        smaller = (text_of(one) for one in islice(tree.iter("h2", "h3"), MOST_TIMES))
        marked[:0] = [(False, text) for text in smaller if len(text) >= _SURELY_A_TITLE and said.startswith(text)][:1]
    marked.sort(key=lambda one: (not one[0], len(one[1]) < _SURELY_A_TITLE or not said.startswith(one[1])))
    return [text for _, text in marked]


def _from_times(tree: HtmlElement) -> Iterator[Evidence]:
    """<time datetime="…"> and <abbr title="…"> only: the attribute is for machines. A date in the words of the story is
    never read. Of those that nothing marks, the first below a headline stands before those of menus."""
    marked: list[Evidence] = []
    plain: dict[bool, list[Evidence]] = {}  # by whether a headline stands before
    below = False
    for time in islice(tree.iter("time", "abbr", "h1"), MOST_META):
        if time.tag == "h1":
            below = True
            continue
        value = (time.get("datetime") if time.tag == "time" else time.get("title")) or ""
        names = " ".join(time.get(name) or "" for name in ("itemprop", "class", "id", "pubdate")).lower()
        if "modif" in names or "updat" in names:
            marked += _evidence("modified", "time-element", "modified", [value]) if not aside(time) else []
        elif "publi" in names or "pubdate" in names or time.get("pubdate") is not None:
            marked += _evidence("published", "time-element", "published", [value]) if not aside(time) else []
        elif time.tag == "time" and below not in plain and not aside(time):
            plain[below] = _evidence("published", "time-element", "first", [value])
    yield from marked[:MOST_TIMES]
    yield from plain.get(True) or plain.get(False) or []


def _evidence(field: Field, means: Means, key: str, values: Iterable[str]) -> list[Evidence]:
    cleaned = (plain_line(html.unescape(value[:LONGEST_VALUE]), LONGEST_VALUE) for value in values)
    return [Evidence(field, means, key, value) for value in cleaned if value]
