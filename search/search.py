"""Full-text search over the articles: one query, its hits, how they are spread, page after page to any depth."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch

from search import facets as spread
from search.asking import Requests, Spans, story_of
from search.client import TOO_DEAR, missing_is_outage
from search.hits import CLOSE, OPEN, balanced, hit_of, marked
from search.paging import read, search_digest
from search.ports import Fold, Hit, SearchResult, Sort, Timeline
from search.prescan import QueryError
from search.query import compile_query
from search.schema import Names

__all__ = ["CLOSE", "MAX_FOLDED", "MAX_SIZE", "OPEN", "WINDOW", "Searcher", "balanced", "marked", "search"]

MAX_SIZE = 1_000
MAX_FOLDED = 100  # stories a page: the cursor names those of the first one
WINDOW = 10_000  # as far as from + size reaches; a cursor goes on to any depth


class Searcher:
    """`SearchPort` on a cluster. `secret` signs cursors: without one they end with this process.
    `own_names`: the user's list of entities, whose names fields of names take. `concepts`: what `concept:NAME` stands
    for; it is looked into only where a query names one."""

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str = "",
        *,
        tz: str = "UTC",
        secret: bytes = b"",
        own_names: Path | None = None,
        concepts: Mapping[str, str] | None = None,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._tz = tz
        self._secret = secret or secrets.token_bytes(32)
        self._own_names = own_names
        self._concepts = concepts
        self._spans = Spans()

    def compiled(self, query: str, stemmed: bool = False) -> dict[str, Any]:
        """What Elasticsearch is asked for `query`. Raises QueryError."""
        return compile_query(query, tz=self._tz, stemmed=stemmed, own_names=self._own_names, concepts=self._concepts)

    def search(
        self,
        query: str,
        *,
        size: int = 20,
        from_: int = 0,
        sort: Sort = "seen",
        stemmed: bool = False,
        facets: Sequence[str] = (),
        timeline: bool = False,
        fold: bool = False,
        cursor: str | None = None,
    ) -> SearchResult:
        """See `SearchPort`; days in the query and buckets of the timeline are those of `tz`."""
        most = MAX_FOLDED if fold else MAX_SIZE
        if not 0 <= size <= most:
            raise ValueError(f"size is {size}; it may be 0 to {most}{' in a folded list' if fold else ''}")
        if from_ < 0 or from_ + size > WINDOW:
            raise ValueError(f"from {from_}, size {size} is outside the first {WINDOW} hits; a cursor reaches further")
        if from_ and (fold or cursor):
            raise ValueError("from does not go with a cursor or a folded list; the cursor of each page leads on")
        asked_for = spread.facet_aggregations(facets)
        names = Names(self._prefix)
        told = search_digest(query, sort, stemmed=stemmed, fold=fold, tz=self._tz, index=names.articles)
        position = read(cursor, self._secret, search=told, sort=sort) if cursor else None
        requests = Requests(self._client, names, self.compiled(query, stemmed), sort, self._spans)
        likely, asked_when = "", dict[str, Any]()
        when: Timeline | None = None
        folds: Mapping[str, Fold] = {}
        try:
            with missing_is_outage(names.articles):
                if timeline:
                    likely, asked_when = requests.likely_timeline(self._tz)
                asked = asked_for | asked_when
                if position is None:
                    page = requests.first_page(size, from_, asked, fold=fold)
                elif fold:
                    page = requests.later_folded(position, size, asked)
                else:
                    page = requests.later_page(position, size, asked)
                if timeline:
                    when = requests.timeline(page.aggregations, likely, self._tz)
                if fold:
                    folds = requests.folds(page.hits)
        except ApiError as error:
            cause = _cause(error)
            if TOO_DEAR.search(cause):
                raise QueryError("a * or ? in this query fits too many words: give more letters", 0) from error
            if not isinstance(error, BadRequestError):
                raise
            raise QueryError(f"Elasticsearch does not take this query: {cause}", 0) from error
        return SearchResult(
            total=page.total,
            hits=tuple(_folded(hit_of(hit), folds.get(story_of(hit))) for hit in page.hits),
            facets=spread.facets_of(page.aggregations, facets),
            timeline=when,
            cursor=page.cursor(told, position, self._secret, fold=fold),
        )


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

    Raises what `SearchPort.search` does.
    """
    return Searcher(client, prefix, tz=tz).search(query, size=size, from_=from_, sort=sort)


def _folded(hit: Hit, fold: Fold | None) -> Hit:
    return hit.model_copy(update={"fold": fold}) if fold and fold.size > 1 else hit


def _cause(error: ApiError) -> str:
    body = error.body if isinstance(error.body, Mapping) else {}
    root = ((body.get("error") or {}).get("root_cause") or [{}])[0]
    return str(root.get("reason", error.message))[:300]
