"""OPML out and in again is the same, but for the sample's mark."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import Permanent
from ingest.opml import KINDS, read_opml, write_opml
from ingest.records import Feed
from ingest.urls import feed_id

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=30).map(
    lambda text: " ".join(text.split())
)
SOME = NAMES.filter(bool)
FOLDERS = st.lists(SOME.map(lambda name: name.replace("/", "-")), max_size=3).map("/".join)
HOSTS = st.from_regex(r"[a-z]{1,8}\.example", fullmatch=True)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    url = f"https://{draw(HOSTS)}/{draw(st.integers(0, 99))}"
    return Feed(
        id=feed_id(url),
        url=url,
        name=draw(SOME),
        site_url=draw(st.none() | HOSTS.map("https://{}/".format)),
        language=draw(st.none() | st.sampled_from(["id", "en", "ja", "tl"])),
        country=draw(st.none() | st.sampled_from(["ID", "US", "UN", "XK"])),
        owner=draw(st.none() | SOME),
        kind=draw(st.none() | st.sampled_from(KINDS)),
        folder=draw(FOLDERS) or None,
        sample=draw(st.booleans()),
    )


@given(st.lists(feeds(), max_size=8, unique_by=lambda feed: feed.id), NAMES)
def test_what_was_written_is_read_again(given_feeds: list[Feed], title: str) -> None:
    read = read_opml(write_opml(given_feeds, title), "x.opml")
    assert read.problems == ()
    known = [feed.model_copy(update={"sample": False}) for feed in given_feeds]
    assert sorted(read.feeds, key=lambda feed: feed.id) == sorted(known, key=lambda feed: feed.id)
    assert read_opml(write_opml(read.feeds, title), "x.opml") == read


@given(
    st.one_of(
        st.binary(max_size=200), st.binary(max_size=100).map(lambda inner: b"<opml><body>" + inner + b"</body></opml>")
    )
)
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    try:
        read_opml(data, "x.opml")
    except Permanent as refusal:
        assert str(refusal).startswith("x.opml:")  # noqa: PT017 - that it raises at all is not what is asked
