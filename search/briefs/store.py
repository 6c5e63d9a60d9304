"""Briefs on a cluster. A text is written before the brief that needs it; every write of a brief is a compare-and-set on
the state that was read, so that of two edits at once none is lost: the second is told."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from elasticsearch import Elasticsearch

from ingest.dates import now
from search.briefs.changes import BriefError, Change, also_noted, line, with_clipping, written
from search.briefs.desk import OutrunError
from search.briefs.pages import PageShelf
from search.briefs.records import (
    BRIEF_ID,
    CONCERNS_CHARS,
    ID,
    NOTE_CHARS,
    TITLE_CHARS,
    Brief,
    BriefLine,
    BriefView,
    Clipping,
    Kept,
    KeptText,
    RawPage,
)
from search.briefs.remains import without
from search.briefs.shelf import Shelf, version_of
from search.briefs.texts import READ, article_clipping, kept_text, story_clipping, text_source, worth_keeping
from search.client import complete, missing_is_outage
from search.realtime import Found
from search.schema import Names
from search.storyview import story as story_of

TRIES = 8  # of a write that others come before: a brief has few readers


class Wish(NamedTuple):
    """What is said of something when it is kept."""

    note: str
    concerns: str


class ElasticsearchBriefs:
    """`BriefPort` on a cluster. `tz`: in which a brief's day is a day."""

    def __init__(self, client: Elasticsearch, prefix: str = "", *, tz: str = "UTC") -> None:
        self._client, self._names, self._tz = client, Names(prefix), ZoneInfo(tz)
        self._briefs = Shelf(client, self._names.briefs)
        self._texts = Shelf(client, self._names.clippings)
        self._articles = Shelf(client, self._names.articles)
        self._tombstones = Shelf(client, self._names.tombstones)
        self._pages = PageShelf(client, prefix)

    def listed(self, *, size: int = 100, before: str | None = None) -> tuple[BriefLine, ...]:
        """See `BriefPort`."""
        with missing_is_outage(self._names.briefs):
            answer = self._client.search(
                index=self._names.briefs,
                query={"match_all": {}},
                sort=[{"brief_id": {"order": "desc"}}],  # begins with the date
                search_after=[before] if before else None,
                size=size,
                source={"includes": ["brief_id", "date", "title", "note", "count"]},
                allow_partial_search_results=False,
            )
        hits = complete(answer.body, "listing the briefs")["hits"]["hits"]
        sources = [dict(hit["_source"]) for hit in hits]
        return tuple(BriefLine(id=one.pop("brief_id"), **one) for one in sources)

    def brief(self, id: str) -> BriefView | None:
        """See `BriefPort`."""
        found = self._found(id)
        return self._view(found) if found else None

    def today(self) -> date:
        """See `BriefPort`."""
        return datetime.now(self._tz).date()

    def begin(self, day: date | None = None, title: str = "") -> str:
        """See `BriefPort`."""
        day, title = day or self.today(), line(title, TITLE_CHARS)
        at = now()
        if not title:
            first = Brief(id=day.isoformat(), date=day, created=at, updated=at)
            self._briefs.create(first.id, brief_source(first), refresh=True)
            return first.id
        while True:
            brief = Brief(id=f"{day}-{secrets.token_hex(4)}", date=day, title=title, created=at, updated=at)
            if self._briefs.create(brief.id, brief_source(brief), refresh=True):
                return brief.id

    def keep(
        self,
        *,
        article: str | None = None,
        story: str | None = None,
        brief: str | None = None,
        note: str = "",
        concerns: str = "",
    ) -> Kept:
        """See `BriefPort`."""
        wish = Wish(written(note, NOTE_CHARS), line(concerns, CONCERNS_CHARS))
        id = brief or self.begin()
        at = self._found(id)
        if at is None:
            raise BriefError("no-brief", f"there is no brief {id}")
        if article:
            clipping, texts = self._article(article, wish)
        elif story:
            clipping, texts = self._story(story, wish)
        else:
            raise BriefError("nothing", "nothing to keep: name an article or a story")
        there = _brief(at).clipping(clipping.id) is not None
        with_clipping(_brief(at), clipping, now())  # a brief that is full refuses before anything is written
        for text in texts:
            self._texts.create(text.text_id, text_source(text))
        if not there:
            self.change(id, lambda one, moment: with_clipping(one, clipping, moment))
        elif wish.note or wish.concerns:
            self.change(id, lambda one, moment: also_noted(one, clipping.id, *wish, moment))
        self._let_go(id, texts)
        return Kept(brief_id=id, clipping_id=clipping.id, new=not there)

    def change(self, id: str, change: Change, *, version: str | None = None) -> BriefView:
        """See `BriefPort`."""
        for _ in range(TRIES):
            found = self._found(id)
            if found is None:
                raise BriefError("no-brief", f"there is no brief {id}")
            if version is not None and version_of(found) != version:
                raise OutrunError(self._view(found))
            brief = _brief(found)
            changed = change(brief, now())
            if changed == brief:
                return self._view(found)
            if self._briefs.replace(found, brief_source(changed), refresh=True):
                after = self.brief(id)
                if after is None:
                    raise BriefError("no-brief", f"brief {id} was deleted just now")
                return after
        raise BriefError("busy", f"brief {id} is changed by others all the time: try again")

    def page(self, text_id: str) -> RawPage | None:
        """See `BriefPort`."""
        return self._pages.page(text_id) if ID.fullmatch(text_id) else None

    def ask_again(self, text_id: str) -> bool:
        """See `BriefPort`."""
        return bool(ID.fullmatch(text_id)) and self._pages.ask_again(text_id)

    def _let_go(self, id: str, texts: Sequence[KeptText]) -> None:
        """What was forgotten while it was kept is not kept: the note of that stands before anything is erased, so one
        of the two sees the other. Raises BriefError where it was."""
        notes = self._tombstones.get([one.article_id for one in texts], {"includes": ["forgotten"]})
        gone = {id for id, one in notes.items() if one.source.get("forgotten")}
        ids = [one.text_id for one in texts if one.article_id in gone]
        if not gone:
            return
        self.change(id, partial(without, gone=gone, texts=frozenset(ids)))
        for text_id in ids:
            self._texts.delete(text_id)
            self._pages.withdraw(text_id)
        raise BriefError("no-article", "it was forgotten just now")

    def _found(self, id: str) -> Found | None:
        return self._briefs.get([id]).get(id) if BRIEF_ID.fullmatch(id) else None

    def _view(self, found: Found) -> BriefView:
        brief = _brief(found)
        ids = [id for clipping in brief.clippings for id in clipping.texts]
        texts = {id: KeptText.model_validate(dict(one.source)) for id, one in self._texts.get(ids).items()}
        return BriefView(brief=brief, version=version_of(found), texts=texts)

    def _article(self, id: str, wish: Wish) -> tuple[Clipping, list[KeptText]]:
        found = self._articles.get([id], {"includes": READ}) if ID.fullmatch(id) else {}
        if id not in found:
            raise BriefError("no-article", f"there is no article with the id {id}")
        at = now()
        text = kept_text(found[id].source, at)
        return article_clipping(text, at, **wish._asdict()), [text]

    def _story(self, id: str, wish: Wish) -> tuple[Clipping, list[KeptText]]:
        view = story_of(self._client, self._names, id) if ID.fullmatch(id) else None
        if view is None:
            raise BriefError("no-story", f"there is no story with the id {id}")
        at = now()
        wanted = [one.article_id for one in worth_keeping(view.members)]
        found = self._articles.get(wanted, {"includes": READ})
        texts = {id: kept_text(one.source, at) for id, one in found.items()}
        try:
            return story_clipping(view, texts, at, **wish._asdict()), list(texts.values())
        except ValueError as error:
            raise BriefError("no-story", str(error)) from None


def brief_source(brief: Brief) -> dict[str, Any]:
    """The document of a brief. What can be put back is spared by retention too."""
    whole = [*brief.clippings, *(one.clipping for one in brief.removed)]
    ids = (id for one in whole for id in (one.article_id, *(member.article_id for member in one.members)))
    fields = brief.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)
    return {
        **fields,
        "brief_id": brief.id,
        "count": len(brief.clippings),
        "article_ids": list(dict.fromkeys(ids)),
        "story_ids": list(dict.fromkeys(one.story_id for one in whole if one.story_id)),
        "text_ids": list(dict.fromkeys(id for one in whole for id in one.texts)),
    }


def _brief(found: Found) -> Brief:
    fields: Mapping[str, Any] = found.source
    known = {name: fields[name] for name in Brief.model_fields if name in fields}
    return Brief.model_validate({**known, "id": found.id})
