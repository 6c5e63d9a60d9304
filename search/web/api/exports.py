"""Every search as a file and as a feed. Files hold all that is found, up to a limit, and are sent as they are read: a
file that breaks off was cut by a failure on the way, and the connection says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from search.exports import FOLDED_PAGE, MOST, atom, csv_lines, ndjson_lines, pages, rss
from search.feedxml import Channel
from search.ports import Hit, SearchPort
from search.web.access import Access
from search.web.api.asked import Asked, Wanted

FEED = 50  # articles in a feed, where no other number is asked for
MOST_FED = FOLDED_PAGE
TITLE = 120  # characters of a query in a feed's title
FEED_HEADERS = {"Cache-Control": "no-cache"}  # kept by readers, and asked for anew by its ETag
Limit = Annotated[int, Query(ge=1, le=MOST, description="Articles at most.")]
Size = Annotated[int, Query(ge=1, le=MOST_FED, description="Articles at most.")]
Key = Annotated[str | None, Query(max_length=64, description="Opens this feed alone, where a token is set.")]


def body(media_type: str, what: str) -> dict[int | str, dict[str, object]]:
    """Describes an answer that is no JSON."""
    return {200: {"description": what, "content": {media_type: {"schema": {"type": "string"}}}}}


UNCHANGED: dict[int | str, dict[str, object]] = {304: {"description": "As at the ETag that If-None-Match names."}}


def make_router(search: SearchPort, tz: str, title: str, access: Access | None = None) -> APIRouter:
    """The routes, on the given port. `tz`: of all times written; `title`: before a feed's query."""
    router = APIRouter(tags=["exports"])

    @router.get("/api/search.csv", response_class=StreamingResponse, responses=body("text/csv", "The articles."))
    def as_csv(asked: Asked, limit: Limit = MOST) -> StreamingResponse:
        """All articles found, for a spreadsheet: UTF-8 with a byte order mark; no cell is a formula."""
        return _file(csv_lines(_hits(search, asked, limit), tz), "text/csv; charset=utf-8", "kawat.csv")

    @router.get(
        "/api/search.ndjson",
        response_class=StreamingResponse,
        responses=body("application/x-ndjson", "The articles, a JSON object a line."),
    )
    def as_ndjson(asked: Asked, limit: Limit = MOST) -> StreamingResponse:
        """All articles found, for programs."""
        return _file(ndjson_lines(_hits(search, asked, limit), tz), "application/x-ndjson", "kawat.ndjson")

    @router.get(
        "/api/search.rss",
        response_class=Response,
        responses=body("application/rss+xml", "RSS 2.0.") | UNCHANGED,
    )
    def as_rss(request: Request, asked: Asked, size: Size = FEED, key: Key = None) -> Response:
        """The newest articles found, as a feed; each has the same id in every feed."""
        found = search.search(asked.query, size=size, sort=asked.sort, stemmed=asked.stemmed, fold=asked.fold)
        return fed(request, rss(_channel(request, asked, title), found.hits, tz), "application/rss+xml")

    @router.get(
        "/api/search.atom",
        response_class=Response,
        responses=body("application/atom+xml", "Atom (RFC 4287).") | UNCHANGED,
    )
    def as_atom(request: Request, asked: Asked, size: Size = FEED, key: Key = None) -> Response:
        """The newest articles found, as a feed; each has the same id in every feed."""
        found = search.search(asked.query, size=size, sort=asked.sort, stemmed=asked.stemmed, fold=asked.fold)
        return fed(request, atom(_channel(request, asked, title), found.hits, tz), "application/atom+xml")

    @router.get("/api/search/feeds")
    def address(request: Request, asked: Asked) -> dict[str, str]:
        """Where feed readers find this search, as RSS and as Atom; with a key of its own where a token is set."""
        how = parameters(asked)
        keyed = [*how, ("key", access.feed_key(how))] if access else how
        return {kind: absolute(request, f"/api/search.{kind}", keyed) for kind in ("rss", "atom")}

    return router


def parameters(asked: Wanted) -> list[tuple[str, str]]:
    """A search as the parameters of its address; what is usual is left out."""
    given = {"q": asked.query, "sort": asked.sort if asked.sort != "seen" else ""}
    given |= {"stemmed": "1" if asked.stemmed else "", "fold": "1" if asked.fold else ""}
    return [(name, value) for name, value in given.items() if value]


def _hits(search: SearchPort, asked: Wanted, limit: int) -> Iterator[Hit]:
    """The first page is asked for at once, so that what is wrong with the search is an answer and no broken file."""
    found = pages(search, asked.query, limit=limit, sort=asked.sort, stemmed=asked.stemmed, fold=asked.fold)
    first = next(found)
    return (hit for page in chain((first,), found) for hit in page.hits)


def _file(lines: Iterator[str] | Iterator[bytes], media_type: str, name: str) -> StreamingResponse:
    return StreamingResponse(
        lines, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def fed(request: Request, body: bytes, media_type: str) -> Response:
    """A feed as an answer; 304 where the reader has it as it is."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = FEED_HEADERS | {"ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=f"{media_type}; charset=utf-8", headers=headers)


def _channel(request: Request, asked: Wanted, title: str) -> Channel:
    how = parameters(asked)
    words = asked.query if len(asked.query) <= TITLE else f"{asked.query[:TITLE]}…"
    here = absolute(request, request.url.path, how)  # without its key: it is shown to people
    return Channel(f"{title}: {words}" if words else title, absolute(request, "/", how), here)


def absolute(request: Request, path: str, how: list[tuple[str, str]]) -> str:
    """An address of ours as the reader calls us."""
    base = f"{request.url.scheme}://{request.url.netloc}"
    return f"{base}{path}?{urlencode(how)}" if how else f"{base}{path}"
