"""Subscriptions in and out."""

from __future__ import annotations

import pytest

from ingest.errors import Permanent
from ingest.opml import read_opml, write_opml
from ingest.records import Feed
from ingest.urls import feed_id

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Asia">
 <outline text="Indonesia">
  <outline type="rss" text="Warta" xmlUrl="https://warta.example/feed" htmlUrl="https://warta.example" language="id-ID"
           country="ID" owner="PT Warta" kind="private"/>
  <outline text="Typo" xmlUrl="https://typo.example/feed" kind="agencey"/>
  <outline text="Ftp" xmlUrl="ftp://ftp.example/feed"/>
  <outline text="Slip" xmlUrl="https://slip.example/feed" contry="ID"/>
  <outline text="Named" xmlUrl="https://named.example/feed" country="Indonesia"/>
  <outline text="Lang" xmlUrl="https://lang.example/feed" language="Bahasa"/>
  <outline text="Nothing" type="rss"/>
 </outline>
</outline>
<outline text="Again" xmlUrl="http://www.warta.example/feed"/>
<outline xmlUrl="https://bare.example/feed" sample="true" title="" isComment="false" fetchInterval="60"/>
</body></opml>"""


def test_outlines_are_feeds_in_folders() -> None:
    feeds = {feed.name: feed for feed in read_opml(FILE, "mine.opml").feeds}
    assert feeds["Warta"] == Feed(
        id=feed_id("https://warta.example/feed"),
        url="https://warta.example/feed",
        name="Warta",
        site_url="https://warta.example/",
        language="id",
        country="ID",
        owner="PT Warta",
        kind="private",
        folder="Asia/Indonesia",
    )
    assert set(feeds) == {"Warta", "Slip", "bare.example"}
    assert not feeds["bare.example"].sample, "a file that says so would have its feed removed with the sample"
    assert feeds["bare.example"].folder is None


def test_each_bad_outline_is_a_problem_with_its_line_and_what_to_do() -> None:
    problems = read_opml(FILE, "mine.opml").problems
    expected = {
        "mine.opml:7": "did you mean agency?",
        "mine.opml:8": "http and https",
        "mine.opml:9": "did you mean country?",
        "mine.opml:10": "did you mean ID?",
        "mine.opml:11": "ISO 639-1",
        "mine.opml:12": "xmlUrl",
        "mine.opml:15": "line 6 already",
        "mine.opml:16": "sample was not read",
    }
    assert [problem.partition(": ")[0] for problem in problems] == list(expected)
    for problem, hint in zip(problems, expected.values(), strict=True):
        assert hint in problem


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no well-formed XML"),
        (b"<opml>\n<body>\n<outline></body></opml>", "x.opml:3: "),
        (b"<rss version='2.0'/>", "kawat feeds add"),
        (b"<opml version='2.0'/>", "no <body>"),
        (b"<html/>", "<html>"),
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body><outline text="&a;"/></body></opml>', "entities"),
    ],
)
def test_what_is_no_opml_is_said_with_file_and_line(data: bytes, said: str) -> None:
    with pytest.raises(Permanent) as refusal:
        read_opml(data, "x.opml")
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("x.opml:")
    assert refusal.value.reason == "bad-opml"


def test_no_file_is_read_through_an_entity() -> None:
    data = b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    data += b'<opml><body><outline text="x">&a;</outline></body></opml>'
    with pytest.raises(Permanent, match="entities"):
        read_opml(data, "x.opml")


def test_what_is_written_names_every_attribute() -> None:
    feed = Feed(
        id=feed_id("https://a.example/f"),
        url="https://a.example/f",
        name='A & "B"',
        kind="think-tank",
        country="JP",
        sample=True,
    )
    written = write_opml([feed], "My <feeds>").decode()
    assert 'text="A &amp; &quot;B&quot;"' in written
    assert 'kind="think-tank"' in written
    assert 'country="JP"' in written
    assert "sample" not in written
    assert "<title>My &lt;feeds&gt;</title>" in written


def test_how_a_feed_is_fetched_and_in_which_zone_it_writes_go_out_and_come_back() -> None:
    outline = '<outline xmlUrl="https://a.example/rss" text="A" fetch="feed-only" tz="Asia/Jakarta"/>'
    (feed,) = read_opml(f"<opml><body>{outline}</body></opml>".encode(), "a.opml").feeds
    assert (feed.fetch, feed.tz) == ("feed-only", "Asia/Jakarta")
    assert read_opml(write_opml([feed], "T"), "b.opml").feeds == (feed,)
    assert b"fetch" not in write_opml([feed.model_copy(update={"fetch": "page"})], "T")


def test_a_fetch_or_zone_that_nobody_knows_says_what_was_meant() -> None:
    for wrong, said in (("fetch='feedonly'", "did you mean feed-only?"), ("tz='Asia/Djakarta'", "did you mean Asia/")):
        outline = f"<opml><body><outline xmlUrl='https://a.example/rss' text='A' {wrong}/></body></opml>"
        found = read_opml(outline.encode(), "a.opml")
        assert found.feeds == ()
        assert said in found.problems[0]
