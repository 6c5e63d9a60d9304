"""What stands in words beside the headline: who wrote, and when. "By Ann Lee", "Senin, 5 Juni 2023 | 14.30 WIB".

Read are only elements near the headline, and elsewhere those that are marked as an author's (rel, itemprop, class).
Never a list of other stories, a comment, a caption, or a paragraph of the story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.datewords import LONGEST, looks_like_date, published_part, updated_part
from ingest.evidence import Evidence, Field
from ingest.headplace import MOST_AFTER, MOST_PROSE, PROSE, SKIPPED, after, around, aside, headline_of, text_of
from ingest.names import BY, LABEL, is_nobody, is_person, names_in
from ingest.plain import plain_line

_LONGEST_BYLINE = 300  # characters
_MOST_MARKED = 40
_MOST_NAMES = 8
_FEW_PARTS, _MANY_PARTS = 4, 12  # elements in an element
_NAME_WORDS = 3
_LONGEST_LEAD = 80  # characters
_UNTIL = re.compile(
    r"verfügbar bis|available until|(?<!\w)until(?!\w)|berlaku (?:hingga|sampai)|jusqu.au", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_AUTHOR = re.compile(
    r"(?<![a-z])(?:by-?line|authors?|autor(?:es|en)?|auteurs?|penulis|writers?|reporters?|journalists?|wartawan|signature|"
    r"contributors?|yazar|muhabir|writtenby)(?![a-z])",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"comment|credit|caption|photo|foto|image|avatar|bio(?![a-z])|follow|social|share|related|recommend|teaser|(?<!v)card|footer|nav|"
    r"popular|latest|trending|sidebar|widget-area|bildautor|newsletter",
    re.IGNORECASE,
)
_AUTHOR_ALONE = re.compile(
    r"(?:^|\s)(?:author|byline|penulis|autor)(?:$|\s)|(?<!comment-)author[-_]*name(?![a-z-])", re.IGNORECASE
)
_AUTHOR_NAME = re.compile(r"(?<!comment-)author[-_]*name(?![a-z-])|bio.{0,20}author[-_]*name", re.IGNORECASE)
_DATE = re.compile(
    r"date|time|publi|posted|fecha|datum|tanggal|tarikh|waktu|meta|byline|stamp|info|created|tarih|дата", re.IGNORECASE
)
_MARKED = XPath(
    "//*[@rel='author' or contains(@class,'author') or contains(@class,'Author') or contains(@class,'byline') or "
    "contains(@class,'Byline') or contains(@class,'penulis') or contains(@class,'autor')] | "
    "//a[contains(@href,'/author')]"
)
# Where a name leads to its owner's page: …/author/ann-lee, …/penulis/12/budi.
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:es|en|i)?|auteurs?|penulis|reporters?|journalists?|writers?|contributors?|people|profiles?|"
    r"staff|by|byline|firmas?|redakteure?|journaliste|yazar(?:lar)?|tacgia|wartawan)/[^/?#]",
    re.IGNORECASE,
)
_DATE_LABELS = 30  # letters besides the date's own: "Dipublikasikan pada", "Monday", "Published"


def byline_statements(
    tree: HtmlElement, titles: Sequence[str], site: frozenset[str], *, signed: bool = False
) -> list[Evidence]:
    """The authors and dates in words. `titles`: what the page says its title is; `site`: the site's names; `signed`:
    its authors are known by surer means, so that the whole page need not be looked through for them."""
    heading = headline_of(tree, titles)
    authors: list[Evidence] = []
    dates: list[Evidence] = []
    for element, prose in around(heading) if heading is not None else ():
        marks, pieces = _marks(element), _pieces(element)
        if pieces and not authors:
            authors = _authors(element, marks, pieces, site)
        if pieces and prose < MOST_PROSE and not any(one.field == "published" for one in dates):
            dates += _dates(element, marks, pieces)
    if not authors and not signed and heading is not None:
        authors = _lead(heading, site)
    if not authors and not signed:
        for element in islice(_MARKED(tree), _MOST_MARKED):
            sure = element.get("rel") == "author"  # stands in a caption on some pages, beside the writer's picture
            outside = (element.tag in SKIPPED or aside(element)) and not sure
            if not outside and (found := _authors(element, _marks(element), _pieces(element), site, "marked")):
                return found + dates
        authors = _signature(tree)
    return authors + dates


def _signature(tree: HtmlElement) -> list[Evidence]:
    """Where no person is named: who else signs, in an element for the author's name alone ("Associated Press")."""
    for element in islice(_MARKED(tree), _MOST_MARKED):
        marks = _marks(element)
        alone = _AUTHOR_ALONE.search(marks) and not _NO_AUTHOR.search(_AUTHOR_NAME.sub("", marks))
        alone = alone and element.tag not in SKIPPED and not aside(element)
        text = " ".join(_pieces(element)) if alone else ""
        names = names_in([text]) if 0 < len(text) <= _LONGEST_LEAD else ()
        if len(names) == 1 and not is_nobody(names[0]):
            return [Evidence("author", "byline", "signature", names[0])]
    return []


