"""A test article: an example of the rule's own, indexed and matched as the workers do, in an index that goes again.

What is found so says that the rule can be read, that Elasticsearch analyses and finds its words, that the candidates
are complete: all that stands between an article and its alert.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from elasticsearch import Elasticsearch

from search.client import outages
from search.matching.matcher import Matcher
from search.matching.terms import Located
from search.receipt import Probe
from search.rules.records import Rule, RuleSet
from search.rules.trying import Tag, example_document, fill, of_texts, scratch_index

NOT_FOUND = "the rule does not find its own example"


class NoHomes:
    """`Homes` of articles that are nowhere else."""

    def get(self, article_ids: Sequence[str]) -> Mapping[str, str]:
        return {}

    def set_if_absent(self, homes: Mapping[str, str]) -> Mapping[str, str]:
        return homes


def probed(
    client: Elasticsearch,
    prefix: str,
    rule: Rule,
    rules: RuleSet,
    tag: Tag,
    *,
    tz: str = "UTC",
    own_names: Path | None = None,
) -> Probe | None:
    """None where the rule has no example, or counts articles instead of matching one. Raises ServiceUnavailable.

    Of `where` only what a text can have counts, as in the rule's tests.
    """
    if not rule.tests.match or rule.type == "flatline":
        return None
    sentence = rule.tests.match[0]
    document = example_document(tag(sentence))
    id = str(document["article_id"])
    with outages(), scratch_index(client, prefix) as index:
        began = time.monotonic()
        fill(client, index, {sentence: document})
        matcher = Matcher(client, prefix, NoHomes(), tz=tz, own_names=own_names)
        matcher.adopt(RuleSet(rules=(of_texts(rule),), concepts=rules.concepts))
        met = matcher.met([Located(id, index)])
        took = time.monotonic() - began
    found = any(one.rule == rule.id for one in met.evidence)
    why = "" if found else met.broken.get(rule.id, NOT_FOUND)
    return Probe(sentence=sentence, found=found, seconds=round(took, 2), why=why)
