"""The API's entities: looked up by name, and everything about one or two of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query

from ingest.records import Record
from search.entityrecords import TYPES, EntityName, EntityPort, EntityProfile

Type = Literal["person", "organisation", "place", "country", "thing"]
SINCE = r"^\d{1,4}[mhdw]$"
BESIDE = rf"^({'|'.join(TYPES)})/.+$"
MAX_CHARS = 200  # of an id or name


class Entities(Record):
    """Those found, best first."""

    entities: tuple[EntityName, ...]


def make_router(port: EntityPort) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter()

    @router.get("/api/entities")
    def find(
        q: Annotated[str, Query(max_length=MAX_CHARS, description="The beginning of a name, in any script.")] = "",
        size: Annotated[int, Query(ge=1, le=100)] = 10,
        type: Annotated[list[Type] | None, Query(description="Only these types.")] = None,
    ) -> Entities:
        """Entities one of whose names begins so, or nearly so; without `q`, those that most articles name lately."""
        found = port.suggest(q, size=size, types=type or ()) if q.strip() else port.lately(size=size, types=type or ())
        return Entities(entities=found)

    @router.get("/api/entities/{type}/{id:path}", responses={404: {"description": "Nobody knows such an entity."}})
    def one(
        type: Type,
        id: Annotated[str, Path(min_length=1, max_length=MAX_CHARS, description="Its id, or its exact name.")],
        beside: Annotated[
            str | None,
            Query(alias="with", pattern=BESIDE, max_length=MAX_CHARS, description="Another one: type/id."),
        ] = None,
        since: Annotated[str | None, Query(pattern=SINCE, description="Articles seen since: 12h, 30d, 4w.")] = None,
    ) -> EntityProfile:
        """Its articles counted by time, source, language, country and topic; what is named with it more than chance
        would have it; its stories and newest articles. With another one: the articles that name both."""
        other, _, id_of_other = (beside or "").partition("/")
        found = port.profile(type, id, beside=(other, id_of_other) if beside else None, since=since)
        if found is None:
            both = f" and {beside}, or one of them" if beside else ""
            raise HTTPException(404, f"there is no {type} {id}{both}: GET /api/entities?q= finds ids by name")
        return found

    return router
