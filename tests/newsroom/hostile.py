"""Bad habits of the web, each under a path of its own: `newsroom.serve("/x", slow_drip(page, 1, 0.5))`.

Each function returns an Answer. Bodies that are large on the client's side are small or streamed on ours.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from functools import cache
from html import escape

import zstandard

from tests.newsroom.articles import NewsArticle
from tests.newsroom.feeds import Channel, feed_document, listed_entry
from tests.newsroom.generated import FIRST, generated_articles
from tests.newsroom.server import Answer, Request, Response

HTML = ("Content-Type", "text/html; charset=utf-8")
RSS = ("Content-Type", "application/rss+xml; charset=utf-8")
PIECE = 65_536
# 16 MiB of spaces as brotli packs them (RFC 7932): a window of 16 MiB, one meta-block that is a copy of its first byte.
BROTLI_BOMB = bytes.fromhex("cbffff3ff82540e2b14020f7fe2ffffffff04b00c4611180eefd1f")


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


def brotli_bomb(content_type: str = "text/html; charset=utf-8") -> Answer:
    """27 bytes that unpack to 16 MiB, in an encoding that was not asked for."""
    return lambda _: Response(200, (("Content-Type", content_type), ("Content-Encoding", "br")), BROTLI_BOMB)


def zstd_bomb(size: int = 1_000_000_000, content_type: str = "text/html; charset=utf-8") -> Answer:
    """`size` bytes of spaces, some ten thousandfold compressed, in an encoding that was not asked for."""

    body = _zstd_of_spaces(size)
    return lambda _: Response(200, (("Content-Type", content_type), ("Content-Encoding", "zstd")), body)


@cache
def _zstd_of_spaces(size: int) -> bytes:
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    pieces = [packer.compress(b" " * 4_000_000) for _ in range(size // 4_000_000)]
    return b"".join([*pieces, packer.flush()])


def endless_headers() -> Answer:
    """After an early hint (RFC 8297), which is whole, a head whose lines never end."""

    async def lines() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        while True:
            yield b"X-Kepala: tanpa akhir\r\n" * 100
            await asyncio.sleep(0)

    return lambda _: Response(103, (("Content-Length", "0"),), lines)


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


def no_charset(text: str, encoding: str = "windows-1251") -> Answer:
    """`text` in an encoding that nobody names."""
    return lambda _: Response(200, (("Content-Type", "text/html"),), text.encode(encoding))


def binary_body(content_type: str = "text/html; charset=utf-8") -> Answer:
    """Bytes that are no text under a type that says so, all 256 values among them."""
    return lambda _: Response(200, (("Content-Type", content_type),), b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)


def nul_bytes(title: str = "Judul\0dengan\0nol") -> Answer:
    """A page, and a text in it, with NUL characters."""
    body = "Isi\0berita. " * 80
    html = f"<!doctype html><title>{title}</title><article><h1>{title}</h1><p>{body}</p></article>"
    return lambda _: Response(200, (HTML,), html.encode())


def page(title: str, paragraphs: Sequence[str], *, head: str = "", before: str = "", after: str = "") -> str:
    """A page of one article, title and paragraphs escaped, the rest of its markup as given."""
    told = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    return (
        f"<!doctype html><html><head><title>{escape(title)}</title>{head}</head>"
        f"<body>{before}<article><h1>{escape(title)}</h1>{told}</article>{after}</body></html>"
    )


def html(markup: str | bytes) -> Answer:
    """The page, as UTF-8 where it is text; lone surrogates go out as careless programs write them."""
    body = markup if isinstance(markup, bytes) else markup.encode("utf-8", "surrogatepass")
    return lambda _: Response(200, (HTML,), body)


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


def bare_feed(links: Sequence[str], *, title: str = "Umpan", prolog: str = "", extra: str = "") -> Answer:
    """An RSS 2.0 feed whose items have nothing but a link: what becomes of each hangs on its page alone."""
    items = "".join(f"<item><link>{escape(link)}</link></item>" for link in links)
    document = f"{prolog}<rss version='2.0'><channel><title>{title}</title>{items}{extra}</channel></rss>"
    return lambda _: Response(200, (RSS,), document.encode("utf-8", "surrogatepass"))


def million_items(links: Sequence[str], count: int = 1_000_000) -> Answer:
    """`links` first, then so many empty items: 7 bytes each, so that the whole stays below 10 MB."""
    return bare_feed(links, extra="<item/>" * count)


def billion_laughs(link: str = "") -> Answer:
    """A small feed whose entities unfold to gigabytes (CVE-2003-1564), in its title and in its entry's."""
    item = f"<link>{escape(link)}</link>" if link else ""
    layers = "".join(f'<!ENTITY t{n} "{f"&t{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY t0 "tawa">{layers}]>'
        f"<rss version='2.0'><channel><title>&t9;</title><item><title>&t9;</title>{item}</item></channel></rss>"
    )
    return lambda _: Response(200, (RSS,), document.encode())


def external_entity(target: str = "file:///etc/hostname", link: str = "http://127.0.0.1/luar") -> Answer:
    """A feed that asks its reader to put `target` into a title."""
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY luar SYSTEM "{target}">]>'
        "<rss version='2.0'><channel><title>x</title><item><title>&luar;</title>"
        f"<link>{escape(link)}</link></item></channel></rss>"
    )
    return lambda _: Response(200, (RSS,), document.encode())
