"""A rule's own examples, held against it on a real node: each sentence becomes an article in an index made for it.

The index stands outside every alias and goes afterwards. A sentence is tagged as an article is, and has no source, no
feed and no date: of `where` only what a text can have counts.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from ingest.dates import now
from ingest.records import Article, Record, TaggedArticle
from search.client import complete, outages
from search.documents import source
from search.mappings import ARTICLE_FIELDS
from search.ports import Document
from search.rules.admitting import admits
from search.rules.compiling import rule_query
from search.rules.records import Rule, RuleSet
from search.schema import Family, Names

OF_TEXTS = {"title", "body", "country", "about", "person", "org", "place", "thing", "entity", "topic", "unlinked"}
OLD = 3_600_000  # milliseconds after which an index of somebody who was cut off goes
Tag = Callable[[str], TaggedArticle]  # a sentence as a tagged article


class Tried(Record):
    """One example: what was to be, what is."""

    rule: str
    sentence: str
    wanted: bool
    found: bool
    why: str = ""  # the query finds it, and it is no match all the same

    @property
    def holds(self) -> bool:
        return self.wanted == self.found


def tried(
    client: Elasticsearch,
    prefix: str,
    rules: RuleSet,
    chosen: Sequence[Rule],
    tag: Tag,
    *,
    tz: str = "UTC",
    own_names: Path | None = None,
) -> list[Tried]:
    """The examples of the chosen rules, in their order. Raises ServiceUnavailable."""
    sentences = list(dict.fromkeys(each for rule in chosen for each in (*rule.tests.match, *rule.tests.no_match)))
    if not sentences:
        return []
    documents = {sentence: example_document(tag(sentence)) for sentence in sentences}
    with outages(), scratch_index(client, prefix) as index:
        fill(client, index, documents)
        found: list[Tried] = []
        for rule in chosen:
            matched = _matched(client, index, rule, rules, tz=tz, own_names=own_names)
            for wanted, these in ((True, rule.tests.match), (False, rule.tests.no_match)):
                for sentence in these:
                    hit = documents[sentence]["article_id"] in matched
                    why = (admits(rule, documents[sentence], own_names) or "") if hit else ""
                    found.append(Tried(rule=rule.id, sentence=sentence, wanted=wanted, found=hit and not why, why=why))
    return found


@contextmanager
def scratch_index(client: Elasticsearch, prefix: str) -> Iterator[str]:
    """An index like those of articles, for the time being."""
    _remove_left(client, prefix)
    name = f"{prefix}trial-{secrets.token_hex(6)}"
    family = Family(Names(prefix).articles, ARTICLE_FIELDS, ("title", "body"))
    settings = {"index": {**family.settings["index"], "auto_expand_replicas": "false", "number_of_replicas": 0}}
    client.indices.create(index=name, settings=settings, mappings=family.mappings)
    try:
        yield name
    finally:
        with suppress(ApiError, TransportError):  # the next one removes it
            client.indices.delete(index=name)


def of_texts(rule: Rule) -> Rule:
    """The rule without those conditions that a mere text cannot meet."""
    return rule.model_copy(update={"where": tuple(one for one in rule.where if one.field in OF_TEXTS)})


def _matched(
    client: Elasticsearch, index: str, rule: Rule, rules: RuleSet, *, tz: str, own_names: Path | None
) -> set[str]:
    answer = client.search(
        index=index,
        query=rule_query(of_texts(rule), rules, tz=tz, own_names=own_names),
        size=10_000,
        source=False,
        allow_partial_search_results=False,
    )
    return {hit["_id"] for hit in complete(answer.body, f"trying {rule.id}")["hits"]["hits"]}


def example_document(tagged: TaggedArticle) -> dict[str, Any]:
    """A sentence as the document of an article that was just read."""
    moment = now()
    return source(Document(entry_id=tagged.article.id, tagged=tagged, feed=None, first_seen=moment), moment)


def fill(client: Elasticsearch, index: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Indexes documents, found by a search when this returns."""
    operations: list[Mapping[str, Any]] = []
    for document in documents.values():
        operations += [{"index": {"_id": document["article_id"]}}, document]
    answer = client.bulk(index=index, operations=operations, refresh=True)
    if answer["errors"]:
        raise ValueError(f"an example cannot be indexed: {answer['items'][0]}")


def _remove_left(client: Elasticsearch, prefix: str) -> None:
    """Indices of those that were cut off."""
    found = client.indices.get_settings(index=f"{prefix}trial-*", allow_no_indices=True).body
    before = now().timestamp() * 1000 - OLD
    for name, about in found.items():
        if int(about["settings"]["index"]["creation_date"]) < before:
            with suppress(ApiError):
                client.indices.delete(index=name)


def as_article(sentence: str, language: str | None) -> Article:
    """A sentence as the text of an article without a title."""
    import hashlib

    id_ = hashlib.sha256(sentence.encode()).hexdigest()[:32]
    return Article(id=id_, url="", title="", body=sentence, language=language, content_hash=id_)
