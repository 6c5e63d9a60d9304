"""Who places articles in their stories: Elasticsearch's side, where it is there."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from elasticsearch import Elasticsearch

from search.ports import Document, Stories


class NoStories:
    """Implements `search.ports.Stories`: every article stays the story that it was written as."""

    def place(self, documents: Sequence[Document]) -> None:
        pass


def stories(client: Elasticsearch, prefix: str) -> Stories:
    """Those of `search/stories.py`."""
    try:
        module = importlib.import_module("search.stories")
    except ModuleNotFoundError:
        return NoStories()
    placed: Stories = module.ElasticsearchStories(client, prefix)
    return placed
