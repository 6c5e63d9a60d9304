"""Sitemaps and archives for the newsroom: urlset, news sitemaps, indexes, gzip; and paged feeds as WordPress has."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from tests.newsroom.messages import Answer, Request, Response

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
XML = (("Content-Type", "application/xml; charset=utf-8"),)
Listed = tuple[str, datetime | None]


def urlset(pages: Iterable[Listed]) -> bytes:
    """Pages with the time of their last change, where given."""
    return _document("urlset", "".join(f"<url>{_located(*page)}</url>" for page in pages))


def index(parts: Iterable[Listed]) -> bytes:
    """An index of sitemaps."""
    return _document("sitemapindex", "".join(f"<sitemap>{_located(*part)}</sitemap>" for part in parts))


def news(pages: Iterable[tuple[str, str, datetime]], language: str = "id", keywords: str = "") -> bytes:
    """Google's news extension: (url, title, publication)."""
    said = f"<news:keywords>{escape(keywords)}</news:keywords>" if keywords else ""
    return _document(
        "urlset",
        "".join(
            f"<url><loc>{escape(url)}</loc><news:news><news:publication><news:name>Warta</news:name>"
            f"<news:language>{language}</news:language></news:publication>"
            f"<news:publication_date>{at.isoformat()}</news:publication_date>"
            f"<news:title>{escape(title)}</news:title>{said}</news:news>"
            f"<image:image><image:loc>{escape(url)}.jpg</image:loc></image:image></url>"
            for url, title, at in pages
        ),
        f' xmlns:news="{NEWS}" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"',
    )


def served(document: bytes, *, packed: bool = False) -> Answer:
    """An answer with this document; `packed`: as a .gz file, which is no Content-Encoding."""
    body = gzip.compress(document) if packed else document
    kind = (("Content-Type", "application/gzip"),) if packed else XML
    return lambda _: Response(200, kind, body)


def paged_feed(items: Sequence[tuple[str, str, datetime]], size: int, *, root: str) -> Answer:
    """WordPress' feed: the newest `size` items, the next ones with ?paged=2, 404 after the last."""

    def answer(request: Request) -> Response:
        number = int(request.target.partition("paged=")[2] or 1)
        shown = items[(number - 1) * size : number * size]
        if not shown:
            return Response(404, (("Content-Type", "text/html"),), b"no more")
        listed = "".join(
            f"<item><title>{escape(title)}</title><link>{escape(url)}</link>"
            f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
            for url, title, at in shown
        )
        body = (
            f"<rss version='2.0'><channel><title>Blog</title><link>{root}/</link>"
            f"<generator>https://wordpress.org/?v=6.8</generator>{listed}</channel></rss>"
        )
        return Response(200, (("Content-Type", "application/rss+xml"),), body.encode())

    return answer


def _located(url: str, modified: datetime | None) -> str:
    return f"<loc>{escape(url)}</loc>" + (f"<lastmod>{modified.isoformat()}</lastmod>" if modified else "")


def _document(root: str, inner: str, more: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SITEMAP}"{more}>{inner}</{root}>\n'.encode()
