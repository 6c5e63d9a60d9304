"""What an address says about pages: the number of an article's page, that it shows all of them, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from ingest.urls import canonical_url, fetchable_url

ALL_PAGES = 0  # as the number of a page

_PARAMETERS = """
    page halaman hal pg p paged pageno page_no pagenum pagenumber currentpage seite pagina página pag strona stranica
    sida side sayfa trang стр
"""
_NUMBERED = frozenset(_PARAMETERS.split())
_ALL_VALUES = frozenset(["all", "full", "semua", "single", "komplett", "alle", "todo", "toutes", "tout"])
_SWITCHES = "showpage pagewanted singlepage single_page single single-page onepage showall show_all viewall view_all"
_ALL_NAMES = frozenset(_SWITCHES.split())
_YES = frozenset(["", "1", "true", "yes", "all", "full"])
_NUMBER = re.compile(r"[1-9]\d?")
# /2, /page/2, /page-2, /page2, /seite-2, /halaman/2
_PATH_PAGE = re.compile(
    r"(?P<stem>/.*?)/(?:(?:page|pages|p|seite|halaman|hal|pagina|sayfa|trang)[/-]?)?(?P<n>[1-9]\d?)/?"
)
_PATH_ALL = re.compile(
    r"(?P<stem>/.*?)/(?:all|(?:page|halaman)[/-]all|full|single-page|singlepage|onepage|komplettansicht)/?"
)
# _2.html, -2.html; without an extension, "slug-2" is what WordPress calls another article with the same title
_PATH_FILE = re.compile(r"(?P<stem>/.*?)[-_](?P<n>[1-9]\d?)(?P<end>\.(?:s?html?|php|aspx?|jsp))")
# An article's last path segment, as against a section's: words joined by hyphens, a number that is no year, a file.
_OF_ARTICLE = re.compile(
    r"[-_][^/]*[-_]|\d{5}|(?<!\d)(?!(?:19|20)\d\d)\d{4}(?!\d)|%[0-9A-F]{2}[^/]*%|\.s?html?$|[^/]{20}"
)
_OF_LIST = re.compile(
    r"/(?:tags?|topi[ck]s?|kategori|categor(?:y|ies|ie|ia)|authors?|penulis|autor|search|cari|suche|inde(?:x|ks)|"
    r"archives?|arsip|labels?|forum|thread)(?:/|$)"
)
_IDENTIFYING = frozenset(
    ["id", "p", "article", "articleid", "article_id", "story", "storyid", "nid", "newsid", "news_id", "aid", "docid"]
)


class Place(NamedTuple):
    """What an address means in one reading: page `number` (ALL_PAGES: the one that shows all) of the article known by
    the canonical URL `stem`."""

    stem: str
    number: int


def own_places(url: str) -> list[Place]:
    """The readings of an article's own address: as a numbered page, and as the first. None where it is a list's or a
    section's. Raises Refused."""
    clean = fetchable_url(url)
    if not _is_article(clean):
        return []
    return [*(place for place in places(clean) if _is_article(place.stem)), Place(canonical_url(clean), 1)]


def places(url: str) -> Iterator[Place]:
    """The readings of `url`, which is fetchable, as a numbered page or as all pages; none where it has no such mark."""
    parts = urlsplit(url)
    pairs = parts.query.split("&") if parts.query else []
    for place, pair in enumerate(pairs):
        name, _, value = pair.partition("=")
        number = _number(name.lower(), value.lower())
        if number is not None:
            rest = "&".join(pairs[:place] + pairs[place + 1 :])
            yield Place(canonical_url(parts._replace(query=rest).geturl()), number)
    for form in (_PATH_PAGE, _PATH_ALL, _PATH_FILE):
        found = form.fullmatch(parts.path)
        if not found or len(found["stem"]) < 2:
            continue
        marks = found.groupdict()
        stem = found["stem"] + (marks.get("end") or "")
        # The first page of /slug/2 is /slug or /slug/.
        for path in [stem] if form is _PATH_FILE else [stem, stem + "/"]:
            yield Place(canonical_url(parts._replace(path=path).geturl()), int(marks.get("n") or ALL_PAGES))


def _number(name: str, value: str) -> int | None:
    """What a parameter says: the number of the page, ALL_PAGES, or None, that it is not about pages."""
    if name in _NUMBERED:
        if value in _ALL_VALUES:
            return ALL_PAGES
        return int(value) if _NUMBER.fullmatch(value) else None
    return ALL_PAGES if name in _ALL_NAMES and value in _YES else None


def _is_article(url: str) -> bool:
    parts = urlsplit(url)
    if _OF_LIST.search(parts.path.lower()):
        return False
    names = {pair.partition("=")[0].lower() for pair in parts.query.split("&")}
    last = parts.path.rstrip("/").split("/")[-2:]
    return any(_OF_ARTICLE.search(segment) for segment in last) or bool(names & _IDENTIFYING)
