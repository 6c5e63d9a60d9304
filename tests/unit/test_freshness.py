"""For how long a response stays fresh."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.freshness import fresh_for

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SOON, PAST = "Mon, 05 Jan 2026 12:10:00 GMT", "Mon, 05 Jan 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ({}, None),
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": 'private,Max-Age="60"'}, 60),
        ({"cache-control": "s-maxage=900"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "max-age=300", "age": "120"}, 180),
        ({"cache-control": "max-age=300", "age": "900"}, None),
        ({"cache-control": "max-age=300", "expires": PAST}, 300),
        ({"cache-control": "max-age=999999999"}, 365 * 86_400),
        ({"expires": SOON}, 600),
        ({"expires": SOON, "date": "Mon, 05 Jan 2026 12:05:00 GMT"}, 300),
        ({"expires": PAST}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1", "cache-control": "no-cache"}, None),
        ({"expires": "Thu, 99 Foo 99999 99:99:99"}, None),
        ({"expires": "Monday " * 1_000}, None),
    ],
)
def test_freshness_is_what_the_headers_say(head: dict[str, str], seconds: int | None) -> None:
    assert fresh_for(head, NOW) == seconds
