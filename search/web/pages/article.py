"""One article: its text with names marked, what is known of it and by which evidence, its changes, its story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from search.articles import ArticlePort, ArticleRecord
from search.ports import IncompleteAnswerError, SearchPort, ServiceUnavailable
from search.web import reading, views
from search.web.asked import Asked
from search.web.marking import paragraphs
from search.web.narrowing import chart
from search.web.render import Renderer
from search.web.wording import term

OTHERS = 6  # articles of the same story beside the text
ROWS = 50  # of a story's view a page


def make_router(renderer: Renderer, port: ArticlePort, search: SearchPort) -> APIRouter:
    """`/article/{id}`, `/article/{id}/changes`, `/story/{id}`."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    view = ArticleView(renderer, port, search)

    @router.get("/article/{id}")
    def article(request: Request, id: str) -> HTMLResponse:
        return view.shown(request, lambda: view.article(request, id), "article")

    @router.get("/article/{id}/changes")
    def changes(request: Request, id: str) -> HTMLResponse:
        return view.shown(request, lambda: view.changes(request, id), "article")

    @router.get("/story/{id}")
    def story(request: Request, id: str, cursor: str = "", day: str = "") -> HTMLResponse:
        asked = Asked.given(term("story", id[:64]), fold="0", sort="published", cursor=cursor, day=day)
        return view.shown(request, lambda: view.story(request, id, asked), "story")

    return router


class ArticleView:
    """Makes these pages for one reader."""

    def __init__(self, renderer: Renderer, port: ArticlePort, search: SearchPort) -> None:
        self._renderer = renderer
        self._port = port
        self._search = search

    def shown(self, request: Request, make: Callable[[], HTMLResponse | None], what: str) -> HTMLResponse:
        """What `make` makes, or a page that says why it cannot: nothing is there (404), a service is away (503)."""
        try:
            if (page := make()) is not None:
                return page
            view = {"state": "none", "headline": f"{what}_gone_title", "advice": f"{what}_gone_text", "why": ""}
            return self._renderer.page(request, "missing.html", view, status=404)
        except (ServiceUnavailable, IncompleteAnswerError) as error:
            view = {"state": "away", "headline": "away_title", "advice": "away_text", "why": str(error)}
            return self._renderer.page(request, "missing.html", view, status=503)

    def article(self, request: Request, id: str) -> HTMLResponse | None:
        """The article, and a few others of its story."""
        article = self._port.article(id)
        if article is None:
            return None
        reader = self._renderer.reader(request)
        known = reading.names(article.mentions, reader, entities=self._renderer.leads("/entity/"))
        others, size = self._others(article, reader)
        return self._renderer.page(
            request,
            "article.html",
            {
                "article": article,
                "href": reading.linked(article.url),
                "badges": [one for one in article.is_ if one not in reading.NOTICES],
                "times": reading.times(article, reader),
                "notices": reading.notices(article),
                "changes": len(article.changes),
                "paragraphs": paragraphs(article.body, article.mentions),
                "names": known,
                "named": reading.grouped(article.mentions, known),
                "countries": reading.countries(article, reader),
                "topics": reading.topics(article, reader),
                "origins": reading.origins(article, reader),
                "others": others,
                "story_size": size,
            },
        )

    def changes(self, request: Request, id: str) -> HTMLResponse | None:
        """Its texts, word by word against the ones before."""
        history = self._port.history(id)
        if history is None:
            return None
        reader = self._renderer.reader(request)
        view = {
            "id": id,
            "name": history.article.get("title", ""),
            "language": history.article.get("language"),
            "steps": reading.steps(history, reader),
            "missing": ", ".join(history.missing),
        }
        return self._renderer.page(request, "changes.html", view)

    def story(self, request: Request, id: str, asked: Asked) -> HTMLResponse | None:
        """A story's figures, its timeline, its articles."""
        story = self._port.story(id, size=1)
        if story is None:
            return None
        reader = self._renderer.reader(request)
        if story.id != id:  # it became part of another, or this is an article's id
            asked = Asked.given(term("story", story.id), fold="0", sort="published")
        result = self._search.search(
            asked.query, size=ROWS, sort=asked.sort, timeline=not asked.cursor, cursor=asked.cursor
        )
        days = views.days(result.hits, reader, asked.sort, begun=asked.day)
        last = days[-1].date if days else None
        view: dict[str, Any] = {
            "story": story,
            "first": f"{story.first:%Y-%m-%dT%H:%M:%SZ}",
            "last": f"{story.last:%Y-%m-%dT%H:%M:%SZ}",
            "asked": asked,
            "query": asked.query,
            "kept": asked.how,
            "chart": chart(result.timeline, asked, reader),
            "days": days,
            "newest": f"/story/{story.id}",
            "older": asked.address(f"/story/{story.id}", cursor=result.cursor, day=last) if result.cursor else None,
            "more": asked.address("/older", cursor=result.cursor, day=last) if result.cursor else None,
        }
        return self._renderer.page(request, "story.html", view)

    def _others(self, article: ArticleRecord, reader: views.Reader) -> tuple[list[views.Row], int]:
        """Other articles of the story, and how many it has in all."""
        if not article.story_id:
            return [], 1
        found = self._search.search(term("story", article.story_id), size=OTHERS + 1, sort="seen")
        return [views.row(hit, reader) for hit in found.hits if hit.id != article.id][:OTHERS], found.total
