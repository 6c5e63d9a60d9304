"""What people type, compiled to an Elasticsearch query: pure.

Lucene's syntax, read by luqum and written out anew as one `query_string`, so that the meaning does not hang on
Lucene's own parser, in which `a OR b AND c` forgets `a`:

- every operation gets its parentheses; words side by side are joined by AND; AND binds tighter than OR;
- every word becomes a quoted phrase of what the analyzer makes of it. A word of Latin script is one token and stays a
  word; 北约 is two tokens, and as a phrase they must stand together; so must the halves of `anti-NATO`;
- NOT becomes "everything but", also alone in parentheses, where Lucene finds nothing;
- friendly field names become the document's (search/fields.py), dates and numbers are checked, codes get their case.

Refused, with the character: unknown fields, `/regex/`, `NEAR/n` (not there yet), leading wildcards, `&&`, `||`, `!`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NoReturn

from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse

from search.fields import SearchableField, fault_of, field_named, folded, nearest
from search.prescan import APOSTROPHE, SLASH, QueryError, prescan, unbalanced

DEFAULT_FIELDS = ["title", "body"]
MAX_CHARS = 4_000
MAX_DEPTH = 40
MAX_CLAUSES = 500  # Elasticsearch takes at least 1,024
EVERYTHING = "*:*"
WILD = re.compile(r"(?<!\\)(?:\\\\)*[*?]")
SPECIAL = re.compile(r'[+\-=&|!(){}\[\]^"~:/\\<>]')
IDEOGRAPHIC = re.compile(r"[\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,}")
FUZZY_STEPS = 2  # Lucene's most
LEFT_OUT = Decimal("0.5")  # luqum's degree of a ~ without a number


def compile_query(text: str, *, tz: str = "UTC") -> dict[str, Any]:
    """The Elasticsearch query for `text`; empty means everything. Days are days in `tz`. Raises QueryError."""
    if len(text) > MAX_CHARS:
        raise QueryError(f"the query has {len(text)} characters; {MAX_CHARS} are the most", MAX_CHARS)
    if not text.strip() or text.strip() in {"*", EVERYTHING}:
        return {"match_all": {}}
    written = _Writer(text).write()
    return {
        "query_string": {
            "query": written,
            "fields": DEFAULT_FIELDS,
            "default_operator": "AND",
            "allow_leading_wildcard": False,
            "lenient": False,
            "time_zone": tz,
        }
    }


class _Writer:
    """Reads one query and writes it out in canonical form."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.clauses = 0

    def write(self) -> str:
        try:
            read = parse(prescan(self.text))
        except ParseError as error:
            self.syntax_error(str(error))
        except (ArithmeticError, IndexError, ValueError) as error:  # what luqum lets through from ~1.2.3 and the like
            if isinstance(error, QueryError):
                raise
            raise QueryError("a number after ~ or ^ cannot be read", max(0, self.text.find("~"))) from error
        return self.node(read, None, 0)

    def node(  # noqa: PLR0911 - one return a kind of node
        self, node: tree.Item, field: SearchableField | None, depth: int
    ) -> str:
        if depth > MAX_DEPTH:
            raise QueryError(f"the query is nested more than {MAX_DEPTH} deep", node.pos)
        match node:
            case tree.SearchField():
                return self.search_field(node, field, depth)
            case tree.Group() | tree.FieldGroup():
                return self.node(node.expr, field, depth + 1)
            case tree.OrOperation():
                self.no_plus(node)
                return self.joined(" OR ", node, field, depth)
            case tree.AndOperation() | tree.UnknownOperation():
                return self.joined(" AND ", node, field, depth)
            case tree.Not() | tree.Prohibit():
                return f"({EVERYTHING} AND NOT {self.node(node.a, field, depth + 1)})"
            case tree.Plus():
                return self.node(node.a, field, depth + 1)
            case tree.Boost():
                return f"{self.node(node.expr, field, depth + 1)}^{Decimal(node.force):f}"
            case _:
                return self.clause(node, field)

    def joined(self, by: str, node: tree.BaseOperation, field: SearchableField | None, depth: int) -> str:
        return "(" + by.join(self.node(child, field, depth + 1) for child in node.children) + ")"

    def no_plus(self, node: tree.OrOperation) -> None:
        for child in node.children:
            if isinstance(child, tree.Plus):
                raise QueryError("+ says a word must be there, OR that it need not: leave one out", child.pos)

    def search_field(self, node: tree.SearchField, outer: SearchableField | None, depth: int) -> str:
        name = str(node.name)
        if outer is not None:
            raise QueryError(f"{name}: stands inside another field", node.pos)
        if name == "*":
            return EVERYTHING
        if name == "_exists_":
            return f"_exists_:{self.field(str(node.expr).strip(), node.pos + len(name) + 1).target}"
        return self.node(node.expr, self.field(name, node.pos), depth + 1)

    def field(self, name: str, position: int) -> SearchableField:
        found = field_named(name)
        if found is None:
            near = nearest(name)
            advice = f"did you mean {near}:?" if near else 'put it in quotes if it is text, as "12:30"'
            raise QueryError(f"no field is called {name!r}; {advice}", position, suggestion=near)
        return found

    def clause(self, node: tree.Item, field: SearchableField | None) -> str:
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise QueryError(f"the query has more than {MAX_CLAUSES} words", node.pos)
        prefix = f"{field.target}:" if field else ""
        match node:
            case tree.Word():
                return self.word(node, field, prefix)
            case tree.Phrase():
                return prefix + self.quoted(node, field)
            case tree.Proximity():
                return f"{prefix}{self.quoted(node.term, field)}~{int(node.degree)}"
            case tree.Fuzzy():
                return prefix + self.fuzzy(node, field)
            case tree.Range() | tree.From() | tree.To():
                return prefix + self.range(node, field)
            case tree.Regex():
                raise QueryError("/regular expressions/ are not part of the query language", node.pos)
        raise QueryError(f"{str(node).strip()!r} is not understood here", node.pos)

    def word(self, node: tree.Word, field: SearchableField | None, prefix: str) -> str:
        value = str(node.value)
        if value == "*":
            return f"_exists_:{field.target}" if field else EVERYTHING
        wild = WILD.search(value)
        if wild and (ideographic := IDEOGRAPHIC.fullmatch(value.rstrip("*"))):
            return prefix + self.value(ideographic[0], node.pos, field)  # a phrase of single characters is a prefix
        if not wild:
            return prefix + self.value(_unescaped(value), node.pos, field)
        if value[0] in "*?":
            raise QueryError("a word cannot begin with * or ?", node.pos)
        if field and field.kind in {"date", "number"}:
            raise QueryError(f"* and ? have no meaning in {field.target}", node.pos)
        return prefix + _raw(folded(value, field.kind) if field else value)

    def quoted(self, node: tree.Phrase, field: SearchableField | None) -> str:
        inner = _unescaped(str(node.value)[1:-1])
        if not inner.strip():
            raise QueryError("nothing stands between the quotes", node.pos)
        return self.value(inner, node.pos, field)

    def value(self, value: str, position: int, field: SearchableField | None) -> str:
        if field:
            fault = fault_of(value, field.kind)
            if fault:
                raise QueryError(fault, position)
            value = folded(value, field.kind)
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def fuzzy(self, node: tree.Fuzzy, field: SearchableField | None) -> str:
        steps = "" if node.degree == LEFT_OUT else str(node.degree)
        if field and field.kind not in {"text", "keyword"}:
            raise QueryError(f"~ has no meaning in {field.target}", node.pos)
        if steps and (not steps.isdigit() or int(steps) > FUZZY_STEPS):
            raise QueryError(f"~ takes 0 to {FUZZY_STEPS} letters that may differ, or nothing", node.pos)
        return f"{_raw(str(node.term.value))}~{steps}"

    def range(self, node: tree.Range | tree.From | tree.To, field: SearchableField | None) -> str:
        if field is None or field.kind not in {"date", "number"}:
            raise QueryError("a range needs a field of dates or numbers, as published:[2026-01-01 TO now]", node.pos)
        if isinstance(node, tree.Range):
            low, high = self.bound(node.low, field), self.bound(node.high, field)
            return f"{'[' if node.include_low else '{'}{low} TO {high}{']' if node.include_high else '}'}"
        bound = self.bound(node.a, field)
        if isinstance(node, tree.From):
            return f"{'[' if node.include else '{'}{bound} TO *]"
        return f"[* TO {bound}{']' if node.include else '}'}"

    def bound(self, node: tree.Item, field: SearchableField) -> str:
        if isinstance(node, tree.Phrase):
            return self.quoted(node, field)
        value = _unescaped(str(node).strip())
        return "*" if value == "*" else self.value(value, node.pos, field)

    def syntax_error(self, message: str) -> NoReturn:
        fault = unbalanced(self.text)
        if fault:
            raise fault from None
        at = re.search(r"at position (\d+)", message)
        if not at:
            raise QueryError("the query ends too early: something should follow", len(self.text.rstrip())) from None
        position = int(at[1])
        found = self.text[position : position + 12].split() or [""]
        raise QueryError(f"{found[0]!r} cannot stand here", position) from None


def _restored(value: str) -> str:
    return value.replace(SLASH, "/").replace(APOSTROPHE, "'")


def _unescaped(value: str) -> str:
    return _restored(re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL))


def _raw(value: str) -> str:
    """A word with wildcards or for fuzziness: Lucene's special characters escaped, `*` and `?` as they are."""
    parts = re.split(r"(\\.)", value, flags=re.DOTALL)  # pairs already escaped stay so
    return "".join(part if part.startswith("\\") else SPECIAL.sub(r"\\\g<0>", _restored(part)) for part in parts)
