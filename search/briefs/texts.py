"""From what the index has of an article or story to what is kept of it: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ingest.stories import Member
from search.briefs.records import (
    MOST_MEMBERS,
    MOST_TEXTS,
    Clipping,
    KeptMember,
    KeptText,
    PageState,
    story_clipping_id,
    text_id,
)
from search.documents import iso
from search.reserved import shown
from search.storyview import StoryView

SAME = ["article_id", "entry_id", "feed_id", "content_hash", "url", "page_url", "title", "body", "authors", "source"]
SAME += ["source_name", "language", "agency", "published", "first_seen", "fetched", "is"]
READ = [*SAME, "revision", "story_id"]  # of an article's document


def kept_text(source: Mapping[str, Any], at: datetime) -> KeptText:
    """An article's text as its document has it now, as far as it may be shown; its raw page is asked for at once."""
    source = shown(source)
    revision = int(source.get("revision", 1))
    fields = {name: source[name] for name in SAME if source.get(name) not in (None, "")}
    id = text_id(source["article_id"], revision, source.get("content_hash", ""))
    return KeptText.model_validate(
        {"content_hash": "", **fields, "text_id": id, "revision": revision, "kept_at": at, "page": PageState(due=at)}
    )


def article_clipping(text: KeptText, at: datetime, *, note: str, concerns: str) -> Clipping:
    """An article by itself."""
    return Clipping(
        id=text.text_id,
        article_id=text.article_id,
        title=text.title,
        texts=(text.text_id,),
        note=note,
        concerns=concerns,
        added=at,
    )


def story_clipping(
    story: StoryView, texts: Mapping[str, KeptText], at: datetime, *, note: str, concerns: str
) -> Clipping:
    """A story with its members now. `texts` by article id; the first article of `worth_keeping` stands for it.

    Raises ValueError where there is no text at all.
    """
    whole = [texts[one.article_id] for one in worth_keeping(story.members) if one.article_id in texts]
    if not whole:
        raise ValueError(f"no article of story {story.id} is in the index any more")
    listed = story.members[:MOST_MEMBERS]
    members = tuple(_member(one, texts.get(one.article_id)) for one in listed)
    return Clipping(
        id=story_clipping_id(story.id, tuple(one.article_id for one in listed)),
        article_id=whole[0].article_id,
        title=story.title or whole[0].title,
        texts=tuple(one.text_id for one in whole),
        story_id=story.id,
        size=story.size,
        sources=story.source_count,
        members=members,
        note=note,
        concerns=concerns,
        added=at,
    )


def worth_keeping(members: Iterable[Member]) -> tuple[Member, ...]:
    """Whose texts are kept of a story: originals, each owner's first before anybody's second, the earliest first."""
    originals = [one for one in members if one.duplicate_of is None]
    first: dict[str, Member] = {}
    for one in originals:
        first.setdefault(one.owner, one)
    others = [one for one in originals if first[one.owner] is not one]
    return tuple((*first.values(), *others)[:MOST_TEXTS])


def text_source(text: KeptText) -> dict[str, Any]:
    """The document of a kept text."""
    given = text.model_dump(by_alias=True, exclude_none=True, exclude={"page"})
    return {**_written(given), "page": page_source(text.page)}


def page_source(page: PageState) -> dict[str, Any]:
    """How a text's document says that its raw page stands."""
    return _written(page.model_dump(exclude_none=True))


def _written(fields: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: iso(value) if isinstance(value, datetime) else value for name, value in fields.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items() if value != ()}


def _member(member: Member, text: KeptText | None) -> KeptMember:
    return KeptMember(
        article_id=member.article_id,
        title=member.title,
        source=member.source,
        time=member.time,
        url=text.url if text else None,
        copy_of=member.duplicate_of,
    )
