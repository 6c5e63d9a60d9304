"""The raw pages of what readers keep, and how far each is. What is wanted stands here, in the text's own document: a
lost queue loses no wish, and whoever fetches may be killed anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime

import zstandard
from elasticsearch import Elasticsearch

from ingest.dates import now
from search.briefs.desk import DamagedPageError
from search.briefs.records import KeptText, Match, PageState, RawPage
from search.briefs.shelf import Shelf
from search.briefs.texts import page_source
from search.client import complete, missing_is_outage
from search.documents import iso
from search.schema import Names

LEVEL = 9  # zstd: a page is packed once and kept for years
LARGEST = 100_000_000  # bytes unpacked: ten times the largest page that is fetched by default
TRIES = 8
HEAD = ["text_id", "sha256", "size", "content_type", "status", "url", "fetched"]


class PageShelf:
    """Pages by the text that they belong to."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client, self._names = client, Names(prefix)
        self._texts, self._pages = Shelf(client, self._names.clippings), Shelf(client, self._names.pages)

    def due(self, at: datetime, most: int) -> list[str]:
        """Ids of texts whose page is to be asked for by now, the longest waiting first; as of the last refresh.

        Raises ServiceUnavailable, IncompleteAnswerError.
        """
        wanted = [{"term": {"page.state": "wanted"}}, {"range": {"page.due": {"lte": iso(at)}}}]
        with missing_is_outage(self._names.clippings):
            answer = self._client.search(
                index=self._names.clippings,
                query={"bool": {"filter": wanted}},
                sort=[{"page.due": {"order": "asc"}}],
                size=most,
                source=False,
                allow_partial_search_results=False,
            )
        return [hit["_id"] for hit in complete(answer.body, "looking for wanted pages")["hits"]["hits"]]

    def text(self, text_id: str) -> KeptText | None:
        """The text as it stands now. Raises ServiceUnavailable."""
        found = self._texts.get([text_id]).get(text_id)
        return KeptText.model_validate(dict(found.source)) if found else None

    def shelved(self, text_id: str) -> bool:
        """Whether its bytes are there, whatever its text says. Raises ServiceUnavailable."""
        return text_id in self._pages.get([text_id], source=False)

    def shelve(self, page: RawPage) -> bool:
        """Stores the bytes, then says so; again, or with others: the first ones stay. False where nobody keeps the text
        any more: then no page of it is left. Raises ServiceUnavailable."""
        packed = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress(page.body)
        self._pages.create(
            page.text_id,
            {
                "text_id": page.text_id,
                "sha256": page.sha256,
                "size": len(page.body),
                "content_type": page.content_type,
                "status": page.status,
                "url": page.url,
                "fetched": iso(page.fetched),
                "body": base64.b64encode(packed).decode(),
            },
        )
        return self.mark_shelved(page.text_id)

    def mark_shelved(self, text_id: str) -> bool:
        """Says of a text that its page is there, by what is stored. False where nobody keeps the text any more: it may
        have been forgotten while its page was fetched, and no page of it is left. Raises ServiceUnavailable.

        Whoever forgets deletes the text before the page: a page that was stored too late for that finds no text here.
        """
        stored = self._pages.get([text_id], {"includes": HEAD}).get(text_id)
        if stored is None:  # whoever forgot the text took it
            return False
        told = {name: value for name, value in stored.source.items() if name != "text_id" and value is not None}

        def kept(old: PageState) -> PageState:
            if old.state == "kept":
                return old
            return PageState.model_validate({**told, "state": "kept", "tries": old.tries + 1, "asked": told["fetched"]})

        if self._tell(text_id, kept):
            return True
        self.withdraw(text_id)
        return False

    def withdraw(self, text_id: str) -> bool:
        """Leaves no page of a text that nobody keeps any more; whether there was one. Raises ServiceUnavailable."""
        return self._pages.delete(text_id)

    def mark_failed(self, text_id: str, error: str, *, due: datetime | None) -> None:
        """Its page could not be had: `due` is when it is asked for again, None for never. Raises ServiceUnavailable."""
        at = now()

        def failed(old: PageState) -> PageState:
            if old.state == "kept":
                return old
            state = "wanted" if due else "lost"
            return PageState.model_validate(
                {"state": state, "due": due, "tries": old.tries + 1, "asked": at, "error": error}
            )

        self._tell(text_id, failed)

    def mark_match(self, text_id: str, match: Match, why: str = "") -> None:
        """What came of holding its page against the text kept: same, other, unread. Raises ServiceUnavailable."""
        told = {"match": match, "why": why or None}
        self._tell(text_id, lambda old: PageState.model_validate({**old.model_dump(), **told}))

    def ask_again(self, text_id: str) -> bool:
        """Has a page that is not there asked for now; False where it is, or there is no such text."""
        text = self.text(text_id)
        if text is None or text.page.state == "kept":
            return False
        again = {"state": "wanted", "due": now(), "tries": 0}
        self._tell(text_id, lambda old: PageState.model_validate({**old.model_dump(), **again}), refresh=True)
        return True

    def page(self, text_id: str) -> RawPage | None:
        """The bytes as they came. Raises DamagedPageError where they are others by now, ServiceUnavailable."""
        found = self._pages.get([text_id]).get(text_id)
        if found is None:
            return None
        stored = dict(found.source)
        try:
            packed = base64.b64decode(stored.pop("body"), validate=True)
            if zstandard.frame_content_size(packed) > LARGEST:
                raise DamagedPageError(f"the stored page of text {text_id} is larger than any that is kept")
            body = zstandard.ZstdDecompressor().decompress(packed)
        except (ValueError, zstandard.ZstdError) as error:
            raise DamagedPageError(f"the stored page of text {text_id} cannot be unpacked: {error}") from error
        sha256 = hashlib.sha256(body).hexdigest()
        if sha256 != stored["sha256"] or len(body) != stored.pop("size"):
            raise DamagedPageError(f"the stored page of text {text_id} has sha256 {sha256}, not {stored['sha256']}")
        return RawPage.model_validate({"content_type": None, **stored, "body": body})

    def _tell(self, text_id: str, change: Callable[[PageState], PageState], *, refresh: bool = False) -> bool:
        """False where nobody keeps the text any more."""
        for _ in range(TRIES):
            found = self._texts.get([text_id]).get(text_id)
            if found is None:
                return False
            old = PageState.model_validate(found.source.get("page", {}))
            new = change(old)
            if new == old or self._texts.replace(found, {**found.source, "page": page_source(new)}, refresh=refresh):
                return True
        raise RuntimeError(f"text {text_id} is changed by others all the time")
