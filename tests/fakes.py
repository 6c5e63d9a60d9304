"""Stand-ins for the ports, with state of their own; each is held to the same contract as the real thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ingest.dates import now
from ingest.errors import Gone
from ingest.fetch import PAGE_ACCEPT, OnRedirect, Response
from search.documents import source
from search.ports import Document, ServiceUnavailable, Vanished, WriteResult
from search.revisions import Step, by_itself, vanished, visited


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
    def turn(
        self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False
    ) -> Iterator[None]:
        yield

    def check_robots(self, url: str) -> float:
        return 0.0

    def pause(self, url: str, *, delay: float | None = None) -> None: ...


class FakeStories:
    """`Stories` that only remembers what was placed, in order. `away` makes them unavailable."""

    def __init__(self) -> None:
        self.placed: list[Document] = []
        self.away = False

    def place(self, documents: Sequence[Document]) -> None:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        self.placed += documents


class FakeIndex:
    """`ArticleIndex` in memory: `stored` by article id as each was last written, `sources` as its document stands,
    `revisions` by id what articles said before. `away` makes it unavailable."""

    def __init__(self) -> None:
        self.stored: dict[str, Document] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.revisions: dict[str, dict[str, Any]] = {}
        self.away = False

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        return [self._write(document) for document in documents]

    def vanish(self, gone: Sequence[Vanished]) -> list[WriteResult]:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        return [self._vanish(one) for one in gone]

    def _write(self, document: Document) -> WriteResult:
        id = document.id
        known = self.sources.get(id)
        if known is None:
            self.stored[id], self.sources[id] = document, source(document, now())
            return WriteResult(entry_id=document.entry_id, article_id=id, outcome="written")
        if known["entry_id"] == document.entry_id:
            step = visited(known, document, now()) if document.visit else None
            if step and step.whole:
                self.stored[id] = document
            return self._taken(document.entry_id, id, step)
        instead = by_itself(document, known)
        return self._write(instead) if instead else self._second(document.entry_id, id)

    def _vanish(self, gone: Vanished) -> WriteResult:
        known = self.sources.get(gone.article_id)
        if known and known["entry_id"] != gone.entry_id:
            return self._second(gone.entry_id, gone.article_id)
        return self._taken(gone.entry_id, gone.article_id, vanished(known, gone) if known else None)

    def _taken(self, entry_id: str, id: str, step: Step | None) -> WriteResult:
        if step is None:
            return WriteResult(entry_id=entry_id, article_id=id, outcome="already-written")
        if step.record is not None:
            self.revisions.setdefault(step.record_id, step.record)
        self.sources[id] = step.fields if step.whole else self.sources[id] | step.fields
        return WriteResult(entry_id=entry_id, article_id=id, outcome="revised")

    def _second(self, entry_id: str, id: str) -> WriteResult:
        holder = self.sources[id]["entry_id"]
        reason = f"entry {holder} brought this article first"
        return WriteResult(entry_id=entry_id, article_id=id, outcome="duplicate", reason=reason, holder=holder)
