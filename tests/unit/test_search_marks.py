"""Highlights are HTML: whatever an article holds, nothing but our own marks is markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from search.search import CLOSE, OPEN, balanced


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, int]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, len(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


PIECES = st.lists(
    st.sampled_from(
        [OPEN, CLOSE, "<script>", "</mark>", "<mark onclick=x>", "&lt;", "&", '"', "'", "a", "<!--", "]]>"]
    ),
    max_size=12,
).map("".join)


@given(PIECES)
def test_nothing_but_marks_is_markup_and_no_character_is_lost(text: str) -> None:
    parser = Tags()
    shown = balanced(text)
    parser.feed(shown)
    parser.close()
    assert set(parser.tags) <= {("mark", 0)}
    assert parser.text == text.replace(OPEN, "").replace(CLOSE, "")
    assert shown.count("<mark>") == shown.count("</mark>")


def test_a_match_is_marked() -> None:
    assert balanced(f"a {OPEN}<b>{CLOSE} c") == "a <mark>&lt;b&gt;</mark> c"


def test_an_article_that_holds_our_characters_is_shown_plain() -> None:
    assert balanced(f"{CLOSE}x{OPEN}") == "x"
    assert balanced(f"{OPEN}{OPEN}x{CLOSE}{CLOSE}") == "x"
