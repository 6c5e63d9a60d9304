"""A news site to read from: tests, the sample source and benchmarks all start here."""

from __future__ import annotations

from tests.newsroom.articles import NewsArticle
from tests.newsroom.log import Seen
from tests.newsroom.newsroom import Newsroom
from tests.newsroom.pages import Site

__all__ = ["NewsArticle", "Newsroom", "Seen", "Site"]
