"""Feeds as text, in six formats: RSS 0.91, 0.92, 1.0, 2.0, Atom 1.0, JSON Feed 1.1. Pure functions.

An entry is written once, when it is listed; a document is its entries joined. Each format carries only what its
specification has: RSS 0.91 and 0.92 give an item no date, RSS 2.0 borrows `atom:updated` for changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Literal, get_args

from tests.newsroom.articles import NewsArticle

FeedFormat = Literal["rss20", "rss091", "rss092", "rss10", "atom10", "json1"]
FORMATS: tuple[FeedFormat, ...] = get_args(FeedFormat)
CONTENT_TYPES: dict[FeedFormat, str] = {
    "rss20": "application/rss+xml; charset=utf-8",
    "rss091": "application/rss+xml; charset=utf-8",
    "rss092": "application/rss+xml; charset=utf-8",
    "rss10": "application/rdf+xml; charset=utf-8",
    "atom10": "application/atom+xml; charset=utf-8",
    "json1": "application/feed+json",
}
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACES = (
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed's head. `ttl` in minutes, as RSS counts; `full_text` puts the whole body into each entry."""

    format: FeedFormat
    title: str
    url: str
    site_url: str
    language: str
    ttl: int | None = None
    full_text: bool = False


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An article in a feed: its page and its text in the feed's format."""

    url: str
    text: str


def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value, quote=False)}</{name}>" if value else ""


def _html(article: NewsArticle) -> str:
    return "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.body)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _rss20(channel: Channel, article: NewsArticle, url: str) -> str:
    parts = [
        _element("title", article.title),
        _element("link", url),
        f'<guid isPermaLink="true">{escape(url)}</guid>',
        _element("pubDate", format_datetime(article.published) if article.published else ""),
        _element("atom:updated", _iso(article.updated) if article.updated else ""),
        *(_element("dc:creator", author) for author in article.authors),
        _element("dc:language", article.language),
        _element("category", article.section),
        _element("description", article.lead),
        _element("content:encoded", _html(article) if channel.full_text else ""),
    ]
    return "<item>" + "".join(parts) + "</item>"


def _rss09(channel: Channel, article: NewsArticle, url: str) -> str:
    parts = [_element("title", article.title), _element("link", url), _element("description", article.lead)]
    if channel.format == "rss092":
        parts.append(_element("category", article.section))
    return "<item>" + "".join(parts) + "</item>"


def _rss10(channel: Channel, article: NewsArticle, url: str) -> str:
    changed = article.updated or article.published
    parts = [
        _element("title", article.title),
        _element("link", url),
        _element("description", article.lead),
        _element("dc:date", _iso(changed) if changed else ""),
        *(_element("dc:creator", author) for author in article.authors),
        _element("dc:language", article.language),
        _element("dc:subject", article.section),
        _element("content:encoded", _html(article) if channel.full_text else ""),
    ]
    return f'<item rdf:about="{escape(url)}">' + "".join(parts) + "</item>"


def _atom10(channel: Channel, article: NewsArticle, url: str) -> str:
    changed = article.updated or article.published or datetime.fromtimestamp(0, UTC)  # Atom demands one
    parts = [
        _element("title", article.title),
        f'<link rel="alternate" type="text/html" href="{escape(url)}"/>',
        _element("id", url),
        _element("published", _iso(article.published) if article.published else ""),
        _element("updated", _iso(changed)),
        *(f"<author>{_element('name', author)}</author>" for author in article.authors),
        f'<category term="{escape(article.section)}"/>',
        _element("summary", article.lead),
        f'<content type="html">{escape(_html(article), quote=False)}</content>' if channel.full_text else "",
    ]
    return f'<entry xml:lang="{escape(article.language)}">' + "".join(parts) + "</entry>"


def _json1(channel: Channel, article: NewsArticle, url: str) -> str:
    item = {
        "id": url,
        "url": url,
        "title": article.title,
        "summary": article.lead,
        "content_html": _html(article) if channel.full_text else None,
        "content_text": None if channel.full_text else article.lead,
        "date_published": _iso(article.published) if article.published else None,
        "date_modified": _iso(article.updated) if article.updated else None,
        "authors": [{"name": author} for author in article.authors] or None,
        "tags": [article.section],
        "language": article.language,
    }
    return json.dumps({key: value for key, value in item.items() if value}, ensure_ascii=False)


def listed_entry(channel: Channel, article: NewsArticle, url: str) -> ListedEntry:
    """The article as the channel's format lists it."""
    writer = {"rss20": _rss20, "rss10": _rss10, "atom10": _atom10, "json1": _json1}.get(channel.format, _rss09)
    return ListedEntry(url, writer(channel, article, url))


def feed_document(channel: Channel, entries: Sequence[ListedEntry], modified: datetime) -> bytes:
    """The whole feed, newest entry first as given."""
    if channel.format == "json1":
        head = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": channel.title,
            "home_page_url": channel.site_url,
            "feed_url": channel.url,
            "language": channel.language,
        }
        items = ",\n".join(entry.text for entry in entries)
        return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "items": [\n{items}\n]}}'.encode()
    items = "\n".join(entry.text for entry in entries)
    title, site = _element("title", channel.title), _element("link", channel.site_url)
    about, language = _element("description", channel.title), _element("language", channel.language)
    if channel.format == "atom10":
        return (
            f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(channel.language)}">{title}'
            f'<link rel="self" href="{escape(channel.url)}"/><link rel="alternate" href="{escape(channel.site_url)}"/>'
            f"{_element('id', channel.url)}{_element('updated', _iso(modified))}"
            f"<author>{_element('name', channel.title)}</author>\n{items}\n</feed>\n"
        ).encode()
    if channel.format == "rss10":
        listed = "".join(f'<rdf:li rdf:resource="{escape(entry.url)}"/>' for entry in entries)
        return (
            f'{_XML}<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
            f' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"{_NAMESPACES}>\n'
            f'<channel rdf:about="{escape(channel.url)}">{title}{site}{about}'
            f"{_element('dc:language', channel.language)}<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
            f"{items}\n</rdf:RDF>\n"
        ).encode()
    if channel.format in {"rss091", "rss092"}:
        version = "0.91" if channel.format == "rss091" else "0.92"
        return (
            f'{_XML}<rss version="{version}"><channel>{title}{site}{about}{language}\n{items}\n</channel></rss>\n'
        ).encode()
    built = _element("lastBuildDate", format_datetime(modified, usegmt=True))
    ttl = _element("ttl", str(channel.ttl or ""))
    self_link = f'<atom:link rel="self" type="application/rss+xml" href="{escape(channel.url)}"/>'
    return (
        f'{_XML}<rss version="2.0"{_NAMESPACES}><channel>{title}{site}{about}{language}{built}{ttl}{self_link}\n'
        f"{items}\n</channel></rss>\n"
    ).encode()
