"""Polls of sources that are no feeds: the same record, one request each."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
import pytest

from ingest.errors import Gone
from ingest.feedaddress import feed_address
from ingest.records import Feed
from tests.newsroom import sitemaps
from tests.unit.test_poll import BEGAN, Wire, response
from worker import poll

ROOT = "https://example.com"
INDEX = f"{ROOT}/sitemap.xml"


class ListWire(Wire):
    """One source on a fake clock; what is claimed stands in `urls`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        super().__init__(monkeypatch)
        source = feed_address(address)
        feed = Feed(id=source.id, url=source.text, name="Contoh")
        self.record = {"record": feed.model_dump_json()}
        self.urls: list[str] = []

    def claim(self, entries: object, feed: Feed) -> list[bool]:
        new = super().claim(entries, feed)
        self.urls += [one.url for one, fresh in zip(entries, new, strict=True) if fresh]  # type: ignore[call-overload]  # a sequence
        return new

    def serve(self, url: str, body: bytes | Exception, **more: object) -> None:
        self.fetcher.answers[url] = body if isinstance(body, Exception) else response(body, **{"url": url, **more})  # type: ignore[arg-type]  # as response takes them

    def asked(self) -> list[str]:
        """Addresses asked since the last call."""
        asked = [url.removeprefix(ROOT) for url in self.fetcher.asked]
        self.fetcher.asked.clear()
        return asked

    def settle(self) -> list[str]:
        """Polls until nothing more is due at once; what was asked."""
        while self.poll().after == poll.SOON:
            pass
        return self.asked()


def pages(*hours: float, at: datetime = BEGAN, name: str = "b") -> list[tuple[str, datetime | None]]:
    return [(f"{ROOT}/{name}/{hour:g}", at - timedelta(hours=hour)) for hour in hours]


def test_a_sitemap_brings_what_is_new_and_learns_its_rhythm(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = ListWire(monkeypatch, f"sitemap:{INDEX}")
    wire.serve(INDEX, sitemaps.urlset(pages(*[n / 4 for n in range(40)])), etag='"a"')
    assert wire.poll().after < 660
    assert len(wire.urls) == 40
    assert wire.rhythm.entries > 0
    fresh = (f"{ROOT}/b/baru", wire.now)
    wire.serve(INDEX, sitemaps.urlset([fresh, *pages(*[n / 4 for n in range(40)])]), etag='"b"')
    wire.poll()
    assert wire.urls[40:] == [fresh[0]]
    assert wire.fetcher.validators[-1][0] == '"a"'
    wire.serve(INDEX, b"", status=304)
    wire.poll()
    assert (wire.record["error"], wire.record["entries"]) == ("", "41")


def test_the_files_of_an_index_are_asked_one_a_poll_newest_first_and_only_changed_ones_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = ListWire(monkeypatch, f"sitemap:{INDEX}")
    parts = [(f"{ROOT}/s{n}.xml", BEGAN - timedelta(days=n)) for n in range(6)]
    for n in range(6):
        wire.serve(f"{ROOT}/s{n}.xml", sitemaps.urlset(pages(20 * n + 1, 20 * n + 2, name=str(n))))
    wire.serve(INDEX, sitemaps.index(reversed(parts)), etag='"i"')
    assert wire.settle() == ["/sitemap.xml", "/s0.xml", "/s1.xml", "/s2.xml"]
    assert len(wire.urls) == 6
    wire.serve(INDEX, b"", status=304)
    assert wire.settle() == ["/sitemap.xml"]
    assert wire.fetcher.validators[-1][0] == '"i"', "the files' own validators do not take the place of the index's"
    moved = [(parts[0][0], wire.now), *parts[1:]]
    wire.serve(INDEX, sitemaps.index(moved))
    wire.serve(parts[0][0], sitemaps.urlset([(f"{ROOT}/baru", wire.now)]))
    assert wire.settle() == ["/sitemap.xml", "/s0.xml"]
    assert wire.urls[6:] == [f"{ROOT}/baru"]


def test_files_without_a_date_are_asked_each_time_even_if_the_index_is_unchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = ListWire(monkeypatch, f"sitemap:{INDEX}")
    wire.serve(f"{ROOT}/s.xml", sitemaps.urlset(pages(1, 2)))
    wire.serve(INDEX, sitemaps.index([(f"{ROOT}/s.xml", None)]))
    assert wire.settle() == ["/sitemap.xml", "/s.xml"]
    wire.serve(INDEX, b"", status=304)
    wire.serve(f"{ROOT}/s.xml", sitemaps.urlset([(f"{ROOT}/baru", wire.now), *pages(1, 2)]))
    assert wire.settle() == ["/sitemap.xml", "/s.xml"]
    assert wire.urls[2:] == [f"{ROOT}/baru"]


def test_a_file_that_fails_is_told_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = ListWire(monkeypatch, f"sitemap:{INDEX}")
    wire.serve(INDEX, sitemaps.index([(f"{ROOT}/a.xml", BEGAN), (f"{ROOT}/b.xml", BEGAN - timedelta(hours=1))]))
    wire.serve(f"{ROOT}/a.xml", Gone(f"{ROOT}/a.xml answered 404"))
    wire.serve(f"{ROOT}/b.xml", sitemaps.urlset(pages(1)))
    assert wire.settle() == ["/sitemap.xml", "/a.xml"]
    assert wire.record["error_kind"] == "4xx"
    wire.settle()
    assert wire.urls == [f"{ROOT}/b/1"]
    wire.serve(f"{ROOT}/a.xml", sitemaps.urlset(pages(2)))
    assert wire.settle() == ["/sitemap.xml", "/a.xml"], "it is asked again, once the index is"
    assert wire.urls == [f"{ROOT}/b/1", f"{ROOT}/b/2"]


def test_a_large_first_sitemap_comes_in_portions_seconds_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = ListWire(monkeypatch, f"sitemap:{INDEX}")
    wire.serve(INDEX, sitemaps.urlset(pages(*[n / 100 for n in range(1_200)])), etag='"a"')
    assert wire.settle() == ["/sitemap.xml"] * 3
    assert len(wire.urls) == len(set(wire.urls)) == 1_200
    assert wire.record["etag"] == '"a"'


def test_an_index_within_an_index_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = ListWire(monkeypatch, f"sitemap:{INDEX}")
    wire.serve(INDEX, sitemaps.index([(INDEX, BEGAN)]))
    wire.settle()
    assert wire.record["error_kind"] == "not-a-feed"
    assert "index of sitemaps within an index" in wire.record["error"]


def test_a_page_of_links_brings_its_new_ones_and_a_selector_that_fits_no_more_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = ListWire(monkeypatch, f"page:{ROOT}/dunia#css=h2 a")

    def page(*numbers: int, tag: str = "h2") -> bytes:
        links = "".join(f"<{tag}><a href='/b/{n}'>Berita nomor {n}</a></{tag}>" for n in numbers)
        return f"<html><body>{links}</body></html>".encode()

    wire.serve(f"{ROOT}/dunia", page(2, 1))
    wire.poll()
    wire.serve(f"{ROOT}/dunia", page(3, 2, 1))
    wire.poll()
    assert wire.urls == [f"{ROOT}/b/2", f"{ROOT}/b/1", f"{ROOT}/b/3"]
    assert len(orjson.loads(wire.record["listed"])) == 3
    wire.serve(f"{ROOT}/dunia", page(4, tag="h3"))
    verdict = wire.poll()
    assert wire.record["error_kind"] == "no-match"
    assert "was the page rebuilt?" in wire.record["error"]
    assert verdict.after > 3_000
