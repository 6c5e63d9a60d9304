"""Stories: the connected components of what belongs together. Pure.

Whether two articles do is a matter of these two alone (`ingest/relation.py`), and a story only ever grows. So any order
of arrival, one at a time or at once, gives the same stories, and the same originals of copies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from ingest.records import Record
from ingest.relation import Relation, Telling

MOST_MEMBERS = 500  # that a story lists; beyond it only counts, or one story would cost more than all others


class Member(Record):
    """An article as its story knows it. `owner` is whoever publishes there: two sites of one owner are one voice."""

    article_id: str
    time: datetime
    first_seen: datetime
    title: str
    source: str
    owner: str
    agency: str | None = None  # the wire that it is credited to
    duplicate_of: str | None = None  # the original's article id


class Article(NamedTuple):
    """An article that is being placed, or that one of these is linked to."""

    telling: Telling
    member: Member
    story_id: str  # as its document has it, redirects followed; its own id where it stands alone


class Link(NamedTuple):
    """Two articles that belong together."""

    first: str
    second: str
    relation: Relation


class Story(Record):
    """A story that has two articles or more. Its id is that of the article it began with, and stays."""

    id: str
    language: str | None
    sample: bool = False
    members: tuple[Member, ...] = ()
    unlisted: int = 0  # members beyond the listed ones
    owners: tuple[str, ...] = ()  # theirs too

    @property
    def created(self) -> datetime:
        """When the article it began with was first seen."""
        return next((one.first_seen for one in self.members if one.article_id == self.id), self.members[0].first_seen)


class Settled(NamedTuple):
    """Where one component of articles stands now: its story, the ids that lead there, each article's original."""

    story: Story
    merged: tuple[str, ...]  # stories that are only signposts from now on
    originals: Mapping[str, str | None]  # article id → duplicate_of, unlisted ones too


def settle(stories: Iterable[Story], articles: Mapping[str, Article], links: Iterable[Link]) -> list[Settled]:
    """The stories of all `articles`, given the `stories` that have any of them and the `links` found between them.

    Articles that stand alone give none. Two stories that share an article or are linked become the older one, by when
    it began, then by id. Where no article has a story yet, it begins with the one that was seen first.
    """
    known = {story.id: story for story in stories}
    links = list(links)
    members = {one.article_id: one for story in known.values() for one in story.members}
    members |= {id: _with_original(one.member, members.get(id)) for id, one in articles.items()}
    joined, copies = Union(members), Union(members)
    for story in known.values():
        joined.join(one.article_id for one in story.members)
    for id, one in articles.items():
        if one.story_id in known:
            joined.join((id, known[one.story_id].members[0].article_id))
    for link in links:
        joined.join(link[:2])
        if link.relation == "copy":
            copies.join(link[:2])
    for member in members.values():
        if member.duplicate_of in members and joined.same(member.article_id, member.duplicate_of):
            copies.join((member.article_id, member.duplicate_of))
    originals = {id: min((members[id] for id in group), key=by_time) for group in copies.groups() for id in group}
    by_root: dict[str, list[Story]] = {}
    for story in known.values():
        by_root.setdefault(joined.root(story.members[0].article_id), []).append(story)
    settled = []
    for group in joined.groups():
        parts = by_root.get(joined.root(group[0]), [])
        if len(group) > 1 or parts:
            settled.append(_settled(parts, [members[id] for id in group], originals, articles))
    return settled


def by_time(member: Member) -> tuple[datetime, datetime, str]:
    """The order in which articles came out: of copies the first one is the original."""
    return member.time, member.first_seen, member.article_id


class Union:
    """Disjoint sets of ids that are joined one by one."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._parent = {id: id for id in ids}

    def join(self, ids: Iterable[str]) -> None:
        """Makes one set of all that have any of `ids`."""
        roots = {self.root(id) for id in ids}
        for root in roots:
            self._parent[root] = min(roots)

    def same(self, first: str, second: str) -> bool:
        return self.root(first) == self.root(second)

    def groups(self) -> Collection[list[str]]:
        """The sets, each sorted."""
        found: dict[str, list[str]] = {}
        for id in sorted(self._parent):
            found.setdefault(self.root(id), []).append(id)
        return found.values()

    def root(self, id: str) -> str:
        """The id that stands for the set of `id`."""
        while (parent := self._parent[id]) != id:
            self._parent[id] = id = self._parent[parent]
        return id


def _settled(
    parts: list[Story], members: list[Member], originals: Mapping[str, Member], articles: Mapping[str, Article]
) -> Settled:
    """One story of `parts` and `members`; its id is the oldest part's, or of the article that was seen first."""
    oldest = min(parts, key=lambda one: (one.created, one.id)) if parts else None
    first = min(members, key=lambda one: (one.first_seen, one.article_id)).article_id
    id = oldest.id if oldest else first
    told = articles[first].telling if oldest is None else oldest
    now = [_copy_of(one, originals[one.article_id]) for one in members]
    listed = {one.article_id for story in parts for one in story.members}
    now.sort(key=lambda one: (one.article_id != id, one.article_id not in listed, by_time(one)))
    ids = {story.id for story in parts}
    beyond = now[MOST_MEMBERS:]
    added = [one for one in beyond if one.article_id in listed or articles[one.article_id].story_id not in ids]
    story = Story(
        id=id,
        language=told.language,
        sample=told.sample,
        members=tuple(sorted(now[:MOST_MEMBERS], key=by_time)),
        unlisted=sum(story.unlisted for story in parts) + len(added),
        owners=tuple(sorted({one.owner for one in now}.union(*(part.owners for part in parts)))),
    )
    merged = tuple(sorted(ids - {id}))
    return Settled(story, merged, {one.article_id: one.duplicate_of for one in now})


def _copy_of(member: Member, original: Member) -> Member:
    duplicate_of = None if original.article_id == member.article_id else original.article_id
    return member if member.duplicate_of == duplicate_of else member.model_copy(update={"duplicate_of": duplicate_of})


def _with_original(fresh: Member, stored: Member | None) -> Member:
    """The present state, with the original that the story knows where the article's document has none yet."""
    if stored is None or fresh.duplicate_of:
        return fresh
    return fresh.model_copy(update={"duplicate_of": stored.duplicate_of})
