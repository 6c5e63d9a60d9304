"""One quick pass over a feed's XML with expat, before anything builds objects: is it well-formed, and within bounds?

The bounds are there because feedparser's work grows with the square of some things: attributes of an element, tags of
an entry, the text of authors, dates and keywords, base addresses, pieces of whitespace between processing instructions.
Without them a body of 1 MB kept it busy for minutes (measured: 100,000 attributes 117 s, 50,000 categories 48 s).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from ingest.entries import MOST_ENTRIES

MOST_ELEMENTS = 250_000  # 5,000 entries of 50 elements
DEEPEST = 200  # levels; an entry's XHTML nests some twenty
MOST_PREFIXES = 100
MOST_ATTRIBUTES = 100  # of one element
MOST_TAGS = 1_000  # of one entry
MOST_INSTRUCTIONS = 100
LONGEST_BASE = 4_096  # characters of all xml:base in force together
LONGEST_FIELD = 4_000  # characters of an author, a date, keywords
_TAGS = frozenset({"category", "keywords", "subject", "tags"})
_FIELD_NAMES = """
    author creator contributor publisher managingeditor webmaster name email date pubdate published issued created
    modified updated lastbuilddate expirationdate valid language ttl duration
"""
_FIELDS = _TAGS | frozenset(_FIELD_NAMES.split())
_ENTRY_LEVEL = 4  # rss/channel/item, rdf:RDF/item, feed/entry; one more for wrappers
# expat's codes for a document that ends too early: no element, unclosed token, partial character, unclosed CDATA
_CUT_SHORT = frozenset({3, 5, 6, 20})


@dataclass(frozen=True, slots=True)
class Scan:
    """What the pass saw. `cut` and `closing`: where to end the data, and what to append, to be well-formed."""

    error: str | None = None  # with line and column
    truncated: bool = False  # it ends too early; `cut` is after its last whole entry, None where it has none
    refused: str | None = None
    limit: str | None = None
    cut: int | None = None
    closing: bytes = b""


class _BoundError(Exception):
    """Ends the pass."""


class _Watch:
    """Counts what goes by and knows the open elements."""

    def __init__(self, data: bytes, first_line: int) -> None:
        self.data = data
        self.lines_before = first_line - 1
        self.open: list[str] = []
        self.bases: list[int] = []  # the length of each open element's xml:base
        self.entries = self.elements = self.tags = self.instructions = 0
        self.field_level = self.field_length = 0  # of the open author, date or the like; level 0: none is open
        self.prefixes: set[str] = set()
        self.refused: str | None = None
        self.limit: str | None = None
        self.whole: tuple[int, bytes] | None = None  # just after the last whole entry
        self.cut: tuple[int, bytes] | None = None
        self.parser = expat.ParserCreate("UTF-8", " ")
        self.parser.namespace_prefixes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartNamespaceDeclHandler = self.namespace
        self.parser.ProcessingInstructionHandler = self.instruction

    def refuse(self, why: str) -> NoReturn:
        self.refused = f"{why} (line {self.lines_before + self.parser.CurrentLineNumber})"
        raise _BoundError

    def instruction(self, _target: str, _data: str) -> None:
        self.instructions += 1
        if self.instructions > MOST_INSTRUCTIONS:
            self.refuse(f"it has more than {MOST_INSTRUCTIONS} processing instructions")

    def text(self, data: str) -> None:
        self.field_length += len(data)
        if self.field_length > LONGEST_FIELD:
            self.refuse(f"the text of <{_written(self.open[-1])}> is longer than {LONGEST_FIELD:,} characters")

    def namespace(self, prefix: str | None, _uri: str | None) -> None:
        self.prefixes.add(prefix or "")
        if len(self.prefixes) > MOST_PREFIXES:
            self.refuse(f"it declares more than {MOST_PREFIXES} namespace prefixes")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        level = len(self.open) + 1
        is_entry = self._is_entry(name, level)
        self.entries += is_entry
        if self.entries > MOST_ENTRIES or self.elements > MOST_ELEMENTS:
            what = "entries" if self.entries > MOST_ENTRIES else "elements"
            bound = MOST_ENTRIES if self.entries > MOST_ENTRIES else MOST_ELEMENTS
            self.limit = f"more than {bound:,} {what}: the rest is left out"
            # within an entry, that entry goes too: a half of one may carry half a link
            inside = not is_entry and any(self._is_entry(one, at) for at, one in enumerate(self.open, start=1))
            self.cut = (self.parser.CurrentByteIndex, self._closing()) if not inside else self.whole
            if self.cut is None:
                self.refuse(f"it has more than {bound:,} {what} before its first entry ends")
            raise _BoundError
        self.open.append(name)
        self.bases.append(_base_length(attributes) if attributes else 0)
        if level > DEEPEST:
            self.refuse(f"its elements are nested deeper than {DEEPEST}")
        if len(attributes) > MOST_ATTRIBUTES:
            self.refuse(f"<{_written(name)}> has more than {MOST_ATTRIBUTES} attributes")
        if self.bases[-1] and sum(self.bases) > LONGEST_BASE:
            self.refuse(f"its base addresses are longer than {LONGEST_BASE:,} characters")
        local = _local(name)
        if local in _FIELDS:
            self._field(local, level)
        elif is_entry:
            self.tags = 0

    def _field(self, local: str, level: int) -> None:
        self.tags += local in _TAGS
        if self.tags > MOST_TAGS:
            self.refuse(f"it has more than {MOST_TAGS:,} tags in one entry")
        if not self.field_level:
            self.field_level, self.field_length = level, 0
            self.parser.CharacterDataHandler = self.text

    def end(self, name: str) -> None:
        level = len(self.open)
        self.open.pop()
        self.bases.pop()
        if level == self.field_level:
            self.field_level = 0
            self.parser.CharacterDataHandler = None
        if self._is_entry(name, level):
            after = self.data.find(b">", self.parser.CurrentByteIndex) + 1
            self.whole = (after, self._closing())

    def _is_entry(self, name: str, level: int) -> bool:
        return 1 < level <= _ENTRY_LEVEL and _local(name) in {"item", "entry"}

    def _closing(self) -> bytes:
        return "".join(f"</{_written(name)}>" for name in reversed(self.open)).encode()


def _local(name: str) -> str:
    """An element's name without its namespace, in lower case."""
    parts = name.split(" ", 2)
    return (parts[1] if len(parts) > 1 else parts[0]).lower()


def _base_length(attributes: dict[str, str]) -> int:
    return sum(len(value) for name, value in attributes.items() if _local(name) in {"base", "lang"})


def _written(name: str) -> str:
    """An element's name as written; expat gives `uri local prefix`, `uri local` or `local`."""
    uri_local_prefix = name.split(" ")
    if len(uri_local_prefix) == 3:
        return f"{uri_local_prefix[2]}:{uri_local_prefix[1]}"
    return uri_local_prefix[-1]


def scan(data: bytes, first_line: int = 1) -> Scan:
    """Reads `data` (UTF-8, no DTD; `first_line` for messages) to its end or to the first bound it passes."""
    watch = _Watch(data, first_line)
    try:
        watch.parser.Parse(data, True)
    except _BoundError:
        cut, closing = watch.cut or (None, b"")
        return Scan(refused=watch.refused, limit=watch.limit, cut=cut, closing=closing)
    except expat.ExpatError as error:
        said = f"line {error.lineno + first_line - 1}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
        if error.code in _CUT_SHORT:
            cut, closing = watch.whole or (None, b"")
            return Scan(error=said, truncated=True, cut=cut, closing=closing)
        return Scan(error=said)
    return Scan()