def _marks(element: HtmlElement) -> str:
    names = ("class", "id", "itemprop", "rel", "data-testid", "data-component", "data-qa")
    return " ".join(value for name in names if (value := element.get(name)))


def _lead(heading: HtmlElement, site: frozenset[str]) -> list[Evidence]:
    """Names that stand alone, bold or in capitals, in a paragraph right before the story's first."""
    for element in islice(after(heading), MOST_AFTER):
        text = text_of(element) if element.tag == "p" else ""
        if len(text) > PROSE:
            return []
        bold = "".join("".join(part.itertext()) for part in element.iter("strong", "b")) if text else ""
        alone = 2 * _NAME_WORDS <= len(text) <= _LONGEST_LEAD and (text.isupper() or plain_line(bold) == text)
        names = names_in([text]) if alone else ()
        # As they stand: "BAAR, SWITZERLAND" is a place, and no name written family name first.
        as_written = all(name in text and len(name.split()) <= _NAME_WORDS for name in names)
        if names and as_written and all(is_person(name, site, strictly=True) for name in names):
            return [Evidence("author", "byline", "lead", name) for name in names]
    return []


def _pieces(element: HtmlElement) -> list[str]:
    """Its texts, one for each run between two elements; none if there is more than a byline's worth."""
    pieces: list[str] = []
    size = 0
    for piece in element.itertext():
        text = " ".join(piece.split())
        size += len(text)
        if size > _LONGEST_BYLINE:
            return []
        if text and (not pieces or pieces[-1] != text):
            pieces.append(text)
    return pieces


def _authors(
    element: HtmlElement, marks: str, pieces: list[str], site: frozenset[str], key: str = "byline"
) -> list[Evidence]:
    text = " ".join(pieces)
    marked = bool(_AUTHOR.search(marks.replace("_", "-"))) or (
        element.tag == "a" and _AUTHOR_PAGE.search(element.get("href") or "") is not None
    )
    labelled = LABEL.match(text) is not None and not _DIGIT.search(text)
    worded = len(element) <= _FEW_PARTS and len(text) <= LONGEST and (labelled or BY.match(text) is not None)
    if (
        not (marked or worded)
        or (_NO_AUTHOR.search(marks) and not _AUTHOR_NAME.search(marks))
        or element.tag == "article"
    ):
        return []
    for statement in ("\n".join(pieces), text):
        found = names_in([statement])
        people = [name for name in found if is_person(name, site, strictly=True)]
        # Words that nobody marked must be names and nothing else.
        if people and (marked or len(people) == len(found)):
            return [Evidence("author", "byline", key, name) for name in people[:_MOST_NAMES]]
    return []


def _dates(element: HtmlElement, marks: str, pieces: list[str]) -> list[Evidence]:
    text = " ".join(pieces)
    # An element of many parts is a container: its parts are looked at by themselves.
    if len(element) > _MANY_PARTS or len(text) > LONGEST or not _DIGIT.search(text) or _UNTIL.search(text):
        return []
    marked = element.tag == "time" or bool(_DATE.search(marks))
    found: list[Evidence] = []
    parts: tuple[tuple[Field, str], ...] = (("published", published_part(text)), ("modified", updated_part(text)))
    for field, part in parts:
        if part and looks_like_date(part, LONGEST if marked else _DATE_LABELS):
            found.append(Evidence(field, "byline", "words", plain_line(part)))
    return found if found and found[0].field == "published" else []
