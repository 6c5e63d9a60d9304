"""A brief as it is exported, whatever the format: pieces in order, each with its source, times and evidence. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from search.briefs.records import BriefView, Clipping, KeptText, PageState
from search.briefs.wording import Wording

SHOWN_MEMBERS = 50
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ckb", "ug", "yi", "dv", "sd"})


class Fact(NamedTuple):
    """One line of what is known of a piece; `href` where it leads somewhere."""

    label: str
    value: str
    href: str | None = None


class Other(NamedTuple):
    """Another article of a story."""

    title: str
    about: str
    href: str | None


class Piece(NamedTuple):
    """One clipping. `href` is None where the article's address is no web address."""

    title: str
    href: str | None
    facts: tuple[Fact, ...]
    note: tuple[str, ...]
    paragraphs: tuple[str, ...]
    others: tuple[Other, ...]
    more: str  # of the story's articles that are not listed
    language: str | None
    right_to_left: bool


class Sheet(NamedTuple):
    """All of an export."""

    language: str
    title: str
    day: str
    total: str
    note: tuple[str, ...]
    pieces: tuple[Piece, ...]
    made: str
    words: Wording


def sheet(view: BriefView, words: Wording, made: datetime) -> Sheet:
    """The brief in the reader's language and zone, as of `made`."""
    brief = view.brief
    day = words.day(brief.date)
    return Sheet(
        language=words.language,
        title=brief.title or words.word("brief", day=day),
        day=day,
        total=words.counted("pieces", len(brief.clippings)),
        note=lines(brief.note),
        pieces=tuple(_piece(one, view.texts, words) for one in brief.clippings),
        made=words.word("made", when=words.when(made), tz=words.tz),
        words=words,
    )


def filename(view: BriefView, language: str, ending: str) -> str:
    """ASCII, and no name that a system would take for anything else."""
    return f"{'brief' if language == 'en' else 'kliping'}-{view.brief.id}.{ending}"


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that say something."""
    return tuple(stripped for one in text.split("\n") if (stripped := one.strip()))


def web_address(url: str) -> str | None:
    """`url` where it is safe to be followed."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def page_said(page: PageState, words: Wording) -> str:
    """How it stands with a raw page, for people."""
    if page.state == "kept" and page.fetched:
        size = words.number(page.size or 0)
        told = words.word("page_kept", when=words.when(page.fetched), size=size, sha256=page.sha256)
        return f"{told}; {words.word(f'match_{page.match}', why=words.reasons(page.why))}" if page.match else told
    if page.state == "lost":
        return words.word("page_lost", why=page.error)
    return words.word("page_failed", why=page.error) if page.error else words.word("page_wanted")


def _piece(clipping: Clipping, texts: dict[str, KeptText], words: Wording) -> Piece:
    text = texts.get(clipping.texts[0]) if clipping.texts else None
    listed = clipping.members[:SHOWN_MEMBERS]
    more = max(0, clipping.size - len(listed)) if clipping.members else 0
    return Piece(
        title=clipping.title or (text.title if text else ""),
        href=web_address(text.url) if text else None,
        facts=tuple(_facts(clipping, text, words)),
        note=lines(clipping.note),
        paragraphs=lines(text.body) if text else (words.word("missing"),),
        others=tuple(
            Other(
                one.title,
                " · ".join(
                    [one.source, words.when(one.time), *([words.word("copy")] if one.copy_of else [])],
                ),
                web_address(one.url or ""),
            )
            for one in listed
        ),
        more=words.word("others_more", n=words.number(more)) if more else "",
        language=text.language if text else None,
        right_to_left=bool(text and text.language in RIGHT_TO_LEFT),
    )


def _facts(clipping: Clipping, text: KeptText | None, words: Wording) -> list[Fact]:
    facts = []
    if text:
        named = text.source_name and text.source_name != text.source
        facts.append(Fact(words.word("source"), f"{text.source_name} ({text.source})" if named else text.source))
        if text.authors:
            facts.append(Fact(words.word("by"), ", ".join(text.authors)))
        published = words.when(text.published) if text.published else words.word("undated")
        facts.append(Fact(words.word("published"), published))
        facts.append(Fact(words.word("read"), words.when(text.read)))
    facts.append(Fact(words.word("kept"), words.when(clipping.added)))
    if text:
        facts.append(Fact(words.word("link"), text.url, web_address(text.url)))
        about = [words.word("revision", n=text.revision)] if text.revision > 1 else []
        about += [words.word("paywalled")] if "paywalled" in text.marks else []
        if about:
            facts.append(Fact(words.word("text"), "; ".join(about)))
        facts.append(Fact(words.word("page"), page_said(text.page, words)))
    if clipping.story_id:
        told = words.word("story", n=words.number(clipping.size), sources=words.number(clipping.sources))
        facts.append(Fact(words.word("others"), told))
    if clipping.concerns:
        facts.append(Fact(words.word("concerns"), clipping.concerns))
    return facts
