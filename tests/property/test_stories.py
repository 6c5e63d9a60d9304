"""Stories do not depend on the order in which articles arrive, nor on how often a batch is placed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ingest import stories
from ingest.relation import Relation, Telling
from ingest.stories import Article, Link, Member, Story, Union, by_time, settle

BEGAN = datetime(2026, 3, 4, tzinfo=UTC)


class News(NamedTuple):
    """Articles by number, what relates them, and the batches that are placed one after the other."""

    members: tuple[Member, ...]
    links: tuple[Link, ...]
    batches: tuple[tuple[int, ...], ...]
    all_there: bool  # every article is written before the first batch is placed: as concurrent batches see it


def member(number: int, published: int, seen: int) -> Member:
    return Member(
        article_id=f"a{number}",
        time=BEGAN + timedelta(hours=published),
        first_seen=BEGAN + timedelta(hours=seen),
        title=f"title {number}",
        source=f"s{number % 4}.example",
        owner=f"o{number % 3}",
    )


@st.composite
def news(draw: st.DrawFn) -> News:
    count = draw(st.integers(1, 9))
    hours = st.integers(0, 5)  # ties are frequent
    members = tuple(member(at, draw(hours), draw(hours)) for at in range(count))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.booleans())
    chosen: dict[tuple[int, int], Relation] = {
        (min(a, b), max(a, b)): "copy" if copies else "follow-up" for a, b, copies in draw(st.lists(pairs)) if a != b
    }
    links = tuple(Link(f"a{a}", f"a{b}", kind) for (a, b), kind in chosen.items())
    order = draw(st.permutations(range(count)))
    again = draw(st.lists(st.integers(0, count - 1), max_size=3))  # batches that are placed twice
    batches, at, order = [], 0, [*order, *again]
    while at < len(order):
        size = draw(st.integers(1, 4))
        batches.append(tuple(order[at : at + size]))
        at += size
    return News(members, links, tuple(batches), draw(st.booleans()))


class Memory:
    """What stands in the index: stories, signposts, what each article says."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self.merged: dict[str, str] = {}
        self.says: dict[str, tuple[str, str | None]] = {}

    def resolved(self, id: str) -> str:
        while id in self.merged:
            id = self.merged[id]
        return id

    def place(self, batch: list[Member], there: dict[str, Member], links: tuple[Link, ...]) -> None:
        ids = {one.article_id for one in batch}
        found = [link for link in links if ids & set(link[:2]) and set(link[:2]) <= set(there)]
        articles = {id: self.article(there[id]) for id in ids.union(*(link[:2] for link in found))}
        named = {one.story_id for one in articles.values()}
        books = [
            book
            for id, book in self.stories.items()
            if id in named or any(one.article_id in articles for one in book.members)
        ]
        for settled in settle(books, articles, found):
            for id in settled.merged:
                del self.stories[id]
                self.merged[id] = settled.story.id
            self.stories[settled.story.id] = settled.story
            self.says |= {id: (settled.story.id, of) for id, of in settled.originals.items()}

    def article(self, one: Member) -> Article:
        story_id, duplicate_of = self.says.get(one.article_id, (one.article_id, None))
        telling = Telling(article_id=one.article_id, time=one.time, language="id", title="", signature="", terms=())
        return Article(telling, one.model_copy(update={"duplicate_of": duplicate_of}), self.resolved(story_id))


def placed(told: News) -> Memory:
    memory = Memory()
    there = {one.article_id: one for one in told.members} if told.all_there else {}
    for batch in told.batches:
        members = [told.members[at] for at in batch]
        there |= {one.article_id: one for one in members}
        memory.place(members, there, told.links)
    return memory


def truth(told: News) -> tuple[set[frozenset[str]], dict[str, str | None]]:
    ids = {one.article_id: one for one in told.members}
    joined, copies = Union(ids), Union(ids)
    for link in told.links:
        joined.join(link[:2])
        if link.relation == "copy":
            copies.join(link[:2])
    originals: dict[str, str | None] = {}
    for group in copies.groups():
        first = min((ids[id] for id in group), key=by_time).article_id
        originals |= {id: None if id == first else first for id in group}
    return {frozenset(group) for group in joined.groups()}, originals


def said(memory: Memory, told: News) -> tuple[set[frozenset[str]], dict[str, str | None]]:
    groups: dict[str, set[str]] = {}
    originals = {}
    for one in told.members:
        story_id, originals[one.article_id] = memory.says.get(one.article_id, (one.article_id, None))
        groups.setdefault(memory.resolved(story_id), set()).add(one.article_id)
    return {frozenset(group) for group in groups.values()}, originals


@given(news())
def test_any_order_gives_the_same_stories_and_originals(told: News) -> None:
    memory = placed(told)
    assert said(memory, told) == truth(told)
    assert {frozenset(one.article_id for one in book.members) for book in memory.stories.values()} == {
        group for group in truth(told)[0] if len(group) > 1
    }


@given(news())
def test_a_story_is_called_after_its_first_article_and_keeps_its_name(told: News) -> None:
    """Whoever kept an older id is led to the story that the article is in now."""
    memory = Memory()
    there = {one.article_id: one for one in told.members}
    for batch in told.batches:
        before = dict(memory.stories)
        memory.place([told.members[at] for at in batch], there, told.links)
        for id, book in before.items():
            now = memory.stories[memory.resolved(id)]
            assert {one.article_id for one in book.members} <= {one.article_id for one in now.members}
            assert (now.created, now.id) <= (book.created, book.id)
    for id, book in memory.stories.items():
        assert id in {one.article_id for one in book.members}
        assert book.owners == tuple(sorted({one.owner for one in book.members}))


@given(news())
def test_placing_everything_again_changes_nothing(told: News) -> None:
    memory = placed(told)
    books, says = dict(memory.stories), dict(memory.says)
    memory.place(list(told.members), {one.article_id: one for one in told.members}, told.links)
    again = Memory()
    again.__dict__.update(stories=books, says=says, merged=memory.merged)
    assert said(memory, told) == said(again, told)
    complete = placed(told._replace(all_there=True, batches=(*told.batches, tuple(range(len(told.members))))))
    assert {book.model_dump_json(exclude={"id"}) for book in complete.stories.values()} == {
        book.model_dump_json(exclude={"id"}) for book in memory.stories.values()
    }


@given(news())
def test_beyond_its_list_a_story_still_counts(told: News) -> None:
    """The limit is made three here."""
    kept, stories.MOST_MEMBERS = stories.MOST_MEMBERS, 3
    try:
        memory = placed(told._replace(all_there=True))
    finally:
        stories.MOST_MEMBERS = kept
    sizes = sorted(len(group) for group in truth(told)[0] if len(group) > 1)
    assert sorted(len(book.members) + book.unlisted for book in memory.stories.values()) == sizes
    assert all(len(book.members) <= 3 for book in memory.stories.values())
    assert said(memory, told)[0] == truth(told)[0]
