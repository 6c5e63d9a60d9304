"""From text to the tree of `nodes.py`: luqum reads each part between islands, and what it read is made ours.

Words side by side are joined by AND; AND binds tighter than OR, and words side by side loosest of all: `a b OR c` is
`a AND (b OR c)`. Nothing is looked up here but field names: whether a date is one, and who Kishida is, comes after.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NoReturn

from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse

from search.fields import CONCEPT, field_name, nearest
from search.language.islands import (
    FILLER,
    OPERATORS,
    Island,
    NearIsland,
    RegexIsland,
    Span,
    StemIsland,
    filled,
    islands,
    without_regexes,
)
from search.language.leaves import leaf, word
from search.language.nodes import (
    And,
    Boost,
    Concept,
    Everything,
    Exists,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Stem,
)
from search.prescan import CURLY_QUOTES, QueryError, partners, prescan, restored

MAX_CHARS = 4_000
MAX_CONCEPT_CHARS = 40_000  # all wordings of one, in all languages
MAX_DEPTH = 40
BARE_WORD = re.compile(r"\w+")  # needs no luqum
MOST_BOOST = 1_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the query one is: inside which field, how deep, and the part that is read, with its islands."""

    begin: int = 0
    field: str | None = None
    depth: int = 0
    islands: Mapping[int, Island] | None = None


