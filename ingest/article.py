"""Page → article: one parse, the page's own statements, the story's text, and of each the one to believe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest.authors import authors, signatures, unsigned
from ingest.body import Cut, story
from ingest.errors import NoText, Refused
from ingest.evidence import Evidence, PageFacts, from_entry
from ingest.fingerprint import content_hash
from ingest.headline import LONGEST_TITLE, headline, registrable, site_names
from ingest.markup import tree_of
from ingest.metadata import page_facts
from ingest.published import modified, published
from ingest.records import Article, Entry, Page
from ingest.sources import access, agency, image, section, site_country, site_name, zone_of
from ingest.tagging.language import language_of
from ingest.urls import article_id, canonical_url, fetchable_url

FEWEST_LETTERS = 20  # less is a button or a notice, no story; Han says as much in seven
SHORT_TEXT = 300  # characters
MOST_MARKS = 3000  # elements whose classes are looked at for a paywall
_FRONT = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|home|default)(?:\.\w{2,5})?)?/?", re.IGNORECASE)
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")


class Statement(NamedTuple):
    """One statement about a field, and whether the article follows it."""

    evidence: Evidence
    kept: bool


class Extraction(NamedTuple):
    """An article with its reasons: `evidence` by field, in order of trust; `cut`: what was taken out of the text."""

    article: Article
    evidence: dict[str, tuple[Statement, ...]]
    cut: tuple[Cut, ...] = ()


def extract(page: Page, entry: Entry) -> Article:
    """The article on `page`, which `entry` led to. Raises NotHtml (a picture, a PDF, JSON), NoText (no story there)."""
    return extraction(page, entry).article


def extraction(page: Page, entry: Entry) -> Extraction:
    """The article with the evidence for each of its values. Raises NotHtml, NoText."""
    tree = tree_of(page)
    facts = page_facts(tree, page.url)
    facts = facts._replace(evidence=facts.evidence + from_entry(entry))
    marks = list(_marks(tree))
    told = story(tree, page.url, facts.bodies, entry.content or "")  # takes the tree apart
    _expect_text(told.text, page.url)
    url, stated_url = _own_url(page.url, facts)
    site = site_names(facts, page.url)
    title = headline(facts, page.url)
    signed = signatures((one.text for one in told.cut if one.why == "a byline"), site)
    facts = facts._replace(evidence=facts.evidence + signed)
    written_by = authors(facts, site)
    body, bylines = unsigned(_without_headline(told.text, title.value), written_by.names)
    cut = (*told.cut, *(Cut(line, "a byline") for line in bylines))
    country = site_country(facts, page.url)
    hints = (*facts.of("language", "element", "json-ld", "meta"), *facts.of("language", "feed"))
    paid, paid_by = access(facts, body, marks)
    heading = title.value or body.partition("\n")[0][:LONGEST_TITLE].rstrip()
    told_by = hints[0].value if hints else None
    if len(body) < SHORT_TEXT:  # so short a text says little, and a template's language is often left as it came
        told_by = entry.language or told_by
    language = language_of(f"{heading}\n{body}", told_by)
    home = zone_of(country.value if country else None, language)
    moment = published(facts, url, page.fetched, home)
    changed = modified(facts, moment.at if moment else None, page.fetched, home)
    singles = {
        "section": section(facts, site),
        "image": image(facts, page.url),
        "site_name": site_name(facts),
        "site_country": country,
        "agency": agency(facts, body),
    }
    values = {name: one.value for name, one in singles.items() if one is not None}
    kept: dict[str, tuple[Evidence, ...]] = {
        "title": title.kept,
        "authors": written_by.kept,
        "published": (moment.said,) if moment else (),
        "modified": (changed.said,) if changed else (),
        "url": (stated_url,) if stated_url else (),
        "paywalled": paid_by,
        "language": tuple(one for one in hints if re.split("[-_]", one.value.lower())[0] == language),
        **{name: one.kept for name, one in singles.items() if one is not None},
    }
    article = Article(
        id=article_id(url),
        url=url,
        title=heading,
        body=body,
        authors=written_by.names,
        published=moment.at if moment else None,
        published_from=moment.origin if moment else None,
        modified=changed.at if changed else None,
        language=language,
        paywalled=paid == "paid",
        word_count=len(_WORD.findall(body)),
        content_hash=content_hash(heading, body),
        page_url=page.url if canonical_url(page.url) != canonical_url(url) else None,
        origins={name: f"{said[0].means} {said[0].key}" for name, said in kept.items() if said}
        | {"body": told.source, "language": "text words"},
        **values,
    )
    return Extraction(article, _grouped(facts, kept), cut)


# The article's fields by what statements call them, where the two differ.
_FIELDS = {"author": "authors", "canonical": "url", "access": "paywalled", "country": "site_country"}


def _grouped(facts: PageFacts, kept: dict[str, tuple[Evidence, ...]]) -> dict[str, tuple[Statement, ...]]:
    chosen = [one for said in kept.values() for one in said]
    followed = set(chosen)
    found: dict[str, list[Statement]] = {}
    for one in dict.fromkeys(facts.evidence):
        found.setdefault(_FIELDS.get(one.field, one.field), []).append(Statement(one, one in followed))
    given = set(facts.evidence)
    for name, said in kept.items():  # found in the text or the address: stated by nobody
        found.setdefault(name, [])
        found[name] += [Statement(one, kept=True) for one in said if one not in given]
        if name == "agency":
            found[name] += [Statement(one, kept=True) for one in said if one in given]
    return {name: tuple(statements) for name, statements in found.items() if statements}


def _expect_text(text: str, url: str) -> None:
    if len("".join(filter(str.isalpha, text[: 20 * FEWEST_LETTERS])).encode()) < FEWEST_LETTERS:
        raise NoText(f"{url}: no text of a story found")


def _without_headline(body: str, title: str) -> str:
    """Pages put the headline above the story's first paragraph; it stands in `title` already."""
    first, _, rest = body.partition("\n")
    return rest if rest and first.casefold() == title.casefold() else body


def _marks(tree: HtmlElement) -> Iterator[str]:
    """Classes and ids, for signs of a paywall: read before the text is taken out."""
    for element in islice(tree.iter("div", "section", "aside", "p"), MOST_MARKS):
        if mark := element.get("class") or element.get("id"):
            yield mark


def _own_url(url: str, facts: PageFacts) -> tuple[str, Evidence | None]:
    """The address the page gives as its own (link rel=canonical, og:url), where that can be: http(s), the same
    registrable site, not its front page; else the one it was fetched from. Raises Refused for a bad `url`."""
    for one in (*facts.of("canonical", "link"), *facts.of("canonical", "meta")):
        try:
            stated = fetchable_url(one.value, url)
            if _same_site(stated, url) and (not _front(stated) or _front(url)):
                return stated, one
        except (Refused, ValueError):
            continue
    return fetchable_url(url), None


def _front(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and _FRONT.fullmatch(parts.path) is not None


def _same_site(one: str, other: str) -> bool:
    """The same registrable domain; where there is none (an address, localhost), the same host and port."""
    site = registrable(one)
    if site is None:
        return urlsplit(canonical_url(one)).netloc == urlsplit(canonical_url(other)).netloc
    return site == registrable(other)
