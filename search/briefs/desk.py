"""Kliping as the page and the command line see it."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from search.briefs.changes import BriefError, Change
from search.briefs.records import BriefLine, BriefView, Kept, RawPage

__all__ = ["BriefError", "BriefPort", "DamagedPageError", "OutrunError"]


class OutrunError(Exception):
    """Somebody else changed the brief since this edit was begun: nothing was written. `now` is how it stands."""

    def __init__(self, now: BriefView) -> None:
        super().__init__(f"brief {now.brief.id} was changed meanwhile, by somebody else or in another window")
        self.now = now


class DamagedPageError(Exception):
    """The bytes that are stored are not those that were fetched: their sha256 is another."""


class BriefPort(Protocol):
    """Everything raises ServiceUnavailable where Elasticsearch is away."""

    def listed(self, *, size: int = 100, before: str | None = None) -> tuple[BriefLine, ...]:
        """The newest first; those after the one with the id `before`."""
        ...

    def brief(self, id: str) -> BriefView | None:
        """With the texts as they were kept, and how their raw pages stand."""
        ...

    def today(self) -> date:
        """In KAWAT_TZ."""
        ...

    def begin(self, day: date | None = None, title: str = "") -> str:
        """Another brief of that day (today); its id. The first of a day, without a title, is made once."""
        ...

    def keep(
        self,
        *,
        article: str | None = None,
        story: str | None = None,
        brief: str | None = None,
        note: str = "",
        concerns: str = "",
    ) -> Kept:
        """Keeps an article or a story, by id, in a brief (today's) and asks for its raw page. Again: the same.

        Raises BriefError: no such article, story or brief; a brief that is full; a note that is too long.
        """
        ...

    def change(self, id: str, change: Change, *, version: str | None = None) -> BriefView:
        """The brief with `change`, made on the state `version`. Raises OutrunError where it has another by now,
        BriefError. None: on whatever state it has; for changes that go well with any other."""
        ...

    def page(self, text_id: str) -> RawPage | None:
        """The raw page of a text, checked against its sha256. Raises DamagedPageError."""
        ...

    def ask_again(self, text_id: str) -> bool:
        """Has a page that was given up, or waits for long, fetched now; False where there is nothing to ask for."""
        ...