class Reader:
    """Reads one query. `concepts`: the queries that `concept:NAME` stands for."""

    def __init__(
        self, text: str, *, regex: bool = False, concepts: Mapping[str, str] | None = None, most: int = MAX_CHARS
    ) -> None:
        if len(text) > most:
            raise QueryError(f"the query has {len(text)} characters; {most} are the most", most)
        text = text.translate(CURLY_QUOTES).replace(FILLER, " ")
        self._regex = regex
        self._concepts = concepts
        self._text, self._regexes = without_regexes(text, allowed=regex)
        self._partners = partners(self._text)

    def read(self) -> Node:
        """The whole as a tree. Raises QueryError."""
        if not self._text.strip():
            return Everything(0, len(self._text))
        return self._span(Span(0, len(self._text)), _Place())

    def _span(self, span: Span, place: _Place) -> Node:
        """One part, all else blanked out, so that positions stay those of the whole."""
        simple = BARE_WORD.match(self._text, span.start, span.end)
        if simple and simple.end() == span.end and simple[0] not in OPERATORS:
            return word(simple[0], span.start, span.end, place.field)
        found = islands(self._text, span.start, span.end, self._partners)
        part = filled(self._text, found)[span.start : span.end]
        if not part.strip():
            raise QueryError("nothing stands between the parentheses", span.start)
        place = replace(place, begin=span.start, islands={one.start: one for one in (*self._regexes, *found)})
        try:
            read = parse(prescan(" " * span.start + part))
        except ParseError as error:
            self._syntax_error(str(error), span)
        except (ArithmeticError, IndexError, ValueError) as error:  # what luqum lets through from ~1.2.3 and the like
            if isinstance(error, QueryError):
                raise
            at = re.search(r"[~^][\d.]*\.", part)
            position = span.start + (at.start() if at else 0)
            raise QueryError("a number after ~ or ^ cannot be read", position) from error
        return self._node(read, place)

    def _node(  # noqa: PLR0911 - one return a kind of node
        self, node: tree.Item, place: _Place
    ) -> Node:
        if place.depth > MAX_DEPTH:
            raise QueryError(f"the query is nested more than {MAX_DEPTH} deep", node.pos)
        deeper = replace(place, depth=place.depth + 1)
        start, end = self._ends(node, place)
        match node:
            case tree.SearchField():
                return self._search_field(node, deeper)
            case tree.Group() | tree.FieldGroup() | tree.Plus():
                return self._node(node.children[0], deeper)
            case tree.OrOperation():
                self._no_plus(node)
                return Or(start, end, self._parts(node, deeper))
            case tree.AndOperation() | tree.UnknownOperation():
                return And(start, end, self._parts(node, deeper))
            case tree.Not() | tree.Prohibit():
                return Not(start, end, self._node(node.a, deeper))
            case tree.Boost():
                if not 0 <= node.force <= MOST_BOOST:
                    raise QueryError(f"^ takes 0 to {MOST_BOOST}", end - 1)
                return Boost(start, end, self._node(node.expr, deeper), float(node.force))
            case _:
                return self._leaf(node, deeper)

    def _parts(self, node: tree.BaseOperation, place: _Place) -> tuple[Node, ...]:
        return tuple(self._node(child, place) for child in node.children)

    def _ends(self, node: tree.Item, place: _Place) -> tuple[int, int]:
        start = max(node.pos, place.begin)  # luqum counts the blanks before
        text = self._text[start : node.pos + node.size]
        return start + len(text) - len(text.lstrip()), start + len(text.rstrip())

    def _no_plus(self, node: tree.OrOperation) -> None:
        for child in node.children:
            if isinstance(child, tree.Plus):
                raise QueryError("+ says a word must be there, OR that it need not: leave one out", child.pos)

    def _search_field(self, node: tree.SearchField, place: _Place) -> Node:
        name = str(node.name)
        start, end = self._ends(node, place)
        if place.field is not None:
            raise QueryError(f"{name}: stands inside another field", start)
        if name == "*":
            return Everything(start, end)
        if name.lower() == CONCEPT:
            return self._concept(node, start, end)
        if name == "_exists_":
            return Exists(start, end, self._field(str(node.expr).strip(), start + len(name) + 1))
        return self._node(node.expr, replace(place, field=self._field(name, start)))

    def _field(self, name: str, position: int) -> str:
        found = field_name(name)
        if found is None:
            near = nearest(name)
            advice = f"did you mean {near}:?" if near else 'put it in quotes if it is text, as "12:30"'
            end = position + len(name)
            raise QueryError(f"no field is called {name!r}; {advice}", position, suggestion=near, end=end)
        return found

    def _concept(self, node: tree.SearchField, start: int, end: int) -> Node:
        name = restored(str(node.expr).strip()).strip('"')
        at = start + len(str(node.name)) + 1
        known = self._concepts or {}
        if name not in known:
            near = next(iter(difflib.get_close_matches(name, known, n=1)), None)
            advice = f"; did you mean {near}?" if near else "" if known else "; none are known here"
            raise QueryError(f"no concept is called {name!r}{advice}", at, suggestion=near, end=end)
        try:
            part = _concept_tree(known[name], self._regex)
        except QueryError as error:
            raise QueryError(f"in the concept {name}, character {error.position}: {error.message}", at) from error
        return Concept(start, end, name, part)

    def _leaf(self, node: tree.Item, place: _Place) -> Node:
        if isinstance(node, tree.Word) and FILLER in node.value:
            return self._island(node, place)
        found = leaf(node, *self._ends(node, place), place.field)
        if found is None:
            start, end = self._ends(node, place)
            raise QueryError(f"{self._text[start:end]!r} is not understood here", start)
        return found

    def _island(self, node: tree.Word, place: _Place) -> Node:
        island = (place.islands or {}).get(node.pos)
        if island is None or island.end - island.start != len(node.value):
            raise QueryError("a space is missing here", node.pos + len(node.value.rstrip(FILLER)) or node.pos)
        match island:
            case RegexIsland():
                return Regex(island.start, island.end, place.field, island.pattern)
            case StemIsland():
                return Stem(island.start, island.end, self._span(island.inner, place))
            case NearIsland():
                return self._near(island, place)

    def _near(self, island: NearIsland, place: _Place) -> Node:
        left, *others = (self._span(operand, replace(place, depth=place.depth + 1)) for operand in island.operands)
        for right, (between, ordered) in zip(others, island.distances, strict=True):
            left = Near(left.start, right.end, place.field, left, right, between, ordered)
        return left

    def _syntax_error(self, message: str, span: Span) -> NoReturn:
        at = re.search(r"at position (\d+)", message)
        if not at:
            position = span.start + len(self._text[span.start : span.end].rstrip())
            raise QueryError("the query ends too early: something should follow", position) from None
        position = int(at[1])
        found = self._text[position : position + 12].split() or [""]
        raise QueryError(f"{found[0]!r} cannot stand here", position) from None


@lru_cache(maxsize=512)
def _concept_tree(text: str, regex: bool) -> Node:
    """Read once for all rules that name it: trees never change."""
    return Reader(text, regex=regex, most=MAX_CONCEPT_CHARS).read()
