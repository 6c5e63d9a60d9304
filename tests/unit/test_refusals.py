"""Challenges and walls are told from pages; every failure at a page says whether the feed stands in for it."""

from __future__ import annotations

import time

import pytest

from ingest.errors import Discard, Forbidden, Gone, HostBusy, HostUnreachable, NoText, NotHtml, Permanent, Refused
from ingest.refusals import asks_to_subscribe, reason_of, wall
from ingest.statuses import failure
from tests.newsroom.generated import generated_articles

URL = "https://example.com/berita/1"
CLOUDFLARE = (
    b'<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript'
    b" and cookies to continue</noscript><script>window._cf_chl_opt={cvId:'3'};</script></body></html>"
)
DATADOME = (
    b"<html><head><title>example.com</title></head><body><p id='cmsg'>Please enable JS and disable any ad blocker</p>"
    b"<script src='https://ct.captcha-delivery.com/c.js'></script></body></html>"
)
PERIMETER = (
    b"<html><head><title>Access to this page has been denied</title></head><body><div id='px-captcha'></div>"
    b"<p>Press &amp; Hold to confirm you are a human (and not a bot).</p></body></html>"
)
CONSENT = (
    b"<html><body><h1>Your privacy</h1><p>We and our partners use cookies to show adverts.</p>"
    b"<button>Accept all cookies</button><button>Manage my cookies</button></body></html>"
)


@pytest.mark.parametrize("page", [CLOUDFLARE, DATADOME, PERIMETER], ids=["cloudflare", "datadome", "perimeterx"])
def test_a_guards_challenge_is_recognised_whatever_status_it_comes_with(page: bytes) -> None:
    assert wall(URL, page) == "challenge"
    for status in (403, 503, 202):
        error = failure(URL, status, {}, page)
        assert (type(error), error.reason) == (Forbidden, "challenge")


@pytest.mark.parametrize("head", [{"cf-mitigated": "challenge"}, {"x-datadome": "protected"}, {"x-px-block": "1"}])
def test_a_guards_header_says_it_too(head: dict[str, str]) -> None:
    assert failure(URL, 403, head).reason == "challenge"
    assert failure(URL, 403, {}).reason == "forbidden"
    assert isinstance(failure(URL, 429, head), HostBusy), "a host that asks for patience is busy first of all"


def test_a_wall_of_consent_is_recognised_by_its_words_or_its_address() -> None:
    assert wall(URL, CONSENT) == "consent"
    assert wall("https://consent.example.com/m?continue=x", b"<html></html>") == "consent"
    assert wall("https://example.com/consent/?next=/berita/1", b"<html></html>") == "consent"


def test_a_story_about_cookies_and_captchas_is_a_story() -> None:
    told = " ".join(f"Paragraf {n}: kata demi kata tentang undang-undang baru itu." for n in range(30))
    story = f"<html><title>Are you a robot</title><p>We use cookies; are you a human? {told}</p></html>".encode()
    assert wall(URL, story) is None
    guarded = b"<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/x'></script>"
    assert wall(URL, story + guarded) is None, "a guard's script on a page that has a text"
    for article in generated_articles(20, seed=3):
        page = "<p>We use cookies</p>" + "".join(f"<p>{text}</p>" for text in article.body)
        assert wall(URL, page.encode()) is None


@pytest.mark.parametrize(
    "page",
    [b"<script" * 55_000, b"<title> " * 48_000, b"<" * 399_000, b"window._pxAppId" * 25_000, b"<svg></svg" * 39_000],
    ids=["scripts", "titles", "brackets", "guards", "pictures"],
)
def test_no_page_holds_up_whoever_looks_for_a_wall(page: bytes) -> None:
    began = time.process_time()
    wall(URL, page)
    assert time.process_time() - began < 60  # hundredths of a second; minutes where a pattern backtracks


@pytest.mark.parametrize(
    ("error", "attempt", "reason"),
    [
        (Forbidden("x", reason="robots"), 1, "robots"),
        (Forbidden("x answered 403"), 1, "forbidden"),
        (Forbidden("x", reason="challenge"), 1, "challenge"),
        (Forbidden("x", reason="consent"), 1, "consent"),
        (Permanent("x answered 406", reason="http-406"), 1, "forbidden"),
        (Discard("x", reason="no-link"), 1, "no-link"),
        (Discard("x", reason="front-page"), 1, "front-page"),
        (Gone("x answered 404"), 1, "gone"),
        (Gone("x answered 410"), 1, None),
        (NotHtml("x"), 1, "not-html"),
        (NoText("x"), 1, "no-text"),
        (HostUnreachable("x", reason="timeout"), 2, None),
        (HostUnreachable("x", reason="timeout"), 3, "unreachable"),
        (HostUnreachable("x", reason="dns"), 1, None),
        (HostUnreachable("x", reason="dns"), 2, "unreachable"),
        (HostBusy("x"), 2, None),
        (HostBusy("x"), 3, "busy"),
        (Permanent("x", reason="redirects"), 1, None),
        (Refused("x", reason="private-address"), 1, None),
        (KeyError("x"), 9, None),
    ],
)
def test_each_failure_says_whether_its_feed_stands_in(error: Exception, attempt: int, reason: str | None) -> None:
    assert reason_of(error, attempt) == reason


def test_an_offer_to_subscribe_is_told_from_a_text() -> None:
    assert asks_to_subscribe("Subscribe now to continue reading this article.")
    assert asks_to_subscribe("Artikel ini khusus pelanggan.")
    assert not asks_to_subscribe("Menteri mengatakan kantor itu dibuka besok.")
