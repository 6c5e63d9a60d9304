"""Stand-ins for the ports, with state of their own; each is held to the same contract as the real thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ingest.errors import Gone
from ingest.fetch import PAGE_ACCEPT, OnRedirect, Response
from search.ports import Document, ServiceUnavailable, WriteResult


class FakeFetcher:
    """Answers by address: bytes, a whole Response, an error to raise, or the address (str) it redirects to; 404 for all
    else. A Response from another address came by a redirect. `asked` in order, redirects' addresses too."""

    def __init__(self, answers: Mapping[str, bytes | str | Response | Exception]) -> None:
        self.answers: dict[str, bytes | str | Response | Exception] = dict(answers)
        self.asked: list[str] = []
        self.validators: list[tuple[str | None, str | None]] = []

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = PAGE_ACCEPT,
        on_redirect: OnRedirect | None = None,
    ) -> Response:
        self.validators.append((etag, last_modified))
        while True:
            self.asked.append(url)
            answer = self.answers.get(url, Gone(f"{url}: 404"))
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, bytes):
                return Response(url=url, status=200, body=answer, content_type="text/html; charset=utf-8")
            if isinstance(answer, Response) and answer.url == url:
                return answer
            url = answer if isinstance(answer, str) else answer.url
            if on_redirect is not None:
                on_redirect(url)
            if isinstance(answer, Response):
                self.asked.append(url)
                return answer


class OpenTurns:
    """No politeness: every turn has come, nothing is forbidden."""

    @contextmanager
    def turn(self, url: str, *, delay: float | None = None, urgent: bool = False) -> Iterator[None]:
        yield

    def check_robots(self, url: str) -> float:
        return 0.0


class FakeIndex:
    """`ArticleIndex` in memory. `away` makes it unavailable."""

    def __init__(self) -> None:
        self.stored: dict[str, Document] = {}
        self.away = False

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        return [self._write(document) for document in documents]

    def _write(self, document: Document) -> WriteResult:
        id = document.tagged.article.id
        stored = self.stored.get(id)
        if stored is None:
            self.stored[id] = document
            return WriteResult(entry_id=document.entry_id, article_id=id, outcome="written")
        if stored.entry_id == document.entry_id:
            return WriteResult(entry_id=document.entry_id, article_id=id, outcome="already-written")
        reason = f"entry {stored.entry_id} brought this article first"
        return WriteResult(entry_id=document.entry_id, article_id=id, outcome="duplicate", reason=reason)
