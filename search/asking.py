"""The requests of one search: its first page, later ones within a point in time, how it is spread, its stories.

The first page opens no point in time: most readers look at nothing else. What was found then and what comes later meet
at the cursor's sort values; newer articles stand before them, and are on the first page of who looks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from search import facets
from search.client import complete, missing_is_outage
from search.folding import HOPS, STORY, folds_of, later_page
from search.hits import SHOWN, highlighting
from search.paging import SORTS, Position, Values, story_key, written
from search.ports import Fold, Sort, Timeline
from search.schema import Names

KEPT = "1m"  # how long a point in time outlives its last page; after that the next page makes another
TIMEOUT = "10s"
GUESSED = 10.0  # seconds for which the span of all articles holds
Found = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Hits as Elasticsearch gave them; after which sort values the next ones come, None where there are none."""

    total: int
    hits: list[Found]
    aggregations: Mapping[str, Any] = field(default_factory=dict)
    after: Values | None = None
    point: str | None = None

    def cursor(self, search: str, before: Position | None, secret: bytes, *, fold: bool) -> str | None:
        """The cursor to the next page of `search`; `before` is what led to this one."""
        if self.after is None:
            return None
        if before:
            return written(before.model_copy(update={"after": self.after, "point": self.point}), secret)
        end, shown = ((), ()) if not fold else (self.after, tuple(story_key(story_of(hit)) for hit in self.hits))
        position = Position(search=search, total=self.total, after=self.after, first_end=end, shown=shown)
        return written(position, secret)


