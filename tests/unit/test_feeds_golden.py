"""Feeds in every format beside what they mean: tests/golden/feeds/NAME and NAME.expected.json."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.feeds import parse_feed
from ingest.records import ParsedFeed

GOLDEN = Path(__file__).resolve().parents[1] / "golden/feeds"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if not path.name.endswith(".expected.json"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def parsed(name: str) -> ParsedFeed:
    body = (GOLDEN / name).read_bytes()
    return parse_feed(body, url="https://feeds.example/feed", feed_id="0123456789abcdef", now=NOW)


@pytest.mark.parametrize("name", NAMES)
def test_a_feed_means_what_stands_beside_it(name: str) -> None:
    expected = json.loads((GOLDEN / f"{name}.expected.json").read_text())
    assert parsed(name).model_dump(mode="json", exclude_defaults=True) == expected


def test_each_format_is_there() -> None:
    formats = {parsed(name).format for name in NAMES}
    assert formats >= {"rss091u", "rss092", "rss20", "rss10", "atom03", "atom10", "json1", "json11"}
