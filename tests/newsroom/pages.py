"""Pages as HTML: articles in a site's dress, the front page, robots.txt, the sitemap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.newsroom.articles import NewsArticle
from tests.newsroom.labels import labels_for

TEMPLATES = Path(__file__).parent / "templates"
RTL = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Site:
    """Who publishes, and in which dress: templates `<dress>_article.html` and `<dress>_front.html`."""

    name: str = "Warta Uji"
    language: str = "id"
    tagline: str = "Kabar dari ruang uji"
    notice: str = ""
    dress: str = "crowded"
    robots: str = "User-agent: *\nAllow: /\n"
    sections: dict[str, str] = field(default_factory=dict)  # section → its title


@dataclass(frozen=True, slots=True)
class Linked:
    """An article as other pages link to it."""

    article: NewsArticle
    url: str


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed as the front page announces it."""

    title: str
    url: str
    content_type: str


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["direction"] = lambda language: "rtl" if language in RTL else "ltr"
    return environment


def _json_ld(site: Site, site_url: str, article: NewsArticle, url: str) -> dict[str, object]:
    """The article as schema.org has it: https://schema.org/NewsArticle."""
    stated: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "url": url,
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "inLanguage": article.language,
        "articleSection": article.section,
        "publisher": {"@type": "Organization", "name": site.name, "url": site_url},
    }
    if article.published:
        stated["datePublished"] = article.published.isoformat()
    if article.updated:
        stated["dateModified"] = article.updated.isoformat()
    if article.authors:
        stated["author"] = [{"@type": "Person", "name": name} for name in article.authors]
    return stated


def article_page(site: Site, site_url: str, article: NewsArticle, url: str, related: Sequence[Linked]) -> bytes:
    """The article's page. Everything but headline, byline, date and body is furniture."""
    template = _environment().get_template(f"{site.dress}_article.html")
    html = template.render(
        site=site,
        site_url=site_url,
        article=article,
        url=url,
        related=related,
        labels=labels_for(article.language),
        json_ld=_json_ld(site, site_url, article, url),
    )
    return html.encode()


def front_page(site: Site, site_url: str, page_url: str, feeds: Sequence[FeedLink], latest: Sequence[Linked]) -> bytes:
    """The site's front page or a section's, with `rel=alternate` links to its feeds."""
    template = _environment().get_template(f"{site.dress}_front.html")
    html = template.render(site=site, site_url=site_url, page_url=page_url, feeds=feeds, latest=latest)
    return html.encode()


def sitemap(pages: Iterable[tuple[str, datetime]]) -> bytes:
    """The pages as https://www.sitemaps.org/protocol.html has them."""
    listed = "\n".join(
        f"<url><loc>{escape(url)}</loc><lastmod>{modified.isoformat(timespec='seconds')}</lastmod></url>"
        for url, modified in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}\n</urlset>\n'
    ).encode()
