"""The JSON API under /__newsroom__/: another process drives a newsroom (started with --control) through it.

| call | does |
|---|---|
| GET stats | counts, bytes, CPU seconds, what is left to publish |
| GET requests, published, pages, feeds | the log; what appeared when; URL and title of each page; URL by name |
| POST METHOD | calls that method of the newsroom with the JSON object's values (METHODS below) |
| POST publish | `{feed, article: {slug, title, body, …}}` → `{url}` |
| POST generate | `{feed, count, seed, languages, per_second}`: generated articles, at once or on a beat |
| POST release | `{count, per_second}`: lists prepared pages that no feed shows yet, at once or on a beat |
| POST stop_publishing | ends every beat |
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

from tests.newsroom.articles import NewsArticle
from tests.newsroom.generated import generated_articles
from tests.newsroom.server import Request, Response

if TYPE_CHECKING:
    from tests.newsroom.newsroom import Newsroom

ROOT = "/__newsroom__/"
METHODS = frozenset(
    {"add_feed", "move_feed", "remove_feed", "change", "rewrite", "withdraw", "fail", "slow", "heal", "set_robots"}
)
Values = Mapping[str, Any]  # JSON, checked by the methods it is given to


def article_from_json(values: Values) -> NewsArticle:
    """The article that a JSON object gives. Raises TypeError for an unknown key, ValueError for a wrong value."""
    ready = dict(values)
    for name in ("body", "authors"):
        if name in ready:
            ready[name] = tuple(ready[name])
    for name in ("published", "updated"):
        if ready.get(name):
            ready[name] = datetime.fromisoformat(ready[name])
    return NewsArticle(**ready)


def _stats(newsroom: Newsroom, _: Values) -> Values:
    log = newsroom.log
    return {
        "requests": sum(log.by_status.values()),
        "by_status": {str(status): count for status, count in log.by_status.items()},
        "bytes_sent": log.bytes_sent,
        "max_concurrent": {host: newsroom.max_concurrent(host) for host in newsroom.hosts},
        "pages": len(newsroom.pages()),
        "feeds": newsroom.feeds(),
        "held": newsroom.held(),
        "left": sum(publisher.left for publisher in newsroom.publishers if publisher.running),
        "cpu_s": time.process_time(),
    }


def _requests(newsroom: Newsroom, _: Values) -> Values:
    return {"requests": [seen._asdict() for seen in newsroom.requests()]}


def _published(newsroom: Newsroom, _: Values) -> Values:
    return {"published": [each._asdict() for publisher in newsroom.publishers for each in list(publisher.published)]}


def _pages(newsroom: Newsroom, _: Values) -> Values:
    return {"pages": [{"url": page.url, "title": page.article.title} for page in newsroom.pages()]}


def _feeds(newsroom: Newsroom, _: Values) -> Values:
    return {"feeds": newsroom.feeds()}


def _publish(newsroom: Newsroom, values: Values) -> Values:
    return {"url": newsroom.publish(values["feed"], article_from_json(values["article"]))}


def _generate(newsroom: Newsroom, values: Values) -> Values:
    languages = tuple(values["languages"]) if "languages" in values else None
    articles = generated_articles(values["count"], values.get("seed", 1), languages)
    prepared = [(values["feed"], newsroom.prepare(values["feed"], article)) for article in articles]
    return {"urls": newsroom.list_prepared(prepared, values.get("per_second"))}


def _release(newsroom: Newsroom, values: Values) -> Values:
    return {"urls": newsroom.release(values.get("count"), values.get("per_second"))}


def _stop_publishing(newsroom: Newsroom, _: Values) -> Values:
    for publisher in newsroom.publishers:
        publisher.stop()
    return {}


GETS: dict[str, Callable[[Newsroom, Values], Values]] = {
    "stats": _stats,
    "requests": _requests,
    "published": _published,
    "pages": _pages,
    "feeds": _feeds,
}
POSTS: dict[str, Callable[[Newsroom, Values], Values]] = {
    "publish": _publish,
    "generate": _generate,
    "release": _release,
    "stop_publishing": _stop_publishing,
}


def answer_control(newsroom: Newsroom, request: Request) -> Response:
    """The API's answer; 400 with `error` for what cannot be done, 404 for a call that is not there."""
    name = request.target.removeprefix(ROOT).partition("?")[0]
    call = (GETS if request.method == "GET" else POSTS).get(name)
    try:
        values = json.loads(request.body or b"{}")
        if call is not None:
            return _json(200, call(newsroom, values))
        if request.method == "POST" and name in METHODS:
            result = getattr(newsroom, name)(**values)
            return _json(200, {"url": result} if isinstance(result, str) else {})
    except (KeyError, TypeError, ValueError) as error:
        return _json(400, {"error": f"{name}: {error}"})
    known = ", ".join(sorted({*GETS, *POSTS, *METHODS}))
    return _json(404, {"error": f"{request.method} {name}: no such call; there are {known}"})


def _json(status: int, values: Values) -> Response:
    body = json.dumps(values, ensure_ascii=False).encode()
    return Response(status, (("Content-Type", "application/json"),), body, logged=False)


class NewsroomClient:
    """Drives a newsroom in another process. Every failure is a RuntimeError with the newsroom's own words."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def get(self, name: str) -> dict[str, Any]:
        return self._call(UrlRequest(f"{self.url}{ROOT}{name}"))  # noqa: S310 — http to our own loopback server

    def post(self, name: str, /, **values: object) -> dict[str, Any]:
        body = json.dumps(values).encode()
        return self._call(UrlRequest(f"{self.url}{ROOT}{name}", body, method="POST"))  # noqa: S310 — as above

    def _call(self, request: UrlRequest) -> dict[str, Any]:
        try:
            with urlopen(request, timeout=120) as response:  # noqa: S310 — as above
                answer: dict[str, Any] = json.load(response)
                return answer
        except HTTPError as error:
            raise RuntimeError(error.read().decode()) from None
