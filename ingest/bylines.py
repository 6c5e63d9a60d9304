"""What stands in words beside the headline: who wrote, and when. "By Ann Lee", "Senin, 5 Juni 2023 | 14.30 WIB".

Read are only elements near the headline, and elsewhere those that are marked as an author's (rel, itemprop, class).
Never a list of other stories, a comment, a caption, or a paragraph of the story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.datewords import LONGEST, looks_like_date, published_part, updated_part
from ingest.evidence import Evidence, Field
from ingest.names import BY, LABEL, is_person, names_in
from ingest.plain import plain_line

_MOST_BEFORE, _MOST_AFTER = 30, 160  # elements looked at before and after the headline
_PROSE = 160  # characters: a longer paragraph is a standfirst or the story
_MOST_PROSE = 2  # paragraphs of prose after which no author is named any more; dates end after one, a standfirst
_LONGEST_BYLINE = 300  # characters
_MOST_MARKED = 40
_MOST_NAMES = 8
_OTHER_HEADINGS = ("h3", "h4", "h5", "dt", "strong", "b", "font", "div", "span", "p", "td")
_MOST_HEADINGS = 3_000  # elements
_FEW_PARTS, _MANY_PARTS = 4, 12  # elements in an element
_NAME_WORDS = 3
_LONGEST_LEAD = 80  # characters
_LONGEST_TEXT = 2_000  # characters of an element that are read
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
_AUTHOR_NAME = re.compile(r"(?<!comment-)author[-_]*name(?![a-z-])|bio.{0,20}author[-_]*name", re.IGNORECASE)
_DATE = re.compile(
    r"date|time|publi|posted|fecha|datum|tanggal|tarikh|waktu|meta|byline|stamp|info|created|tarih|дата", re.IGNORECASE
)
_ASIDE = re.compile(
    r"related|sidebar|comment|recommend|popular|latest|teaser|trending|most-read|newsletter", re.IGNORECASE
)
_ASIDE_TAGS = frozenset({"nav", "aside", "footer", "blockquote", "figure", "figcaption"})
_NOT_READ = """
    script style svg noscript iframe template button select form figure figcaption picture video nav aside footer table
"""
_SKIPPED = frozenset(_NOT_READ.split())
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
    heading = _heading(tree, titles)
    authors: list[Evidence] = []
    dates: list[Evidence] = []
    for element, prose in _around(heading) if heading is not None else ():
        marks, pieces = _marks(element), _pieces(element)
        if pieces and not authors:
            authors = _authors(element, marks, pieces, site)
        if pieces and prose < _MOST_PROSE and not any(one.field == "published" for one in dates):
            dates += _dates(element, marks, pieces)
    if not authors and not signed and heading is not None:
        authors = _lead(heading, site)
    if not authors and not signed:
        for element in islice(_MARKED(tree), _MOST_MARKED):
            sure = element.get("rel") == "author"  # stands in a caption on some pages, beside the writer's picture
            outside = (element.tag in _SKIPPED or aside(element)) and not sure
            if not outside and (found := _authors(element, _marks(element), _pieces(element), site, "marked")):
                return found + dates
    return authors + dates


def aside(element: HtmlElement) -> bool:
    """Whether `element` belongs to a list of other stories, a comment, or the paragraphs of the story itself."""
    for above in islice(element.iterancestors(), 12):
        if above.tag in _ASIDE_TAGS or (above.tag in {"li", "a"} and element.tag == "time"):
            return True
        if above.tag not in {"body", "html", "main"} and _ASIDE.search(f"{above.get('class')} {above.get('id')}"):
            return True
    return False


def text_of(element: HtmlElement) -> str:
    """Its words on one line: a blank where elements meet without one, but none before a colon or full stop."""
    text = ""
    for piece in element.itertext():
        if text and piece and not text[-1].isspace() and piece[0].isalnum():
            text += " "
        text += piece
        if len(text) > 2 * _LONGEST_TEXT:
            break
    return plain_line(text, _LONGEST_TEXT)


def _heading(tree: HtmlElement, titles: Sequence[str]) -> HtmlElement | None:
    """The heading that says the title; else the first h1 of some length."""
    headings = list(islice(tree.iter("h1", "h2"), 30))
    said = {" ".join(one.split()).casefold() for one in titles}
    for one in headings:
        text = text_of(one).casefold()
        if len(text) > 10 and any(
            text == title or title.startswith(text) or text.startswith(title) for title in said if title
        ):
            return one
    named = next((one for one in headings if one.tag == "h1" and len(text_of(one)) > 10), None)
    return named if named is not None else _set_as_heading(tree, said)


def _set_as_heading(tree: HtmlElement, said: set[str]) -> HtmlElement | None:
    """Where no h1 or h2 says it: the first element that says the title and nothing else, and leads nowhere."""
    for one in islice(tree.iter(*_OTHER_HEADINGS), _MOST_HEADINGS):
        text = " ".join((one.text or "").split()).casefold()
        if len(text) > 10 and any(title.startswith(text) for title in said) and text_of(one).casefold() == text:
            return None if aside(one) else one
    return None


def _around(heading: HtmlElement) -> Iterator[tuple[HtmlElement, int]]:
    """Elements after the headline in document order until the story begins, each with the number of paragraphs of prose
    before it; then those right before the headline."""
    prose = 0
    for element in islice(_after(heading), _MOST_AFTER):
        if element.tag == "p" and len(text_of(element)) > _PROSE:
            prose += 1
            if prose > _MOST_PROSE:
                break
        else:
            yield element, prose
    before = (
        one
        for above in (heading, heading.getparent())
        if above is not None
        for one in above.itersiblings(preceding=True)
    )
    yield from islice(((one, 0) for sibling in islice(before, 6) for one in _walk(sibling)), _MOST_BEFORE)


def _after(heading: HtmlElement) -> Iterator[HtmlElement]:
    above: HtmlElement | None = heading
    for _ in range(8):
        if above is None or above.tag == "body":
            return
        for sibling in above.itersiblings():
            yield from _walk(sibling)
        above = above.getparent()


def _walk(element: HtmlElement) -> Iterator[HtmlElement]:
    """`element` and what is in it, without the inside of captions, forms, lists of other stories."""
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if (
            isinstance(one.tag, str)
            and one.tag not in _SKIPPED
            and not _ASIDE.search(f"{one.get('class')} {one.get('id')}")
        ):
            yield one
            waiting.extend(reversed(one))


def _marks(element: HtmlElement) -> str:
    names = ("class", "id", "itemprop", "rel", "data-testid", "data-component", "data-qa")
    return " ".join(value for name in names if (value := element.get(name)))


def _lead(heading: HtmlElement, site: frozenset[str]) -> list[Evidence]:
    """Names that stand alone, bold or in capitals, in a paragraph right before the story's first."""
    for element in islice(_after(heading), _MOST_AFTER):
        text = text_of(element) if element.tag == "p" else ""
        if len(text) > _PROSE:
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
