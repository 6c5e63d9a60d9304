"""What the index makes of texts: `_analyze` of an article index, many texts a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from elasticsearch import Elasticsearch

from search.client import missing_is_outage
from search.schema import Names
from search.upkeep import write_index

MOST_TOKENS = 9_000  # a call: Elasticsearch refuses above 10,000, and a token has a character at least
GAP = 1  # characters that Elasticsearch counts between two texts


class Analyzer:
    """`search.rules.required.Analyze` on a cluster: its present write index."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._alias = Names(prefix).articles
        self._index: str | None = None

    def __call__(self, field: str, texts: Sequence[str]) -> list[list[str]]:
        """The tokens of each text as the document's field holds them. Raises ServiceUnavailable."""
        found: list[list[str]] = []
        for some in _calls(texts):
            found += self._tokens(field, some)
        return found

    def _tokens(self, field: str, texts: Sequence[str]) -> list[list[str]]:
        with missing_is_outage(self._alias):
            if self._index is None:
                self._index = write_index(self._client, self._alias)[0]  # an alias of several is refused here
            answer = self._client.indices.analyze(index=self._index, field=field, text=list(texts))
        found: list[list[str]] = [[] for _ in texts]
        ends = list(_ends(texts))
        at = 0
        for token in answer["tokens"]:
            while token["start_offset"] >= ends[at]:
                at += 1
            found[at].append(token["token"])
        return found


def _calls(texts: Sequence[str]) -> Iterator[list[str]]:
    some: list[str] = []
    size = 0
    for text in texts:
        if some and size + len(text) > MOST_TOKENS:
            yield some
            some, size = [], 0
        some.append(text)
        size += len(text)
    if some:
        yield some


def _ends(texts: Sequence[str]) -> Iterator[int]:
    """Where each text ends in what Elasticsearch counts: UTF-16 units, one between two texts."""
    end = 0
    for text in texts:
        end += len(text.encode("utf-16-le")) // 2 + GAP
        yield end
