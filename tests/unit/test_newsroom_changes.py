"""The newsroom's pages that change in silence and articles spread over several addresses."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.newsroom import NewsArticle, Newsroom

ARTICLE = NewsArticle("satu", "Judul", tuple(f"Alinea {n} dari cerita ini." for n in range(5)))


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as room:
        room.add_feed("dunia")
        yield room


def read(url: str) -> str:
    with urlopen(url, timeout=10) as answer:  # noqa: S310  # our own newsroom on loopback
        return str(answer.read().decode())


def test_a_page_reads_otherwise_while_its_feed_says_nothing(newsroom: Newsroom) -> None:
    page = newsroom.publish("dunia", ARTICLE)
    before = read(newsroom.feeds()["dunia"])
    newsroom.rewrite(page, body=("Semuanya lain.",))
    assert "Semuanya lain." in read(page)
    assert "Alinea 0" not in read(page)
    assert read(newsroom.feeds()["dunia"]) == before


def test_a_split_article_has_each_paragraph_on_one_page_and_leads_on(newsroom: Newsroom) -> None:
    page = newsroom.publish("dunia", ARTICLE)
    first, second, third, whole = newsroom.split(page, 3, shows_all=True)
    texts = [read(address) for address in (first, second, third)]
    for paragraph in ARTICLE.body:
        assert sum(paragraph in text for text in texts) == 1
        assert paragraph in read(whole)
    assert f'rel="next" href="{second}"' in texts[0]
    assert 'rel="next"' not in texts[2]
    with pytest.raises(ValueError, match="do not fill 9 pages"):
        newsroom.split(page, 9)
