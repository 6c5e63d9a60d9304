"""A look at a feed for a person who waits: what it shows, and each way in which it can fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingest.errors import Gone, HostBusy, HostUnreachable, IngestError, Refused
from ingest.fetch import Response
from search.feeddesk import UnwantedError
from tests.fakes import FakeFetcher, OpenTurns
from worker.desk import feed_of
from worker.gate import NotYet
from worker.trial import PATIENCE, look_at

URL = "https://news.example/rss"
ITEMS = "".join(
    f"<item><title>Berita {n}</title><link>https://news.example/{n}</link>"
    f"<pubDate>Wed, 04 Mar 2026 {n:02}:00:00 GMT</pubDate></item>"
    for n in range(12)
)
RSS = f"<rss version='2.0'><channel><title>Warta</title><language>id</language>{ITEMS}</channel></rss>".encode()
PAGE = b"<html><head><link rel=alternate type='application/rss+xml' title='Semua' href='/feed.xml'></head></html>"


class OneAtATime(OpenTurns):
    """The host's turn comes after `wait` seconds, once."""

    def __init__(self, wait: float) -> None:
        self.wait = wait

    @contextmanager
    def turn(
        self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False
    ) -> Iterator[None]:
        assert urgent, "a person does not stand behind the host's waiting pages"
        if self.wait:
            wait, self.wait = self.wait, 0.0
            raise NotYet("news.example", wait)
        yield


def test_a_feed_shows_its_newest_entries_and_can_be_followed_as_it_is() -> None:
    response = Response(url=URL, status=200, body=RSS, content_type="application/rss+xml", etag='"1"')
    trial = look_at(URL, FakeFetcher({URL: response}), OpenTurns()).trial
    assert (trial.error_kind, trial.title, trial.format, trial.total) == ("", "Warta", "rss20", 12)
    assert [entry.title for entry in trial.entries[:2]] == ["Berita 11", "Berita 10"]
    assert len(trial.entries) == 10
    assert trial.validators
    assert trial.feed is not None
    assert (trial.feed.url, trial.feed.name, trial.feed.language) == (URL, "Warta", "id")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HostUnreachable(f"{URL}: no such host", reason="dns"), "dns"),
        (HostUnreachable(f"{URL}: too slow", reason="timeout"), "timeout"),
        (HostUnreachable(f"{URL}: certificate", reason="tls"), "tls"),
        (HostBusy(f"{URL}: 429"), "busy"),
        (Gone(f"{URL}: 404"), "4xx"),
        (Gone(f"{URL}: 410"), "gone"),
        (Refused(f"{URL}: private", reason="private-address"), "refused"),
        (b"", "empty"),
        (b"hello", "not-a-feed"),
    ],
)
def test_each_failure_is_told_by_its_kind(answer: bytes | IngestError, kind: str) -> None:
    trial = look_at(URL, FakeFetcher({URL: answer}), OpenTurns()).trial
    assert trial.error_kind == kind
    assert trial.error
    assert trial.feed is None


def test_a_page_names_its_feeds_without_a_further_request() -> None:
    fetcher = FakeFetcher({URL: PAGE})
    trial = look_at(URL, fetcher, OpenTurns()).trial
    assert trial.error_kind == "not-a-feed"
    assert [feed.url for feed in trial.found] == ["https://news.example/feed.xml"]
    assert fetcher.asked == [URL]


@pytest.mark.parametrize("address", ["", "gopher://x", "nonsense", "https://", "file:///etc/passwd"])
def test_what_is_no_address_is_not_asked(address: str) -> None:
    fetcher = FakeFetcher({})
    assert look_at(address, fetcher, OpenTurns()).trial.error_kind == "address"
    assert fetcher.asked == []


def test_a_turn_that_comes_soon_is_waited_for_and_one_that_is_far_off_is_told() -> None:
    slept: list[float] = []
    fetcher = FakeFetcher({URL: RSS})
    assert look_at(URL, fetcher, OneAtATime(2.5), sleep=slept.append).trial.error_kind == ""
    assert slept == [2.5]
    far = look_at(URL, FakeFetcher({URL: RSS}), OneAtATime(PATIENCE + 1), sleep=slept.append).trial
    assert (far.error_kind, far.after) == ("turn", PATIENCE + 1)
    assert slept == [2.5]


def test_what_a_person_says_of_a_feed_is_brought_to_its_codes() -> None:
    feed = feed_of("HTTPS://News.example/rss", name="  Warta   Contoh ", language="ind", country="id", kind="agency")
    assert (feed.name, feed.language, feed.country, feed.kind) == ("Warta Contoh", "id", "ID", "agency")
    assert feed_of(URL, name="", folder=None).name == "news.example"


@pytest.mark.parametrize(
    ("about", "field"), [({"language": "?"}, "language"), ({"country": "Nowhere"}, "country"), ({"kind": "x"}, "kind")]
)
def test_what_is_wrong_of_it_is_named(about: dict[str, str], field: str) -> None:
    with pytest.raises(UnwantedError) as caught:
        feed_of(URL, **about)
    assert caught.value.field == field
