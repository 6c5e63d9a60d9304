"""What Elasticsearch says of words: an article's own, right after it was written, and how rare each is. Articles are
read in real time: a search would not see them before the next refresh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch

from search.client import SERVICE, Deadline, advice, every_failure_is_outage
from search.ports import ServiceUnavailable
from search.realtime import MISSING
from search.rules.required import Term

READ = 100  # articles a request: some 30 kB of words each
RATED = 2_000  # tokens whose frequency one request asks for
PLAIN: dict[str, Any] = dict.fromkeys(("positions", "offsets", "payloads", "field_statistics"), False)
BARE: dict[str, Any] = {**PLAIN, "term_statistics": False, "realtime": True}


class Located(NamedTuple):
    """An article and the index that it lives in."""

    id: str
    home: str


Words = Mapping[str, frozenset[str]]  # document field → tokens


def words(
    client: Elasticsearch, articles: Sequence[Located], fields: Sequence[str], deadline: Deadline
) -> dict[str, Words]:
    """The tokens of each article in these fields, by its id; of one that is not there any more, nothing.

    Raises ServiceUnavailable where it cannot be told.
    """
    found: dict[str, Words] = {}
    for start in range(0, len(articles), READ):
        docs = [{"_index": one.home, "_id": one.id} for one in articles[start : start + READ]]
        with every_failure_is_outage("reading what was just written"):
            answer = deadline.over(client).mtermvectors(
                docs=docs, fields=list(fields), realtime=True, term_statistics=False, **PLAIN
            )
        for doc in answer["docs"]:
            if error := doc.get("error"):
                if error["type"] == MISSING:
                    continue
                why = f"{error['type']}: {error.get('reason')}{advice(200, error['type'])}"
                raise ServiceUnavailable(SERVICE, f"the words of an article in {doc['_index']} cannot be read: {why}")
            if doc.get("found"):
                vectors = doc.get("term_vectors", {})
                found[doc["_id"]] = {field: frozenset(one["terms"]) for field, one in vectors.items()}
    return found


def frequencies(client: Elasticsearch, index: str, terms: Iterable[Term]) -> dict[Term, int]:
    """How many articles of `index` hold each token. An estimate: deleted ones count, and tokens are taken as words.

    Raises ServiceUnavailable.
    """
    by_field: dict[str, set[str]] = {}
    wanted = list(dict.fromkeys(terms))
    for term in wanted:
        for field in term.fields:
            by_field.setdefault(field, set()).add(term.text)
    counted = {
        (field, token): count
        for field, tokens in by_field.items()
        for part in _runs(sorted(tokens), RATED)
        for token, count in _counted(client, index, field, part)
    }
    return {term: max(counted.get((field, term.text), 0) for field in term.fields) for term in wanted}


def _counted(client: Elasticsearch, index: str, field: str, tokens: Sequence[str]) -> Iterator[tuple[str, int]]:
    """By an article that never was: all the tokens are its text."""
    document: Any = " ".join(tokens)
    for name in reversed(field.split(".")):
        document = {name: document}
    with every_failure_is_outage(index):
        answer = client.termvectors(index=index, doc=document, fields=[field], term_statistics=True, **PLAIN)
    for token, about in answer.get("term_vectors", {}).get(field, {}).get("terms", {}).items():
        yield token, about.get("doc_freq", 0)


def _runs(these: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(these), size):
        yield these[start : start + size]
