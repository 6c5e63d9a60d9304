"""What publishers reserve is read from headers and metas, for this robot or for all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reservations import Reserved, reserved


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (None, None),
        ("", None),
        ("noindex", "noindex"),
        ("none", "noindex"),
        ("nofollow, NOARCHIVE", "noarchive"),
        ("noindex, noarchive", "noindex"),
        ("googlebot: noindex, nofollow", None),
        ("googlebot: noindex, kawat: noarchive", "noarchive"),
        ("*: noindex", "noindex"),
        ("max-snippet: 20, noarchive", "noarchive"),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST", None),
    ],
)
def test_the_robots_header_is_read_for_all_or_for_this_robot(head: str | None, expected: Reserved | None) -> None:
    assert reserved(b"<html></html>", robots_tag=head) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b'<meta name="robots" content="index, follow, max-image-preview:large">', None),
        (b'<meta name="robots" content="noindex,follow">', "noindex"),
        (b"<META CONTENT='NoArchive' NAME='ROBOTS'>", "noarchive"),
        (b"<meta name=robots content=noarchive>", "noarchive"),
        (b'<meta name="googlebot-news" content="noindex">', None),
        (b'<meta name="kawat" content="noarchive">', "noarchive"),
        (b'<meta name="tdm-reservation" content="1">', "tdm"),
        (b'<meta name="tdm-reservation" content="0">', None),
        (b'<!-- <meta name="robots" content="noindex"> --><title>x</title>', None),
        (b'<!-- <meta name="robots" content="noindex">', None),
        (b'<meta property="robots" content="noindex">', None),
    ],
)
def test_the_pages_own_metas_are_read(page: bytes, expected: Reserved | None) -> None:
    assert reserved(b"<html><head>" + page + b"</head>") == expected


def test_the_page_knows_better_than_its_server_whether_it_is_reserved() -> None:
    assert reserved(b"", tdm="1") == "tdm"
    assert reserved(b'<meta name="tdm-reservation" content="0">', tdm="1") is None


@given(st.binary(max_size=2_000), st.text(max_size=200), st.text(max_size=20))
def test_no_page_and_no_header_crashes_it(page: bytes, robots_tag: str, tdm: str) -> None:
    assert reserved(b"<meta " + page, robots_tag=robots_tag, tdm=tdm) in {None, "tdm", "noindex", "noarchive"}