class Spans:
    """From when to when all articles are, by field, as it was some seconds ago: only a guess is made of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._known = clock, dict[str, tuple[float, tuple[float, float]]]()

    def of(self, field: str, asked: Callable[[], tuple[float, float] | None]) -> tuple[float, float] | None:
        """Seconds since 1970; asked for where that is not known lately."""
        until, known = self._known.get(field, (0.0, None))
        if known is None or self._clock() >= until:
            known = asked()
            if known is not None:
                self._known[field] = (self._clock() + GUESSED, known)
        return known


class Requests:
    """All that one search asks of Elasticsearch. Methods raise BadRequestError, ServiceUnavailable,
    IncompleteAnswerError."""

    def __init__(self, client: Elasticsearch, names: Names, query: Mapping[str, Any], sort: Sort, spans: Spans) -> None:
        self._client = client
        self._spans = spans
        self._names = names
        self._query = query
        self._sort = sort
        self._point: str | None = None

    def likely_timeline(self, tz: str) -> tuple[str, dict[str, Any]]:
        """An interval, and what to ask for along with the hits: counts by it, and when the first and last article was.

        The interval is the one that fits all articles there are, which Elasticsearch knows without looking at any: most
        searches find old ones and new ones, and are done with that. To ask first which one fits what is found would be
        half a search more. Both are empty where there is no article.
        """
        ends = facets.range_aggregations(facets.timeline_field(self._sort))
        found = self._spans.of(
            facets.timeline_field(self._sort),
            lambda: facets.range_of(self._ask(of={"match_all": {}}, size=0, aggregations=ends)["aggregations"]),
        )
        if found is None:
            return "", {}
        interval, asked = facets.interval_for(found[1] - found[0])
        return interval, ends | facets.timeline_aggregation(facets.timeline_field(self._sort), asked, tz)

    def timeline(self, answer: Found, likely: str, tz: str) -> Timeline | None:
        """The timeline of the finest interval that fits what was found: in the answer, if that is the `likely` one."""
        found = facets.range_of(answer) if likely else None
        if found is None:
            return None
        interval, asked = facets.interval_for(found[1] - found[0])
        if interval != likely:
            counts = facets.timeline_aggregation(facets.timeline_field(self._sort), asked, tz)
            answer = self._ask(size=0, aggregations=counts)["aggregations"]
        return facets.timeline_of(answer, interval)

    def first_page(self, size: int, from_: int, aggregations: Mapping[str, Any], *, fold: bool) -> Page:
        """From the articles as they are now."""
        collapse = {"field": "story_id"} if fold else None
        one_more = 1 if fold and size else 0  # tells whether there is a next page
        answer = self._ask(
            size=size + one_more,
            from_=from_,
            aggregations=aggregations or None,
            collapse=collapse,
            source={"includes": SHOWN},
            highlight=highlighting(self._query),
            track_total_hits=True,
        )
        total, hits = answer["hits"]["total"]["value"], answer["hits"]["hits"][:size]
        more = len(answer["hits"]["hits"]) > size if fold else from_ + len(hits) < total
        after = self._values(hits[-1]) if hits and more else None
        return Page(total, hits, answer.get("aggregations", {}), after)

    def later_page(self, position: Position, size: int, aggregations: Mapping[str, Any]) -> Page:
        """What comes after `position`."""
        self._point = position.point
        answer = self._ask_within(
            size=size + 1,
            search_after=list(position.after),
            aggregations=aggregations or None,
            source={"includes": SHOWN},
            highlight=highlighting(self._query),
        )
        hits = answer["hits"]["hits"]
        return self._page(position, hits[:size], answer, self._values(hits[size - 1]) if 0 < size < len(hits) else None)

    def later_folded(self, position: Position, size: int, aggregations: Mapping[str, Any]) -> Page:
        """The same of a folded list."""
        self._point = position.point
        page = later_page(self._hits_within, position, size, self._sort)
        chosen = {"terms": {"article_id": page.ids}} if page.ids else {"match_none": {}}
        marks = highlighting(self._query)
        shown = self._ask_within(among=chosen, size=len(page.ids), source={"includes": SHOWN}, highlight=marks)
        answer = self._ask_within(size=0, aggregations=aggregations) if aggregations else {}
        return self._page(position, shown["hits"]["hits"], answer, page.after)

    def folds(self, hits: Sequence[Found]) -> dict[str, Fold]:
        """The story of each hit, by the id that the hit has for it. Those of one article have none."""
        asked = wanted = sorted({story_of(hit) for hit in hits})
        folds: dict[str, Fold] = {}
        signposts: dict[str, str] = {}
        for _ in range(HOPS):
            if not wanted:
                break
            more = folds_of(self._stories(wanted))
            folds |= more[0]
            signposts |= more[1]
            wanted = sorted(set(more[1].values()) - folds.keys())
        leading = {story: signposts.get(signposts.get(story, story), signposts.get(story, story)) for story in asked}
        return {story: folds[leads] for story, leads in leading.items() if leads in folds}

    def _stories(self, ids: Sequence[str]) -> list[Found]:
        with missing_is_outage(self._names.stories):
            answer = self._client.search(
                index=self._names.stories,
                query={"terms": {"story_id": ids}},
                size=len(ids),
                source={"includes": STORY},
                allow_partial_search_results=False,
            )
        return [hit["_source"] for hit in complete(answer.body, "searching stories")["hits"]["hits"]]

    def _page(self, position: Position, hits: list[Found], answer: Found, after: Values | None) -> Page:
        if after is None and self._point:
            with suppress(ApiError, TransportError):  # it ends by itself
                self._client.close_point_in_time(id=self._point)
            self._point = None
        return Page(position.total, hits, answer.get("aggregations", {}), after, self._point)

    def _hits_within(self, **body: Any) -> list[Found]:
        found: list[Found] = self._ask_within(**body)["hits"]["hits"]
        return found

    def _ask_within(self, **body: Any) -> Found:
        """Within the point in time, or within a new one where that has ended."""
        if self._point:
            try:
                return self._ask(**body)
            except NotFoundError:
                self._point = None
        with missing_is_outage(self._names.articles):
            opened = self._client.open_point_in_time(index=self._names.articles, keep_alive=KEPT)
            self._point = opened["id"]
            return self._ask(**body)

    def _ask(
        self,
        *,
        of: Mapping[str, Any] | None = None,
        among: Mapping[str, Any] | None = None,
        track_total_hits: bool = False,
        **body: Any,
    ) -> Found:
        query = of or self._query
        query = {"bool": {"must": [query], "filter": [among]}} if among else query
        where: dict[str, Any] = (
            {"pit": {"id": self._point, "keep_alive": KEPT}} if self._point else {"index": self._names.articles}
        )
        answer = self._client.search(
            **where,
            query=query,
            sort=SORTS[self._sort],
            track_total_hits=track_total_hits,
            allow_partial_search_results=False,
            timeout=TIMEOUT,
            **body,
        )
        self._point = answer.get("pit_id") or self._point
        return complete(answer.body, "search")

    def _values(self, hit: Found) -> Values:
        return tuple(hit["sort"][: len(SORTS[self._sort])])


def story_of(hit: Found) -> str:
    """Of a hit whose document was read; an article of no story is one by itself."""
    return str(hit["_source"].get("story_id") or hit["_id"])
