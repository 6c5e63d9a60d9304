"""Golden pairs: a page of our own writing in tests/golden/articles, and beside it what must be read off it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.article import extract
from ingest.records import Entry, Page
from ingest.tagging import tag

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "articles"


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.html")))
def test_a_page_gives_the_article_beside_it(name: str) -> None:
    case = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    page = Page(
        url=case["url"],
        body=(GOLDEN / f"{name}.html").read_bytes(),
        content_type=case["content_type"],
        fetched=case["fetched"],
    )
    entry = Entry(id="0" * 32, feed_id="0" * 16, url=case["url"], **case["entry"])

    tagged = tag(extract(page, entry))

    found = tagged.article.model_dump(mode="json")
    assert {key: found[key] for key in case["expected"]} == case["expected"]
    assert list(tagged.countries) == case["countries"]
