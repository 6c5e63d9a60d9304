"""The API's search. Field names are those of the documents and the command line."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from search.paging import MAX_CURSOR
from search.ports import SearchPort, SearchResult
from search.search import MAX_FOLDED, MAX_SIZE, WINDOW
from search.web.api.asked import Asked
from search.web.problems import ParameterError

Facet = Literal["source", "lang", "country", "about", "topic", "person", "org", "place", "kind", "is"]


def make_router(search: SearchPort) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter(tags=["search"])

    @router.get("/api/search")
    def find(  # noqa: PLR0917 - a parameter each; FastAPI passes them by name
        request: Request,
        response: Response,
        asked: Asked,
        size: Annotated[int, Query(ge=0, le=MAX_SIZE, description=f"Folded: {MAX_FOLDED} at most.")] = 20,
        from_: Annotated[
            int,
            Query(alias="from", ge=0, le=WINDOW, description=f"Within the first {WINDOW:,}; a cursor reaches all."),
        ] = 0,
        facets: Annotated[list[Facet] | None, Query(description="Fields whose values are counted.")] = None,
        timeline: Annotated[bool, Query(description="Counts by time, in the time zone of the server.")] = False,
        cursor: Annotated[
            str | None,
            Query(max_length=MAX_CURSOR, description="Of the page before: the next one, of the same search."),
        ] = None,
    ) -> SearchResult:
        """Articles that match, with `<mark>` around what matched; `cursor` leads on, to any depth.

        The header `Link` names the next page, and the same search as feeds.
        """
        if from_ + size > WINDOW:
            raise ParameterError("from", f"from + size is above {WINDOW:,}; follow the cursor instead")
        if from_ and (asked.fold or cursor):
            raise ParameterError("from", "does not go with fold or cursor; follow the cursor instead")
        if asked.fold and size > MAX_FOLDED:
            raise ParameterError("size", f"a folded page has at most {MAX_FOLDED} articles")
        found = search.search(
            asked.query,
            size=size,
            from_=from_,
            sort=asked.sort,
            stemmed=asked.stemmed,
            facets=tuple(dict.fromkeys(facets or ())),
            timeline=timeline,
            fold=asked.fold,
            cursor=cursor or None,
        )
        response.headers["Link"] = ", ".join(_links(request, found.cursor))
        return found

    return router


def _links(request: Request, cursor: str | None) -> list[str]:
    """RFC 8288."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in {"cursor", "from"}]
    how = [(name, value) for name, value in given if name in {"q", "sort", "stemmed", "fold"}]
    links = [
        f'</api/search.{kind}?{urlencode(how)}>; rel="alternate"; type="application/{kind}+xml"'
        for kind in ("rss", "atom")
    ]
    return [*([f'</api/search?{urlencode([*given, ("cursor", cursor)])}>; rel="next"'] if cursor else []), *links]
