"""Of a text that its publisher reserves the beginning is shown, with the names that stand there."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ingest.dates import now
from ingest.errors import Refused
from ingest.fetch import Response
from search.articles import article_of
from search.briefs.texts import kept_text
from search.reserved import LEAD, held_back, lead, shown
from tests.fakes import FakeFetcher, OpenTurns
from worker.keeping import KeepPorts, Shelf, _asked

BODY = "Menteri luar negeri Jepang berkata. " * 30
LATE = BODY.rindex("Jepang")
SOURCE: dict[str, Any] = {
    "article_id": "a" * 32,
    "entry_id": "e" * 32,
    "url": "https://example.com/1",
    "title": "Judul",
    "body": BODY,
    "source": "example.com",
    "first_seen": "2026-01-01T00:00:00Z",
    "is": ["reserved"],
    "reserved": "noarchive",
    "mentions": [
        {"id": "Q17", "type": "country", "name": "Japan", "surfaces": ["Jepang"], "count": 2, "spans": [[21, 27]]},
        {"id": "Q30", "type": "country", "name": "USA", "surfaces": ["AS"], "count": 1, "spans": [[LATE, LATE + 6]]},
    ],
}


def test_a_reserved_text_is_shown_by_its_beginning_with_the_names_that_stand_there() -> None:
    article = article_of(SOURCE)
    assert article.body == lead(BODY)
    assert len(article.body) <= LEAD + 2
    assert BODY.startswith(article.body.removesuffix(" …"))
    assert [one.id for one in article.mentions] == ["Q17"]
    assert article.reserved == "noarchive"
    assert len(kept_text({**SOURCE, "revision": 1}, now()).body) <= LEAD + 2


def test_what_is_not_reserved_or_what_the_feed_gave_away_is_shown_whole() -> None:
    assert article_of({**SOURCE, "is": []}).body == BODY
    assert article_of({**SOURCE, "is": ["partial", "reserved"]}).body == BODY
    assert not held_back(None)
    assert shown({"is": ["reserved"], "body": "Pendek."})["body"] == "Pendek."
    assert lead("x" * 1_000) == "x" * LEAD + " …", "a text without blanks is cut all the same"


def test_no_raw_page_is_kept_of_what_what_is_reserved() -> None:
    url = "https://example.com/1"

    def asked(body: bytes, robots_tag: str | None = None) -> Response:
        answer = Response(url=url, status=200, body=body, content_type="text/html", robots_tag=robots_tag)
        return _asked(url, KeepPorts(FakeFetcher({url: answer}), OpenTurns(), cast(Shelf, None), print))

    assert asked(b"<p>Halaman</p>").body == b"<p>Halaman</p>"
    for page, tag in ((b"<p>x</p>", "noarchive"), (b'<meta name="tdm-reservation" content="1">', None)):
        with pytest.raises(Refused, match="no copy of it kept"):
            asked(page, tag)
