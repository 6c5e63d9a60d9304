"""The API's stories: articles of one event."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from search.articles import MAX_CURSOR, MOST_MEMBERS, ArticlePort, StoryRecord

ID = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="A story's id, or that of an article in it.")]


def make_router(articles: ArticlePort) -> APIRouter:
    """The routes, on the given port."""
    router = APIRouter(tags=["articles"])

    @router.get("/api/stories/{id}", responses={404: {"description": "There is no such story or article."}})
    def story(
        id: ID,
        size: Annotated[int, Query(ge=1, le=MOST_MEMBERS, description="Members a page.")] = 50,
        cursor: Annotated[
            str | None, Query(max_length=MAX_CURSOR, description="Of the page before: the next one.")
        ] = None,
    ) -> StoryRecord:
        """The story with its articles, the earliest first; of an article that stands alone, that article."""
        found = articles.story(id, size=size, cursor=cursor or None)
        if found is None:
            raise HTTPException(404, f"there is no story and no article {id}")
        return found

    return router
