"""Bad habits of the web, each under a path of its own: `newsroom.serve("/x", slow_drip(page, 1, 0.5))`.

Each function returns an Answer. Bodies that are large on the client's side are small or streamed on ours.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from tests.newsroom.articles import NewsArticle
from tests.newsroom.feeds import Channel, feed_document, listed_entry
from tests.newsroom.generated import FIRST, generated_articles
from tests.newsroom.server import Answer, Request, Response

HTML = ("Content-Type", "text/html; charset=utf-8")
RSS = ("Content-Type", "application/rss+xml; charset=utf-8")
PIECE = 65_536


def slow_drip(body: bytes, piece: int = 1, seconds: float = 0.1) -> Answer:
    """`piece` bytes, a pause of `seconds`, and so on: each read succeeds, the whole takes for ever."""

    async def drip() -> AsyncIterator[bytes]:
        for start in range(0, len(body), piece):
            yield body[start : start + piece]
            await asyncio.sleep(seconds)

    return lambda _: Response(200, (HTML, ("Content-Length", str(len(body)))), drip)


def never_answers(seconds: float = 3600) -> Answer:
    """The connection is taken, nothing comes for `seconds`."""
    return lambda _: Response(200, (HTML,), b"late", delay=seconds)


def endless_body(content_type: str = "text/html; charset=utf-8") -> Answer:
    """Chunks without end, as fast as they are read."""

    async def endless() -> AsyncIterator[bytes]:
        yield b"<!doctype html><title>Tanpa akhir</title><p>"
        while True:
            yield b"kata " * (PIECE // 5)
            await asyncio.sleep(0)

    return lambda _: Response(200, (("Content-Type", content_type),), endless)


def gzip_bomb(size: int = 1_000_000_000, content_type: str = "text/html; charset=utf-8") -> Answer:
    """`size` bytes of spaces, compressed about a thousandfold, streamed as they are made."""

    async def bomb() -> AsyncIterator[bytes]:
        packer = zlib.compressobj(9, wbits=31)
        for _ in range(size // PIECE):
            if packed := packer.compress(b" " * PIECE):
                yield packed
                await asyncio.sleep(0)
        yield packer.compress(b" " * (size % PIECE)) + packer.flush()

    return lambda _: Response(200, (("Content-Type", content_type), ("Content-Encoding", "gzip")), bomb)


def broken_gzip(body: bytes) -> Answer:
    """A gzip body that ends in the middle."""
    packer = zlib.compressobj(6, wbits=31)
    packed = packer.compress(body) + packer.flush()
    return lambda _: Response(200, (HTML, ("Content-Encoding", "gzip")), packed[: len(packed) // 2])


def cut_short(body: bytes) -> Answer:
    """Promises twice the body, sends it, hangs up."""

    async def part() -> AsyncIterator[bytes]:
        yield body

    return lambda _: Response(200, (HTML, ("Content-Length", str(2 * len(body)))), part, close=True)


def wrong_charset(text: str, encoding: str = "windows-1251", declared: str = "utf-8") -> Answer:
    """`text` in one encoding, declared as another."""
    return lambda _: Response(200, (("Content-Type", f"text/html; charset={declared}"),), text.encode(encoding))


def binary_body(content_type: str = "text/html; charset=utf-8") -> Answer:
    """Bytes that are no text under a type that says so, all 256 values among them."""
    return lambda _: Response(200, (("Content-Type", content_type),), b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)


def nul_bytes(title: str = "Judul\0dengan\0nol") -> Answer:
    """A page, and a text in it, with NUL characters."""
    body = "Isi\0berita. " * 80
    html = f"<!doctype html><title>{title}</title><article><h1>{title}</h1><p>{body}</p></article>"
    return lambda _: Response(200, (HTML,), html.encode())


def redirect_loop(path: str) -> Answer:
    """Sends the client from `path` to itself, with a new query each time."""

    def turn(request: Request) -> Response:
        number = request.target.partition("?n=")[2]
        following = int(number) + 1 if number.isdecimal() else 1
        return Response(302, (("Location", f"{path}?n={following}"),))

    return turn


def redirect_to(location: str, status: int = 302) -> Answer:
    """Sends the client anywhere: a private address, another scheme."""
    return lambda _: Response(status, (("Location", location),))


def feed_with(count: int, root: str = "http://127.0.0.1") -> Answer:
    """A well-formed RSS 2.0 feed of `count` entries (their pages are not there)."""
    channel = Channel("rss20", "Umpan raksasa", f"{root}/raksasa.xml", f"{root}/", "id")
    samples = generated_articles(min(count, 100))

    def article(number: int) -> NewsArticle:
        return samples[number % len(samples)]

    entries = [listed_entry(channel, article(number), f"{root}/raksasa/{number}") for number in range(count)]
    document = feed_document(channel, entries, FIRST)
    return lambda _: Response(200, (RSS,), document)


def billion_laughs() -> Answer:
    """A small feed whose entities unfold to gigabytes (CVE-2003-1564)."""
    layers = "".join(f'<!ENTITY t{n} "{f"&t{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY t0 "tawa">{layers}]>'
        "<rss version='2.0'><channel><title>&t9;</title><item><title>&t9;</title></item></channel></rss>"
    )
    return lambda _: Response(200, (RSS,), document.encode())


def external_entity(target: str = "file:///etc/hostname") -> Answer:
    """A feed that asks its reader to put `target` into a title."""
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY luar SYSTEM "{target}">]>'
        "<rss version='2.0'><channel><title>x</title><item><title>&luar;</title>"
        "<link>http://127.0.0.1/luar</link></item></channel></rss>"
    )
    return lambda _: Response(200, (RSS,), document.encode())
