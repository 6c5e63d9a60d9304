"""An article spread over several addresses, as Indonesian sites do: "Halaman 1 2 3 Selanjutnya", "Tampilkan semua"."""

from __future__ import annotations

from dataclasses import replace

from tests.newsroom.articles import NewsArticle
from tests.newsroom.pages import Site, article_page


def split_pages(
    site: Site, site_url: str, article: NewsArticle, url: str, pages: int, *, shows_all: bool
) -> dict[str, bytes]:
    """HTML by address, the first page under `url` itself, the one that shows all last. Raises ValueError where the
    article has fewer paragraphs than `pages`."""
    if len(article.body) < pages:
        raise ValueError(f"{url}: {len(article.body)} paragraphs do not fill {pages} pages")
    addresses = [url, *(f"{url}?page={number}" for number in range(2, pages + 1))]
    whole = f"{url}?page=all"
    size = -(-len(article.body) // pages)
    made: dict[str, bytes] = {}
    for number, address in enumerate(addresses, 1):
        part = replace(article, body=article.body[(number - 1) * size : number * size])
        links = [f'<a href="{other}">{n}</a>' for n, other in enumerate(addresses, 1) if n != number]
        if number < pages:
            links.append(f'<a class="paging-next" rel="next" href="{addresses[number]}">Selanjutnya</a>')
        if shows_all:
            links.append(f'<a href="{whole}">Tampilkan semua</a>')
        made[address] = _with(article_page(site, site_url, part, url, ()), f"Halaman {' '.join(links)}")
    if shows_all:
        made[whole] = article_page(site, site_url, article, url, ())
    return made


def _with(html: bytes, links: str) -> bytes:
    """The page with its links at the end of the story."""
    before, mark, after = html.partition(b"</article>")
    if not mark:
        raise ValueError("the page has no </article> before which its links could stand")
    return before + f'<div class="paging halaman">{links}</div>'.encode() + mark + after
