"""Full-text search over the articles: one request, read to the end, every piece of text escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from search.client import complete, missing_is_outage
from search.ports import Hit, SearchResult, Sort
from search.prescan import QueryError
from search.query import compile_query
from search.schema import Names

MAX_SIZE = 1_000
WINDOW = 10_000  # as far as from + size reaches; beyond it, narrow the query
OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters around what matched: HTML only after escaping
SHOWN = ["url", "title", "source", "source_name", "language", "published", "first_seen", "country", "is"]
SORTS: dict[Sort, list[dict[str, str]]] = {
    "seen": [{"first_seen": "desc"}, {"article_id": "asc"}],
    "published": [{"@timestamp": "desc"}, {"article_id": "asc"}],
    "relevance": [{"_score": "desc"}, {"@timestamp": "desc"}, {"article_id": "asc"}],
}
HIGHLIGHT = {
    "type": "unified",
    "pre_tags": [OPEN],
    "post_tags": [CLOSE],
    "max_analyzed_offset": 200_000,  # characters; a longer body is shown, not refused
    "fields": {
        "title": {"number_of_fragments": 0},
        "body": {"number_of_fragments": 2, "fragment_size": 170, "no_match_size": 220, "order": "none"},
    },
}


class Searcher:
    """`SearchPort` on a cluster."""

    def __init__(self, client: Elasticsearch, prefix: str = "", *, tz: str = "UTC") -> None:
        self._client = client
        self._prefix = prefix
        self._tz = tz

    def search(self, query: str, *, size: int = 20, from_: int = 0, sort: Sort = "seen") -> SearchResult:
        """See `search`."""
        return search(self._client, self._prefix, query, size=size, from_=from_, sort=sort, tz=self._tz)


def search(
    client: Elasticsearch,
    prefix: str,
    query: str,
    *,
    size: int = 20,
    from_: int = 0,
    sort: Sort = "seen",
    tz: str = "UTC",
) -> SearchResult:
    """Articles that match `query`, newest seen first by default; days in the query are days in `tz`.

    Raises QueryError (the query cannot be read), ValueError (size, from_), ServiceUnavailable, IncompleteAnswerError.
    """
    if not 0 <= size <= MAX_SIZE:
        raise ValueError(f"size is {size}; it may be 0 to {MAX_SIZE}")
    if from_ < 0 or from_ + size > WINDOW:
        raise ValueError(
            f"from {from_}, size {size} is outside the first {WINDOW} hits; narrow the query, e.g. by seen:"
        )
    compiled = compile_query(query, tz=tz)
    alias = Names(prefix).articles
    try:
        with missing_is_outage(alias):
            answer = client.search(
                index=alias,
                query=compiled,
                size=size,
                from_=from_,
                sort=SORTS[sort],
                source={"includes": SHOWN},
                highlight=HIGHLIGHT,
                track_total_hits=True,
                allow_partial_search_results=False,
                timeout="10s",
            )
    except BadRequestError as error:
        raise QueryError(f"Elasticsearch does not take this query: {_cause(error)}", 0) from error
    complete(answer.body, "search")
    return SearchResult(
        total=answer["hits"]["total"]["value"],
        hits=tuple(_hit(found) for found in answer["hits"]["hits"]),
    )


def marked(text: str) -> str:
    """`text` as HTML: escaped whatever it holds, with `<mark>` where the highlighter put its two characters."""
    return html.escape(text).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


def _hit(found: Mapping[str, Any]) -> Hit:
    source, highlight = found["_source"], found.get("highlight", {})
    title = source.get("title", "")
    return Hit.model_validate(
        {
            "id": found["_id"],
            "url": source["url"],
            "title": title,
            "title_html": balanced(highlight.get("title", [title])[0]),
            "source": source.get("source", ""),
            "source_name": source.get("source_name"),
            "language": source.get("language"),
            "published": source.get("published"),
            "first_seen": source["first_seen"],
            "countries": source.get("country", ()),
            "highlight": [balanced(fragment) for fragment in highlight.get("body", ())],
            "is": source.get("is", ()),
        }
    )


def balanced(text: str) -> str:
    """`marked`, but plain where the article's own text holds those two characters out of order."""
    depth = 0
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        if depth not in {0, 1}:
            break
    if depth:
        return html.escape(text.replace(OPEN, "").replace(CLOSE, ""))
    return marked(text)


def _cause(error: BadRequestError) -> str:
    body = error.body if isinstance(error.body, Mapping) else {}
    root = ((body.get("error") or {}).get("root_cause") or [{}])[0]
    return str(root.get("reason", error.message))[:300]
