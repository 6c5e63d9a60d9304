"""Names marked in a text: every character stands there once, and what cannot be marked is left plain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.records import Mention
from search.web.marking import paragraphs


def mention(name: str, *spans: tuple[int, int]) -> Mention:
    return Mention(id=name, type="person", name=name, surfaces=(name,), count=len(spans) or 1, spans=spans)


def shown(body: str, *mentions: Mention) -> list[list[tuple[str, str]]]:
    return [
        [(run.text, run.mention.name if run.mention else "") for run in runs] for runs in paragraphs(body, mentions)
    ]


def test_names_are_marked_where_they_stand() -> None:
    assert shown("NATO di Tokyo.\nTokyo.", mention("NATO", (0, 4)), mention("Tokyo", (8, 13), (15, 20))) == [
        [("NATO", "NATO"), (" di ", ""), ("Tokyo", "Tokyo"), (".", "")],
        [("Tokyo", "Tokyo"), (".", "")],
    ]


def test_of_names_that_overlap_the_longest_is_marked() -> None:
    assert shown("Laut Cina Selatan", mention("Cina", (5, 9)), mention("Laut Cina Selatan", (0, 17))) == [
        [("Laut Cina Selatan", "Laut Cina Selatan")]
    ]


def test_names_across_paragraphs_or_outside_the_text_are_left_plain() -> None:
    wrong = mention("x", (3, 8), (-2, 2), (90, 99), (4, 4))
    assert shown("satu\ndua", wrong) == [[("satu", "")], [("dua", "")]]


def test_empty_lines_are_no_paragraphs() -> None:
    assert shown("a\n\n \r\nb\n") == [[("a", "")], [("b", "")]]
    assert shown("") == []


@given(
    body=st.text(alphabet="ab \n\r\u2028é", max_size=80),
    spans=st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=8),
)
def test_every_character_is_shown_once(body: str, spans: list[tuple[int, int]]) -> None:
    text = "".join(run.text for runs in paragraphs(body, [mention("x", *spans)]) for run in runs)
    assert "".join(text.split()) == "".join(body.split())
