"""Searches as files and feeds: read back by programs of others, and no harm in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import feedparser
import orjson
import pytest
from defusedxml import ElementTree

from search.exports import COLUMNS, atom, cell, csv_lines, ndjson_lines, pages, rss
from search.feedxml import Channel, local
from search.ports import Hit, SearchResult
from tests.browser.wire import hit

HERE = Channel('Kawat: "a" & <b>', "http://127.0.0.1:8000/?q=%22a%22", "http://127.0.0.1:8000/api/search.rss?q=%22a%22")
HOSTILE = '<script>alert("1")</script> & \x00\x0b\ufffe\ud83d\udca9'.encode("utf-16", "surrogatepass").decode("utf-16")


def some(**changes: Any) -> Hit:
    fields: dict[str, Any] = {
        "highlight": ("Rencana &lt;b&gt; <mark>kantor</mark>",),
        "authors": ("Nina", "Budi"),
        "topics": ("diplomacy",),
        **changes,
    }
    return hit(fields.pop("title", "Kantor penghubung"), **fields)


@pytest.mark.parametrize(("make", "version"), [(rss, "rss20"), (atom, "atom10")])
def test_feeds_are_read_back_by_a_feed_parser(make: Any, version: str) -> None:
    hits = [some(), some(title=HOSTILE, minutes_ago=5, url="https://news.example/2?a=1&b=<2>")]
    body = make(HERE, hits, "Asia/Jakarta")
    read = feedparser.parse(body)
    assert not read.bozo
    assert read.version == version
    assert read.feed.title == HERE.title
    assert read.feed.link == HERE.page
    assert [one.id for one in read.entries] == [f"urn:kawat:article:{one.id}" for one in hits]
    assert [one.link for one in read.entries] == [one.url for one in hits]
    assert read.entries[0].title == "Kantor penghubung"
    assert "<script>" in read.entries[1].title or "&lt;script&gt;" in read.entries[1].title
    assert read.entries[0].summary == "Rencana &lt;b&gt; <b>kantor</b>"
    assert read.entries[0].published_parsed[:5] == (2026, 3, 4, 11, 48)
    assert {one.term for one in read.entries[0].tags} >= {"diplomacy", "JP"}
    assert b"+07:00" in body or b"+0700" in body


@pytest.mark.parametrize("make", [rss, atom])
def test_a_feed_of_nothing_is_a_feed_and_the_same_every_time(make: Any) -> None:
    assert not feedparser.parse(make(HERE, [], "UTC")).bozo
    assert make(HERE, [], "UTC") == make(HERE, [], "UTC")
    assert make(HERE, [some()], "Asia/Jakarta") == make(HERE, [some()], "Asia/Jakarta")


def test_an_atom_feed_has_what_the_standard_asks_for() -> None:
    space = {"a": "http://www.w3.org/2005/Atom"}
    root = ElementTree.fromstring(atom(HERE, [some(), some(authors=(), source_name=None)], "Asia/Jakarta"))
    for path in ("id", "title", "updated", "link[@rel='self']", "author/a:name"):
        assert root.find(f"a:{path}", space) is not None, path
    for entry in root.findall("a:entry", space):
        for path in ("id", "title", "updated", "author/a:name", "link[@rel='alternate']"):
            assert entry.find(f"a:{path}", space) is not None, path
        stamp = entry.findtext("a:updated", "", space)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", stamp)


@pytest.mark.parametrize("make", [rss, atom])
def test_an_address_that_is_none_of_the_web_is_not_handed_on(make: Any) -> None:
    body = make(HERE, [some(url="javascript:alert(1)")], "UTC")
    assert b"javascript:" not in body
    assert len(feedparser.parse(body).entries) == 1


def test_a_csv_is_read_back_whole() -> None:
    hits = [some(title='Ia berkata: "Ya", lalu\npergi; selesai'), some(minutes_ago=3)]
    text = "".join(csv_lines(hits, "Asia/Jakarta"))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["title"] == hits[0].title
    assert rows[0]["countries"] == "JP; FR"
    assert rows[0]["snippet"] == "Rencana <b> kantor"
    assert rows[0]["first_seen"] == "2026-03-04T19:00:00+07:00"
    assert "".join(csv_lines([], "UTC")).count("\n") == 1  # its header


@pytest.mark.parametrize(
    "text", ["=1+1", "+62", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=HYPERLINK(0)", "＝1", "|calc", "\n=1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    row = next(csv.reader(io.StringIO("".join(csv_lines([some(title=text)], "UTC", header=False)))))
    assert row[COLUMNS.index("title")] == f"'{text}"


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("50% naik", "a=b", "Kantor", "", "北约"):
        assert cell(text) == text


def test_ndjson_has_one_article_a_line() -> None:
    lines = list(ndjson_lines([some(title="a\nb\u2028c"), some()], "Asia/Jakarta"))
    assert all(line.count(b"\n") == 1 for line in lines)
    read = [orjson.loads(line) for line in lines]
    assert read[0]["title"] == "a\nb\u2028c"
    assert set(read[0]) == set(COLUMNS)
    assert read[0]["authors"] == ["Nina", "Budi"]


def test_times_are_those_of_the_zone_with_their_offset() -> None:
    assert local("2026-03-04T17:30:00Z", "Asia/Jakarta") == "2026-03-05T00:30:00+07:00"
    assert local("2026-07-01T12:00:00Z", "America/New_York") == "2026-07-01T08:00:00-04:00"


class Hits:
    """So many articles, found a page at a time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.sizes: list[int] = []

    def search(self, query: str, *, size: int = 20, cursor: str | None = None, **_: Any) -> SearchResult:
        self.sizes.append(size)
        at = int(cursor or 0)
        hits = tuple(some(minutes_ago=n) for n in range(at, min(self.count, at + size)))
        more = str(at + size) if at + size < self.count else None
        return SearchResult(total=self.count, hits=hits, cursor=more)


@pytest.mark.parametrize(
    ("count", "limit", "sizes"),
    [(0, 10, [10]), (700, 1000, [500, 500]), (3000, 1200, [500, 500, 200]), (500, 500, [500]), (10, 5, [5])],
)
def test_an_export_walks_all_pages_up_to_its_limit(count: int, limit: int, sizes: list[int]) -> None:
    port = Hits(count)
    found = [one for page in pages(port, "", limit=limit) for one in page.hits]
    assert len(found) == min(count, limit)
    assert port.sizes == sizes
