"""Briefs as the page shows them: words and times worked out beforehand. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from search import locales
from search.briefs.records import BriefLine, BriefView, Clipping, KeptMember, KeptText, PageState
from search.briefs.sheet import lines, web_address
from search.web.views import Reader

SHOWN_MEMBERS = 20


@dataclass(frozen=True)
class BriefRow:
    """A brief in the list."""

    line: BriefLine
    name: str
    day: str
    count: str


@dataclass(frozen=True)
class PageRow:
    """How it stands with one raw page. `sha256` where it is there, `again` where a reader can ask for it."""

    text_id: str
    state: str
    said: str
    match: str  # same, part, other, unread, or empty
    match_said: str
    sha256: str | None
    again: bool


@dataclass(frozen=True)
class TextRow:
    """A text that is kept, with its page."""

    title: str
    source: str
    href: str | None
    times: tuple[str, ...]
    marks: tuple[str, ...]
    paragraphs: tuple[str, ...]
    language: str | None
    page: PageRow


@dataclass(frozen=True)
class MemberRow:
    """An article of a kept story."""

    title: str
    about: str
    href: str


@dataclass(frozen=True)
class ClippingRow:
    """One clipping. `note` and `concerns` as the form has them: what a reader wrote and could not save comes first."""

    clipping: Clipping
    address: str
    texts: tuple[TextRow, ...]
    story: str
    members: tuple[MemberRow, ...]
    more: str
    note: str
    concerns: str
    theirs: str
    first: bool
    last: bool


def brief_row(line: BriefLine, reader: Reader) -> BriefRow:
    day = reader.day(line.date)
    return BriefRow(
        line, line.title or reader.word("briefs_of", day=day), day, reader.counted("briefs_pieces", line.count)
    )


def brief_name(view: BriefView, reader: Reader) -> str:
    """Its title, or its date."""
    return view.brief.title or _dated(view.brief.date, reader)


def clipping_rows(
    view: BriefView, reader: Reader, drafts: Mapping[str, tuple[str, str]] | None = None
) -> list[ClippingRow]:
    """In the brief's order. `drafts`: note and concerns by clipping that somebody wrote and could not save."""
    rows, count = [], len(view.brief.clippings)
    for place, one in enumerate(view.brief.clippings):
        draft = (drafts or {}).get(one.id)
        note, concerns = draft or (one.note, one.concerns)
        theirs = " · ".join(part for part in (one.note, one.concerns) if part) or "–"
        rows.append(
            ClippingRow(
                clipping=one,
                address=f"/story/{one.story_id}" if one.story_id else f"/article/{one.article_id}",
                texts=tuple(_text(view.texts[id], reader) for id in one.texts if id in view.texts),
                story=_story(one, reader),
                members=tuple(_member(member, reader) for member in one.members[:SHOWN_MEMBERS]),
                more=_more(one, reader),
                note=note,
                concerns=concerns,
                theirs=reader.word("briefs_outrun_theirs", text=theirs) if draft else "",
                first=place == 0,
                last=place == count - 1,
            )
        )
    return rows


def when(at: datetime, reader: Reader) -> str:
    """With its day and year: what is kept is read later."""
    return locales.day_and_clock(reader.local(at.isoformat()), "d MMM y", reader.language)


def _dated(day: date, reader: Reader) -> str:
    return reader.word("briefs_of", day=locales.day(day, locales.IN_FULL, reader.language))


def _story(clipping: Clipping, reader: Reader) -> str:
    if not clipping.story_id:
        return ""
    size, sources = reader.number(clipping.size), reader.number(clipping.sources)
    return reader.word("briefs_story", n=size, sources=sources)


def _more(clipping: Clipping, reader: Reader) -> str:
    more = clipping.size - min(len(clipping.members), SHOWN_MEMBERS)
    return reader.word("briefs_more", n=reader.number(more)) if clipping.members and more > 0 else ""


def _member(member: KeptMember, reader: Reader) -> MemberRow:
    about = [member.source, when(member.time, reader), *([reader.word("briefs_copy")] if member.copy_of else [])]
    return MemberRow(member.title, " · ".join(about), f"/article/{member.article_id}")


def _text(text: KeptText, reader: Reader) -> TextRow:
    published = reader.word("briefs_published", when=when(text.published, reader)) if text.published else None
    times = (
        published or reader.word("briefs_undated"),
        reader.word("briefs_read", when=when(text.read, reader)),
        reader.word("briefs_kept_at", when=when(text.kept_at, reader)),
    )
    marks = [reader.word("briefs_revision", n=text.revision)] if text.revision > 1 else []
    marks += [reader.word("briefs_paywalled")] if "paywalled" in text.marks else []
    return TextRow(
        title=text.title,
        source=text.source_name or text.source,
        href=web_address(text.url),
        times=times,
        marks=tuple(marks),
        paragraphs=lines(text.body),
        language=text.language,
        page=_page(text.text_id, text.page, reader),
    )


def _page(text_id: str, page: PageState, reader: Reader) -> PageRow:
    match = page.match or ""
    return PageRow(
        text_id=text_id,
        state=page.state,
        said=_page_said(page, reader),
        match=match,
        match_said=reader.word(f"briefs_match_{match}", why=_reasons(page.why, reader)) if match else "",
        sha256=page.sha256,
        again=page.state == "lost" or bool(page.error and page.state == "wanted"),
    )


def _page_said(page: PageState, reader: Reader) -> str:
    if page.state == "kept" and page.fetched:
        return reader.word("briefs_page_kept", when=when(page.fetched, reader), size=reader.number(page.size or 0))
    if page.state == "lost":
        return reader.word("briefs_page_lost", why=page.error)
    if page.error and page.due:
        tries = reader.number(page.tries)
        return reader.word("briefs_page_failed", why=page.error, n=tries, when=when(page.due, reader))
    return reader.word("briefs_page_wanted")


def _reasons(why: str | None, reader: Reader) -> str:
    known = {"title", "body", "gutted", "walled", "no-text"}
    parts = (why or "").split(", ")
    return ", ".join(reader.word(f"briefs_why_{part}") if part in known else part for part in parts)
