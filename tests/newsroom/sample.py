"""Warta Contoh, the sample source: a small news site whose articles stand in `sample/*.md`.

An article file is TOML between two lines of +++ (title, slug, language, section, authors, published, dateline), then
its paragraphs, separated by blank lines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.newsroom.articles import NewsArticle
from tests.newsroom.newsroom import Newsroom
from tests.newsroom.pages import Linked, Site

ARTICLES = Path(__file__).parent / "sample"
FENCE = "+++\n"
RELATED = 4
ATOM_SECTION = "asia-pasifik"
SAMPLE_SITE = Site(
    name="Warta Contoh",
    language="id",
    tagline="Kabar kawasan, untuk mencoba Kawat",
    notice=(
        "Situs contoh bawaan Kawat. Artikelnya karangan untuk mencoba pencarian, "
        "kecuali berita 6 Juni 2023 tentang kantor NATO di Tokyo."
    ),
    dress="sample",
    sections={
        "asia-pasifik": "Asia-Pasifik",
        "asia-tenggara": "Asia Tenggara",
        "timur-tengah": "Timur Tengah",
        "dunia": "Dunia",
        "ekonomi": "Ekonomi",
    },
)


def sample_article(text: str, where: str) -> NewsArticle:
    """The article that a file's text gives. Raises ValueError that names `where`."""
    before, _, rest = text.partition(FENCE)
    head, fence, body = rest.partition("\n" + FENCE)
    if before or not fence:
        raise ValueError(f"{where}: begin with TOML between two lines of +++")
    try:
        given = tomllib.loads(head)
        authors = tuple(given.pop("authors", ()))
        paragraphs = tuple(paragraph.strip() for paragraph in body.split("\n\n") if paragraph.strip())
        return NewsArticle(body=paragraphs, authors=authors, **given)
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from error


def sample_articles(folder: Path = ARTICLES) -> list[NewsArticle]:
    """Every sample article, oldest first."""
    articles = [sample_article(path.read_text("utf-8"), str(path)) for path in sorted(folder.glob("*.md"))]
    return sorted(articles, key=lambda article: (article.published is not None, article.published, article.slug))


def open_sample(newsroom: Newsroom) -> None:
    """Fills a started newsroom: all articles under /rss.xml, one section as Atom under /asia-pasifik/atom.xml."""
    newsroom.add_feed("warta", "rss20", SAMPLE_SITE.name, "id", path="/rss.xml")
    section = SAMPLE_SITE.sections[ATOM_SECTION]
    newsroom.add_feed(
        ATOM_SECTION, "atom10", f"{SAMPLE_SITE.name} – {section}", "id", path=f"/{ATOM_SECTION}/atom.xml", host=0
    )
    articles = sample_articles()
    linked = [Linked(article, newsroom.url + article.url_path) for article in articles]
    for article in articles:
        url = newsroom.prepare("warta", article, _related(article, linked))
        newsroom.list_in_feed("warta", url)
        if article.section == ATOM_SECTION:
            newsroom.list_in_feed(ATOM_SECTION, url)


def _related(article: NewsArticle, linked: Sequence[Linked]) -> list[Linked]:
    """Articles in the same language first, then of the same section, then the rest."""
    others = [each for each in linked if each.article.slug != article.slug]
    others.sort(key=lambda o: (o.article.language != article.language, o.article.section != article.section))
    return others[:RELATED]
