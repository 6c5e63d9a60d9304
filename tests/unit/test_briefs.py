"""What can be done to a brief, and what is kept of an article or a story."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.stories import Member
from search.briefs import changes
from search.briefs.changes import BriefError
from search.briefs.records import MOST_CLIPPINGS, MOST_REMOVED, MOST_TEXTS, Brief, Clipping
from search.briefs.texts import article_clipping, kept_text, page_source, story_clipping, text_source, worth_keeping
from search.storyview import StoryView

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)


def brief(*names: str) -> Brief:
    clippings = tuple(Clipping(id=name, article_id=name, title=name, added=AT) for name in names)
    return Brief(id="2026-03-04", date=date(2026, 3, 4), clippings=clippings, created=AT, updated=AT)


def order(one: Brief) -> str:
    return "".join(clipping.id for clipping in one.clippings)


def source(**changes: Any) -> dict[str, Any]:
    return {
        "article_id": "a" * 32,
        "entry_id": "e" * 32,
        "revision": 2,
        "content_hash": "h",
        "url": "https://news.example/a",
        "title": "Kantor penghubung",
        "body": "Satu.\nDua.",
        "first_seen": "2026-03-04T01:00:00Z",
        "is": ["paywalled"],
        **changes,
    }


def test_a_clipping_moves_by_steps_and_stops_at_either_end() -> None:
    one = brief("a", "b", "c")
    assert order(changes.moved(one, "b", 1, LATER)) == "acb"
    assert order(changes.moved(one, "b", -1, LATER)) == "bac"
    assert order(changes.moved(one, "a", -1, LATER)) == "abc"
    assert order(changes.moved(one, "a", 9, LATER)) == "bca"


def test_what_is_written_when_something_is_kept_again_stands_below_and_once() -> None:
    one = changes.noted(brief("a", "b"), "a", "look", "desk", AT)
    twice = changes.also_noted(one, "a", "ok", "Asia", LATER)
    assert (twice.clippings[0].note, twice.clippings[0].concerns) == ("look\n\nok", "desk; Asia")
    assert changes.also_noted(twice, "a", "ok", "desk", LATER) is twice
    assert changes.also_noted(one, "b", "ok", "", LATER).clippings[1].note == "ok"
    with pytest.raises(BriefError):
        changes.also_noted(one, "c", "ok", "", LATER)
    with pytest.raises(BriefError):
        changes.also_noted(one, "a", "x" * 10_000, "", LATER)


def test_an_order_that_leaves_one_out_or_names_one_twice_is_refused() -> None:
    one = brief("a", "b", "c")
    assert order(changes.ordered(one, ["c", "a", "b"], LATER)) == "cab"
    for wrong in (["a", "b"], ["a", "b", "b"], ["a", "b", "d"], ["a", "b", "c", "c"]):
        with pytest.raises(BriefError):
            changes.ordered(one, wrong, LATER)


def test_what_is_taken_out_can_be_put_back_where_it_stood() -> None:
    one = changes.noted(brief("a", "b", "c"), "b", "penting", "meja Asia", LATER)
    without = changes.without(one, "b", LATER)
    assert order(without) == "ac"
    back = changes.restored(without, "b", LATER)
    assert order(back) == "abc"
    assert back.clippings == one.clippings
    assert not back.removed
    assert changes.restored(back, "b", LATER) == back
    assert changes.without(without, "b", LATER) == without
    with pytest.raises(BriefError):
        changes.restored(one, "z", LATER)


def test_keeping_again_what_was_taken_out_leaves_it_once() -> None:
    one = changes.without(brief("a", "b"), "a", LATER)
    again = changes.with_clipping(one, brief("a").clippings[0], LATER)
    assert order(again) == "ba"
    assert not again.removed
    assert changes.with_clipping(again, brief("a").clippings[0], LATER) == again


def test_a_full_brief_takes_no_more_and_what_was_taken_out_last_is_remembered() -> None:
    full = brief(*(str(n) for n in range(MOST_CLIPPINGS)))
    with pytest.raises(BriefError, match="begin another"):
        changes.with_clipping(full, brief("new").clippings[0], LATER)
    for n in range(MOST_REMOVED + 1):
        full = changes.without(full, str(n), LATER)
    assert [one.clipping.id for one in full.removed] == [str(n) for n in range(1, MOST_REMOVED + 1)]


@given(
    st.lists(st.tuples(st.sampled_from(["moved", "without", "restored"]), st.sampled_from("abcde"), st.integers(-6, 6)))
)
def test_whatever_is_done_nothing_is_lost_or_doubled(steps: list[tuple[str, str, int]]) -> None:
    one = brief(*"abcde")
    for verb, id, by in steps:
        try:
            one = changes.moved(one, id, by, LATER) if verb == "moved" else getattr(changes, verb)(one, id, LATER)
        except BriefError:
            continue
    everything = [clipping.id for clipping in one.clippings] + [out.clipping.id for out in one.removed]
    assert sorted(everything) == list("abcde")


def test_notes_lose_control_characters_but_keep_their_lines() -> None:
    one = changes.noted(brief("a"), "a", "satu\r\ndua\x00\x1b[31m\n", "meja\nAsia\t", LATER)
    assert one.clippings[0].note == "satu\ndua[31m"
    assert one.clippings[0].concerns == "meja Asia"
    with pytest.raises(BriefError, match="10,000 fit"):
        changes.described(one, "", "x" * 10_001, LATER)


def test_a_text_is_kept_as_it_reads_now_under_an_id_of_what_it_says() -> None:
    text = kept_text(source(), AT)
    assert (text.title, text.body, text.revision, text.marks) == ("Kantor penghubung", "Satu.\nDua.", 2, ("paywalled",))
    assert text.page.state == "wanted"
    assert text.page.due == AT
    assert text.text_id == kept_text(source(), LATER).text_id
    assert text.text_id != kept_text(source(revision=3), AT).text_id
    assert text_source(text)["is"] == ["paywalled"]
    assert page_source(text.page) == {"state": "wanted", "due": "2026-03-04T05:06:07Z", "tries": 0}
    assert article_clipping(text, AT, note="", concerns="").id == text.text_id


def member(name: str, owner: str, minutes: int, copy_of: str | None = None) -> Member:
    at = AT + timedelta(minutes=minutes)
    told = {"title": name, "source": f"{owner}.example", "duplicate_of": copy_of}
    return Member(article_id=name, time=at, first_seen=at, owner=owner, **told)


def story(members: tuple[Member, ...]) -> StoryView:
    about: dict[str, Any] = {"copies": 0, "source_count": 2, "owners": (), "sources": (), "agencies": ()}
    return StoryView(id="s", title="Cerita", size=len(members), first=AT, last=LATER, members=members, **about)


def test_of_a_story_each_owners_first_original_is_kept_before_anybodys_second() -> None:
    members = (member("a", "x", 0), member("b", "x", 1), member("c", "y", 2, copy_of="a"), member("d", "z", 3))
    assert [one.article_id for one in worth_keeping(members)] == ["a", "d", "b"]
    many = tuple(member(str(n), f"o{n}", n) for n in range(30))
    assert len(worth_keeping(many)) == MOST_TEXTS


def test_a_story_is_kept_with_its_members_and_one_that_grew_is_another_clipping() -> None:
    members = (member("a", "x", 0), member("c", "y", 2, copy_of="a"))
    texts = {"a": kept_text(source(article_id="a"), AT)}
    kept = story_clipping(story(members), texts, AT, note="n", concerns="")
    assert [(one.article_id, one.copy_of) for one in kept.members] == [("a", None), ("c", "a")]
    assert kept.texts == (texts["a"].text_id,)
    grown = story_clipping(story((*members, member("d", "z", 5))), texts, AT, note="", concerns="")
    assert grown.id != kept.id
    with pytest.raises(ValueError, match="no article of story s"):
        story_clipping(story(members), {}, AT, note="", concerns="")
