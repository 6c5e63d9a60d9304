"""Real pages under our own addresses, from a folder with pages/*.html.gz and expected.jsonl.

Each copy of a page says of itself that it stands where it is served: `<link rel=canonical>`, `og:url` and the URLs of
its JSON-LD are rewritten, or all copies would be one article.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from tests.newsroom.articles import NewsArticle
from tests.newsroom.newsroom import Newsroom

_TAG = re.compile(rb"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
_JSON_LD_URL = re.compile(rb"\"(?:url|@id|mainEntityOfPage)\"\s*:\s*\"(https?:[^\"]+)\"")


class CorpusMissingError(Exception):
    """The folder holds no corpus; the message says what is looked for."""


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """A real page and what is known of it; `name` is the file's, without its endings."""

    name: str
    url: str
    title: str
    authors: tuple[str, ...]
    published: datetime | None
    html: bytes


def corpus_pages(folder: Path) -> Iterator[CorpusPage]:
    """The corpus, in the order of expected.jsonl. Raises CorpusMissingError."""
    expected = folder / "expected.jsonl"
    if not expected.is_file():
        raise CorpusMissingError(f"{folder} holds no expected.jsonl: KAWAT_CORPUS names a folder with it and pages/")
    with expected.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield CorpusPage(
                name=row["file"].removesuffix(".html.gz"),
                url=row["url"],
                title=row["title"],
                authors=tuple(row["authors"] or ()),
                published=_aware(row["published"]),
                html=gzip.decompress((folder / "pages" / row["file"]).read_bytes()),
            )


def _aware(stated: str | None) -> datetime | None:
    moment = datetime.fromisoformat(stated) if stated else None
    return moment if moment and moment.tzinfo else None  # a few rows have no zone: a feed cannot state such a date


def own_urls(page: bytes, url: str) -> set[bytes]:
    """Every way in which the page names its own address: `url`, its canonical link, og:url, and those in its JSON-LD
    that lead to the same path."""
    plain = url.partition("?")[0].partition("#")[0]
    found = {url.encode(), plain.encode()}
    for tag in _TAG.findall(page):
        attributes = {name.lower(): b"".join(values) for name, *values in _ATTRIBUTE.findall(tag)}
        if attributes.get(b"rel", b"").lower() == b"canonical":
            found.add(attributes.get(b"href", b""))
        if attributes.get(b"property", attributes.get(b"name", b"")).lower() == b"og:url":
            found.add(attributes.get(b"content", b""))
    paths = {_path(each) for each in found}
    for quoted in _JSON_LD_URL.findall(page):
        address = quoted.replace(b"\\/", b"/")
        if _path(address) in paths:
            found |= {address, quoted}
    return {each for each in found if len(_path(each)) > 1}


def _path(url: bytes) -> bytes:
    return urlsplit(html.unescape(url.decode("utf-8", "replace"))).path.rstrip("/").encode()


def readdressed(page: bytes, old: set[bytes], new: str) -> bytes:
    """The page with its own addresses replaced by `new`, also where they are written with \\/ or &amp;."""
    spellings: set[bytes] = set()
    for url in old:
        decoded = html.unescape(url.decode("utf-8", "replace")).encode()
        for form in (url, decoded, decoded.replace(b"&", b"&amp;")):
            spellings |= {form, form.replace(b"/", b"\\/")}
    # an address inside a longer one is somebody else's: it must end where the value ends
    longest_first = sorted(spellings, key=len, reverse=True)
    pattern = re.compile(
        rb"(?<=[\"'=\s(])(?:" + b"|".join(re.escape(each) for each in longest_first) + rb")(?=[\"'\s<>#)\\]|$)"
    )
    return pattern.sub(new.encode().replace(b"\\", b""), page)


def corpus_articles(folder: Path, copies: int = 1) -> Iterator[tuple[CorpusPage, NewsArticle]]:
    """Each page `copies` times: the whole corpus once, then again. An article's `raw_html` still names the old address:
    `publish_corpus` rewrites it once the host is known."""
    pages = list(corpus_pages(folder))
    for copy in range(copies):
        for page in pages:
            path = urlsplit(page.url).path
            yield (
                page,
                NewsArticle(
                    slug=f"{page.name}-{copy}",
                    title=page.title,
                    authors=page.authors,
                    published=page.published,
                    language="",
                    section="korpus",
                    path=f"/{page.name}/{copy}{path if path.startswith('/') else '/'}",
                ),
            )


def hold_corpus(newsroom: Newsroom, folder: Path, feeds: list[str], copies: int = 1) -> list[str]:
    """Serves every copy and keeps its entry back, feeds taking turns: `newsroom.release()` lists them. Page URLs in
    order. Rendering takes about 10 ms a page."""
    urls, roots, known = [], newsroom.feeds(), dict[str, set[bytes]]()
    for number, (page, article) in enumerate(corpus_articles(folder, copies)):
        feed = feeds[number % len(feeds)]
        old = known.setdefault(page.name, own_urls(page.html, page.url))
        root = "{0.scheme}://{0.netloc}".format(urlsplit(roots[feed]))
        page_url = root + article.url_path
        urls.append(newsroom.hold(feed, replace(article, raw_html=readdressed(page.html, old, page_url))))
    return urls
