"""Tags for an article: who and where is named in it. One module and one table of names in data/ for each kind of tag.

For now countries; people, organisations and places go the same way: a table, a module with one function, a line here.
"""

from __future__ import annotations

from ingest.records import Article, TaggedArticle
from ingest.tagging.countries import countries_in


def tag(article: Article) -> TaggedArticle:
    """The article with the countries it names."""
    countries, mentions = countries_in(article.title, article.body, article.language)
    return TaggedArticle(article=article, countries=countries, mentions=mentions)
