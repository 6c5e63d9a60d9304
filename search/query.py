"""What people type, compiled to an Elasticsearch query: the door to the query language (`search/language/`). Pure.

The same everywhere: page, API, command line, exports, alert rules. `docs/query-language.md` has it an example a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from search.language.compile import Compiler
from search.language.nodes import Node
from search.language.read import MAX_CHARS, Reader
from search.language.textfields import stemmed_everywhere
from search.prescan import QueryError

__all__ = ["MAX_CHARS", "QueryError", "compile_query", "compile_tree", "query_tree"]


def compile_query(
    text: str,
    *,
    tz: str = "UTC",
    stemmed: bool = False,
    regex: bool = False,
    concepts: Mapping[str, str] | None = None,
    own_names: Path | None = None,
) -> dict[str, Any]:
    """The Elasticsearch query for `text`; empty means everything. Raises QueryError, with the character.

    Days are days in `tz`. `stemmed`: words of title and body in all their forms. `regex`: `/…/` is taken.
    `concepts`: the query that each `concept:NAME` stands for. `own_names`: the user's list of entities.
    """
    tree = query_tree(text, regex=regex, concepts=concepts)
    return compile_tree(tree, tz=tz, stemmed=stemmed, own_names=own_names)


def query_tree(text: str, *, regex: bool = False, concepts: Mapping[str, str] | None = None) -> Node:
    """The query as a tree (`search/language/nodes.py`). Values are not looked at: `compile_tree` does. QueryError."""
    return Reader(text, regex=regex, concepts=concepts).read()


def compile_tree(
    tree: Node, *, tz: str = "UTC", stemmed: bool = False, own_names: Path | None = None
) -> dict[str, Any]:
    """The Elasticsearch query for a tree, or any part of one. Raises QueryError where a value cannot stand."""
    return Compiler(tz=tz, own_names=own_names).compile(stemmed_everywhere(tree) if stemmed else tree)
